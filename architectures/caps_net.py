"""caps-net: capsules with dynamic routing, 6,804,224 parameters, and a decoder of 1,411,344.

Source: Sabour, Frosst, Hinton, "Dynamic Routing Between Capsules" (NIPS 2017), arXiv 1710.09829. 0.25 % test error
there with three iterations and reconstruction.
Departures: gradients do not flow through the routing coefficients (they do in the authors' code); the convolutions
have the biases that make up the paper's 6.8 million parameters, the digit capsules have none; the transformation
matrices start from a normal distribution of sigma 0.05, which the paper leaves open.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from architectures.capsules import POSE_DIMENSIONS, PRIMARY_DIMENSIONS, Decoder, length, squash, votes_of
from architectures.card import Augmentation, Card, Recipe
from architectures.contract import DIGITS, Answer, CapsuleGrid, Capsules

CHANNELS_LAST = True  # in memory: faster convolutions, see checkpoints.store.layout

CARD = Card(
    title="caps-net",
    authors="Sara Sabour, Nicholas Frosst, Geoffrey E. Hinton",
    year=2017,
    source="https://arxiv.org/abs/1710.09829",
    summary="1152 small capsules agree, by routing, on ten digit capsules; a decoder draws what they saw.",
    departures=("no gradient through the routing coefficients", "this project's recipe instead of the paper's"),
    published_error_percent=0.25,
    published_conditions="3 routing iterations, with reconstruction; reimplementations 0.30 to 0.36",
)

RECIPE = Recipe(
    epochs=7,
    peak_rate=2e-3,
    reconstruction=1.0,
    augmentation=Augmentation(rotation_deg=12, shear_deg=6, zoom=0.10, shift_px=2),
)

GRID = CapsuleGrid(types=32, rows=6, columns=6, stride_px=2, field_px=17)


def capsules_of(features: Tensor) -> Tensor:
    """Squashed primary capsules (B, 1152, 8) of features (B, 32 * 8, 6, 6).

    A capsule is 8 neighbouring *channels* at one place, so the channels of a type become the last axis first.
    """
    batch, _, rows, columns = features.shape
    by_type = features.view(batch, -1, PRIMARY_DIMENSIONS, rows, columns)  # (B, type, 8, row, column)
    return squash(by_type.permute(0, 1, 3, 4, 2).reshape(batch, -1, PRIMARY_DIMENSIONS))


def route(votes: Tensor, iterations: int) -> tuple[Tensor, Tensor, Tensor]:
    """Routing by agreement (Sabour 2017, procedure 1) of votes (B, inputs, 10, D).

    Returns poses (B, 10, D), couplings (R, B, inputs, 10) and the lengths after each iteration (R, B, 10).
    The softmax goes over the ten digits: each input shares exactly one vote among them.
    """
    if iterations < 1:
        raise ValueError(f"routing needs at least 1 iteration, not {iterations}")
    batch, inputs, digits, _ = votes.shape
    detached = votes.detach()
    logits = votes.new_zeros(batch, inputs, digits)
    couplings, lengths = [], []
    poses = votes.new_zeros(())
    for iteration in range(iterations):
        coupling = logits.softmax(dim=2)  # (B, inputs, 10), sums to 1 over the digits (eq. 3)
        last = iteration == iterations - 1
        poses = squash(torch.einsum("bij,bijd->bjd", coupling, votes if last else detached))  # (eq. 2)
        couplings.append(coupling)
        lengths.append(length(poses))
        if not last:
            logits = logits + torch.einsum("bijd,bjd->bij", detached, poses)
    return poses, torch.stack(couplings), torch.stack(lengths)


class Encoder(nn.Module):
    """From an image to the votes of its 1152 primary capsules for the ten digits."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(1, 256, 9)
        self.primary = nn.Conv2d(256, GRID.types * PRIMARY_DIMENSIONS, 9, stride=2)
        self.transformation = nn.Parameter(
            0.05 * torch.randn(GRID.inputs, PRIMARY_DIMENSIONS, DIGITS * POSE_DIMENSIONS)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Votes (B, 1152, 10, 16) of x (B, 1, 28, 28)."""
        features = torch.relu(self.convolution(x))  # (B, 256, 20, 20)
        primary = self.primary(features)  # (B, 32 * 8, 6, 6), no ReLU before the squash
        u = capsules_of(primary)  # (B, 1152, 8)
        return votes_of(u, self.transformation)


class CapsNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.decoder = Decoder()

    def forward(self, x: Tensor, routing_iterations: int = 3) -> Answer:
        """Answer to x (B, 1, 28, 28) in [0, 1]: the lengths of the ten digit capsules, and the capsules themselves."""
        votes = self.encoder(x)
        poses, couplings, lengths = route(votes, routing_iterations)
        capsules = Capsules(poses, couplings, votes, lengths, grid=GRID, decode=self.decode)
        return Answer(lengths[-1], capsules)

    def decode(self, poses: Tensor, digit: Tensor) -> Tensor:
        """Reconstruction (B, 1, 28, 28) in [0, 1] from poses (B, 10, 16) and one digit (B,) an image."""
        return self.decoder(poses, digit)


def return_model() -> nn.Module:
    return CapsNet()
