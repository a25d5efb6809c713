"""A page with the pad, its brush panel and its examples, for the browser's tests: `python tests/pad_page.py PORT`.

What Python receives is written back as text: `live` from `input`, `final` from `release` and `clear`.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
sys.path.insert(0, str(Path(__file__).parents[2]))

import gradio as gr

from demo.components import modules
from demo.draw.example_strip import example_strip
from demo.draw.examples import examples
from demo.sketchpad import Sketchpad
from demo.sketchpad.brush import brush_panel
from demo.sketchpad.drawing import Drawing

LIVE = {"queue": False, "trigger_mode": "always_last", "show_progress": "hidden"}
GROUND = next(example for example in examples() if example.label == 1)


def told(drawing: Drawing | None, event: str) -> str:
    if drawing is None:
        return json.dumps({"event": event, "strokes": None})
    sha = hashlib.sha256(drawing.image.tobytes()).hexdigest()
    pens = [pen.to_dict() for pen in drawing.own_pens]
    return json.dumps({"event": event, "strokes": drawing.strokes, "pens": pens, "sha256": sha})


def page() -> gr.Blocks:
    with gr.Blocks() as blocks:
        with gr.Tabs():
            with gr.Tab("Draw"):
                pad = Sketchpad(elem_id="pad", first=True)
                example_strip(pad)
                brush_panel(pad)
            with gr.Tab("Elsewhere"):
                gr.Markdown("Nothing to draw on here.")
        live = gr.Textbox(label="live", elem_id="live", interactive=True)
        final = gr.Textbox(label="final", elem_id="final")
        line = gr.Button("line", elem_id="line")
        image = gr.Button("image", elem_id="image")
        nothing = gr.Button("nothing", elem_id="nothing")
        gr.HTML("<div style='height: 2000px'></div>")
        pad.input(lambda drawing: told(drawing, "input"), pad, live, **LIVE)
        pad.release(lambda drawing: told(drawing, "release"), pad, final, **LIVE)
        pad.clear(lambda drawing: told(drawing, "clear"), pad, final, **LIVE)
        line.click(lambda: Drawing.of([[[0.3, 0.3], [0.7, 0.7]]]), None, pad)
        image.click(lambda: Drawing(GROUND.image, []), None, pad)
        nothing.click(lambda: None, None, pad)
    return blocks


if __name__ == "__main__":
    page().launch(
        server_name="127.0.0.1",
        server_port=int(sys.argv[1]),
        run_history=False,
        quiet=True,
        ssr_mode=False,
        app_kwargs={"routes": [modules.route()]},
    )
