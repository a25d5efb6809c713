"""What the levels of a curve look like: a few digits at each of them, kept in the report for its images."""

from __future__ import annotations

import base64
import io

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from checkpoints.evaluation.distortions import CURVES
from checkpoints.evaluation.scoring import Images, Plan, Report

SHOWN_DIGITS = (2, 3, 5, 8)  # bends, where a pen's width shows


def samples(images: Images, plan: Plan, seed: int) -> Report:
    """For each curve of the plan a PNG in base64: a row for each shown digit, a column of 28 px for each level."""
    found = [(images.labels == digit).nonzero()[:1, 0] for digit in SHOWN_DIGITS]
    places = torch.cat(found)
    if not len(places):
        places = torch.arange(min(1, len(images.labels)))
    x = images.x[places]
    return {name: _png([CURVES[name].apply(x, level, seed) for level in CURVES[name].levels]) for name in plan.curves}


def opened(sample: str) -> NDArray[np.uint8]:
    """The grid of digits (28 * rows, 28 * levels) of a sample in a report."""
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(sample))))


def _png(columns: list[Tensor]) -> str:
    grid = torch.cat([torch.cat(list(x[:, 0]), dim=0) for x in columns], dim=1)
    buffer = io.BytesIO()
    Image.fromarray((grid * 255).round().byte().numpy()).save(buffer, "PNG", optimize=True)
    return base64.b64encode(buffer.getvalue()).decode()
