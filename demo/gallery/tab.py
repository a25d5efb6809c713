"""The tab: the wall, a click that puts a piece on the pad, and a prompt to draw a stranger one."""

from __future__ import annotations

from typing import Any

import gradio as gr

from demo.components.articles import a_digit
from demo.components.glossary import prose
from demo.components.panel import told
from demo.components.saver import Saver, nothing, saved_csv, saved_json
from demo.gallery.pieces import pieces
from demo.gallery.wall import HEADER, Wall, images, index_of, rows, wall
from demo.inference import Busy
from demo.sketchpad import Sketchpad
from demo.sketchpad.drawing import Drawing

INTRODUCTION = """Digits that you read at a glance and that no training set has ever shown ([out of distribution]).
Every net predicts each of them here and now, in both [trainings|two trainings]. Click one to put it on the pad and see
why."""
SETTINGS: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}


def tab(pad: Sketchpad, here: gr.Tab, tabs: gr.Tabs) -> None:
    """Fill the tab `here`, which is being built; `tabs` are switched to the tab of id "draw" by a click."""
    gr.HTML(prose(INTRODUCTION), elem_classes="introduction")
    shown = Wall(elem_id="wall")
    with gr.Row(elem_classes="save-row", elem_id="gallery-save"):
        table = gr.Button("CSV", elem_id="gallery-csv")
        numbers = gr.Button("JSON", elem_id="gallery-json")
        saver = Saver(elem_id="gallery-saver")
    here.select(images, outputs=shown, **SETTINGS).then(wall, outputs=shown, **SETTINGS)
    shown.select(chosen, outputs=[pad, tabs], **SETTINGS)
    shown.submit(prompted, outputs=[pad, tabs], **SETTINGS | {"queue": True})  # else what it says is not shown
    table.click(save_table, outputs=saver, **SETTINGS)
    numbers.click(save_numbers, outputs=saver, **SETTINGS)


def chosen(event: gr.EventData) -> tuple[Drawing, gr.Tabs]:
    """The piece that was clicked, for the pad, and the Draw tab in front."""
    return pieces()[index_of(event)].drawing, gr.Tabs(selected="draw")


def prompted(event: gr.EventData) -> tuple[None, gr.Tabs]:
    """An empty pad, the Draw tab in front, and what to draw on it."""
    digit = told(event, "digit")
    if not isinstance(digit, int) or isinstance(digit, bool) or digit not in range(10):
        raise gr.Error("There is no such digit.")
    gr.Info(
        f"Draw {a_digit(digit)} that every person reads at a glance, and no net.", title="Beat the gallery", duration=8
    )
    return None, gr.Tabs(selected="draw")


def save_table() -> dict[str, Any]:
    """Every prediction for every piece, as a table."""
    try:
        return saved_csv(HEADER, rows(), "gallery")
    except Busy as error:
        return nothing(str(error))


def save_numbers() -> dict[str, Any]:
    """The same as JSON."""
    try:
        return saved_json([dict(zip(HEADER, row, strict=True)) for row in rows()], "gallery")
    except Busy as error:
        return nothing(str(error))
