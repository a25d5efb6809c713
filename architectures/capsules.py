"""What both capsule nets are made of: lengths, squashing, votes, and the decoder that draws a digit from its pose."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from architectures.contract import DIGITS, SIDE_PX

PRIMARY_DIMENSIONS = 8
POSE_DIMENSIONS = 16
SMALLEST = 1e-8  # keeps a length and its gradient finite at zero


def length(vectors: Tensor) -> Tensor:
    """Euclidean length along the last axis; its gradient is finite at zero."""
    return (vectors.square().sum(dim=-1) + SMALLEST**2).sqrt()


def squash(s: Tensor) -> Tensor:
    """Shrink short vectors to zero and long ones to just under one, along the last axis (Sabour 2017, eq. 1)."""
    squared = s.square().sum(dim=-1, keepdim=True)
    return s * (squared / (1 + squared)) * torch.rsqrt(squared + SMALLEST)


def squash_exponentially(s: Tensor) -> Tensor:
    """Shrink vectors along the last axis to a length of 1 - e^-n, n being their length (Mazzia 2021, eq. 3)."""
    n = length(s).unsqueeze(-1)
    return s * (-torch.expm1(-n) / n)


def votes_of(u: Tensor, transformation: Tensor) -> Tensor:
    """What inputs u (B, inputs, 8) predict for each digit, (B, inputs, 10, 16): W u (Sabour 2017, eq. 2).

    transformation (inputs, 8, 10 * 16) holds one matrix W for each input and digit.
    """
    votes = torch.bmm(u.transpose(0, 1), transformation)  # (inputs, B, 160)
    return votes.transpose(0, 1).unflatten(2, (DIGITS, POSE_DIMENSIONS))


class Decoder(nn.Module):
    """From the pose of one digit back to an image: 1,411,344 parameters (Sabour 2017, figure 2)."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(DIGITS * POSE_DIMENSIONS, 512),
            nn.ReLU(),
            nn.Linear(512, 1024),
            nn.ReLU(),
            nn.Linear(1024, SIDE_PX * SIDE_PX),
            nn.Sigmoid(),
        )

    def forward(self, poses: Tensor, digit: Tensor) -> Tensor:
        """Image (B, 1, 28, 28) in [0, 1] of the capsule `digit` (B,) of poses (B, 10, 16); the others are masked."""
        mask = nn.functional.one_hot(digit, DIGITS).to(poses.dtype)  # (B, 10)
        return self.layers((poses * mask[:, :, None]).flatten(1)).view(-1, 1, SIDE_PX, SIDE_PX)
