"""The buttons that save the panels of the Draw tab as images, the numbers behind the bars, and the share card."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from demo.components.png import DARK, LIGHT, Palette
from demo.components.saver import Saver, nothing, saved, saved_csv, saved_json
from demo.draw.answering import INKS, LIKE_MNIST, chosen
from demo.draw.exports import (
    BARS_HEADER,
    bars_image,
    bars_numbers,
    bars_rows,
    drawing_image,
    reconstruction_image,
)
from demo.draw.share_card import share_card
from demo.inference import Busy, Predictions, predict
from demo.sketchpad import Sketchpad
from demo.sketchpad.drawing import Drawing

EMPTY = "The pad is empty: there is nothing to save yet."
AT_ONCE: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}


def save_buttons(pad: Sketchpad, net: gr.Radio, training: gr.Radio, way: gr.Radio, ink: gr.Radio) -> None:
    """A row of buttons for what is on `pad`, read by the nets, in the way and with the ink that are chosen."""
    with gr.Row(elem_classes="save-row", elem_id="save-row"):
        card = gr.Button("Share card", variant="primary", elem_id="save-card")
        drawing = gr.Button("Save drawing", elem_id="save-drawing")
        bars = gr.Button("Save bars", elem_id="save-bars")
        table = gr.Button("Bars as CSV", elem_id="csv-bars")
        numbers = gr.Button("Bars as JSON", elem_id="json-bars")
        reconstruction = gr.Button("Save reconstruction", elem_id="save-reconstruction")
    saver = Saver(elem_id="saver")
    drawing.click(_drawing, inputs=pad, outputs=saver, **AT_ONCE)
    seen = gr.JSON(visible=False)  # how the page is seen, filled in by SEEN
    makers = ((card, _card), (bars, _bars), (table, _table), (numbers, _numbers), (reconstruction, _reconstruction))
    for button, make in makers:
        inputs = [pad, net, training, way, ink, seen]
        button.click(_reader(make), inputs=inputs, outputs=saver, js=SEEN, **AT_ONCE)


# In the browser: the theme that the page is seen in, and its address without what is before and behind the path.
SEEN = """(...inputs) => [...inputs.slice(0, -1), {
  dark: document.body.classList.contains("dark"),
  address: (location.host + location.pathname).replace(/[/]$/, ""),
}]"""
LONGEST_ADDRESS = 100
Maker = Callable[[Drawing, Predictions, "Seen"], dict[str, Any]]


@dataclass(frozen=True)
class Seen:
    """How the person sees the page: its theme and its address."""

    palette: Palette = DARK
    address: str = ""

    @classmethod
    def of(cls, value: Any) -> Seen:
        """From what the browser, or anybody, sent."""
        told = value if isinstance(value, dict) else {}
        address = told.get("address")
        shown = address[:LONGEST_ADDRESS] if isinstance(address, str) and address.isprintable() else ""
        return cls(LIGHT if told.get("dark") is False else DARK, shown)


def _reader(make: Maker) -> Callable[..., dict[str, Any]]:
    """A handler that has the nets read the pad, and saves the file that `make` makes of it."""

    def save(drawing: Drawing | None, net: str, training: str, way: str, ink: str, seen: Any = None) -> dict[str, Any]:
        if drawing is None or drawing.empty:
            return nothing(EMPTY)
        try:
            predictions = predict(
                drawing.image, chosen(net, training), centre=way == LIKE_MNIST, ink=INKS.get(ink, "luma")
            )
            return nothing(EMPTY) if predictions is None else make(drawing, predictions, Seen.of(seen))
        except (Busy, NothingToSave) as error:
            return nothing(str(error))

    return save


class NothingToSave(RuntimeError):
    """What the nets answered has no such file; the message says why."""


def _drawing(drawing: Drawing | None) -> dict[str, Any]:
    return nothing(EMPTY) if drawing is None or drawing.empty else saved(drawing_image(drawing), "drawing")


def _card(drawing: Drawing, predictions: Predictions, seen: Seen) -> dict[str, Any]:
    return saved(share_card(drawing, predictions, seen.palette, seen.address), "handwritten-digit-challenge")


def _bars(_: Drawing, predictions: Predictions, __: Seen) -> dict[str, Any]:
    return saved(bars_image(_answered(predictions)), "bars")


def _table(_: Drawing, predictions: Predictions, __: Seen) -> dict[str, Any]:
    return saved_csv(BARS_HEADER, bars_rows(_answered(predictions)), "bars")


def _numbers(_: Drawing, predictions: Predictions, __: Seen) -> dict[str, Any]:
    return saved_json(bars_numbers(_answered(predictions)), "bars")


def _answered(predictions: Predictions) -> Predictions:
    if not predictions.by_net:
        raise NothingToSave("No net could answer, so there are no bars to save.")
    return predictions


def _reconstruction(_: Drawing, predictions: Predictions, __: Seen) -> dict[str, Any]:
    prediction = next((one for one in predictions.by_net.values() if one.decodes), None)
    if prediction is None:
        raise NothingToSave("None of the nets chosen has a decoder, so there is no reconstruction to save.")
    return saved(reconstruction_image(predictions, prediction), f"reconstruction-{prediction.name}")
