"""The tab: any pen against MNIST, and one drawing under every pen; both can be cancelled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from architectures.contract import DIGITS, BadAnswer
from architectures.input.pen import Pen
from checkpoints.errors import WeightsError
from demo.components.data_url import data_url
from demo.components.glossary import prose
from demo.components.panel import Panel, tell_how_it_ended, told
from demo.components.saver import Saver, nothing, saved, saved_csv
from demo.inference import Busy, available_nets, both_trainings, predict
from demo.sketchpad import Sketchpad
from demo.sketchpad.brush import BrushPanel
from demo.sketchpad.drawing import Drawing
from demo.stress import pen_panel as pens
from demo.stress.against_mnist import against_mnist
from demo.stress.cells import NoStrokes, Stress, answered
from demo.stress.exports import HEADER, heat_maps_image, rows_of
from demo.stress.grids import GRIDS
from demo.stress.heatmaps import HeatMaps, Shown, cell_of, heat_maps, hint
from demo.stress.jobs import MOST_JOBS, cancel, job
from demo.taught_nets import training_by
from demo.teach.panel import TeachPanel

HERE = Path(__file__).parent
PEN_RUN, STRESS_RUN = "pen", "stress"
LIKE_MNIST, AS_DRAWN = "like MNIST", "as drawn"
START = "Draw a digit on the Draw tab, say here which one it is, and start."
AT_ONCE: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
QUEUED: dict[str, Any] = {
    "show_progress": "hidden",
    "trigger_mode": "once",
    "api_visibility": "private",
    "concurrency_limit": MOST_JOBS + 2,  # those beyond are told so at once, and do not wait without a word
}

PEN_INTRODUCTION = """What would your pen do to all of [MNIST]? Five hundred of its test digits are drawn with the pen
as it is set here, and every net predicts them: as trained on MNIST alone, and as trained with this page's pen
([two trainings]). Search for the meanest pen."""
DRAWING_INTRODUCTION = """Your own strokes, drawn again with two hundred other pens, sizes or places: how much it takes
until a net no longer sees what you see ([robustness])."""


def tab(pad: Sketchpad, here: gr.Tab, tabs: gr.Tabs) -> TeachPanel:
    """Fill the tab `here`, which is being built; `tabs` are switched to the tab of id "draw" when something goes to the
    pad. Returns the panel that offers to teach a pen."""
    with gr.Column(elem_classes="card", elem_id="stress-against"):
        heading("Your pen against MNIST", PEN_INTRODUCTION)
        with gr.Row(elem_id="stress-pen"):
            BrushPanel(str(pad.elem_id), elem_id="stress-brush")
            with gr.Column(min_width=280):
                against = pens.PenPanel(pens.hint(""), files=HERE / "pen_panel", elem_id="pen-run")
                teach = TeachPanel("stress", elem_id="teach-stress-slot")
    with gr.Column(elem_classes="card", elem_id="stress-one"):
        heading("Stress test of one drawing", DRAWING_INTRODUCTION)
        subject = Panel(subject_of(None, None), files=HERE / "subject", elem_id="stress-subject")
        with gr.Row(elem_id="stress-choices"):
            digit = gr.Radio(
                [str(d) for d in range(DIGITS)],
                label="Which digit is it?",
                elem_id="stress-digit",
                elem_classes="segmented",
            )
            grid = gr.Radio(
                list(GRIDS),
                value=next(iter(GRIDS)),
                label="What changes",
                elem_id="stress-grid",
                elem_classes="segmented",
            )
            way = gr.Radio(
                [LIKE_MNIST, AS_DRAWN],
                value=LIKE_MNIST,
                label="The nets are fed",
                elem_id="stress-way",
                elem_classes="segmented",
            )
        with gr.Row(elem_id="stress-buttons"):
            start = gr.Button("Start the stress test", variant="primary", elem_id="stress-start")
            stop = gr.Button("Cancel", elem_id="stress-cancel")
            save = gr.Button("Save heat maps", elem_id="stress-save")
            table = gr.Button("CSV", elem_id="stress-csv")
            saver = Saver(elem_id="stress-saver")
        cell = Panel(files=HERE / "cell", elem_id="stress-cell")
        maps = HeatMaps(hint(""), elem_id="stress-maps")
    seen = gr.State(None)  # strokes and pens of the drawing for which a digit was preselected

    run = against.submit(run_pen, inputs=against, outputs=against, **QUEUED)
    tell_how_it_ended(run, "#pen-run .against")
    against.clear(cancel_pen, **AT_ONCE)
    against.select(fallen_chosen, inputs=against, outputs=[pad, tabs], **AT_ONCE)

    run = start.click(run_stress, inputs=[pad, digit, grid, way], outputs=[maps, subject, cell], **QUEUED)
    tell_how_it_ended(run, "#stress-maps .heatmaps")
    stop.click(cancel_stress, **AT_ONCE)
    save.click(save_maps, inputs=maps, outputs=saver, **AT_ONCE)
    table.click(save_table, inputs=maps, outputs=saver, **AT_ONCE)
    maps.select(looked_at, inputs=maps, outputs=cell, **AT_ONCE)
    cell.submit(put_on_the_pad, inputs=maps, outputs=[pad, tabs], **AT_ONCE)
    here.select(opened, inputs=[pad, maps, digit, seen], outputs=[digit, subject, seen], **AT_ONCE)
    return teach


def heading(title: str, explained: str) -> None:
    gr.HTML(f"<h2>{title}</h2>{prose(explained)}", elem_classes=["section-title", "explained"])


def run_pen(pen: Pen | None, request: gr.Request) -> Iterator[dict[str, Any]]:
    """Values of the panel of the pen, a new one after every few digits."""
    if pen is None:
        yield pens.hint("The pad has not told its pen: reload the page, please.")
        return
    tiles: dict[int, str] = {}
    try:
        with job(request, PEN_RUN) as run:
            for progress in against_mnist(pen, [*both_trainings(), *available_nets(training_by(request))]):
                yield pens.pen_panel(progress, tiles)
                if run.cancelled.is_set():
                    return
    except (Busy, WeightsError, BadAnswer) as error:
        yield pens.hint(str(error))


def cancel_pen(request: gr.Request) -> None:
    cancel(request, PEN_RUN)


def fallen_chosen(pen: Pen | None, event: gr.EventData) -> tuple[Drawing, gr.Tabs]:
    """A digit of the wall, for the pad, and the Draw tab in front."""
    return pens.chosen_digit(pen, event), gr.Tabs(selected="draw")


def run_stress(
    drawing: Drawing | None, digit: str | None, grid: str, way: str, request: gr.Request
) -> Iterator[tuple[Any, Any, Any]]:
    """Values of the heat maps, a new one after every few cells, of which drawing they are, and of no cell yet."""
    if drawing is None or drawing.empty:
        yield hint("The pad is empty. " + START), gr.skip(), None
        return
    if digit is None:
        yield hint("Say first which digit it is: only you know."), gr.skip(), None
        return
    try:
        with job(request, STRESS_RUN) as run:
            stress = Stress(drawing, GRIDS[grid], centre=way == LIKE_MNIST)
            about = subject_of(drawing, drawing, int(digit))
            for progress in answered(stress, [*both_trainings(), *available_nets(training_by(request))]):
                yield heat_maps(stress, int(digit), progress), about, None
                about = gr.skip()
                if run.cancelled.is_set():
                    return
    except (NoStrokes, Busy, WeightsError, BadAnswer) as error:
        yield hint(str(error)), gr.skip(), None


def cancel_stress(request: gr.Request) -> None:
    cancel(request, STRESS_RUN)


def opened(
    drawing: Drawing | None, shown: Shown | None, digit: str | None, seen: Any
) -> tuple[Any, dict[str, Any], Any]:
    """The digit on which the nets agree, for a drawing that was not here yet; and which drawing the maps are of."""
    about = subject_of(drawing, shown.stress.drawing if shown else None, shown.digit if shown else None)
    key = _key(drawing)
    if drawing is None or key is None or key == seen:
        return gr.skip(), about, key
    agreed = drawing.label if drawing.label is not None else agreed_digit(drawing)
    return (digit if agreed is None else str(agreed)), about, key


def agreed_digit(drawing: Drawing) -> int | None:
    """The digit that more than half of all nets predict, in whichever training; None when there is none."""
    try:
        predictions = predict(drawing.image, both_trainings())
    except Busy:
        return None
    if predictions is None or not predictions.by_net:
        return None
    digit, count = Counter(prediction.digit for prediction in predictions.by_net.values()).most_common(1)[0]
    return digit if count > len(predictions.by_net) / 2 else None


def subject_of(drawing: Drawing | None, tested: Drawing | None, digit: int | None = None) -> dict[str, Any]:
    """Which drawing is on the pad, which one the maps are of, and whether it has changed since."""
    empty = drawing is None or drawing.empty
    changed = tested is not None and _key(drawing) != _key(tested)
    of = tested if tested is not None else drawing
    return {
        "image": "" if of is None or of.empty else data_url(of.image[::4, ::4]),
        "digit": digit,
        "tested": tested is not None,
        "changed": changed,
        "empty": empty,
    }


def _key(drawing: Drawing | None) -> Any:
    return None if drawing is None or drawing.empty else (repr(drawing.strokes), repr(drawing.own_pens))


def save_maps(shown: Shown | None) -> dict[str, Any]:
    """Every net's heat map under each other, as one file."""
    if shown is None or not shown.maps:
        return nothing("There is no heat map yet: start a stress test first.")
    return saved(heat_maps_image(shown), "stress-test")


def save_table(shown: Shown | None) -> dict[str, Any]:
    """Every cell of every map, as a table."""
    if shown is None or not shown.maps:
        return nothing("There is no heat map yet: start a stress test first.")
    return saved_csv(HEADER, rows_of(shown), "stress-test")


def looked_at(shown: Shown | None, event: gr.EventData) -> Any:
    """The cell that was chosen, as it looks and as the nets predicted it."""
    return gr.skip() if shown is None else cell_of(shown, *_place(shown, event))


def put_on_the_pad(shown: Shown | None, event: gr.EventData) -> tuple[Any, Any]:
    """The drawing of a cell, for the pad, and the Draw tab in front."""
    if shown is None:
        return gr.skip(), gr.skip()
    return shown.stress.cell(*_place(shown, event)), gr.Tabs(selected="draw")


def _place(shown: Shown, event: gr.EventData) -> tuple[int, int]:
    row, column = (told(event, name) for name in ("row", "column"))
    rows, columns = shown.stress.shape
    if not (isinstance(row, int) and isinstance(column, int) and 0 <= row < rows and 0 <= column < columns):
        raise gr.Error("There is no such cell.")
    return row, column
