"""One drawing of the gallery: a digit that a person reads at once, dressed up as something else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from demo.gallery.lines import Line
from demo.pen import Pen
from demo.points import PAD_PX

SPEED_PX_PER_S = 420.0  # how fast the drawings draw themselves when they are replayed
PAUSE_MS = 140.0  # between strokes
PEN = Pen(thinnest_px=26, widest_px=31, width_period_px=190, hue_period_px=600, pressure=True)

Inked = tuple[Line, float, str | None]  # a line, how hard it is pressed, in [0, 1], and its colour, None: the rainbow


def bold(*lines: Line, colour: str | None = None) -> list[Inked]:
    """Lines that are the digit."""
    return [(line, 1.0, colour) for line in lines]


def middling(*lines: Line, colour: str | None = None) -> list[Inked]:
    """Lines between the digit and its dress, half as wide."""
    return [(line, 0.1, colour) for line in lines]


def fine(*lines: Line, colour: str | None = None) -> list[Inked]:
    """Lines that are the dress, a third as wide."""
    return [(line, 0.0, colour) for line in lines]


@dataclass(frozen=True)
class Figure:
    """A digit, what it is dressed up as, its inked lines in order, and its pen."""

    label: int
    title: str
    lines: list[Inked]
    pen: Pen

    def pens(self) -> list[Pen]:
        """The pen of each stroke."""
        return [self.pen if colour is None else replace(self.pen, colour=colour) for _, _, colour in self.lines]

    def strokes(self) -> list[list[list[float]]]:
        """Strokes of (x, y, t_ms, pressure) points, drawn one after another by a steady hand."""
        strokes, now_ms = [], 0.0
        for line, pressure, _ in self.lines:
            stroke, before = [], line[0]
            for x, y in line:
                way_px = PAD_PX * ((x - before[0]) ** 2 + (y - before[1]) ** 2) ** 0.5
                now_ms += 1000 * way_px / SPEED_PX_PER_S
                stroke.append([round(x, 4), round(y, 4), round(now_ms), pressure])
                before = (x, y)
            strokes.append(stroke)
            now_ms += PAUSE_MS
        return strokes


DRAWN: list[Callable[[], Figure]] = []


def drawn(label: int, title: str, **pen: Any) -> Callable[[Callable[[], Iterable[Inked]]], Callable[[], Figure]]:
    """Add the lines that a function returns to the gallery; `pen` says what differs from PEN."""

    def add(lines: Callable[[], Iterable[Inked]]) -> Callable[[], Figure]:
        def made() -> Figure:
            return Figure(label, title, list(lines()), replace(PEN, **pen))

        DRAWN.append(made)
        return made

    return add
