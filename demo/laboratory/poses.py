"""What a pose means: the images that a capsule net's decoder draws from changed poses.

Source: Sabour, Frosst, Hinton 2017, section 5.1 and figure 4. There each dimension goes from -0.25 to 0.25 around
its own value; here it goes over the spread that the training set shows, and the paper's range is the fallback.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

STEPS = 11
OWN_STEP = STEPS // 2  # the middle step of every sweep is the drawing's own value
PAPERS_REACH = 0.25

Decode = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Range:
    """Where each of D pose dimensions may go: low (D,) <= high (D,)."""

    low: Tensor
    high: Tensor

    def around(self, own: Tensor) -> Range:
        """The same range, widened where the drawing's own pose (D,) lies outside it."""
        return Range(torch.minimum(self.low, own), torch.maximum(self.high, own))


def papers_range(own: Tensor) -> Range:
    """A quarter either way of the drawing's own pose (D,), as in the paper's figure 4."""
    return Range(own - PAPERS_REACH, own + PAPERS_REACH)


def steps(own: float, low: float, high: float) -> list[float]:
    """Eleven values: five even steps from low up to `own`, `own` itself in the middle, five more up to high."""
    below = [low + (own - low) * step / OWN_STEP for step in range(OWN_STEP)]
    above = [own + (high - own) * (step + 1) / OWN_STEP for step in range(OWN_STEP)]
    return [*below, own, *above]


@torch.inference_mode()
def decoded(poses: Tensor, digit: int, decode: Decode) -> Tensor:
    """Images (N, 28, 28) in [0, 1] of N poses (N, D) of the capsule `digit`; the other nine capsules are zero."""
    every = poses.new_zeros(len(poses), 10, poses.shape[1])
    every[:, digit] = poses
    return decode(every, torch.full((len(poses),), digit, dtype=torch.int64, device=poses.device))[:, 0]


def sweep(own: Tensor, dimension: int, within: Range) -> Tensor:
    """Eleven poses (11, D) that differ from the drawing's own (D,) in one dimension."""
    poses = own.repeat(STEPS, 1)
    values = steps(float(own[dimension]), float(within.low[dimension]), float(within.high[dimension]))
    poses[:, dimension] = own.new_tensor(values)
    poses[OWN_STEP] = own  # bit for bit, so that the middle is the reconstruction
    return poses


def sheet(own: Tensor, within: Range) -> Tensor:
    """Every dimension's sweep, (D, 11, D): one row a dimension, as in the paper's figure 4."""
    return torch.stack([sweep(own, dimension, within) for dimension in range(len(own))])


@dataclass(frozen=True)
class Opinion:
    """What one digit capsule would draw: its length, and the Euclidean distance of its image to the input."""

    digit: int
    length: float
    distance: float
    image: Tensor  # (28, 28) in [0, 1]


@torch.inference_mode()
def opinions(poses: Tensor, lengths: Tensor, x: Tensor, decode: Decode) -> list[Opinion]:
    """All ten capsules' opinions of one input x (28, 28) from its poses (10, D) and lengths (10,), in digit order."""
    digits = torch.arange(len(poses), device=poses.device)
    images = decode(poses[None].expand(len(poses), -1, -1), digits)[:, 0]  # (10, 28, 28)
    distances = (images - x).flatten(1).norm(dim=1)
    return [Opinion(d, float(lengths[d]), float(distances[d]), images[d]) for d in range(len(poses))]


def two_longest(lengths: Tensor) -> tuple[int, int]:
    """The digits of the two longest capsules among lengths (10,), the longest first."""
    first, second = lengths.topk(2).indices.tolist()
    return first, second
