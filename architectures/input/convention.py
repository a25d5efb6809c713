"""How a net trained elsewhere is fed: from this project's (B, 1, 28, 28) in [0, 1] to what that net was trained on.

A net says so in its own file, and `python -m checkpoints doctor NAME` finds out what to say:

    INPUT = Input(channels=3, size=32, mean=0.5, std=0.5)
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal

import torch
from torch import Tensor, nn

from architectures.contract import SIDE_PX

LARGEST_PX = 1024


class BadFeeding(ValueError):
    """An `INPUT` makes no sense; the message says which part of it and what it may be."""


@dataclass(frozen=True)
class Input:
    """What a net wants in the place of float (B, 1, 28, 28) in [0, 1], white ink on black.

    Done in this order:
    size, fit   side in pixels; "scale" enlarges or shrinks the image to it, "pad" puts black around it
    invert      black ink on white
    scale       the value of white: 255 for nets fed bytes
    mean, std   subtracted, then divided by; numbers, or one for each channel
    channels    the grey image repeated, (B, channels, size, size); 0 for (B, size, size) without that axis
    flat        everything in one row, (B, channels * size * size)
    """

    channels: int = 1
    size: int = SIDE_PX
    fit: Literal["scale", "pad"] = "scale"
    invert: bool = False
    scale: float = 1.0
    mean: float | tuple[float, ...] = 0.0
    std: float | tuple[float, ...] = 1.0
    flat: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.channels, int) or not 0 <= self.channels <= 16:
            raise BadFeeding(f"channels is a whole number from 0 to 16, not {self.channels!r}")
        if not isinstance(self.size, int) or not 1 <= self.size <= LARGEST_PX:
            raise BadFeeding(f"size is a number of pixels from 1 to {LARGEST_PX}, not {self.size!r}")
        if self.fit not in ("scale", "pad") or (self.fit == "pad" and self.size < SIDE_PX):
            raise BadFeeding(f'fit is "scale", or "pad" for a size above {SIDE_PX}, not {self.fit!r} to {self.size}')
        for name, values in (("mean", self.mean), ("std", self.std)):
            if isinstance(values, tuple | list) and len(values) != max(self.channels, 1):
                raise BadFeeding(f"{name} has {len(values)} numbers for {self.channels} channels")
        if not bool(torch.as_tensor(self.std, dtype=torch.float32).ne(0).all()):
            raise BadFeeding("std divides, so that none of it may be 0")

    def __call__(self, x: Tensor) -> Tensor:
        """What the net wants, made of x (B, 1, 28, 28) in [0, 1]."""
        if self.size != SIDE_PX:
            x = self._sized(x)
        if self.invert:
            x = 1 - x
        x = x.expand(-1, max(self.channels, 1), -1, -1)
        if self.scale != 1:
            x = x * self.scale
        if self.mean != 0 or self.std != 1:
            x = (x - _by_channel(self.mean, x)) / _by_channel(self.std, x)
        if self.flat:
            return x.flatten(1)
        return x if self.channels else x.squeeze(1)

    def _sized(self, x: Tensor) -> Tensor:
        if self.fit == "pad":
            before = (self.size - SIDE_PX) // 2
            after = self.size - SIDE_PX - before
            return nn.functional.pad(x, (before, after, before, after))
        return nn.functional.interpolate(x, (self.size, self.size), mode="bilinear", antialias=True).clamp(0, 1)

    def __str__(self) -> str:
        """As it is written in a net's file: what differs from this project's own way."""
        said = [f"{f.name}={getattr(self, f.name)!r}" for f in fields(self) if getattr(self, f.name) != f.default]
        return f"Input({', '.join(said)})"


def _by_channel(values: float | tuple[float, ...], x: Tensor) -> Tensor:
    return torch.as_tensor(values, dtype=x.dtype, device=x.device).view(-1, 1, 1)


def feed(net: nn.Module, wanted: object, name: str) -> nn.Module:
    """`net`, from now on to be called with (B, 1, 28, 28) in [0, 1] whatever it was trained on; `wanted` is its INPUT.

    A hook does it, so that the keys of the net's weights stay its own. Raises BadFeeding for what is not an Input.
    """
    if not isinstance(wanted, Input):
        raise BadFeeding(f"INPUT of {name} is a {type(wanted).__name__}: write INPUT = Input(...)")
    if wanted != Input():
        net.register_forward_pre_hook(_Feeder(wanted))
    return net


@dataclass(frozen=True)
class _Feeder:
    wanted: Input

    def __call__(self, _net: nn.Module, given: tuple[Any, ...]) -> tuple[Any, ...]:
        return (self.wanted(given[0]), *given[1:])
