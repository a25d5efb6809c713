"""Lines that drawings are made of: points in the unit square, y down, close enough together to look smooth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

Point = tuple[float, float]
Line = list[Point]

SPACING = 0.012  # between neighbouring points; 4 px on the pad


def straight(*corners: Point) -> Line:
    """A line from corner to corner."""
    line = [corners[0]]
    for (x0, y0), (x1, y1) in pairwise(corners):
        parts = max(1, round(math.hypot(x1 - x0, y1 - y0) / SPACING))
        line += [(x0 + (x1 - x0) * part / parts, y0 + (y1 - y0) * part / parts) for part in range(1, parts + 1)]
    return line


def curve(*through: Point) -> Line:
    """A smooth line through every point given (Catmull-Rom)."""
    ends = (_beyond(through[1], through[0]), *through, _beyond(through[-2], through[-1]))
    line = [through[0]]
    for p0, p1, p2, p3 in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        parts = max(2, round(math.dist(p1, p2) / SPACING))
        line += [_between(p0, p1, p2, p3, part / parts) for part in range(1, parts + 1)]
    return line


def arc(centre: Point, radius: float | Point, start_deg: float = 0, end_deg: float = 360) -> Line:
    """Part of a circle, or of an ellipse for two radii: 0 is to the right, 90 down, and either order is a direction."""
    across, down = (radius, radius) if isinstance(radius, int | float) else radius
    return spiral(centre, (across, down), (across, down), start_deg, end_deg)


def spiral(centre: Point, first: Point, last: Point, start_deg: float, end_deg: float) -> Line:
    """Like an arc, while the two radii go from `first` to `last`."""
    turn = math.radians(end_deg - start_deg)
    parts = max(8, round(abs(turn) * max(*first, *last) / SPACING))
    line = []
    for part in range(parts + 1):
        done = part / parts
        angle = math.radians(start_deg) + turn * done
        across, down = (a + (b - a) * done for a, b in zip(first, last, strict=True))
        line.append((centre[0] + across * math.cos(angle), centre[1] + down * math.sin(angle)))
    return line


def wavy(line: Line, height: float, waves: float) -> Line:
    """The same way, swinging `height` to either side so many times."""
    result = []
    for at, (x, y) in enumerate(line):
        (x0, y0), (x1, y1) = line[max(0, at - 1)], line[min(len(line) - 1, at + 1)]
        step = math.hypot(x1 - x0, y1 - y0) or 1.0
        swing = height * math.sin(2 * math.pi * waves * at / (len(line) - 1))
        result.append((x - swing * (y1 - y0) / step, y + swing * (x1 - x0) / step))
    return result


def dotted(line: Line, dots: int) -> list[Line]:
    """So many dots along a line, evenly."""
    return [[along(line, dot / (dots - 1))] for dot in range(dots)]


def dashed(line: Line, dashes: int, inked: float = 0.6) -> list[Line]:
    """So many dashes along a line; inked is the share of the way that is drawn."""
    cut = []
    for dash in range(dashes):
        first, last = (dash / dashes, (dash + inked) / dashes)
        cut.append([along(line, first + (last - first) * step / 8) for step in range(9)])
    return cut


def along(line: Sequence[Point], share: float) -> Point:
    """The point at a share in [0, 1] of the length of a line."""
    steps = [math.dist(a, b) for a, b in pairwise(line)]
    left = share * sum(steps)
    for (x0, y0), (x1, y1), step in zip(line, line[1:], steps, strict=False):
        if left <= step and step > 0:
            return (x0 + (x1 - x0) * left / step, y0 + (y1 - y0) * left / step)
        left -= step
    return line[-1]


def _beyond(a: Point, b: Point) -> Point:
    return (2 * b[0] - a[0], 2 * b[1] - a[1])


def _between(p0: Point, p1: Point, p2: Point, p3: Point, t: float) -> Point:
    def one(a: float, b: float, c: float, d: float) -> float:
        return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)

    return (one(p0[0], p1[0], p2[0], p3[0]), one(p0[1], p1[1], p2[1], p3[1]))
