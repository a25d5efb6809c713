"""A place to add nets to, and small nets that really read digits, trained within seconds on digits of this project."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import architectures
import checkpoints
from architectures.input.convention import Input
from checkpoints.sample_digits import sample_digits

REAL_ARCHITECTURES = Path(architectures.FOLDER)

MLP = '''"""A net of two layers."""

from torch import nn


def return_model():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, 10))
'''


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of its own: architectures/ with this project's nets, an empty checkpoints/, a cache."""
    shutil.copytree(REAL_ARCHITECTURES, tmp_path / "architectures", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "cache").mkdir()
    monkeypatch.setattr(architectures, "FOLDER", tmp_path / "architectures")
    monkeypatch.setenv("CHECKPOINTS_DIR", str(tmp_path / "checkpoints"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("SPACE_ID", raising=False)
    monkeypatch.chdir(tmp_path)
    checkpoints.held.clear()
    return tmp_path


def command(*words: object) -> int:
    """`python -m checkpoints` with these words, in this process; its exit code."""
    from checkpoints.__main__ import main

    return main([str(word) for word in words])


@cache
def practice() -> tuple[Tensor, Tensor]:
    """The sample digits shifted, fainter and noisy: (600, 1, 28, 28) in [0, 1] and their labels."""
    x, labels = sample_digits()
    random = torch.Generator().manual_seed(1)
    shifts = [(0, 0), (1, 0), (-1, 0), (0, 1), (1, -1), (2, 1)]
    worse = [
        (shade * x.roll(shift, dims=(2, 3)) + noise * torch.rand(x.shape, generator=random)).clamp(0, 1)
        for shift, shade, noise in zip(shifts, (1, 1, 0.8, 0.9, 0.7, 1), (0, 0.1, 0.2, 0, 0.25, 0.3), strict=True)
    ]
    return torch.cat(worse), labels.repeat(len(worse))


def mlp() -> nn.Module:
    """A small perceptron, the same at every call."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, 10))


def convolutions(channels: int = 1, size: int = 28, ends_in: nn.Module | None = None) -> nn.Module:
    """A small convolutional net for 28 x 28 pixels, or for 32 x 32, the same at every call."""
    torch.manual_seed(0)
    layers = [nn.Conv2d(channels, 8, 5, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(1152 if size == 28 else 1568, 10)]
    return nn.Sequential(*layers, *([ends_in] if ends_in else []))


def trained(net: nn.Module, way: Input | None = None, steps: int = 60) -> nn.Module:
    """`net`, trained on the practice digits fed in its own `way`, in eval mode."""
    torch.manual_seed(0)
    x, labels = practice()
    fed = (way or Input())(x)
    optimiser = torch.optim.Adam(net.parameters(), lr=5e-3)
    for _ in range(steps):
        chosen = torch.randint(len(fed), (64,))
        optimiser.zero_grad()
        scores = net(fed[chosen])
        ends = next(reversed(list(net.children())), None)
        if isinstance(ends, nn.Softmax):
            scores = scores.clamp_min(1e-9).log()
        nn.functional.cross_entropy(scores, labels[chosen]).backward()
        optimiser.step()
    return net.eval()
