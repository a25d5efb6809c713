"""What a panel's script says with its events, and what anybody may say instead."""

from typing import Any

import gradio as gr
import pytest

from demo.components.panel import told


def test_what_the_script_said_is_told() -> None:
    assert told(gr.EventData(None, {"digit": 3}), "digit") == 3


@pytest.mark.parametrize("sent", [None, {}, 7, "x", "digit", ["digit"], True])
def test_whatever_else_comes_with_an_event_says_nothing(sent: Any) -> None:
    assert told(gr.EventData(None, sent), "digit") is None
