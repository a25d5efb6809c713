"""resnet-ish: 41,132 parameters of small residual blocks.

Source: Jeremy Howard, fast.ai course v3, notebook `lesson7-resnet-mnist` (2019), 0.48 % test error there.
Departures: the input is normalised by constants kept inside the net (the notebook normalises by the statistics of
the first batch), and training uses this project's recipe.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from architectures.card import Augmentation, Card, Recipe

CHANNELS_LAST = True  # in memory: faster convolutions, see checkpoints.store.layout

CARD = Card(
    title="resnet-ish",
    authors="Jeremy Howard",
    year=2019,
    source="https://github.com/fastai/course-v3/blob/master/nbs/dl1/lesson7-resnet-mnist.ipynb",
    summary="Five strided convolutions with a residual block after each of the first four.",
    departures=("input normalised by constants inside the net", "this project's recipe instead of the notebook's"),
    published_error_percent=0.48,
    published_conditions="one run of 12 epochs",
)

RECIPE = Recipe(
    epochs=40,
    peak_rate=1e-2,
    weight_decay=1e-2,
    smoothing=0.02,
    augmentation=Augmentation(rotation_deg=12, shear_deg=8, zoom=0.12, shift_px=2),
)


def unit(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """Convolution 3x3 -> ReLU -> batch norm, in the notebook's order."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False),
        nn.ReLU(inplace=True),
        nn.BatchNorm2d(outputs),
    )


class Residual(nn.Module):
    """x plus two units of it; no ReLU after the sum."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.units = nn.Sequential(unit(channels, channels), unit(channels, channels))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.units(x)


class ResnetIsh(nn.Module):
    mean: Tensor
    std: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(0.1307))
        self.register_buffer("std", torch.tensor(0.3081))
        self.stages = nn.Sequential(
            unit(1, 8, stride=2),  # (B, 8, 14, 14)
            Residual(8),
            unit(8, 16, stride=2),  # (B, 16, 7, 7)
            Residual(16),
            unit(16, 32, stride=2),  # (B, 32, 4, 4)
            Residual(32),
            unit(32, 16, stride=2),  # (B, 16, 2, 2)
            Residual(16),
            unit(16, 10, stride=2),  # (B, 10, 1, 1)
            nn.Flatten(),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Logits (B, 10) of x (B, 1, 28, 28) in [0, 1]."""
        return self.stages((x - self.mean) / self.std)


def return_model() -> nn.Module:
    return ResnetIsh()
