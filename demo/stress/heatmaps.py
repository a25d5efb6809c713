"""The heat maps of a stress test: one for each net and training, what it survived, and what it takes to fool it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray

import architectures
from architectures.contract import DIGITS
from checkpoints.store import naming
from demo.components.colours import colour_of
from demo.components.data_url import data_url, grey
from demo.components.panel import Panel
from demo.components.trainings import shown_training
from demo.sketchpad.payload import BadPayload, drawing_from, payload_of
from demo.stress.cells import Progress, Stress
from demo.stress.grids import GRIDS, Axis
from demo.taught_nets import is_taught

MOST_MAPS = 24  # eight nets in three trainings
SMALL_STEP = 4  # every fourth pixel of the pad, for the little image of the smallest change
CELL_STEP = 2  # and every second for the cell that is looked at


@dataclass(frozen=True)
class Shown:
    """What the panel shows: the stress, the digit it was said to be, and for each net, by id, the winner of each cell
    (rows, columns), -1 where it was not asked, and its probability (rows, columns)."""

    stress: Stress
    digit: int
    maps: dict[str, tuple[NDArray[np.int64], NDArray[np.float64]]]


class HeatMaps(Panel):
    """Value: what `heat_maps` or `hint` returns; as an input, the Shown that it shows, or None.

    The event `select` carries `row` and `column` of the cell that was chosen. Raises gr.Error for anything that the
    panel cannot have sent.
    """

    def preprocess(self, payload: Any) -> Shown | None:  # type: ignore[override]
        if not isinstance(payload, dict) or payload.get("subject") is None:
            return None
        grid, digit = payload.get("grid"), payload.get("digit")
        if not isinstance(grid, str) or grid not in GRIDS or not isinstance(digit, int) or digit not in range(DIGITS):
            raise gr.Error("This heat map names a grid or a digit that was not found.")
        try:
            drawing = drawing_from(payload["subject"])
        except BadPayload as error:
            raise gr.Error(str(error)) from error
        if drawing is None or not drawing.strokes:
            return None
        stress = Stress(drawing, GRIDS[grid])
        maps = payload.get("maps")
        if not isinstance(maps, list) or len(maps) > MOST_MAPS:
            raise gr.Error(f"There are up to {MOST_MAPS} heat maps.")
        return Shown(stress, digit, dict(_map(one, stress.shape) for one in maps))


def _map(one: Any, shape: tuple[int, int]) -> tuple[str, tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """One net's map from what the browser sent."""
    net_id = one.get("id") if isinstance(one, dict) else None
    if not isinstance(net_id, str) or naming.split(net_id)[0] not in architectures.names():
        raise gr.Error("This heat map names a net that was not found.")
    training = naming.split(net_id)[1]
    if training not in (None, naming.MNIST_ONLY) and not is_taught(training):
        raise gr.Error("This heat map names a training that was not found.")
    try:
        digits = np.array(one.get("digits"), dtype=np.int64).reshape(shape)
        strengths = np.array(one.get("strengths"), dtype=np.float64).reshape(shape)
    except (ValueError, TypeError, OverflowError) as error:
        raise gr.Error("A heat map must have one digit and one probability for each cell.") from error
    if not (np.isin(digits, range(-1, DIGITS)).all() and (strengths >= 0).all() and (strengths <= 1).all()):
        raise gr.Error("A heat map must have digits, and probabilities in [0, 1].")
    return naming.id_of(net_id), (digits, strengths)


def hint(text: str) -> dict[str, Any]:
    """Empty maps and what to do."""
    return {"hint": text}


def heat_maps(stress: Stress, digit: int, progress: Progress) -> dict[str, Any]:
    """Everything that is known so far; images of the smallest changes once every cell is answered."""
    grid, distances = stress.grid, stress.distances()
    finished = progress.done == progress.total
    maps = []
    for net, answers in progress.answers.items():
        smallest = answers.smallest_change(digit, distances) if finished else None
        maps.append(
            {
                "id": net,
                **_named(net),
                "digits": answers.digits.ravel().tolist(),
                "strengths": [round(float(strength), 3) for strength in answers.strengths.ravel()],
                "survived": answers.survived(digit),
                "smallest": _smallest(stress, smallest) if smallest else None,
            }
        )
    own = distances.argmin()
    return {
        "hint": "",
        "subject": payload_of(stress.drawing),
        "grid": grid.name,
        "digit": digit,
        "rows": _axis(grid.rows),
        "columns": _axis(grid.columns),
        "own": int(own),
        "done": progress.done,
        "total": progress.total,
        "maps": maps,
        "failures": list(progress.failures.values()),
    }


def _named(net_id: str) -> dict[str, Any]:
    name, training = naming.split(net_id)
    return {"name": name, "training": shown_training(training), "colour": colour_of(net_id)}


def _axis(axis: Axis) -> dict[str, Any]:
    return {
        "title": axis.title,
        "heading": axis.heading,
        "ticks": [axis.tick(value) for value in axis.values],
        "values": [axis.written(value) for value in axis.values],
    }


def _smallest(stress: Stress, at: tuple[int, int]) -> dict[str, Any]:
    row, column = at
    image = stress.cell(row, column).image[::SMALL_STEP, ::SMALL_STEP]
    return {"row": row, "column": column, "image": data_url(image)}


def cell_of(shown: Shown, row: int, column: int) -> dict[str, Any]:
    """Value of the panel beside the maps: one cell as it is drawn and as the nets saw it, and what they predicted."""
    drawing, grid = shown.stress.cell(row, column), shown.stress.grid
    return {
        "row": row,
        "column": column,
        "digit": shown.digit,
        "image": data_url(drawing.image[::CELL_STEP, ::CELL_STEP]),
        "input": data_url(grey(shown.stress.fed(row, column)[0, 0])),
        "where": [
            [axis.title, axis.written(axis.values[at])] for axis, at in ((grid.rows, row), (grid.columns, column))
        ],
        "nets": [
            {**_named(net_id), "digit": int(digits[row, column]), "strength": round(float(strengths[row, column]), 3)}
            for net_id, (digits, strengths) in shown.maps.items()
        ],
    }
