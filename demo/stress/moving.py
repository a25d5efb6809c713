"""Strokes moved, scaled and turned in the unit square; times and pressures stay as they are."""

from __future__ import annotations

import math
from collections.abc import Callable

from architectures.input.strokes import Point, Strokes


def box_of(strokes: Strokes) -> tuple[tuple[float, float], tuple[float, float]]:
    """Least and greatest x, and least and greatest y, of all points."""
    xs, ys = ([float(point[at] or 0.0) for stroke in strokes for point in stroke] for at in (0, 1))
    return (min(xs), max(xs)), (min(ys), max(ys))


def scaled(strokes: Strokes, factor: float) -> Strokes:
    """Larger or smaller around the middle of their box."""
    cx, cy = (sum(side) / 2 for side in box_of(strokes))
    return _each(strokes, lambda x, y: (cx + (x - cx) * factor, cy + (y - cy) * factor))


def rotated(strokes: Strokes, degrees: float) -> Strokes:
    """Turned clockwise around the middle of their box."""
    cx, cy = (sum(side) / 2 for side in box_of(strokes))
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return _each(
        strokes,
        lambda x, y: (cx + (x - cx) * cos - (y - cy) * sin, cy + (x - cx) * sin + (y - cy) * cos),
    )


def moved_to(strokes: Strokes, x: float | None = None, y: float | None = None) -> Strokes:
    """Moved so that the middle of their box is at x, y or both; what leaves the pad is cut off when it is drawn."""
    cx, cy = (sum(side) / 2 for side in box_of(strokes))
    right, down = (0.0 if x is None else x - cx), (0.0 if y is None else y - cy)
    return _each(strokes, lambda px, py: (px + right, py + down))


def _each(strokes: Strokes, place: Callable[[float, float], tuple[float, float]]) -> Strokes:
    return [[_moved(point, place) for point in stroke] for stroke in strokes]


def _moved(point: Point, place: Callable[[float, float], tuple[float, float]]) -> Point:
    x, y = place(float(point[0] or 0.0), float(point[1] or 0.0))
    return [_inside(x), _inside(y), *point[2:]]


def _inside(value: float) -> float:
    """Within what a stroke's point may be: one pad beyond the pad, where nothing is seen any more."""
    return min(max(value, -1.0), 2.0)
