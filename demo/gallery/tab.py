"""The tab: the wall, and a click that puts a piece on the pad."""

from __future__ import annotations

from typing import Any

import gradio as gr

from demo.gallery.pieces import pieces
from demo.gallery.wall import Wall, images, index_of, wall
from demo.sketchpad import Sketchpad
from demo.sketchpad.drawing import Drawing

INTRODUCTION = """Digits that you read at a glance and that no training set has ever shown: nets call them
**out of distribution**, which means unlike anything they learnt from. Each net gives its verdict on each drawing, here
and now; click one to put it on the pad and see why."""


def tab(pad: Sketchpad, here: gr.Tab, tabs: gr.Tabs) -> None:
    """Fill the tab `here`, which is being built; `tabs` are switched to the tab of id "draw" by a click."""
    gr.Markdown(INTRODUCTION, elem_classes="introduction")
    shown = Wall(elem_id="wall")
    settings: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
    here.select(images, outputs=shown, **settings).then(wall, outputs=shown, **settings)
    shown.select(chosen, outputs=[pad, tabs], **settings)


def chosen(event: gr.EventData) -> tuple[Drawing, gr.Tabs]:
    """The piece that was clicked, for the pad, and the Draw tab in front."""
    return pieces()[index_of(event)].drawing, gr.Tabs(selected="draw")
