"""The buttons under the pad that save its panels as pictures, and the share card."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr
from PIL import Image

from demo.answering import INKS, LIKE_MNIST, chosen
from demo.drawing import Drawing
from demo.pictures_out.card import share_card
from demo.pictures_out.panels import bars_picture, drawing_picture, reconstruction_picture
from demo.pictures_out.saver import Saver, nothing, saved
from demo.recognize import Busy, Recognition, recognize
from demo.sketchpad import Sketchpad

EMPTY = "The pad is empty: there is nothing to save yet."
AT_ONCE: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}


def save_buttons(pad: Sketchpad, net: gr.Radio, way: gr.Radio, ink: gr.Radio) -> None:
    """A row of buttons for what is on `pad`, read by the nets, in the way and with the ink that are chosen."""
    with gr.Row(elem_classes="save-row", elem_id="save-row"):
        card = gr.Button("Share card", variant="primary", elem_id="save-card")
        drawing = gr.Button("Save drawing", elem_id="save-drawing")
        bars = gr.Button("Save bars", elem_id="save-bars")
        reconstruction = gr.Button("Save reconstruction", elem_id="save-reconstruction")
    saver = Saver(elem_id="saver")
    drawing.click(_drawing, inputs=pad, outputs=saver, **AT_ONCE)
    for button, make in ((card, _card), (bars, _bars), (reconstruction, _reconstruction)):
        button.click(_reader(make), inputs=[pad, net, way, ink], outputs=saver, **AT_ONCE)


Maker = Callable[[Drawing, Recognition], tuple[Image.Image, str]]


def _reader(make: Maker) -> Callable[..., dict[str, Any]]:
    """A handler that has the nets read the pad, and saves what `make` makes of it."""

    def save(drawing: Drawing | None, net: str, way: str, ink: str) -> dict[str, Any]:
        if drawing is None or drawing.empty:
            return nothing(EMPTY)
        try:
            recognition = recognize(drawing.picture, chosen(net), centre=way == LIKE_MNIST, ink=INKS[ink])
            return nothing(EMPTY) if recognition is None else saved(*make(drawing, recognition))
        except (Busy, NothingToSave) as error:
            return nothing(str(error))

    return save


class NothingToSave(RuntimeError):
    """The nets that were asked have no such picture; the message says why."""


def _drawing(drawing: Drawing | None) -> dict[str, Any]:
    return nothing(EMPTY) if drawing is None or drawing.empty else saved(drawing_picture(drawing), "drawing")


def _card(drawing: Drawing, recognition: Recognition) -> tuple[Image.Image, str]:
    return share_card(drawing, recognition), "handwritten-digit-challenge"


def _bars(_: Drawing, recognition: Recognition) -> tuple[Image.Image, str]:
    if not recognition.readings:
        raise NothingToSave("No net could answer, so there are no bars to save.")
    return bars_picture(recognition), "bars"


def _reconstruction(_: Drawing, recognition: Recognition) -> tuple[Image.Image, str]:
    reading = next((one for one in recognition.readings.values() if one.decodes), None)
    if reading is None:
        raise NothingToSave("None of the nets chosen has a decoder, so there is no reconstruction to save.")
    return reconstruction_picture(recognition, reading), f"reconstruction-{reading.net}"
