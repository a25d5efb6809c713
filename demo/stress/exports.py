"""The heat maps of a stress test as one image, and as a table."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from checkpoints.store import naming
from demo.components.articles import a_digit
from demo.components.colours import colour_of
from demo.components.png import FAINT, INK, NETS, QUIET, RIGHT, WRONG, Canvas, RGBImage
from demo.components.trainings import IN_WORDS, shown_training
from demo.stress.heatmaps import Shown

EDGE, LEFT, TOP, BELOW = 28, 110, 96, 76
CELL = 30


def heat_maps_image(shown: Shown) -> Image.Image:
    """Each net's heat map, under each other: green where it was right, red where it was wrong, strong where sure."""
    rows, columns = shown.stress.shape
    height = TOP + rows * CELL + BELOW
    canvas = Canvas(LEFT + columns * CELL + EDGE, height * len(shown.maps))
    for at, (net, (digits, strengths)) in enumerate(shown.maps.items()):
        _heat_map(canvas, shown, net, digits, strengths, height * at)
    return canvas.finished()


def _heat_map(
    canvas: Canvas, shown: Shown, net: str, digits: NDArray[np.int64], strengths: NDArray[np.float64], above: float
) -> None:
    stress, digit = shown.stress, shown.digit
    rows, columns = stress.shape
    left, top = LEFT, above + TOP
    asked = digits >= 0
    survived = float((digits == digit)[asked].mean()) if asked.any() else 0.0
    name, training = naming.split(net)
    canvas.text(EDGE, above + 44, name, 26, NETS[colour_of(net)])
    canvas.text(left + columns * CELL, above + 44, f"survived {100 * survived:.0f} %", 22, INK, anchor="rs")
    canvas.text(
        EDGE,
        above + 72,
        f"{IN_WORDS[shown_training(training)]}; {a_digit(digit)}, {stress.grid.name}",
        16,
        QUIET,
    )
    canvas.paste(_heat(digits, strengths, digit), left, top, columns * CELL, 4, soft=False)
    across, down = stress.grid.columns, stress.grid.rows
    bottom = top + rows * CELL
    canvas.text(left, bottom + 24, across.written(across.values[0]), 15, QUIET)
    canvas.text(left + columns * CELL / 2, bottom + 24, across.title, 15, QUIET, anchor="ms")
    canvas.text(left + columns * CELL, bottom + 24, across.written(across.values[-1]), 15, QUIET, anchor="rs")
    canvas.text(left - 10, top + 14, down.written(down.values[0]), 15, QUIET, anchor="rs")
    canvas.text(left - 10, bottom - 4, down.written(down.values[-1]), 15, QUIET, anchor="rs")
    canvas.text(EDGE, bottom + 50, f"down: {down.title}", 15, QUIET)


def _heat(digits: NDArray[np.int64], strengths: NDArray[np.float64], digit: int) -> RGBImage:
    """(rows * CELL, columns * CELL, 3): each cell in its colour, a thin line between."""
    right, wrong, faint = (_rgb(colour) for colour in (RIGHT, WRONG, FAINT))
    colour = np.where((digits == digit)[..., None], right, wrong)
    share = np.where(digits >= 0, strengths, 0.0)[..., None]
    cells = np.round(faint * (1 - share) + colour * share).astype(np.uint8)
    large = cells.repeat(CELL, axis=0).repeat(CELL, axis=1)
    large[::CELL], large[:, ::CELL] = _rgb("#131418"), _rgb("#131418")
    return large


HEADER = ("net", "training", "digit", "grid", "across", "down", "prediction", "probability", "correct")


def rows_of(shown: Shown) -> list[tuple[object, ...]]:
    """A line for each net and cell: where it lies and what was predicted; cells that were not answered are left out."""
    grid = shown.stress.grid
    return [
        (
            *naming.split(net_id)[:1],
            shown_training(naming.split(net_id)[1]),
            shown.digit,
            grid.name,
            grid.columns.values[column],
            grid.rows.values[row],
            int(digit),
            round(float(strengths[row, column]), 4),
            int(digit == shown.digit),
        )
        for net_id, (digits, strengths) in shown.maps.items()
        for (row, column), digit in np.ndenumerate(digits)
        if digit >= 0
    ]


def _rgb(colour: str) -> NDArray[np.float32]:
    return np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)], np.float32)
