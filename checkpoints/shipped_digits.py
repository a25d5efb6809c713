"""MNIST digits that ship with the project, as rasters and as strokes: 1,000 to learn from and 500 to be asked about.

No download is needed to teach a net a pen, to find out how a net wants to be fed, or to ask what a pen does to MNIST.
The training digits come from the 55,000 images that nets are trained on, the test digits from MNIST's test set; both
are balanced over the ten classes, one of each in every ten, so that the first 10, 100 or 400 are balanced as well. All
of them could be traced (see checkpoints/training/tracing.py), which one or two of a hundred of MNIST's digits cannot:
the untidiest are not among them. `python -m checkpoints.training.shipping` makes the file again, byte for byte.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from architectures.input.strokes import Strokes
from checkpoints.errors import Refused

FILE = Path(__file__).parent / "digits.npz"
SHA256 = "430872b3667bfdf3d4c48d7014343e7effcd3c7031fe0412157a28873defd78f"
TRAINING, TEST = 1_000, 500
UNIT = 65_535  # steps of a coordinate between 0 and 1


@dataclass(frozen=True)
class Digits:
    """N labelled digits, one of each class in every ten.

    images     uint8 (N, 28, 28), MNIST's own
    labels     int64 (N,)
    strokes    of each digit, in the unit square of its image, y down; what `architectures.input.pen.draw` takes
    widths_px  float32 (N,), how wide a pen on the pad of 364 px is as wide as the digit's own strokes
    """

    images: Tensor
    labels: Tensor
    strokes: list[Strokes]
    widths_px: Tensor

    @property
    def x(self) -> Tensor:
        """What a net is fed of the images: float32 (N, 1, 28, 28) in [0, 1]."""
        return self.images.unsqueeze(1).float() / 255

    def __len__(self) -> int:
        return len(self.labels)


def training_digits(count: int | None = None) -> Digits:
    """The first `count` of the 1,000 training digits, all of them when None."""
    return _part(0, TRAINING, count)


def test_digits(count: int | None = None) -> Digits:
    """The first `count` of the 500 test digits, all of them when None; not for choosing anything by."""
    return _part(TRAINING, TRAINING + TEST, count)


test_digits.__test__ = False  # type: ignore[attr-defined]  # pytest would take it for a test by its name


def pack(images: list[np.ndarray], labels: list[int], strokes: list[list[np.ndarray]], widths_px: list[float]) -> bytes:
    """The file that holds these digits."""
    flat = [stroke for digit in strokes for stroke in digit]
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        images=np.stack(images).astype(np.uint8),
        labels=np.array(labels, np.uint8),
        widths_px=np.array(widths_px, np.float32),
        strokes=np.array([len(digit) for digit in strokes], np.uint8),
        points=np.array([len(stroke) for stroke in flat], np.uint16),
        places=np.round(np.concatenate(flat) * UNIT).clip(0, UNIT).astype(np.uint16),
    )
    return buffer.getvalue()


def _part(start: int, end: int, count: int | None) -> Digits:
    held = _read()
    if count is not None and not 1 <= count <= end - start:
        raise ValueError(f"invalid count {count}: must be from 1 to {end - start}")
    part = slice(start, end if count is None else start + count)
    return Digits(held.images[part], held.labels[part], held.strokes[part], held.widths_px[part])


@cache
def _read() -> Digits:
    """The whole file; raises Refused when it is not the one that this code was written with."""
    data = FILE.read_bytes()
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise Refused(f"{FILE} is damaged: restore it, for example with `git checkout {FILE.name}`")
    with np.load(io.BytesIO(data), allow_pickle=False) as held:
        places = held["places"].astype(np.float64) / UNIT
        flat = iter(np.split(places, np.cumsum(held["points"])[:-1]))
        strokes = [[next(flat).round(5).tolist() for _ in range(count)] for count in held["strokes"]]
        return Digits(
            torch.from_numpy(held["images"]),
            torch.from_numpy(held["labels"].astype(np.int64)),
            strokes,
            torch.from_numpy(held["widths_px"]),
        )
