"""The panel of "Your pen against MNIST": accuracies that fill up, the digits that fell, and the runs of the visit."""

from __future__ import annotations

from typing import Any

import gradio as gr

from architectures.input.pen import BadPen, Pen
from checkpoints.store import naming
from demo.components import modules
from demo.components.colours import colour_of
from demo.components.data_url import data_url
from demo.components.panel import Panel, told
from demo.components.trainings import shown_training
from demo.sketchpad.drawing import Drawing
from demo.stress.against_mnist import DIGITS, PenRun, drawing_of

MOST_TILES = 84  # of the wall: about 300 kB of images
SMALL_STEP = 2


class PenPanel(Panel):
    """Value: what `pen_panel` or `hint` returns; as an input, the Pen that its button was pressed with, or None.

    Events: `submit` starts a run, `clear` cancels it, `select` carries the `index` of a digit that was clicked.
    Raises gr.Error for a pen that cannot draw.
    """

    def __init__(self, value: dict[str, Any], **settings: Any) -> None:
        super().__init__(value, sharing=modules.url("sketchpad/sharing.mjs"), **settings)

    def preprocess(self, payload: Any) -> Pen | None:  # type: ignore[override]
        if not isinstance(payload, dict) or payload.get("pen") is None:
            return None
        try:
            return Pen.from_dict(payload["pen"])
        except BadPen as error:
            raise gr.Error(f"This pen cannot draw: {error}", print_exception=False) from error


def hint(text: str) -> dict[str, Any]:
    """No run, and why."""
    return {"hint": text, "total": DIGITS}


def pen_panel(run: PenRun, tiles: dict[int, str]) -> dict[str, Any]:
    """All that is known so far. `tiles` keeps the images of fallen digits from one batch to the next."""
    fallen = run.fallen()
    for index in fallen:
        if index not in tiles and len(tiles) < MOST_TILES:
            tiles[index] = data_url(run.images[index][::SMALL_STEP, ::SMALL_STEP])
    return {
        "hint": "",
        "pen": run.pen.to_dict(),
        "done": run.done,
        "total": run.total,
        "fallen": len(fallen),
        "nets": [_net(run, net_id) for net_id in run.predictions],
        "failures": list(run.failures.values()),
        "wall": [
            {
                "index": index,
                "label": int(run.labels[index]),
                "image": tiles[index],
                "predictions": [int(predicted[index]) for predicted in run.predictions.values()],
            }
            for index in fallen
            if index in tiles
        ],
        "labels": run.labels[: run.done].tolist() if run.done == run.total else [],
    }


def _net(run: PenRun, net_id: str) -> dict[str, Any]:
    name, training = naming.split(net_id)
    accuracy = run.accuracy(net_id)
    low, high = accuracy.interval
    return {
        "id": net_id,
        "name": name,
        "training": shown_training(training),
        "colour": colour_of(net_id),
        "correct": accuracy.correct,
        "asked": accuracy.total,
        "accuracy": round(accuracy.share, 4),
        "low": round(low, 4),
        "high": round(high, 4),
        "predictions": run.predictions[net_id].tolist() if run.done == run.total else [],
    }


def chosen_digit(pen: Pen | None, event: gr.EventData) -> Drawing:
    """The digit of the wall that was clicked, drawn as the pad draws it."""
    index = told(event, "index")
    if pen is None or not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < DIGITS:
        raise gr.Error("There is no such digit.")
    return drawing_of(pen, index)
