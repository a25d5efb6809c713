"""A hundred labelled digits to try nets on, drawn by this project; `python -m checkpoints.sample_digits` redraws them.

They are for finding out how a net wants to be fed and what it ends in, not for scoring it: ten of each digit, written
neatly, so that any net fed rightly reads nearly all of them.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from torch import Tensor

from architectures.input.mnist_like import mnist_like

FILE = Path(__file__).parent / "sample_digits.npz"
SHAPES = Path(__file__).parent / "sample_digits.json"  # two or three ways to write each, in the unit square, y down
OF_EACH_DIGIT = 10
SEED = 28
PAD_PX = 364

Points = NDArray[np.float64]


def sample_digits(count: int | None = None) -> tuple[Tensor, Tensor]:
    """Images float32 (N, 1, 28, 28) in [0, 1] and labels int64 (N,); N is 100, or `count`, one of each in ten."""
    images, labels = _read()
    x = torch.from_numpy(images[:count].copy()).unsqueeze(1).float() / 255
    return x, torch.from_numpy(labels[:count].copy())


@cache
def _read() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    with np.load(FILE, allow_pickle=False) as held:
        return held["pictures"], held["labels"]


def draw_all(seed: int = SEED) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Images uint8 (100, 28, 28) and labels int64 (100,), one of each digit in every ten; the same for a seed."""
    shapes = json.loads(SHAPES.read_text(encoding="utf-8"))
    random = np.random.default_rng(seed)
    images, labels = [], []
    for turn in range(OF_EACH_DIGIT):
        for digit in range(10):
            ways = shapes[str(digit)]
            images.append(draw(ways[turn % len(ways)], random))
            labels.append(digit)
    return np.stack(images), np.array(labels, dtype=np.int64)


def draw(strokes: list[list[list[float]]], random: np.random.Generator) -> NDArray[np.uint8]:
    """One digit, slightly turned, slanted and stretched, by a round pen of an even width: uint8 (28, 28)."""
    angle, slant = np.deg2rad(random.uniform(-7, 7)), random.uniform(-0.15, 0.2)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    change = turn @ np.array([[random.uniform(0.85, 1.05), -slant], [0.0, random.uniform(0.9, 1.1)]])
    width_px = random.uniform(24, 36)
    image = Image.new("L", (PAD_PX, PAD_PX))
    pen = ImageDraw.Draw(image)
    for stroke in strokes:
        points = smooth(np.array(stroke, dtype=np.float64) + random.normal(0, 0.008, (len(stroke), 2)))
        for x, y in ((points - 0.5) @ change.T * 0.8 + 0.5) * PAD_PX:
            pen.ellipse((x - width_px / 2, y - width_px / 2, x + width_px / 2, y + width_px / 2), fill=255)
    fed = mnist_like(np.repeat(np.asarray(image)[..., None], 3, axis=2))
    return (fed[0, 0] * 255).round().to(torch.uint8).numpy()


def smooth(points: Points, steps: int = 24) -> Points:
    """A Catmull-Rom curve (N, 2) through `points` (M, 2), `steps` points between two of them."""
    padded = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    pieces = []
    for before, start, end, after in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        straight, bend = end - before, 2 * before - 5 * start + 4 * end - after
        pieces.append(start + 0.5 * (t * straight + t**2 * bend + t**3 * (3 * start - before - 3 * end + after)))
    return np.concatenate([*pieces, points[-1:]])


def main() -> None:
    images, labels = draw_all()
    np.savez_compressed(FILE, images=images, labels=labels)
    print(f"{len(labels)} digits in {FILE}, {FILE.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
