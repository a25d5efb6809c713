"""The tab: which digit it was, what is varied, and a run that can be cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

import checkpoints
from architectures.contract import DIGITS, BadAnswer
from demo.components.saver import Saver, nothing, saved
from demo.inference import Busy, available_nets
from demo.sketchpad import Sketchpad
from demo.sketchpad.drawing import Drawing
from demo.stress.cells import NoStrokes, Stress, answered
from demo.stress.exports import heat_maps_image
from demo.stress.grids import GRIDS
from demo.stress.heatmaps import HeatMaps, Shown, heat_maps, hint

LIKE_MNIST, AS_DRAWN = "like MNIST", "as drawn"
START = "Draw a digit on the Draw tab, say here which one it is, and start."

INTRODUCTION = """Your strokes are drawn again with other pens, sizes and places, two hundred times, and every net
answers each time: a **robustness test**, or how much it takes until a net no longer sees what you see. Each heat map
shows where a net held out, and the **smallest adversarial change**, the least that fools it."""


def tab(pad: Sketchpad, tabs: gr.Tabs) -> None:
    """Fill the tab that is being built; `tabs` are switched to the tab of id "draw" when a cell goes to the pad."""
    gr.Markdown(INTRODUCTION, elem_classes="introduction")
    with gr.Column(elem_classes="card"):
        with gr.Row(elem_id="stress-choices"):
            digit = gr.Radio(
                [str(d) for d in range(DIGITS)],
                label="Which digit is it?",
                elem_id="stress-digit",
                elem_classes="segmented",
            )
            grid = gr.Dropdown(list(GRIDS), value=next(iter(GRIDS)), label="What changes", elem_id="stress-grid")
            way = gr.Radio(
                [LIKE_MNIST, AS_DRAWN],
                value=LIKE_MNIST,
                label="The nets are fed",
                elem_id="stress-way",
                elem_classes="segmented",
            )
        with gr.Row(elem_id="stress-buttons"):
            start = gr.Button("Start the stress test", variant="primary", elem_id="stress-start")
            cancel = gr.Button("Cancel", elem_id="stress-cancel")
            save = gr.Button("Save heat maps", elem_id="stress-save")
        maps = HeatMaps(hint(START), elem_id="stress-maps")
        saver = Saver(elem_id="stress-saver")
    run = start.click(
        run_stress,
        inputs=[pad, digit, grid, way],
        outputs=maps,
        show_progress="hidden",
        trigger_mode="once",
        api_visibility="private",
    )
    cancel.click(None, cancels=[run], api_visibility="private")
    save.click(save_maps, inputs=maps, outputs=saver, queue=False, show_progress="hidden", api_visibility="private")
    maps.select(chosen, inputs=maps, outputs=[pad, tabs], queue=False, show_progress="hidden", api_visibility="private")


def run_stress(drawing: Drawing | None, digit: str | None, grid: str, way: str) -> Iterator[dict[str, Any]]:
    """Values of the heat maps, a new one after every few cells."""
    if drawing is None or drawing.empty:
        yield hint("The pad is empty. " + START)
        return
    if digit is None:
        yield hint("Say first which digit it is: only you know.")
        return
    try:
        stress = Stress(drawing, GRIDS[grid], centre=way == LIKE_MNIST)
        for progress in answered(stress, available_nets()):
            yield heat_maps(stress, int(digit), progress)
    except (NoStrokes, Busy, checkpoints.WeightsError, BadAnswer) as error:
        yield hint(str(error))


def save_maps(shown: Shown | None) -> dict[str, Any]:
    """Every net's heat map under each other, as one file."""
    if shown is None or not shown.maps:
        return nothing("There is no heat map yet: start a stress test first.")
    return saved(heat_maps_image(shown), "stress-test")


def chosen(shown: Shown | None, event: gr.EventData) -> tuple[Any, Any]:
    """The drawing of the cell that was clicked, for the pad, and the Draw tab in front."""
    if shown is None:
        return gr.skip(), gr.skip()
    row, column = (getattr(event, name, None) for name in ("row", "column"))
    rows, columns = shown.stress.shape
    if not (isinstance(row, int) and isinstance(column, int) and 0 <= row < rows and 0 <= column < columns):
        raise gr.Error("There is no such cell.")
    return shown.stress.cell(row, column), gr.Tabs(selected="draw")
