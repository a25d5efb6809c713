"""MNIST, split once and for all: 55,000 images to train on, 5,000 to choose by, 10,000 for `evaluate` alone."""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import platformdirs
import torch
from torch import Tensor

from checkpoints.training.vision import datasets

Split = Literal["train", "validation", "test"]

VALIDATION = 5_000
SPLIT_SEED = 20170710
BESIDE = Path(__file__).resolve().parents[3] / "shared" / "mnist"  # optional, beside a developer's checkout
_FILES = {
    True: ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    False: ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}


class NoData(RuntimeError):
    """MNIST is neither in the folder given nor to be downloaded; the message says what to do."""


def mnist(split: Split, folder: Path | None = None) -> tuple[Tensor, Tensor]:
    """Images uint8 (N, 28, 28) and labels int64 (N,) of a split: 55,000, 5,000 or 10,000.

    The four IDX files, gzip'd or not, are read from `folder` (or its `MNIST/raw`); without one they are downloaded by
    torchvision, which checks their MD5 sums, into the user's cache. Raises NoData.
    """
    images, labels = _read(split != "test", folder)
    if split == "test":
        return images, labels
    order = torch.from_numpy(np.random.default_rng(SPLIT_SEED).permutation(len(labels)))
    chosen = order[:VALIDATION] if split == "validation" else order[VALIDATION:]
    return images[chosen], labels[chosen]


def as_input(images: Tensor) -> Tensor:
    """Images uint8 (N, 28, 28) as what a net is fed: float32 (N, 1, 28, 28) in [0, 1]."""
    return images.unsqueeze(1).float() / 255


@cache
def _read(train: bool, folder: Path | None) -> tuple[Tensor, Tensor]:
    found = folder or (BESIDE if BESIDE.is_dir() else None)
    if found is not None:
        images, labels = (_idx(found, name) for name in _FILES[train])
        return images, labels.long()
    try:
        downloaded = datasets.MNIST(platformdirs.user_cache_dir("handwritten-digit-challenge"), train, download=True)
    except (RuntimeError, OSError) as error:
        raise NoData(f"MNIST could not be downloaded ({error}): give its folder with --data DIR") from error
    return downloaded.data, downloaded.targets.long()


def _idx(folder: Path, name: str) -> Tensor:
    """The array of an IDX file of unsigned bytes."""
    for path in (folder / f"{name}.gz", folder / name, folder / "MNIST" / "raw" / name):
        if path.is_file():
            raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            shape = np.frombuffer(raw, ">i4", raw[3], offset=4)
            if raw[:3] != b"\x00\x00\x08" or len(raw) != 4 + 4 * len(shape) + shape.prod():
                raise NoData(f"{path} is not a whole IDX file of bytes: fetch MNIST again")
            return torch.from_numpy(np.frombuffer(raw, np.uint8, offset=4 + 4 * len(shape)).reshape(shape).copy())
    raise NoData(f"{name} (or {name}.gz) is not in {folder}: give MNIST's folder with --data DIR")
