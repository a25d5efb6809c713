"""How a digit in strokes is varied before a pen draws it: its shape, its warp, its place and size on the pad.

A variation is one map of the plane, so that it applies to strokes and to the raster they were traced from alike: a net
and its baseline see the same digit at the same place, one drawn by the pen and one in MNIST's own grey.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Floats = NDArray[np.float64]
Random = np.random.Generator

ROTATION_DEG = SHEAR_DEG = 7.0  # standard deviations
LOG_SCALE = 0.12  # of each axis, standard deviation
BEND = 0.02  # largest amplitude, of the digit's field
EDGE_TO_EDGE = 0.4  # share of the digits that fill 85 to 100 % of the pad; the others 35 to 100 %


@dataclass(frozen=True)
class Variation:
    """A map from the unit square of a digit to the unit square of the pad.

    matrix  (2, 2): rotation, shear and unequal scale about the digit's middle
    bend    amplitude of a smooth displacement, and its four phases
    size    of the strokes' larger side, in pads, in [0.35, 1]
    place   (2,) in [0, 1]: where in the room that is left; 0 is left and top, 1 right and bottom
    """

    matrix: Floats
    bend: float
    phases: Floats
    size: float
    place: Floats

    @classmethod
    def random(cls, random: Random) -> Variation:
        turn, shear = np.deg2rad(random.normal(0, [ROTATION_DEG, SHEAR_DEG]))
        rotation = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
        scale = np.diag(np.exp(random.normal(0, LOG_SCALE, 2)))
        return cls(
            matrix=rotation @ np.array([[1, math.tan(shear)], [0, 1]]) @ scale,
            bend=random.uniform(0, BEND),
            phases=random.uniform(0, 2 * math.pi, 4),
            size=random.uniform(0.85 if random.random() < EDGE_TO_EDGE else 0.35, 1),
            place=random.uniform(0, 1, 2),
        )

    def onto_pad(self, strokes: Sequence[Floats]) -> tuple[list[Floats], Callable[[Floats], Floats]]:
        """The strokes (n, 2) on the pad, and the inverse of their map, from points (n, 2) of the pad to the digit's."""
        warped = [self._warp(stroke) for stroke in strokes]
        low, high = np.min([s.min(axis=0) for s in warped], axis=0), np.max([s.max(axis=0) for s in warped], axis=0)
        scale = self.size / max(1e-3, float((high - low).max()))
        corner = self.place * np.maximum(0, 1 - (high - low) * scale)

        def back(points: Floats) -> Floats:
            return self._unwarp((points - corner) / scale + low)

        return [(stroke - low) * scale + corner for stroke in warped], back

    def _warp(self, points: Floats) -> Floats:
        turned = (points - 0.5) @ self.matrix.T
        return turned + self._bend_at(turned)

    def _unwarp(self, points: Floats) -> Floats:
        turned = points
        for _ in range(4):  # the bend is slight, so that this converges at once
            turned = points - self._bend_at(turned)
        return turned @ np.linalg.inv(self.matrix).T + 0.5

    def _bend_at(self, points: Floats) -> Floats:
        x, y = points[:, 0], points[:, 1]
        a, b, c, d = self.phases
        return self.bend * np.stack(
            [np.sin(6 * y + a) + np.sin(9 * x + b), np.sin(6 * x + c) + np.sin(9 * y + d)], axis=1
        )


def raster_on_pad(image: NDArray[np.uint8], back: Callable[[Floats], Floats], side_px: int) -> NDArray[np.uint8]:
    """The raster of a digit (28, 28) on the pad, uint8 (side_px, side_px), by the inverse map of its strokes."""
    middle = (np.arange(side_px) + 0.5) / side_px
    x, y = np.meshgrid(middle, middle)
    points = back(np.stack([x.ravel(), y.ravel()], axis=1)) * len(image) - 0.5
    grey = ndimage.map_coordinates(image, points[:, ::-1].T, order=1, mode="constant")
    return grey.reshape(side_px, side_px)


def reshaped(strokes: Sequence[Floats], label: int, random: Random) -> tuple[list[Floats], list[Floats]]:
    """Now and then the digit with a part that some hands add: its strokes, and the lines (n, 2) that are new.

    Ones with a flag or a long up-stroke, and a foot; slashed zeros and sevens; hooked nines. MNIST has few of them.
    """
    chance = random.random()
    strokes = list(strokes)
    if label == 1 and len(strokes) == 1 and _straightness(strokes[0]) > 0.95:
        return _one(strokes[0], chance, random)
    if label == 0 and chance < 0.12:
        slash = _line(_of_box(strokes, random.uniform(0.7, 1.1), random.uniform(-0.1, 0.2)),
                      _of_box(strokes, random.uniform(-0.1, 0.3), random.uniform(0.8, 1.1)))  # fmt: skip
        return [*strokes, slash], [slash]
    if label == 7 and len(strokes) == 1 and chance < 0.2:
        middle = strokes[0][round(len(strokes[0]) * random.uniform(0.6, 0.75))]
        half = random.uniform(0.1, 0.2) * np.array([1, random.normal(0, 0.15)])
        slash = _line(middle - half, middle + half)
        return [*strokes, slash], [slash]
    if label == 9 and chance < 0.2:
        return _hooked(strokes, random)
    return strokes, []


def _one(stem: Floats, chance: float, random: Random) -> tuple[list[Floats], list[Floats]]:
    top, bottom = stem[0], stem[-1]
    height = float(np.hypot(*(bottom - top)))
    down = (bottom - top) / max(1e-6, height)
    new = []
    if chance < 0.4 and height > 0.3:
        angle = math.radians(random.uniform(22, 55))
        turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        left = turn @ down
        flag = _line(top + left * height * random.uniform(0.15, 0.75), top)
        new.append(flag)
        stem = np.concatenate([flag[:-1], stem])
    strokes = [stem]
    if 0.25 < chance < 0.5:
        half = height * random.uniform(0.15, 0.35) * np.array([1, random.normal(0, 0.1)])
        foot = _line(bottom - half, bottom + half)
        new.append(foot)
        strokes.append(foot)
    return strokes, new


def _hooked(strokes: list[Floats], random: Random) -> tuple[list[Floats], list[Floats]]:
    """A nine whose tail turns to the left, and perhaps up again."""
    number = max(range(len(strokes)), key=lambda i: strokes[i][-1, 1])
    tail = strokes[number][-1]
    wide, deep = random.uniform(0.12, 0.35), random.uniform(0.03, 0.1)
    turn = np.linspace(0, math.pi * random.uniform(0.5, 0.95), 8)[1:]
    hook = tail + np.stack([-wide * (1 - np.cos(turn)) / 2, deep * np.sin(turn)], axis=1)
    hook = np.concatenate([tail[None], hook])
    longer = np.concatenate([strokes[number], hook[1:]])
    return [*strokes[:number], longer, *strokes[number + 1 :]], [hook]


def _straightness(stroke: Floats) -> float:
    length = float(np.hypot(*np.diff(stroke, axis=0).T).sum())
    return float(np.hypot(*(stroke[-1] - stroke[0]))) / max(1e-6, length)


def _of_box(strokes: Sequence[Floats], x: float, y: float) -> Floats:
    """The point at shares x and y of the box around the strokes."""
    points = np.concatenate(list(strokes))
    low, high = points.min(axis=0), points.max(axis=0)
    return low + (high - low) * np.array([x, y])


def _line(start: Floats, end: Floats) -> Floats:
    steps = 1 + max(1, round(float(np.hypot(*(end - start))) * 20))
    return np.linspace(start, end, steps)
