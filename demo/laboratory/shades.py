"""Numbers as colours: heat for shares, two inks for two digits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
RGBImage = NDArray[np.uint8]

# dark violet to pale yellow, even in lightness (five colours of matplotlib's inferno)
HEAT = np.array([(0, 0, 4), (87, 16, 110), (188, 55, 84), (249, 142, 9), (252, 255, 164)], np.float32)
FOR, AGAINST = np.array([255, 170, 20], np.float32), np.array([70, 140, 255], np.float32)
FIRST_INK, SECOND_INK = "#ff48b0", "#00d68f"  # pink and green: bright together, apart for every eye


def heat(values: Floats) -> RGBImage:
    """(H, W) in [0, 1] as RGB (H, W, 3)."""
    places = np.clip(values, 0, 1) * (len(HEAT) - 1)
    before = np.minimum(places.astype(int), len(HEAT) - 2)
    part = (places - before)[..., None]
    return np.round(HEAT[before] * (1 - part) + HEAT[before + 1] * part).astype(np.uint8)


def votes_over(image: Floats, votes: Floats) -> RGBImage:
    """An image (H, W) in [0, 1] in grey under a map of votes (H, W): amber for the digit, blue against it."""
    strength = np.abs(votes) / max(float(np.abs(votes).max()), 1e-9)
    colour = np.where((votes >= 0)[..., None], FOR, AGAINST)
    opacity = (0.85 * strength)[..., None]
    grey = (0.75 * 255 * image)[..., None].repeat(3, axis=2)
    return np.round(grey * (1 - opacity) + colour * opacity * (0.35 + 0.65 * image[..., None])).astype(np.uint8)


def two_inks(first: Floats, second: Floats) -> RGBImage:
    """Two images (H, W) in [0, 1] over each other, each in its ink; where both are, the inks add up to white."""
    mixed = first[..., None] * _rgb(FIRST_INK) + second[..., None] * _rgb(SECOND_INK)
    return np.round(np.clip(mixed, 0, 255)).astype(np.uint8)


def _rgb(colour: str) -> Floats:
    """(3,) in 0..255 of "#rrggbb"."""
    return np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)], np.float32)


def tiles(images: NDArray[np.uint8], columns: int, gap_px: int = 1, ground: int = 0) -> RGBImage:
    """N images (N, H, W) or (N, H, W, 3) side by side in rows of `columns`, `gap_px` apart."""
    count, height, width = images.shape[:3]
    rows = -(-count // columns)
    shape = (rows * (height + gap_px) - gap_px, columns * (width + gap_px) - gap_px, *images.shape[3:])
    sheet = np.full(shape, ground, np.uint8)
    for at, image in enumerate(images):
        top, left = (at // columns) * (height + gap_px), (at % columns) * (width + gap_px)
        sheet[top : top + height, left : left + width] = image
    return sheet
