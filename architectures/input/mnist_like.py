"""From an image to what every net is fed.

MNIST's authors fitted each digit in 20x20 pixels, keeping its aspect ratio and anti-aliasing it, and put its centre of
mass at the centre of 28x28 (LeCun et al., http://yann.lecun.com/exdb/mnist). Here this happens in one resampling step.
Grey is ITU-R 601 luma, so that a blue line is nearly black; where the ink lies is asked of the ink mask, so that colour
never moves the digit.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

SIDE_PX = 28
DIGIT_PX = 20  # a digit is fitted into a square of this side
INK_FROM = 32  # of 255 in the brightest channel: from here on a pixel counts as ink

Ink = Literal["luma", "mask"]
RGBImage = NDArray[np.uint8]


class BadImage(ValueError):
    """The image is not uint8 (H, W, 3); the message says what it is."""


def mnist_like(image: RGBImage, *, centre: bool = True, ink: Ink = "luma") -> Tensor:
    """What a net sees of an image on black ground: float32 (1, 1, 28, 28) in [0, 1].

    image  uint8 (H, W, 3), any size
    centre   True: fitted in 20x20 and centred by its mass, like MNIST; False: the whole image shrunk, as drawn
    ink      "luma": grey as the eye sees it; "mask": every ink is white, whatever its colour

    An image without ink gives zeros. Raises BadImage.
    """
    check_image(image)
    mask = ink_mask(image)
    if not mask.any():
        return torch.zeros(1, 1, SIDE_PX, SIDE_PX)
    grey = mask.astype(np.uint8) * 255 if ink == "mask" else np.asarray(Image.fromarray(image).convert("L"))
    left, top, side = digit_box(mask) if centre else whole_box(mask)
    return torch.from_numpy(_resample(grey, left, top, side)).view(1, 1, SIDE_PX, SIDE_PX)


def check_image(image: RGBImage) -> None:
    """Raise BadImage unless `image` is uint8 (H, W, 3) with at least one pixel."""
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.ndim != 3:
        what = f"{image.dtype} {image.shape}" if isinstance(image, np.ndarray) else type(image).__name__
        raise BadImage(f"an image is uint8 (height, width, 3), not {what}")
    if image.shape[2] != 3 or image.size == 0:
        raise BadImage(f"an image is uint8 (height, width, 3) with at least one pixel, not {image.shape}")


def ink_mask(image: RGBImage) -> NDArray[np.bool_]:
    """Where there is ink, of any colour: bool (H, W)."""
    red, green, blue = image[..., 0], image[..., 1], image[..., 2]  # five times as fast as max(axis=2)
    return np.maximum(np.maximum(red, green), blue) >= INK_FROM


def digit_box(mask: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Left, top and side, in pixels of the image, of the square that becomes 28x28 with the digit 20 px large.

    The centre of mass goes to the centre of the square, as far as the whole digit stays inside.
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    side = max(bottom - top, right - left) * SIDE_PX / DIGIT_PX
    mass_y = np.average(np.arange(len(mask)) + 0.5, weights=mask.sum(axis=1))
    mass_x = np.average(np.arange(mask.shape[1]) + 0.5, weights=mask.sum(axis=0))
    box_left = np.clip(mass_x - side / 2, right - side, left)
    box_top = np.clip(mass_y - side / 2, bottom - side, top)
    return float(box_left), float(box_top), float(side)


def whole_box(mask: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Left, top and side of the smallest square around the whole image."""
    height, width = mask.shape
    side = max(height, width)
    return (width - side) / 2, (height - side) / 2, float(side)


def _resample(grey: RGBImage, left: float, top: float, side: float) -> NDArray[np.float32]:
    """The square of grey (H, W), black outside the image, as anti-aliased float32 (28, 28) in [0, 1]."""
    height, width = grey.shape
    before_x, before_y = max(0, int(np.ceil(-left))), max(0, int(np.ceil(-top)))
    after_x = max(0, int(np.ceil(left + side)) - width)
    after_y = max(0, int(np.ceil(top + side)) - height)
    padded = np.pad(grey, ((before_y, after_y), (before_x, after_x)))
    left, top = left + before_x, top + before_y
    box = (left, top, min(left + side, padded.shape[1]), min(top + side, padded.shape[0]))
    small = Image.fromarray(padded).resize((SIDE_PX, SIDE_PX), Image.Resampling.HAMMING, box=box)
    return np.asarray(small, np.float32) / np.float32(255)
