"""What a stroke is, and the one check that every stroke passes, whoever sent it.

A drawing is a list of strokes, a stroke a list of points, a point `[x, y]`, `[x, y, t_ms]` or
`[x, y, t_ms, pressure]`. The unit square is the pad, y goes down. Time and pressure may be missing or null.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

PAD_PX = 364

Point = list[float | None]
Strokes = list[list[Point]]

MAX_STROKES = 400
MAX_POINTS = 20_000  # of all strokes together; a digit has about 200
MAX_TRAVEL_PX = 25_000  # of all strokes together; enough to fill the whole pad with a thin pen
FURTHEST = 1.0  # how far outside the pad a point may lie, in pads: a captured pointer leaves the pad and comes back
LONGEST_MS = 24 * 3600 * 1000.0


class BadStrokes(ValueError):
    """Strokes that cannot be drawn; the message says which stroke and point, and what is wrong with it."""


def check(strokes: Any) -> Strokes:
    """`strokes` as lists of finite floats; strokes without a point are left out.

    x and y lie in [-1, 2] (the pad is [0, 1]), time in [0, 24 h] in ms, pressure in [0, 1].
    Raises BadStrokes for anything else, and for more than 400 strokes, 20,000 points or 25,000 px of travel.
    """
    strokes = _listed(strokes, "strokes are a list of strokes")
    if len(strokes) > MAX_STROKES:
        raise BadStrokes(f"{len(strokes):,} strokes; a drawing has at most {MAX_STROKES}")
    listed = [_listed(stroke, f"stroke {i} should be a list of points") for i, stroke in enumerate(strokes)]
    points = sum(map(len, listed))
    if points > MAX_POINTS:
        raise BadStrokes(f"{points:,} points; a drawing has at most {MAX_POINTS:,}")
    checked = [
        [_point(point, f"stroke {i}, point {j}") for j, point in enumerate(stroke)]
        for i, stroke in enumerate(listed)
        if stroke
    ]
    travel = travel_px(checked)
    if travel > MAX_TRAVEL_PX:
        raise BadStrokes(f"the pen travels {travel:,.0f} px; at most {MAX_TRAVEL_PX:,} px can be drawn")
    return checked


def travel_px(strokes: Sequence[Sequence[Point]]) -> float:
    """Length of all strokes together along their points, in px of the pad."""
    total = 0.0
    for stroke in strokes:
        steps = np.diff(np.array([point[:2] for point in stroke], dtype=float), axis=0) * PAD_PX
        total += float(np.sqrt((steps**2).sum(axis=1)).sum())
    return total


def _listed(value: Any, expected: str) -> list[Any]:
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if not isinstance(value, list | tuple):
        raise BadStrokes(f"{expected}, not {_named(value)}")
    return list(value)


def _point(value: Any, where: str) -> Point:
    point = _listed(value, f"{where} should be [x, y, t_ms, pressure]")
    if not 2 <= len(point) <= 4:
        raise BadStrokes(f"{where} has {len(point)} numbers; it should be [x, y], [x, y, t_ms] or with pressure")
    x = _number(point[0], "x", where, -FURTHEST, 1 + FURTHEST)
    y = _number(point[1], "y", where, -FURTHEST, 1 + FURTHEST)
    checked: Point = [x, y]
    if len(point) > 2:
        checked.append(None if point[2] is None else _number(point[2], "time in ms", where, 0, LONGEST_MS))
    if len(point) > 3:
        checked.append(None if point[3] is None else _number(point[3], "pressure", where, 0, 1))
    return checked


def _number(value: Any, what: str, where: str, lowest: float, highest: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise BadStrokes(f"{where}: {what} should be a number, not {_named(value)}")
    if not lowest <= value <= highest:  # compared first: an int of a thousand digits has no float
        shown = "far too large" if isinstance(value, int) and abs(value) > 10**15 else f"{value:g}"
        raise BadStrokes(f"{where}: {what} is {shown}; it should lie in [{lowest:g}, {highest:g}]")
    return float(value)


def _named(value: Any) -> str:
    return "nothing" if value is None else f"a {type(value).__name__}"
