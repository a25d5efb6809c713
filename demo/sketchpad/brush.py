"""The brush panel: every property of the pen, set in the page without a request to the server."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from demo.sketchpad import Sketchpad

FOLDER = Path(__file__).parent


class BrushPanel(gr.HTML):
    """Sliders for the pen of one pad, and a stroke that shows the pen as it is set; its value is nothing."""

    def __init__(self, pad_id: str, *, elem_id: str | None = None, render: bool = True) -> None:
        super().__init__(
            html_template=_text("brush.html"),
            head=f"<style>{_text('brush.css')}</style>",
            js_on_load=_text("brush.js"),
            apply_default_css=False,
            elem_id=elem_id,
            render=render,
            pad=pad_id,
        )


def brush_panel(pad: Sketchpad, elem_id: str | None = "brush") -> BrushPanel:
    """The panel that sets the pen of `pad`, which needs an elem_id; rendered where it is called."""
    if not pad.elem_id:
        raise ValueError("a brush panel finds its pad by elem_id, and this pad has none")
    return BrushPanel(pad.elem_id, elem_id=elem_id)


def _text(name: str) -> str:
    return (FOLDER / name).read_text("utf-8")
