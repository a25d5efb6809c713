"""Digits in strokes as the page would have them: drawn by the living pen with any setting, fed as the page feeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from architectures.input.mnist_like import mnist_like
from architectures.input.pen import PRESETS, Pen, draw
from architectures.input.strokes import PAD_PX
from checkpoints.training.tracing import Traced, plain_pen
from checkpoints.training.variation import Variation, raster_on_pad, reshaped

Image = NDArray[np.uint8]
Floats = NDArray[np.float64]
Random = np.random.Generator

SHARES = {"steady white": 0.12, "classic": 0.12, "wild": 0.16, "ribbon": 0.14, "hairline": 0.14, "plain": 0.06}
THINNEST_PX, WIDEST_PX = 3, 60  # what the brush panel is set to; its sliders end at 60
RASTER_PX = 56  # side of the pad that MNIST's own rasters are put on: twice theirs
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


def drawn_by(pen: Pen, strokes: Sequence[Floats], *, centre: bool, size_px: int = PAD_PX) -> Image:
    """What a net is fed of strokes (n, 2) on the pad: uint8 (28, 28)."""
    return as_bytes(draw([stroke.tolist() for stroke in strokes], pen, size_px), centre)


def as_bytes(image: Image, centre: bool) -> Image:
    """What the page feeds of an image (H, W, 3), in whole 255ths: uint8 (28, 28)."""
    return (mnist_like(image, centre=centre)[0, 0] * 255).round().byte().numpy()


def drawing(digit: Traced, raster: Image, label: int, seed: tuple[int, ...], *, with_pen: bool, size_px: int) -> Image:
    """One drawing of a digit, uint8 (28, 28): the same variation for a seed, by a random pen or in MNIST's own grey.

    A digit without strokes is MNIST's raster either way. Parts that a hand adds are drawn by a plain pen as wide as
    the digit's strokes where there is no living pen.
    """
    if not digit.strokes:
        return raster
    strokes, new = reshaped(digit.strokes, label, _stream(seed, STROKES))
    variation = Variation.random(_stream(seed, POSE))
    placed, back = variation.onto_pad(strokes)
    if with_pen:
        random = _stream(seed, PEN)
        order = [stroke[::-1] if random.random() < 0.3 else stroke for stroke in placed]
        return drawn_by(random_pen(random), order, centre=variation.centre, size_px=size_px)
    if new:
        added = draw([line.tolist() for line in new], plain_pen(digit.width_px), raster.shape[0] * 4)[..., 0]
        added = added.reshape(28, 4, 28, 4).mean(axis=(1, 3)).astype(np.uint8)
        raster = np.maximum(raster, added)
    grey = raster_on_pad(raster, back, RASTER_PX)
    return as_bytes(np.repeat(grey[..., None], 3, axis=2), variation.centre)


def _stream(seed: tuple[int, ...], purpose: int) -> Random:
    return np.random.default_rng([*seed, purpose])
