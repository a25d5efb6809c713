"""MNIST's digits drawn by the living pen: traced into strokes, drawn by every preset, fed as the page feeds them.

A digit is drawn where it lies in its 28x28 image, on the pad of 364 px, by each preset with a seed of its own, and read
both ways: `like MNIST` and `as drawn`. One or two digits in a hundred cannot be traced; they are left out, and counted.
What was drawn is kept in the user's cache.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from architectures.input.mnist_like import mnist_like
from architectures.input.pen import PRESETS, Pen, draw
from architectures.input.strokes import Strokes
from checkpoints.training import chunks
from checkpoints.training.tracing import trace

WAYS = {"like MNIST": True, "as drawn": False}  # input convention -> `centre` of mnist_like
VERSION = 1  # of this module; what another one drew is drawn again
AT_ONCE = 100  # digits in a piece of work: ten to thirty seconds of one core
SAMPLE_PX = 112
SAMPLE_DIGITS = (2, 3, 5, 8)  # bends, where a pen's width shows


def set_name(pen: str, way: str) -> str:
    """What the set drawn by a preset and read one way is called in a report."""
    return f"{pen}, {way}"


@dataclass(frozen=True)
class PenSet:
    """Digits drawn by every pen.

    traced  (N,) True for the digits that could be traced; M of them
    drawn   uint8 (M, 28, 28) by (pen, way): what a net is fed, times 255
    """

    traced: NDArray[np.bool_]
    drawn: dict[tuple[str, str], NDArray[np.uint8]]

    def x(self, pen: str, way: str) -> Tensor:
        """What a net is fed: float32 (M, 1, 28, 28) in [0, 1]."""
        return torch.from_numpy(self.drawn[pen, way]).unsqueeze(1).float() / 255


def seeded(pen: Pen, strokes: Strokes) -> Pen:
    """The pen with a seed that these strokes decide: another one for each drawing, wherever it stands in its file."""
    text = json.dumps([[[round(float(v or 0), 4) for v in point[:2]] for point in stroke] for stroke in strokes])
    digest = hashlib.blake2b(f"{pen.seed} {text}".encode(), digest_size=4).digest()
    return replace(pen, seed=int.from_bytes(digest, "big") % 2**31)


def draw_all(images: NDArray[np.uint8], pens: Mapping[str, Pen] = PRESETS) -> PenSet:
    """Images uint8 (N, 28, 28) drawn by `pens` on every core; what was drawn before comes from the cache."""
    key = hashlib.sha256(images.tobytes() + repr((VERSION, AT_ONCE, sorted(pens.items()))).encode()).hexdigest()[:12]
    starts = range(0, len(images), AT_ONCE)
    jobs = {number: partial(_piece, images[start : start + AT_ONCE], dict(pens)) for number, start in enumerate(starts)}
    pieces = chunks.compute(jobs, chunks.cache_folder() / f"pen-set-{key}", "drawing the digits")
    opened = []
    for number in sorted(pieces):
        with np.load(io.BytesIO(pieces[number]), allow_pickle=False) as piece:
            opened.append((piece["traced"], piece["drawn"]))
    drawn = np.concatenate([part for _, part in opened], axis=2)  # (pens, ways, M, 28, 28)
    return PenSet(
        np.concatenate([traced for traced, _ in opened]),
        {(pen, way): drawn[row, column] for row, pen in enumerate(pens) for column, way in enumerate(WAYS)},
    )


def _piece(images: NDArray[np.uint8], pens: Mapping[str, Pen]) -> bytes:
    """An npz with `traced` (n,) and `drawn` uint8 (pens, ways, m, 28, 28)."""
    digits = [[stroke.tolist() for stroke in trace(image).strokes] for image in images]
    drawn = np.zeros((len(pens), len(WAYS), sum(map(bool, digits)), 28, 28), np.uint8)
    for at, strokes in enumerate(filter(None, digits)):
        for row, pen in enumerate(pens.values()):
            image = draw(strokes, seeded(pen, strokes))
            for column, centre in enumerate(WAYS.values()):
                drawn[row, column, at] = (mnist_like(image, centre=centre)[0, 0] * 255).round().byte().numpy()
    buffer = io.BytesIO()
    np.savez_compressed(buffer, traced=np.array([bool(strokes) for strokes in digits]), drawn=drawn)
    return buffer.getvalue()


def sample(images: NDArray[np.uint8], labels: NDArray[np.int64], pens: Mapping[str, Pen] = PRESETS) -> str:
    """A PNG in base64: a row for each pen, a column of SAMPLE_PX for each of a few digits, in colour."""
    chosen: list[Strokes] = []
    for digit in SAMPLE_DIGITS:
        places = np.flatnonzero(labels == digit)[:20]
        traced = next((found for place in places if (found := trace(images[place]).strokes)), None)
        if traced is not None:
            chosen.append([stroke.tolist() for stroke in traced])
    grid = np.zeros((SAMPLE_PX * len(pens), SAMPLE_PX * max(1, len(chosen)), 3), np.uint8)
    for row, pen in enumerate(pens.values()):
        for column, strokes in enumerate(chosen):
            top, left = row * SAMPLE_PX, column * SAMPLE_PX
            grid[top : top + SAMPLE_PX, left : left + SAMPLE_PX] = draw(strokes, seeded(pen, strokes), SAMPLE_PX)
    buffer = io.BytesIO()
    Image.fromarray(grid).save(buffer, "PNG", optimize=True)
    return base64.b64encode(buffer.getvalue()).decode()
