"""What a stress test varies: a grid of two things, each by name, with its values and how to read them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from architectures.input.pen import WIDEST_PX, Pen
from architectures.input.strokes import Strokes
from demo.stress.moving import box_of, moved_to, rotated, scaled

Change = Callable[[Strokes, tuple[Pen, ...]], tuple[Strokes, tuple[Pen, ...]]]
ROWS, COLUMNS = 10, 20


@dataclass(frozen=True)
class Axis:
    """One thing that is varied.

    title    in plain words; values: in the order of the grid; unit: written after a value
    change   value -> strokes and pens changed by it
    own      strokes and pens -> the drawing's own value
    apart    (value, value) -> how far they are from each other, 1 for the whole axis
    """

    title: str
    values: tuple[float, ...]
    unit: str
    change: Callable[[float], Change]
    own: Callable[[Strokes, tuple[Pen, ...]], float]
    apart: Callable[[float, float], float]

    def written(self, value: float) -> str:
        """The value with its unit."""
        return self.tick(value) + self.unit

    def tick(self, value: float) -> str:
        """The value as it stands beside the axis."""
        return f"{value:.0f}" if abs(value) >= 10 or value == int(value) else f"{value:.2g}"

    @property
    def heading(self) -> str:
        """What the axis says under its ticks."""
        return f"{self.title}, {self.unit.strip()}" if self.unit else self.title


@dataclass(frozen=True)
class Grid:
    """Ten rows and twenty columns of changes to one drawing."""

    name: str
    rows: Axis
    columns: Axis


def _even(low: float, high: float, count: int) -> tuple[float, ...]:
    return tuple(low + (high - low) * step / (count - 1) for step in range(count))


def _growing(low: float, high: float, count: int) -> tuple[float, ...]:
    """Each value larger than the one before by the same factor."""
    return tuple(low * (high / low) ** (step / (count - 1)) for step in range(count))


def _linear(values: tuple[float, ...]) -> Callable[[float, float], float]:
    return lambda a, b: abs(a - b) / (max(values) - min(values))


def _by_factor(values: tuple[float, ...]) -> Callable[[float, float], float]:
    return lambda a, b: abs(math.log(a / b)) / math.log(max(values) / min(values))


def _around_the_circle(a: float, b: float) -> float:
    return min(abs(a - b) % 360, 360 - abs(a - b) % 360) / 180


def mean_width_px(_strokes: Strokes, pens: tuple[Pen, ...]) -> float:
    """Middle of the widths of all pens."""
    return sum((pen.thinnest_px + pen.widest_px) / 2 for pen in pens) / len(pens)


def _widened(width_px: float) -> Change:
    """All pens wider or thinner by one factor, so that their mean width is `width_px`."""

    def change(strokes: Strokes, pens: tuple[Pen, ...]) -> tuple[Strokes, tuple[Pen, ...]]:
        factor = width_px / mean_width_px(strokes, pens)
        limits = [(_px(pen.thinnest_px * factor), _px(pen.widest_px * factor)) for pen in pens]
        return strokes, tuple(
            replace(pen, thinnest_px=low, widest_px=high) for pen, (low, high) in zip(pens, limits, strict=True)
        )

    return change


def _px(width: float) -> float:
    return min(max(width, 1.0), float(WIDEST_PX))


def _penned(**fields: float | str | None) -> Change:
    return lambda strokes, pens: (strokes, tuple(replace(pen, **fields) for pen in pens))  # type: ignore[arg-type]


def _placed(**to: float) -> Change:
    return lambda strokes, pens: (moved_to(strokes, **to), pens)


BLUE = 240.0  # degrees; to luma it is nearly black, so that the hues begin where it hurts
WIDTHS = _growing(2, 60, ROWS)  # below 12 px most nets that never saw the pen fall
HUES = tuple((BLUE + turn) % 360 for turn in _even(0, 342, COLUMNS))
PERIODS = _growing(25, 2500, COLUMNS)
JITTERS = _even(0, 1, COLUMNS)
SIZES = _even(0.15, 1.1, COLUMNS)
TURNS = _even(-60, 54, COLUMNS)

WIDTH = Axis("pen width", WIDTHS, " px", _widened, mean_width_px, _by_factor(WIDTHS))
HUE_START = Axis(
    "hue the pen starts with",
    HUES,
    "°",
    lambda degrees: _penned(hue_start_deg=degrees, colour=None),
    lambda _, pens: pens[0].hue_start_deg,
    _around_the_circle,
)
HUE_SPEED = Axis(
    "way for one round of hues",
    PERIODS,
    " px",
    lambda period: _penned(hue_period_px=period, colour=None),
    lambda _, pens: pens[0].hue_period_px,
    _by_factor(PERIODS),
)
JITTER = Axis(
    "jitter of width and colour",
    JITTERS,
    "",
    lambda share: _penned(size_jitter=share, colour_jitter=share),
    lambda _, pens: max(pens[0].size_jitter, pens[0].colour_jitter),
    _linear(JITTERS),
)
SIZE = Axis(
    "size",
    SIZES,
    "×",
    lambda factor: lambda strokes, pens: (scaled(strokes, factor), pens),
    lambda *_: 1.0,
    _linear(SIZES),
)
ROTATION = Axis(
    "rotation",
    TURNS,
    "°",
    lambda turn: lambda strokes, pens: (rotated(strokes, turn), pens),
    lambda *_: 0.0,
    _linear(TURNS),
)
ACROSS = Axis(
    "place across",
    _even(0.05, 0.95, COLUMNS),
    "",
    lambda x: _placed(x=x),
    lambda strokes, _: sum(box_of(strokes)[0]) / 2,
    lambda a, b: abs(a - b),
)
DOWN = Axis(
    "place down",
    _even(0.05, 0.95, ROWS),
    "",
    lambda y: _placed(y=y),
    lambda strokes, _: sum(box_of(strokes)[1]) / 2,
    lambda a, b: abs(a - b),
)

GRIDS = {
    grid.name: grid
    for grid in (
        Grid("width and hue start", WIDTH, HUE_START),
        Grid("width and hue speed", WIDTH, HUE_SPEED),
        Grid("width and jitter", WIDTH, JITTER),
        Grid("width and size", WIDTH, SIZE),
        Grid("width and rotation", WIDTH, ROTATION),
        Grid("place on the pad", DOWN, ACROSS),
    )
}
