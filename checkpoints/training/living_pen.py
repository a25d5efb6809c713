"""Digits in strokes as the page would have them: drawn by the living pen with any setting, fed as the page feeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from architectures.input.mnist_like import mnist_like
from architectures.input.pen import PRESETS, Pen, draw
from architectures.input.strokes import PAD_PX
from checkpoints.training.tracing import SIDE_PX, Traced, plain_pen
from checkpoints.training.variation import Variation, raster_on_pad, reshaped

Image = NDArray[np.uint8]
Floats = NDArray[np.float64]
Random = np.random.Generator

SHARES = {"steady white": 0.12, "classic": 0.12, "wild": 0.16, "ribbon": 0.14, "hairline": 0.14, "plain": 0.06}
THINNEST_PX, WIDEST_PX = 3, 60  # what the brush panel is set to; its sliders end at 60
RASTER_PX = 56  # side of the pad that MNIST's own rasters are put on: twice theirs
BACKWARDS = 0.3  # share of the strokes that are drawn from their end
POSE, STROKES, PEN = range(3)  # what a digit's three streams of random numbers are for


def random_pen(random: Random) -> Pen:
    """A preset, one plain colour, or any setting of the brush panel; each with a seed of its own."""
    seed = int(random.integers(2**31))
    kind = str(random.choice([*SHARES, "any"], p=[*SHARES.values(), 1 - sum(SHARES.values())]))
    if kind in PRESETS:
        pen = replace(PRESETS[kind], seed=seed)
        start = random.uniform(0, 360)
        return replace(pen, hue_start_deg=start) if pen.colour is None and random.random() < 0.5 else pen
    thinnest = float(np.exp(random.uniform(np.log(THINNEST_PX), np.log(30))))
    pen = Pen(
        thinnest_px=thinnest,
        widest_px=min(WIDEST_PX, thinnest + random.exponential(12)),
        width_period_px=float(np.exp(random.uniform(np.log(60), np.log(1000)))),
        hue_period_px=float(np.exp(random.uniform(np.log(60), np.log(2000)))),
        hue_start_deg=random.uniform(0, 360),
        size_jitter=random.random() * (random.random() < 0.5),
        colour_jitter=random.random() * (random.random() < 0.5),
        pressure=False,
        seed=seed,
    )
    if kind != "plain":
        return pen
    red, green, blue = random.integers(0, 256, 3)
    if random.random() < 0.3:
        red = green = blue = 255
    brightest = max(red, green, blue, 1)
    colour = "#" + "".join(f"{int(c) * max(100, int(brightest)) // int(brightest):02x}" for c in (red, green, blue))
    return replace(pen, colour=colour, colour_jitter=0.0)


def fed(image: Image) -> Image:
    """What the page feeds of an image (H, W, 3), like MNIST and as drawn, in whole 255ths: uint8 (2, 28, 28)."""
    both = torch.cat([mnist_like(image, centre=centre)[0] for centre in (True, False)])
    return (both * 255).round().byte().numpy()


def drawing(
    digit: Traced,
    raster: Image,
    label: int,
    seed: tuple[int, ...],
    *,
    pen: Pen | None = None,
    grey: bool = False,
    size_px: int = PAD_PX,
) -> Image:
    """One drawing of a digit as a net is fed it, like MNIST and as drawn: uint8 (2, 28, 28).

    pen   draws it; a random one when None
    grey  no pen at all, but MNIST's own raster in the same shape at the same place for the same seed; parts that a
          hand adds are drawn by a plain pen as wide as the digit's strokes

    A digit without strokes is MNIST's raster either way.
    """
    if not digit.strokes:
        return np.stack([raster, raster])
    if not grey:
        return fed(sketch(digit, label, seed, pen=pen, size_px=size_px))
    strokes, new = reshaped(digit.strokes, label, _stream(seed, STROKES))
    _, back = Variation.random(_stream(seed, POSE)).onto_pad(strokes)
    on_pad = raster_on_pad(np.maximum(raster, _plain(new, digit.width_px)), back, RASTER_PX)
    return fed(np.repeat(on_pad[..., None], 3, axis=2))


def sketch(
    digit: Traced,
    label: int,
    seed: tuple[int, ...],
    *,
    pen: Pen | None = None,
    size_px: int = PAD_PX,
    apart_px: float = 0.0,
) -> Image:
    """The same drawing on the pad, before a net is fed it: uint8 (size_px, size_px, 3); `apart_px` as for `draw`."""
    strokes, _ = reshaped(digit.strokes, label, _stream(seed, STROKES))
    placed, _ = Variation.random(_stream(seed, POSE)).onto_pad(strokes)
    random = _stream(seed, PEN)
    order = [stroke[::-1] if random.random() < BACKWARDS else stroke for stroke in placed]
    return draw([stroke.tolist() for stroke in order], pen or random_pen(random), size_px, apart_px=apart_px)


def _plain(lines: Sequence[Floats], width_px: float) -> Image:
    """Lines in the unit square by a plain pen, as a raster (28, 28)."""
    image = draw([line.tolist() for line in lines], plain_pen(width_px), 4 * SIDE_PX)[..., 0]
    return image.reshape(SIDE_PX, 4, SIDE_PX, 4).mean(axis=(1, 3)).astype(np.uint8)


def _stream(seed: tuple[int, ...], purpose: int) -> Random:
    return np.random.default_rng([*seed, purpose])
