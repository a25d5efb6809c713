"""Small data sets in MNIST's file format, so that tests need no download: patterns, and digits that ship."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np

from checkpoints.shipped_digits import test_digits as shipped_test_digits
from checkpoints.shipped_digits import training_digits


def write(folder: Path, train: int = 5_600, test: int = 200, seed: int = 0) -> Path:
    """Write the four IDX files of a set of `train` + `test` images into `folder`; label d is a pattern of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    for name, count in (("train", train), ("t10k", test)):
        labels = random.integers(0, 10, count).astype(np.uint8)
        images = np.stack([pattern(int(label), random) for label in labels])
        _idx(folder / f"{name}-images-idx3-ubyte.gz", images)
        _idx(folder / f"{name}-labels-idx1-ubyte.gz", labels)
    return folder


def shipped(folder: Path, train: int = 120, test: int = 20) -> Path:
    """Write the four IDX files of the first of MNIST's digits that ship with the project."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, digits in (("train", training_digits(train)), ("t10k", shipped_test_digits(test))):
        _idx(folder / f"{name}-images-idx3-ubyte.gz", digits.images.numpy())
        _idx(folder / f"{name}-labels-idx1-ubyte.gz", digits.labels.numpy().astype(np.uint8))
    return folder


def pattern(label: int, random: np.random.Generator) -> np.ndarray:
    """uint8 (28, 28): spokes at angles that depend on the label, a little shaken."""
    place = np.arange(28) - 13.5
    angle = np.arctan2(place[:, None], place[None, :]) + random.normal(0, 0.05)
    radius = np.hypot(place[:, None], place[None, :])
    spokes = np.cos((label + 1) * angle) > 0.3
    return (255 * (spokes & (radius < 9 + random.normal(0, 0.5)))).astype(np.uint8)


def _idx(path: Path, array: np.ndarray) -> None:
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes()
    path.write_bytes(gzip.compress(header + array.tobytes(), 1))
