"""The pad: a black canvas with a living pen, as a Gradio component.

Template, stylesheet and scripts are files beside this one; the scripts are ES modules, and pad.mjs is the first. The
value is a `Drawing`, or None for an empty pad.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import gradio as gr

from architectures.input.pen import MAX_INK_PX2, PRESETS, Pen
from architectures.input.strokes import MAX_STROKES, PAD_PX
from demo.components import modules
from demo.components.articles import a_digit
from demo.sketchpad.drawing import DEFAULT_PEN, Drawing
from demo.sketchpad.payload import BadPayload, drawing_from, image_url, payload_of

FOLDER = Path(__file__).parent
OPENING_PEN = PRESETS["ribbon"]
LIVE_MS = 80
# What the pad takes, a little less than Python does: strokes, points, px that the pen travels, and px of travel times
# the pen's greatest width.
LIMITS = {"strokes": MAX_STROKES, "points": 19_000, "travelPx": 24_000, "inkPx2": 0.97 * MAX_INK_PX2}


class Sketchpad(gr.HTML):
    """A 364 x 364 pad for mouse, finger, pen and keyboard, with undo, redo, clear, replay and the preset pens.

    Value in Python: `Drawing`, or None when empty. Setting it from Python loads the drawing, which can be drawn on.
    Events: `input` while a stroke is drawn, at most every `live_ms`; `release` when the drawing has changed and rests
    (pen lifted, undo, loaded); `clear`. Drawing and pen outlive a reload of the page.
    Listeners need `trigger_mode="always_last"`, or fast strokes are dropped.

    pen      the pen it starts with
    live_ms  least time between two `input` events
    first    whether it is the pad of the first screen: with lanes for the predictions, links, and a ghost that shows
             once how it is drawn on
    """

    def __init__(
        self,
        value: Drawing | None = None,
        *,
        pen: Pen = OPENING_PEN,
        live_ms: int = LIVE_MS,
        first: bool = False,
        label: str = "Sketchpad",
        elem_id: str | None = "sketchpad",
        elem_classes: list[str] | str | None = None,
        scale: int | None = None,
        min_width: int | None = None,
        visible: bool = True,
        render: bool = True,
        key: int | str | tuple[int | str, ...] | None = None,
    ) -> None:
        settings = {
            "pen": pen.to_dict(),
            "presets": {name: preset.to_dict() for name, preset in PRESETS.items()},
            "limits": LIMITS,
            "liveMs": int(live_ms),
            "name": elem_id,
            "first": first,
            "ghost": first,
        }
        super().__init__(
            value=value,
            label=label,
            html_template=_text("sketchpad.html"),
            head=f"<style>{_text('sketchpad.css')}</style>",  # a css_template would be compiled again at each event
            js_on_load=_text("sketchpad.js"),
            apply_default_css=False,
            elem_id=elem_id,
            elem_classes=elem_classes,
            scale=scale,
            min_width=min_width,
            visible=visible,
            render=render,
            key=key,
            settings=json.dumps(settings),
            script=modules.url("sketchpad/pad.mjs"),
        )

    def preprocess(self, payload: Any) -> Drawing | None:  # type: ignore[override]
        """The drawing that the browser, or anyone, sent. Raises gr.Error with a clear message for anything else."""
        try:
            return drawing_from(payload)
        except BadPayload as bad:
            raise gr.Error(f"This is not a drawing: {bad}", print_exception=False) from bad
        finally:
            if isinstance(payload, dict):
                payload.clear()  # Gradio keeps what came in for as long as the visit: nobody asks for it again

    def postprocess(self, value: Drawing | None) -> dict[str, Any] | None:  # type: ignore[override]
        return payload_of(value)

    def api_info(self) -> dict[str, Any]:
        numbers = {"type": "array", "items": {"type": "number"}}
        return {
            "type": "object",
            "description": f"A drawing, or null for an empty pad. image: data URL of a {PAD_PX}x{PAD_PX} PNG. "
            "strokes: lists of points [x, y, t_ms, pressure] in the unit square, y down. Either may be missing.",
            "properties": {
                "image": {"type": "string"},
                "strokes": {"type": "array", "items": {"type": "array", "items": numbers}},
                "pen": {"type": "object"},
                "pens": {"type": "array", "items": {"type": "object"}},
            },
        }

    def example_payload(self) -> dict[str, Any]:
        return {"strokes": [[[0.5, 0.2], [0.5, 0.8]]], "pen": DEFAULT_PEN.to_dict()}

    def example_value(self) -> Drawing:
        return Drawing.of([[[0.5, 0.2], [0.5, 0.8]]])

    def process_example(self, value: Drawing | None) -> str:
        """What a row of gr.Examples shows: the image, small."""
        if value is None:
            return "empty pad"
        name = "a drawing" if value.label is None else a_digit(value.label)
        return f'<img src="{image_url(value.image)}" alt="{name}" width="56" height="56">'


def _text(name: str) -> str:
    return (FOLDER / name).read_text("utf-8")


__all__ = ["BadPayload", "Sketchpad", "drawing_from", "image_url", "payload_of"]
