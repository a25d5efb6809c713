"""Drawings made ahead for training: every digit once a round, each fed both ways, kept in the cache as uint8.

A round is an array (N, 2, 28, 28): of each digit the drawing as a net is fed it like MNIST, and as drawn. The same
rounds are there in MNIST's own grey, for the baselines: the same digits in the same shapes at the same places.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from checkpoints.training import chunks, living_pen, stroke_set
from checkpoints.training.data import Split, mnist
from checkpoints.training.tracing import Traced

VERSION = 1  # of variation and living_pen; drawings of another version are drawn again
AT_ONCE = 250  # digits in a piece of work
SIZE_PX = 182  # of the pad in training: half the page's, which is four times as quick and differs by a grey level

Images = NDArray[np.uint8]


def rounds(
    split: Split, count: int, *, pen: bool, folder: Path | None = None, first: int | None = None, seed: int = 0
) -> Tensor:
    """`count` drawings of each digit of a split, uint8 (count, N, 2, 28, 28); those not in the cache are drawn now.

    pen  by the living pen, or in MNIST's own grey
    """
    images, labels = mnist(split, folder, first)
    rasters = images.numpy()
    digits = stroke_set.traced(split, folder, first)
    key = hashlib.sha256(rasters.tobytes() + bytes([VERSION, stroke_set.VERSION])).hexdigest()[:12]
    who = "living-pen" if pen else "mnist-grey"
    drawn = []
    for number in range(count):
        jobs = {
            start // AT_ONCE: partial(
                piece,
                digits[start : start + AT_ONCE],
                rasters[start : start + AT_ONCE],
                labels[start : start + AT_ONCE].tolist(),
                (seed, number, start),
                pen=pen,
            )
            for start in range(0, len(rasters), AT_ONCE)
        }
        work = chunks.cache_folder() / f"{who}-{split}-{key}-{seed}-{number}"
        pieces = chunks.compute(jobs, work, f"drawing MNIST {split}, round {number + 1}/{count}, {who}")
        drawn.append(np.concatenate([np.load(io.BytesIO(pieces[n]), allow_pickle=False) for n in sorted(pieces)]))
    return torch.from_numpy(np.stack(drawn))


def piece(
    digits: Sequence[Traced], rasters: Images, labels: Sequence[int], seed: tuple[int, int, int], *, pen: bool
) -> bytes:
    """An npy file of (N, 2, 28, 28): each digit like MNIST and as drawn.

    seed  of the drawings, number of the round, place of the first digit
    """
    *outer, start = seed
    drawn = [
        living_pen.drawing(digit, raster, label, (*outer, start + i), grey=not pen, size_px=SIZE_PX)
        for i, (digit, raster, label) in enumerate(zip(digits, rasters, labels, strict=True))
    ]
    buffer = io.BytesIO()
    np.save(buffer, np.stack(drawn))
    return buffer.getvalue()
