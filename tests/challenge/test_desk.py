"""What comes from a browser is checked at the desk, whatever it is."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from demo.challenge.page.annotate import Judge
from demo.challenge.page.desk import Desk, address_of, person_of
from demo.challenge.page.mine import Mine


@pytest.mark.parametrize("kept", [None, 7, "text", [], {"key": 7}, {"key": "x" * 32}, {"key": {"a": 1}}])
def test_whatever_a_browser_sends_back_nobody_is_made_of_it(kept: object) -> None:
    assert person_of(kept)["key"] == ""


@pytest.mark.parametrize(
    "payload", [{"uid": 7, "said": 7}, {"uid": "a", "said": 12}, {"uid": "a", "said": [7]}, {"said": True, "uid": "a"}]
)
def test_a_judgement_that_is_none_is_refused(payload: dict[str, Any]) -> None:
    with pytest.raises(gr.Error):
        Judge().preprocess(payload)


@pytest.mark.parametrize("uids", [7, "abc", [7], ["a"] * 101, {"a": 1}])
def test_a_list_of_drawings_to_delete_is_checked(uids: object) -> None:
    with pytest.raises(gr.Error):
        Mine().preprocess({"uids": uids})


def test_what_a_panel_shows_is_not_read_as_an_answer() -> None:
    assert Judge().preprocess({"uid": "a", "image": "data:"}) is None
    assert Mine().preprocess({"drawings": []}) is None


def test_a_store_that_cannot_be_opened_is_said_on_the_page_and_does_not_break_it(tmp_path: Any) -> None:
    (tmp_path / "file").write_text("in the way")
    desk = Desk(str(tmp_path / "file" / "challenge.db"))
    shown, person, _, consent = desk.welcome(None)
    assert "no folder for the database" in shown["problem"]
    assert (person["key"], consent) == ("", False)
    assert "problem" in desk.scoreboard()


def test_behind_a_spaces_proxy_the_address_is_the_one_that_the_proxy_saw(monkeypatch: pytest.MonkeyPatch) -> None:
    request: Any = SimpleNamespace(
        client=SimpleNamespace(host="10.0.0.1"), headers={"x-forwarded-for": "1.2.3.4, 203.0.113.7"}
    )
    monkeypatch.delenv("SPACE_ID", raising=False)
    assert address_of(request) == "10.0.0.1", "elsewhere anybody could write that header"
    monkeypatch.setenv("SPACE_ID", "ada/challenge")
    assert address_of(request) == "203.0.113.7"
