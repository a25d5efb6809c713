"""efficient-caps-net: capsules with self-attention routing, 161,824 parameters, and the decoder of caps-net.

Source: Mazzia, Salvetti, Chiaberge, "Efficient-CapsNet: capsule network with self-attention routing" (Scientific
Reports 11, 2021), arXiv 2101.12491. 0.26 % mean test error there with reconstruction.
Departures: the decoder has 1,411,344 parameters as in Sabour 2017; training uses this project's recipe.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from architectures.capsules import (
    POSE_DIMENSIONS,
    PRIMARY_DIMENSIONS,
    Decoder,
    length,
    squash_exponentially,
    votes_of,
)
from architectures.card import Augmentation, Card, Recipe
from architectures.contract import DIGITS, Answer, CapsuleGrid, Capsules

CHANNELS_LAST = True  # in memory: faster convolutions, see checkpoints.store.layout

CARD = Card(
    title="efficient-caps-net",
    authors="Vittorio Mazzia, Francesco Salvetti, Marcello Chiaberge",
    year=2021,
    source="https://arxiv.org/abs/2101.12491",
    summary="Sixteen capsules that each see the whole digit agree by self-attention, in one step without iterations.",
    departures=("this project's recipe instead of the paper's",),
    published_error_percent=0.26,
    published_conditions="mean of single nets trained with reconstruction",
)

RECIPE = Recipe(
    epochs=30,
    peak_rate=5e-3,
    reconstruction=1.0,
    augmentation=Augmentation(rotation_deg=15, shear_deg=8, zoom=0.12, shift_px=2),
)

GRID = CapsuleGrid(types=16, rows=1, columns=1, stride_px=2, field_px=27)
LONGEST = 1 - 2**-24  # the float32 below one: 1 - e^-n rounds to one beyond n = 17


def attend(votes: Tensor, prior: Tensor) -> tuple[Tensor, Tensor]:
    """Self-attention routing (Mazzia 2021, eq. 5 to 7) of votes (B, inputs, 10, D) with log priors (inputs, 10).

    Returns poses (B, 10, D) and couplings (B, inputs, 10). An input's logit for a digit is how well its vote agrees
    with all the votes for that digit, over the root of D; the softmax goes over the ten digits.
    """
    total = votes.sum(dim=1)  # (B, 10, D): adding up a row of the agreement matrix U U^T needs only the sum of U
    agreement = torch.einsum("bijd,bjd->bij", votes, total) / votes.shape[-1] ** 0.5
    couplings = agreement.softmax(dim=2)  # (B, inputs, 10), sums to 1 over the digits
    return squash_exponentially(torch.einsum("bijd,bij->bjd", votes, couplings + prior)), couplings


def unit(inputs: int, outputs: int, kernel: int, stride: int = 1) -> nn.Sequential:
    """Convolution -> ReLU -> batch norm, in the paper's order."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride=stride),
        nn.ReLU(inplace=True),
        nn.BatchNorm2d(outputs),
    )


class Encoder(nn.Module):
    """From an image to the votes of its sixteen primary capsules for the ten digits."""

    def __init__(self) -> None:
        super().__init__()
        channels = GRID.types * PRIMARY_DIMENSIONS
        self.features = nn.Sequential(
            unit(1, 32, 5),  # (B, 32, 24, 24)
            unit(32, 64, 3),  # (B, 64, 22, 22)
            unit(64, 64, 3),  # (B, 64, 20, 20)
            unit(64, channels, 3, stride=2),  # (B, 128, 9, 9)
        )
        self.primary = nn.Conv2d(channels, channels, 9, groups=channels)  # depthwise, over the whole 9 x 9 map
        self.transformation = nn.Parameter(torch.empty(GRID.inputs, PRIMARY_DIMENSIONS, DIGITS * POSE_DIMENSIONS))
        self.prior = nn.Parameter(torch.zeros(GRID.inputs, DIGITS))
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                assert layer.bias is not None
                nn.init.zeros_(layer.bias)
        nn.init.normal_(self.transformation, std=0.04)  # He's rule as Keras reads this shape: sqrt(2 / 1280)

    def forward(self, x: Tensor) -> Tensor:
        """Votes (B, 16, 10, 16) of x (B, 1, 28, 28)."""
        primary = self.primary(self.features(x))  # (B, 16 * 8, 1, 1)
        u = squash_exponentially(primary.flatten(1).unflatten(1, (GRID.inputs, PRIMARY_DIMENSIONS)))  # (B, 16, 8)
        return votes_of(u, self.transformation)


class EfficientCapsNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.decoder = Decoder()

    def forward(self, x: Tensor) -> Answer:
        """Answer to x (B, 1, 28, 28) in [0, 1]: the lengths of the ten digit capsules, and the capsules themselves."""
        votes = self.encoder(x)
        poses, couplings = attend(votes, self.encoder.prior)
        lengths = length(poses).clamp(max=LONGEST)  # (B, 10)
        capsules = Capsules(
            poses,
            couplings.unsqueeze(0),
            votes,
            lengths.unsqueeze(0),
            grid=GRID,
            decode=self.decode,
            prior=self.encoder.prior,
        )
        return Answer(lengths, capsules)

    def decode(self, poses: Tensor, digit: Tensor) -> Tensor:
        """Reconstruction (B, 1, 28, 28) in [0, 1] from poses (B, 10, 16) and one digit (B,) an image."""
        return self.decoder(poses, digit)


def return_model() -> nn.Module:
    return EfficientCapsNet()
