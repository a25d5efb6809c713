"""Drawings in a hurry: what a net is fed of five hundred digits under one pen, in a second or two.

`architectures.input.pen.draw` lays stamp upon stamp, each anti-aliased, as the pad does. What a net is fed is shrunk
to 28 x 28 pixels afterwards, so that half the pad's size, hard edges and stamps twice as far apart are enough: the
same centres, radii and colours, put down all at once. tests/demo/stress/test_against_mnist.py holds that no accuracy
changes by more than chance.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from architectures.input.inking import Track
from architectures.input.mnist_like import RGBImage
from architectures.input.pen import Pen
from architectures.input.strokes import PAD_PX, Strokes

SKETCH_PX = 182
STEP_PX = 1.5  # of the pad: three quarters of a sketch's pixel
SOFT_PX = 0.08  # by so much of a sketch's pixel discs are wider: as much ink as under edges that fade


def sketch(strokes: Strokes, pen: Pen, size_px: int = SKETCH_PX) -> RGBImage:
    """About what `draw` draws, uint8 (size_px, size_px, 3), without anti-aliasing."""
    scale = size_px / PAD_PX
    flat = np.zeros((size_px * size_px, 3), np.uint8)
    for index, stroke in enumerate(strokes):
        points = np.array([point[:2] for point in stroke], dtype=float) * PAD_PX
        pressure = np.array([1.0 if len(point) < 4 or point[3] is None else point[3] for point in stroke], dtype=float)
        track = Track.through(points, pressure, max(pen.step_px, STEP_PX))
        radii = pen.widths_px(track.along_px, track.pressure, index) / 2 * scale + SOFT_PX
        _put_down(flat, size_px, track.places_px * scale, radii, pen.colours(track.along_px, index))
    return flat.reshape(size_px, size_px, 3)


def _put_down(
    flat: RGBImage, size_px: int, centres: NDArray[np.float64], radii: NDArray[np.float64], colours: RGBImage
) -> None:
    """Discs (n,) on an image (size_px^2, 3), the later above the earlier."""
    reach = int(np.ceil(radii.max()))
    offsets = np.arange(-reach, reach + 1)
    first = np.floor(centres).astype(np.int32)  # (n, 2): the pixel in which a disc's centre lies
    columns, rows = (first[:, axis, None] + offsets for axis in (0, 1))  # (n, side)
    across = np.square((columns + 0.5 - centres[:, 0, None]).astype(np.float32))
    down = np.square((rows + 0.5 - centres[:, 1, None]).astype(np.float32))
    inside = down[:, :, None] + across[:, None, :] <= np.square(radii).astype(np.float32)[:, None, None]
    inside &= ((rows >= 0) & (rows < size_px))[:, :, None] & ((columns >= 0) & (columns < size_px))[:, None, :]
    disc, row, column = inside.nonzero()  # in the order of the discs, so that the last one to a pixel stays
    flat[rows[disc, row] * size_px + columns[disc, column]] = colours[disc]
