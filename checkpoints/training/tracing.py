"""MNIST's digits as pen strokes: from 28x28 grey pixels to lines in the unit square.

A digit is enlarged, cut at half its grey, thinned to its middle lines, and these are smoothed and put in the order of
a hand, each from its top down. Drawn again with a plain pen of the digit's own width it must cover the original; a
digit whose strokes do not stays a raster.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from architectures.input.pen import Pen
from architectures.input.strokes import PAD_PX
from checkpoints.training.skeleton import lines, thin

SIDE_PX = 28
ENLARGED = 4  # times; all lengths below are in these finer pixels
MARGIN_PX = 2  # of the original, so that a stroke at the edge has an outside
INK_FROM = 0.45  # of the brightest pixel
SMALLEST = 40  # pixels of a part of a digit; what is smaller is a speck
LARGEST_PINHOLE = 12  # pixels of a hole that is no loop
SMOOTHED_BY = 2.0  # standard deviation along a line
SPACING = 5.0  # between two points of a stroke
OVERLAP_FROM = 0.8  # of the digit drawn again with the original

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Traced:
    """A digit's strokes (n, 2) in x and y of the unit square, y down, top down; none where tracing failed.

    width_px  of a plain pen, on the pad of 364 px, that is as wide as the digit's own strokes
    overlap   Dice coefficient of the digit drawn again by that pen and the original, in [0, 1]
    """

    strokes: list[Floats] = field(default_factory=list)
    width_px: float = 0.0
    overlap: float = 0.0

    @property
    def pen(self) -> Pen:
        return plain_pen(self.width_px)


def plain_pen(width_px: float) -> Pen:
    """A white pen of one width."""
    width = float(np.clip(width_px, 1, 100))
    return Pen(width, width, colour="#ffffff", pressure=False)


def trace(image: Grey) -> Traced:
    """The strokes of a digit, uint8 (28, 28), white on black."""
    mask = _enlarged(image)
    if not mask.any():
        return Traced()
    half_width = ndimage.distance_transform_edt(mask)
    skeleton = thin(mask)
    strokes = [_stroke(line) for line in lines(skeleton, half_width)]
    strokes.sort(key=lambda stroke: (stroke[0, 1], stroke[0, 0]))
    width = 2 * float(np.median(half_width[skeleton])) - 1
    overlap = _overlap(strokes, width, mask)
    width_px = width * PAD_PX / (SIDE_PX * ENLARGED)
    return Traced(strokes if overlap >= OVERLAP_FROM else [], round(width_px, 1), round(overlap, 3))


def _enlarged(image: Grey) -> Mask:
    """Where a digit has ink, four times as fine, with a margin; without specks and pinholes."""
    padded = Image.fromarray(np.pad(image, MARGIN_PX))
    side = padded.width * ENLARGED
    grey = np.asarray(padded.resize((side, side), Image.Resampling.BICUBIC)) / max(1.0, float(image.max()))
    mask = ndimage.binary_opening(grey > INK_FROM) | (grey > 0.75)
    mask = _without_small(mask, SMALLEST, np.ones((3, 3)))
    return ~_without_small(~mask, LARGEST_PINHOLE, None)


def _without_small(mask: Mask, smallest: int, connected: Floats | None) -> Mask:
    """Without its parts of fewer pixels than `smallest`; the largest part always stays."""
    parts, count = ndimage.label(mask, connected)
    if count <= 1:
        return mask
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    return (sizes >= min(smallest, sizes.max()))[parts]


def _stroke(line: Floats) -> Floats:
    """Points (n, 2) in x and y of the unit square along a line (m, 2) of rows and columns."""
    closed = len(line) > 3 and bool((line[0] == line[-1]).all())
    if closed:
        ring = line[:-1]
        top = int(np.lexsort((ring[:, 1], ring[:, 0]))[0])
        ring = ndimage.gaussian_filter1d(np.roll(ring, -top, axis=0), SMOOTHED_BY, axis=0, mode="wrap")
        line = np.concatenate([ring, ring[:1]])
    elif len(line) > 6:
        ends = line[[0, -1]]
        line = ndimage.gaussian_filter1d(line, SMOOTHED_BY, axis=0, mode="nearest")
        line = np.concatenate([ends[:1], line[1:-1], ends[1:]])
    if line[0, 0] > line[-1, 0] or (line[0, 0] == line[-1, 0] and line[0, 1] > line[-1, 1]):
        line = line[::-1]
    points = _evenly_spaced(line)
    return _unit_square(points)


def _evenly_spaced(line: Floats) -> Floats:
    lengths = np.hypot(*np.diff(line, axis=0).T)
    far = np.concatenate([[0.0], np.cumsum(lengths)])
    if far[-1] == 0:
        return line[:1]
    places = np.linspace(0, far[-1], 1 + max(1, round(far[-1] / SPACING)))
    return np.stack([np.interp(places, far, line[:, axis]) for axis in (0, 1)], axis=1)


def _overlap(strokes: list[Floats], width_px: float, mask: Mask) -> float:
    """Twice the ink that the original and the strokes share, drawn by a round pen, over the ink of both (Dice)."""
    off_line = np.ones(mask.shape, bool)
    for stroke in strokes:
        places = np.concatenate([np.linspace(a, b, 12) for a, b in pairwise(stroke)] if len(stroke) > 1 else [stroke])
        column, row = np.round(_enlarged_px(places)).astype(int).clip(0, len(mask) - 1).T
        off_line[row, column] = False
    again = ndimage.distance_transform_edt(off_line) <= width_px / 2
    return float(2 * (again & mask).sum() / (again.sum() + mask.sum()))


def _unit_square(pixels: Floats) -> Floats:
    """From rows and columns of the enlarged digit to x and y in the unit square."""
    return ((pixels[:, ::-1] + 0.5) / ENLARGED - MARGIN_PX) / SIDE_PX


def _enlarged_px(points: Floats) -> Floats:
    """From x and y in the unit square to columns and rows of the enlarged digit."""
    return (points * SIDE_PX + MARGIN_PX) * ENLARGED - 0.5
