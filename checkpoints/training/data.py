"""MNIST, split once and for all: 55,000 images to train on, 5,000 to choose by, 10,000 for `evaluate` alone.

It is read from the folder given, from $MNIST_DIR, or downloaded into the user's cache.
"""

from __future__ import annotations

import gzip
import os
import zlib
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import platformdirs
import torch
from torch import Tensor

from checkpoints.errors import Refused

Split = Literal["train", "validation", "test"]

VALIDATION = 1 / 12  # of the training images: 5,000
SPLIT_SEED = 20170710
FOLDER = "MNIST_DIR"  # the environment variable
_FILES = {
    True: ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    False: ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}


class NoData(Refused):
    """MNIST is neither in the folder given nor to be downloaded; the message says what to do."""


def mnist(split: Split, folder: Path | None = None, first: int | None = None) -> tuple[Tensor, Tensor]:
    """Images uint8 (N, 28, 28) and labels int64 (N,) of a split: 55,000, 5,000 or 10,000. Raises NoData.

    first  only those of them that are among the first so many of MNIST's training or test images
    """
    images, labels = original(split != "test", folder)
    chosen = places(split, len(labels), first)
    return images[chosen], labels[chosen]


def places(split: Split, count: int, first: int | None = None) -> Tensor:
    """Where in MNIST's own order of `count` images those of a split are: int64 (N,), all below `first`."""
    order = torch.arange(count)
    if split != "test":
        order = torch.from_numpy(np.random.default_rng(SPLIT_SEED).permutation(count))
        held_back = round(count * VALIDATION)
        order = order[:held_back] if split == "validation" else order[held_back:]
    return order if first is None else order[order < first]


def as_input(images: Tensor) -> Tensor:
    """Images uint8 (N, 28, 28) as what a net is fed: float32 (N, 1, 28, 28) in [0, 1]."""
    return images.unsqueeze(1).float() / 255


def folder_named() -> Path | None:
    """The folder that $MNIST_DIR names, or None."""
    named = os.environ.get(FOLDER)
    return Path(named) if named else None


def original(train: bool, folder: Path | None = None) -> tuple[Tensor, Tensor]:
    """MNIST's 60,000 training or 10,000 test images in their own order, and their labels.

    The four IDX files, gzip'd or not, are read from `folder` (or its `MNIST/raw`), or from that of $MNIST_DIR; without
    one they are downloaded by torchvision, which checks their MD5 sums, into the user's cache. Raises NoData.
    """
    return _read(train, folder or folder_named())


@cache
def _read(train: bool, folder: Path | None) -> tuple[Tensor, Tensor]:
    if folder is None:
        return _downloaded(train)
    images, labels = (_idx(folder, name) for name in _FILES[train])
    if images.ndim != 3 or images.shape[1:] != (28, 28) or labels.shape != images.shape[:1] or not len(labels):
        raise NoData(f"{folder} does not hold MNIST: images {tuple(images.shape)} and labels {tuple(labels.shape)}")
    if int(labels.max()) > 9:
        raise NoData(f"{folder} does not hold MNIST: a label is {int(labels.max())}, they must be 0 to 9")
    return images, labels.long()


def _downloaded(train: bool) -> tuple[Tensor, Tensor]:
    from checkpoints.training.vision import datasets  # here, because torchvision takes two seconds to import

    try:
        held = datasets.MNIST(platformdirs.user_cache_dir("handwritten-digit-challenge"), train, download=True)
    except (RuntimeError, OSError) as error:
        raise NoData(
            f"MNIST could not be downloaded ({error}): give its folder with --data DIR, or name it in ${FOLDER}"
        ) from error
    return held.data, held.targets.long()


def _idx(folder: Path, name: str) -> Tensor:
    """The array of an IDX file of unsigned bytes."""
    for path in (folder / f"{name}.gz", folder / name, folder / "MNIST" / "raw" / name):
        if path.is_file():
            return torch.from_numpy(_array(path))
    raise NoData(f"{name} (or {name}.gz) is not in {folder}: give MNIST's folder with --data DIR")


def _array(path: Path) -> np.ndarray:
    broken = NoData(f"{path} is not a whole IDX file of bytes: fetch MNIST again")
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise broken from error
    if len(raw) < 4 or raw[:3] != b"\x00\x00\x08" or len(raw) < 4 + 4 * raw[3]:
        raise broken
    shape = np.frombuffer(raw, ">i4", raw[3], offset=4).tolist()
    if len(raw) != 4 + 4 * len(shape) + int(np.prod(shape)):
        raise broken
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * len(shape)).reshape(shape).copy()
