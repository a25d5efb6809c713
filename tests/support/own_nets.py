"""A place to add nets to, and small nets that really read digits, trained within a second on the digits that ship."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from torch import nn

import architectures
import checkpoints
from architectures.input.convention import Input
from checkpoints.shipped_digits import training_digits

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
    monkeypatch.setattr(architectures, "__path__", [str(tmp_path / "architectures")])  # where nets import each other
    monkeypatch.delenv("SPACE_ID", raising=False)
    monkeypatch.chdir(tmp_path)
    checkpoints.held.clear()
    return tmp_path


def command(*words: object) -> int:
    """`python -m checkpoints` with these words, in this process; its exit code."""
    from checkpoints.__main__ import main

    return main([str(word) for word in words])


def mlp() -> nn.Module:
    """A small perceptron, the same at every call."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, 10))


def convolutions(channels: int = 1, size: int = 28, ends_in: nn.Module | None = None) -> nn.Module:
    """A small convolutional net for 28 x 28 pixels, or for 32 x 32, the same at every call."""
    torch.manual_seed(0)
    layers = [nn.Conv2d(channels, 8, 5, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(1152 if size == 28 else 1568, 10)]
    return nn.Sequential(*layers, *([ends_in] if ends_in else []))


def trained(net: nn.Module, way: Input | None = None, steps: int = 80, rate: float = 5e-3) -> nn.Module:
    """`net`, trained on the digits that ship fed in its own `way`, in eval mode."""
    torch.manual_seed(0)
    digits = training_digits()
    fed, labels = (way or Input())(digits.x), digits.labels
    optimiser = torch.optim.Adam(net.parameters(), lr=rate)
    for _ in range(steps):
        chosen = torch.randint(len(fed), (64,))
        optimiser.zero_grad()
        scores = net(fed[chosen]).reshape(64, -1)
        ends = next(reversed(list(net.children())), None)
        if isinstance(ends, nn.Softmax):
            scores = scores.clamp_min(1e-9).log()
        nn.functional.cross_entropy(scores, labels[chosen]).backward()
        optimiser.step()
    return net.eval()
