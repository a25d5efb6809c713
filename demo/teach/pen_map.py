"""What a net reads of plain pens, by their width and colour: the map on which a lesson shows what it has changed.

The digits of a width are drawn once, in white. In another colour every pixel of them is that share of it, so that the
cells of a row cost little more than one.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from architectures.input.pen import Pen

WIDTHS_PX = (3, 6, 10, 16, 26, 42)  # of the rows
COLOURS = {  # of the columns, from what the eye takes for dark to white
    "blue": (0, 0, 255),
    "red": (255, 0, 0),
    "magenta": (255, 0, 255),
    "green": (0, 255, 0),
    "cyan": (0, 255, 255),
    "yellow": (255, 255, 0),
    "white": (255, 255, 255),
}
DIGITS = 20  # of the test digits, in each cell
TRAVEL_PX = 600  # of a pen along a digit

Images = NDArray[np.uint8]
Counts = list[list[int]]  # for each width the cells of its colours


def row(width_px: int) -> Images:
    """The DIGITS drawn by a pen of one width in each of the COLOURS, as fed: (colours, DIGITS, 28, 28)."""
    from checkpoints.shipped_digits import test_digits
    from checkpoints.training.living_pen import fed
    from checkpoints.training.teaching import sketch_of

    white = Pen(thinnest_px=width_px, widest_px=width_px, colour="#ffffff")
    digits = test_digits(DIGITS)
    sketches = [sketch_of(white, digits, number, seed=1) for number in range(DIGITS)]
    shares = np.array([*COLOURS.values()], np.float32) / 255
    return np.stack([[fed((each * share).astype(np.uint8))[0] for each in sketches] for share in shares])


def counts(net: Any, rows: list[Images]) -> Counts:
    """How many of the DIGITS a net reads in each cell of the map."""
    import torch

    from checkpoints.shipped_digits import test_digits
    from checkpoints.training.teaching import predicted

    fed = torch.from_numpy(np.concatenate([images.reshape(-1, 28, 28) for images in rows]))
    correct = predicted(net, fed).view(len(rows), len(COLOURS), DIGITS) == test_digits(DIGITS).labels
    table: Counts = correct.sum(dim=2).tolist()
    return table


def cells_of(pen: Pen) -> list[tuple[int, int]]:
    """The cells (row, column) that a pen goes through as it draws a digit: nearest in width, by ratio, and colour."""
    along = np.arange(0, TRAVEL_PX, 5.0)
    widths = pen.widths_px(along, np.ones_like(along), 0)
    rows = np.abs(np.log(widths)[:, None] - np.log(WIDTHS_PX)).argmin(axis=1)
    colours = pen.colours(along, 0).astype(float)
    columns = np.abs(colours[:, None] - np.array([*COLOURS.values()], float)).sum(axis=2).argmin(axis=1)
    return sorted({(int(at), int(of)) for at, of in zip(rows, columns, strict=True)})


def mean_percent(table: Counts) -> float:
    """Of all cells."""
    return 100 * sum(map(sum, table)) / math.prod((len(WIDTHS_PX), len(COLOURS), DIGITS))
