"""The middle line of a shape, and the lines that a pen would have drawn along it.

Thinning is that of Guo and Hall (1989, "Parallel thinning with two-subiteration algorithms", CACM 32): 8-connected,
one pixel thin, the same topology as the shape. Its pixels form a graph of junctions, free ends and the branches
between them; short spurs go, and branches that run straight on through a junction become one line.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]
Pixel = tuple[int, int]
End = tuple[int, int]  # (number of a branch, 0 for its first point or -1 for its last)

STRAIGHT_ON = 0.3  # cosine of the largest turn (73 degrees) that a line takes through a junction
LOOK_AHEAD = 10  # pixels over which a branch's direction is measured

_AROUND = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))  # clockwise from above


def thin(mask: Mask) -> Mask:
    """The skeleton of a shape: bool (H, W), the same size as `mask`."""
    if not mask.any():
        return mask.copy()
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    image = np.pad(mask[box], 1).astype(np.uint8)
    inside = image[1:-1, 1:-1]
    height, width = inside.shape
    shifted = [image[1 + y : 1 + y + height, 1 + x : 1 + x + width] for y, x in _AROUND]
    changed = True
    while changed:
        changed = False
        for removable in _removable():
            code = shifted[0].copy()
            for bit, neighbour in enumerate(shifted[1:], start=1):
                code |= neighbour << bit
            gone = removable[code] & inside.view(np.bool_)
            if gone.any():
                inside[gone] = 0
                changed = True
    skeleton = np.zeros_like(mask)
    skeleton[box] = inside
    return skeleton


@cache
def _removable() -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """For each of the two halves of a round, whether a pixel with these neighbours (a bit each) is peeled off."""
    bits = (np.arange(256)[:, None] >> np.arange(8)) & 1
    p2, p3, p4, p5, p6, p7, p8, p9 = bits.T.astype(bool)
    arcs = (
        (~p2 & (p3 | p4)).astype(int) + (~p4 & (p5 | p6)).astype(int)
        + (~p6 & (p7 | p8)).astype(int) + (~p8 & (p9 | p2)).astype(int)
    )  # fmt: skip
    first = sum(((a | b).astype(int) for a, b in ((p9, p2), (p3, p4), (p5, p6), (p7, p8))), np.zeros(256, int))
    second = sum(((a | b).astype(int) for a, b in ((p2, p3), (p4, p5), (p6, p7), (p8, p9))), np.zeros(256, int))
    fewest = np.minimum(first, second)
    border = (arcs == 1) & (fewest >= 2) & (fewest <= 3)
    return border & ~((p6 | p7 | ~p9) & p8), border & ~((p2 | p3 | ~p5) & p4)


@dataclass(eq=False)
class Branch:
    """Pixels (n, 2) in rows and columns between two nodes of the graph; `nodes` are the numbers of those two."""

    points: Floats
    nodes: list[int]

    def end(self, which: int) -> int:
        return self.nodes[which]

    def direction(self, which: int, skip: float) -> Floats:
        """The unit vector (2,) in which the branch leaves its end, measured beyond the bend at the junction."""
        points = self.points if which == 0 else self.points[::-1]
        start = min(int(skip), (len(points) - 1) // 3)
        away = points[min(start + LOOK_AHEAD, len(points) - 1)] - points[start]
        return away / max(1e-9, float(np.hypot(*away)))


def lines(skeleton: Mask, half_width: Floats) -> list[Floats]:
    """The lines (n, 2), in rows and columns, that a pen would have drawn along a skeleton.

    half_width  (H, W), how far each pixel of the skeleton is from the edge of the shape
    """
    branches = _branches(skeleton)
    _join_close_junctions(branches, half_width)
    branches = _without_spurs(branches, half_width)
    return _joined(branches, _straight_on(branches, half_width))


def _branches(skeleton: Mask) -> list[Branch]:
    pixels: set[Pixel] = {(row, column) for row, column in np.argwhere(skeleton).tolist()}
    beside = {pixel: _neighbours(pixel, pixels) for pixel in sorted(pixels)}
    nodes = {pixel: number for number, pixel in enumerate(p for p in beside if len(beside[p]) != 2)}
    branches, left = [], set(pixels) - set(nodes)
    for pixel in nodes:
        if not beside[pixel]:
            branches.append(Branch(np.array([pixel], float), [nodes[pixel]] * 2))
        for following in beside[pixel]:
            if following in nodes:
                if pixel < following:
                    branches.append(Branch(np.array([pixel, following], float), [nodes[pixel], nodes[following]]))
            elif following in left:
                path = _followed([pixel, following], beside, nodes)
                left -= set(path)
                branches.append(Branch(np.array(path, float), [nodes[path[0]], nodes[path[-1]]]))
    fresh = len(nodes)
    while left:  # rings without a junction
        start = min(left)
        path = _followed([start, beside[start][0]], beside, {start: fresh})
        left -= set(path)
        branches.append(Branch(np.array(path, float), [fresh, fresh]))
        fresh += 1
    return branches


def _neighbours(pixel: Pixel, pixels: set[Pixel]) -> list[Pixel]:
    """Pixels beside one; a diagonal one only where no shorter way leads there."""
    y, x = pixel
    beside = [(y + dy, x + dx) for dy, dx in _AROUND if (y + dy, x + dx) in pixels]
    return [q for q in beside if q[0] == y or q[1] == x or ((q[0], x) not in pixels and (y, q[1]) not in pixels)]


def _followed(path: list[Pixel], beside: dict[Pixel, list[Pixel]], nodes: dict[Pixel, int]) -> list[Pixel]:
    """The path from its first two pixels on to the next node."""
    while path[-1] not in nodes:
        path.append(next(pixel for pixel in beside[path[-1]] if pixel != path[-2]))
    return path


def _degrees(branches: list[Branch]) -> dict[int, int]:
    degrees: dict[int, int] = defaultdict(int)
    for branch in branches:
        for node in branch.nodes:
            degrees[node] += 1
    return degrees


def _at(half_width: Floats, point: Floats) -> float:
    return float(half_width[int(point[0]), int(point[1])])


def _join_close_junctions(branches: list[Branch], half_width: Floats) -> None:
    """Where two strokes cross, thinning leaves two junctions with a short bridge between them: make them one."""
    while True:
        degrees = _degrees(branches)
        bridge = next(
            (
                branch
                for branch in branches
                if branch.nodes[0] != branch.nodes[1]
                and min(degrees[node] for node in branch.nodes) > 2
                and len(branch.points) <= 1.2 * _at(half_width, branch.points[len(branch.points) // 2])
            ),
            None,
        )
        if bridge is None:
            return
        kept, merged = bridge.nodes
        branches.remove(bridge)
        for branch in branches:
            branch.nodes = [kept if node == merged else node for node in branch.nodes]


def _without_spurs(branches: list[Branch], half_width: Floats) -> list[Branch]:
    """Without dead ends that do not even leave the stroke they stand on; the longest branch always stays."""
    while len(branches) > 1:
        degrees = _degrees(branches)
        spurs = []
        for branch in branches:
            free = [degrees[node] == 1 for node in branch.nodes]
            if free[0] != free[1]:
                foot = branch.points[-1 if free[0] else 0]
                if len(branch.points) < 1.3 * _at(half_width, foot) + 2:
                    spurs.append(branch)
        if not spurs:
            break
        shortest = min(spurs, key=lambda branch: len(branch.points))
        branches = [branch for branch in branches if branch is not shortest]
    return branches


def _straight_on(branches: list[Branch], half_width: Floats) -> dict[End, End]:
    """Which end of a branch goes on as which other one; two alone at a node always do."""
    at: dict[int, list[End]] = defaultdict(list)
    for number, branch in enumerate(branches):
        for which in (0, -1):
            at[branch.nodes[which]].append((number, which))
    partner: dict[End, End] = {}
    for ends in at.values():
        away = {end: _leaving(branches, end, half_width) for end in ends}
        pairs = sorted(
            (-float(away[a] @ away[b]), a, b) for i, a in enumerate(ends) for b in ends[i + 1 :] if len(ends) > 1
        )
        for straightness, a, b in reversed(pairs):
            if (straightness > STRAIGHT_ON or len(ends) == 2) and a not in partner and b not in partner:
                partner[a], partner[b] = b, a
    return partner


def _leaving(branches: list[Branch], end: End, half_width: Floats) -> Floats:
    number, which = end
    return branches[number].direction(which, _at(half_width, branches[number].points[which]))


def _joined(branches: list[Branch], partner: dict[End, End]) -> list[Floats]:
    """Lines of branches that go on as one another; a closed line ends on the point it began with."""
    ends = [(number, which) for number in range(len(branches)) for which in (0, -1)]
    used: set[int] = set()
    found = []
    for start in [end for end in ends if end not in partner] + ends:  # open lines first, then rings
        if start[0] in used:
            continue
        pieces, end = [], start
        while end[0] not in used:
            number, which = end
            used.add(number)
            points = branches[number].points
            pieces.append(points if which == 0 else points[::-1])
            end = partner.get((number, -1 if which == 0 else 0), end)
        line = np.concatenate(pieces)
        if start in partner and len(line) > 2 and (line[0] != line[-1]).any():
            line = np.concatenate([line, line[:1]])
        found.append(line)
    return found
