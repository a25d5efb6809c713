"""From points to ink: a smooth curve through the points, stamps along it, and the discs they leave on the image.

`demo/sketchpad/pen.mjs` computes the same numbers in the same order, one point at a time.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from architectures.input.strokes import PAD_PX, BadStrokes

CHORD_PX = 2.0  # the curve between two points is cut into chords no longer than about this
CORNER = 0.35  # cosine of the turn (70 degrees) from which a point is a corner and not a bend
SOFT_EDGE_PX = 2.0  # a disc fades out over this; neighbouring discs overlap, so that a stroke's edge fades over about 1
OUTSIDE_PX = 0.5  # so much of it lies outside the radius: the overlap then makes a stroke as wide as its pen
DRAWN_WITHIN_S = 5.0  # of processor time; the ink is bounded, and the most of it takes about a tenth of this
STAMPED_AT_ONCE = 30_000  # px of masks computed together: they stay in the processor's cache

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Track:
    """Places (n, 2) at equal distances along a stroke, in px; how far along (n,) they lie; pressure (n,) there."""

    places_px: Floats
    along_px: Floats
    pressure: Floats

    @classmethod
    def through(cls, points_px: Floats, pressure: Floats, step_px: float) -> Track:
        """The track from the first of the points (m, 2) on, a place every `step_px`; a shorter rest is cut off."""
        curve, pressure = _curve(points_px, pressure)
        steps = curve[1:] - curve[:-1]
        lengths = np.sqrt(steps[:, 0] * steps[:, 0] + steps[:, 1] * steps[:, 1])
        far = np.concatenate([[0.0], np.cumsum(lengths)])
        along = np.arange(int(far[-1] / step_px) + 2) * step_px
        along = along[along <= far[-1]]
        if len(curve) == 1:
            return cls(curve, along, pressure)
        chord = np.maximum(np.searchsorted(far, along, side="left") - 1, 0)
        part = (along - far[chord]) / lengths[chord]
        return cls(
            places_px=curve[chord] + steps[chord] * part[:, None],
            along_px=along,
            pressure=pressure[chord] + (pressure[chord + 1] - pressure[chord]) * part,
        )


@dataclass(frozen=True)
class Stamps:
    """Discs in the order they are put down: centres (n, 2) and radii (n,) in px of the 364 px pad, RGB (n, 3)."""

    centres_px: Floats
    radii_px: Floats
    colours: NDArray[np.uint8]

    def every(self, number: int) -> Stamps:
        """The first of each `number` of them."""
        return Stamps(self.centres_px[::number], self.radii_px[::number], self.colours[::number])


def stamp_on(size_px: int, strokes: Iterable[Stamps]) -> NDArray[np.uint8]:
    """A black image (size_px, size_px, 3) with every stamp put on it, the later above the earlier.

    Raises BadStrokes for a drawing that takes more than DRAWN_WITHIN_S of processor time.
    """
    begun_s = time.thread_time()
    image = Image.new("RGB", (size_px, size_px))
    for stamps in strokes:
        centres, radii = stamps.centres_px * (size_px / PAD_PX), stamps.radii_px * (size_px / PAD_PX)
        batch = max(1, int(STAMPED_AT_ONCE / (2 * radii.mean() + 4) ** 2))
        for start in range(0, len(radii), batch):
            if time.thread_time() - begun_s > DRAWN_WITHIN_S:
                raise BadStrokes(
                    f"the drawing takes more than {DRAWN_WITHIN_S:g} s to draw: use fewer or thinner strokes"
                )
            part = slice(start, start + batch)
            _stamp(image, centres[part], radii[part], stamps.colours[part])
    return np.asarray(image).copy()


def _stamp(image: Image.Image, centres: Floats, radii: Floats, colours: NDArray[np.uint8]) -> None:
    side = int(np.ceil(2 * (radii.max() + OUTSIDE_PX))) + 2
    corners = np.floor(centres - radii[:, None] - OUTSIDE_PX)  # (n, 2): first column and row of each mask
    pixels = np.arange(side) + 0.5
    off = corners[:, :, None] + pixels - centres[:, :, None]  # (n, 2, side): from each centre to the pixels' middles
    off *= off
    cover = off[:, 1, :, None] + off[:, 0, None, :]  # (n, side, side): squared distance
    np.sqrt(cover, out=cover)
    np.subtract((radii + OUTSIDE_PX)[:, None, None], cover, out=cover)
    cover *= 255 / SOFT_EDGE_PX
    cover += 0.5
    masks = Image.fromarray(np.clip(cover, 0, 255.5, out=cover).astype(np.uint8).reshape(len(radii) * side, side))
    for number, ((left, top), colour) in enumerate(zip(corners.astype(int).tolist(), colours.tolist(), strict=True)):
        mask = masks.crop((0, number * side, side, (number + 1) * side))
        image.paste(tuple(colour), (left, top), mask)


def _curve(points: Floats, pressure: Floats) -> tuple[Floats, Floats]:
    """A polyline (k, 2) of short chords along a smooth curve through `points` (m, 2), and the pressure (k,) there.

    Cubic Hermite pieces; the direction in a point is that of the parabola through it and its neighbours (Bessel), which
    does not overshoot where points lie at uneven distances. Corners stay corners.
    """
    moved = np.concatenate([[True], (points[1:] != points[:-1]).any(axis=1)])
    points, pressure = points[moved], pressure[moved]
    if len(points) == 1:
        return points, pressure
    steps = points[1:] - points[:-1]
    chords = np.sqrt(steps[:, 0] * steps[:, 0] + steps[:, 1] * steps[:, 1])
    ways = steps / chords[:, None]
    leaving, arriving = ways.copy(), ways.copy()  # direction at the start and at the end of each piece
    before, after = ways[:-1], ways[1:]
    behind, ahead = chords[:-1, None], chords[1:, None]
    bend = (before * ahead + after * behind) / (behind + ahead)
    smooth = before[:, 0] * after[:, 0] + before[:, 1] * after[:, 1] >= CORNER
    leaving[1:][smooth] = bend[smooth]
    arriving[:-1][smooth] = bend[smooth]

    pieces = np.ceil(chords / CHORD_PX).astype(int)
    of = np.repeat(np.arange(len(pieces)), pieces)
    first = np.concatenate([[0], np.cumsum(pieces)[:-1]])
    t = ((np.arange(len(of)) - first[of] + 1) / pieces[of])[:, None]
    rest, length = 1 - t, chords[of][:, None]
    curve = (
        points[of] * ((1 + 2 * t) * rest * rest)
        + leaving[of] * length * (t * rest * rest)
        + points[of + 1] * (t * t * (3 - 2 * t))
        - arriving[of] * length * (t * t * rest)
    )
    t = t[:, 0]
    pressed = pressure[of] + (pressure[of + 1] - pressure[of]) * t
    return np.concatenate([points[:1], curve]), np.concatenate([pressure[:1], pressed])
