"""The cells of a grid: one drawing drawn again with every pair of changes, and what the nets answer to each."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from architectures.contract import SIDE_PX, BadAnswer
from architectures.input.mnist_like import Ink, mnist_like
from demo.inference import CORES, PATIENCE_S, Busy, NetFailed, predict_side_by_side
from demo.sketchpad.drawing import Drawing
from demo.stress.grids import Grid

Floats = NDArray[np.float32]

AT_A_TIME = 20  # cells between two looks at the clock: a cancel waits for no more than these


class NoStrokes(ValueError):
    """A drawing of which only the image is known cannot be drawn again."""


@dataclass(frozen=True)
class Stress:
    """One drawing under one grid, and how the nets are fed: centre and ink as in `architectures.mnist_like`."""

    drawing: Drawing
    grid: Grid
    centre: bool = True
    ink: Ink = "luma"

    def __post_init__(self) -> None:
        if not self.drawing.strokes:
            raise NoStrokes("Only the image of this drawing is known, not its strokes: draw it on the pad, please.")

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.grid.rows.values), len(self.grid.columns.values)

    def cell(self, row: int, column: int) -> Drawing:
        """The drawing with the changes of one cell."""
        strokes, pens = self.drawing.strokes, self.drawing.own_pens
        strokes, pens = self.grid.columns.change(self.grid.columns.values[column])(strokes, pens)
        strokes, pens = self.grid.rows.change(self.grid.rows.values[row])(strokes, pens)
        return Drawing.of(strokes, pens, self.drawing.label)

    def fed(self, row: int, column: int) -> Floats:
        """What the nets are fed of one cell, (1, 1, 28, 28)."""
        return mnist_like(self.cell(row, column).image, centre=self.centre, ink=self.ink).numpy()

    def distances(self) -> NDArray[np.float64]:
        """How far each cell (rows, columns) is from the drawing as it is, 1 for the whole of an axis."""
        strokes, pens = self.drawing.strokes, self.drawing.own_pens
        down, across = (
            [axis.apart(value, axis.own(strokes, pens)) for value in axis.values]
            for axis in (self.grid.rows, self.grid.columns)
        )
        return np.hypot(np.array(down)[:, None], np.array(across)[None, :])


@dataclass
class Answers:
    """What one net answered to the cells so far: probabilities (rows, columns, 10), NaN where it was not asked yet."""

    probabilities: NDArray[np.float32]

    @property
    def asked(self) -> NDArray[np.bool_]:
        return ~np.isnan(self.probabilities[..., 0])

    @property
    def digits(self) -> NDArray[np.int64]:
        """The winner of each cell, -1 where the net was not asked yet."""
        return np.where(self.asked, np.nan_to_num(self.probabilities).argmax(axis=-1), -1)

    @property
    def strengths(self) -> NDArray[np.float32]:
        """The winner's probability."""
        return np.nan_to_num(self.probabilities).max(axis=-1)

    def survived(self, digit: int) -> float:
        """Share of the cells asked so far for which the net still predicts `digit`; 0 when none was."""
        return float((self.digits == digit)[self.asked].mean()) if self.asked.any() else 0.0

    def smallest_change(self, digit: int, distances: NDArray[np.float64]) -> tuple[int, int] | None:
        """The cell nearest to the drawing for which the net does not predict `digit`; None when every cell survived."""
        wrong = self.asked & (self.digits != digit)
        if not wrong.any():
            return None
        row, column = np.unravel_index(np.where(wrong, distances, np.inf).argmin(), wrong.shape)
        return int(row), int(column)


@dataclass
class Progress:
    """Answers by net, how many of `total` cells every net has answered, and why those that failed have stopped."""

    total: int
    done: int = 0
    answers: dict[str, Answers] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)


def answered(stress: Stress, nets: Sequence[str]) -> Iterator[Progress]:
    """Draw every cell and ask every net, yielding after each batch of cells; stops when nobody asks for more.

    A net that fails is not asked any further. Raises BadAnswer when no net is left, UnknownNet and Busy. A cell whose
    drawing left the pad is fed as the black it is.
    """
    rows, columns = stress.shape
    cells = [(row, column) for row in range(rows) for column in range(columns)]
    blank = np.full((rows, columns, 10), np.nan, np.float32)
    progress = Progress(len(cells), answers={net: Answers(blank.copy()) for net in nets})
    batches = [cells[start : start + AT_A_TIME] for start in range(0, len(cells), AT_A_TIME)]
    with ThreadPoolExecutor(CORES + 1, thread_name_prefix="stress") as pool:
        ahead = pool.submit(_fed, stress, batches[0])
        for batch, following in zip(batches, [*batches[1:], []], strict=True):
            fed, ahead = ahead.result(), pool.submit(_fed, stress, following)  # drawn while the nets answer this one
            at = tuple(np.array(batch).T)
            by_net, failures = predict_in_turn([net for net in nets if net not in progress.failures], fed)
            progress.failures.update({net: str(failure) for net, failure in failures.items()})
            if not by_net:
                raise BadAnswer("; ".join(progress.failures.values()))
            for net, probabilities in by_net.items():
                progress.answers[net].probabilities[at] = probabilities
            progress.done += len(batch)
            yield progress


_reading = threading.Lock()  # held by the one stress test whose cells are being read: those who draw keep a turn


def predict_in_turn(nets: Sequence[str], fed: Floats) -> tuple[dict[str, NDArray[np.float32]], dict[str, NetFailed]]:
    """What `predict_side_by_side` returns for one batch; the runs of several people take turns between batches."""
    if not _reading.acquire(timeout=PATIENCE_S):
        raise Busy("many stress tests are running right now; please try again")
    try:
        return predict_side_by_side(nets, fed)
    finally:
        _reading.release()


def _fed(stress: Stress, cells: list[tuple[int, int]]) -> Floats:
    return np.concatenate([stress.fed(*cell) for cell in cells] or [np.empty((0, 1, SIDE_PX, SIDE_PX), np.float32)])
