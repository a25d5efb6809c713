"""The laboratory's save buttons: each makes a PNG file of one panel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr
from PIL import Image

import checkpoints
from demo.components.saver import Saver, nothing, saved
from demo.inference import Busy
from demo.laboratory.asked import LIVE, looked_into
from demo.laboratory.exports import decoded_image
from demo.laboratory.look import Look, NoLook
from demo.laboratory.places import place
from demo.laboratory.sliders import Posed, PoseSliders
from demo.sketchpad.drawing import Drawing

EMPTY = "There is no decoded digit yet: draw one on the Draw tab first."


def save_button(words: str, name: str, make: Callable[[Look], Image.Image], asked: Sequence[Any]) -> None:
    """A button that says `words`, and the line under it; `asked` are the pad, the net and the digit."""
    button, saver = _row(words, name)

    def save(drawing: Drawing | None, net: str | None, digit: str) -> dict[str, Any]:
        try:
            look = looked_into(drawing, net, digit)
            with place():
                return saved(make(look), f"{name}-{look.net}-{look.digit}")
        except (NoLook, Busy) as error:
            return nothing(str(error))

    button.click(save, inputs=list(asked), outputs=saver, **LIVE)


def save_decoded_button(pose: PoseSliders) -> None:
    """A button for the decoded digit where the sliders stand."""
    button, saver = _row("Save the decoded digit", "decoded")
    button.click(save_decoded, inputs=pose, outputs=saver, **LIVE)


def save_decoded(posed: Posed | None) -> dict[str, Any]:
    """The decoded digit and the sweep as a file."""
    if posed is None:
        return nothing(EMPTY)
    try:
        with place():
            return saved(decoded_image(posed), f"decoded-{posed.net}-{posed.digit}")
    except (NoLook, Busy, checkpoints.WeightsError) as error:
        return nothing(str(error))


def _row(words: str, name: str) -> tuple[gr.Button, Saver]:
    with gr.Row(elem_classes="save-row"):
        button = gr.Button(words, elem_id=f"save-{name}")
        saver = Saver(elem_id=f"{name}-saver")
    return button, saver
