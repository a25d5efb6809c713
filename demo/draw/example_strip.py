"""The row of examples beside the pad: a click puts one on the pad, without a request to the server."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import gradio as gr

from demo.draw.examples import examples
from demo.sketchpad import Sketchpad
from demo.sketchpad.drawing import Drawing
from demo.sketchpad.stroke_file import to_record

FOLDER = Path(__file__).parent


class ExampleStrip(gr.HTML):
    """Small drawings to click, for one pad; its value is nothing. The pad then fires `release`, as after a stroke."""

    def __init__(
        self, pad_id: str, drawings: Iterable[Drawing], *, elem_id: str | None = None, render: bool = True
    ) -> None:
        super().__init__(
            html_template=_text("example_strip.html"),
            head=f"<style>{_text('example_strip.css')}</style>",
            js_on_load=_text("example_strip.js"),
            apply_default_css=False,
            elem_id=elem_id,
            render=render,
            pad=pad_id,
            drawings=[to_record(drawing) for drawing in drawings],
        )


def example_strip(pad: Sketchpad, elem_id: str | None = "examples") -> ExampleStrip:
    """The examples of this project for `pad`, which needs an elem_id; rendered where it is called."""
    if not pad.elem_id:
        raise ValueError("a row of examples finds its pad by elem_id, and this pad has none")
    return ExampleStrip(pad.elem_id, examples(), elem_id=elem_id)


def _text(name: str) -> str:
    return (FOLDER / name).read_text("utf-8")
