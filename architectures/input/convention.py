"""The input convention of a net trained elsewhere: from (B, 1, 28, 28) in [0, 1] to what that net was trained on.

A net declares it in its own file; `python -m checkpoints add` and `doctor` find out what to write:

    INPUT = Input(channels=3, size=32, mean=0.5, std=0.5)
    CLASSES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 0)    # output of digit 0, of digit 1 ...: here labels counted from one
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

import torch
from torch import Tensor, nn

from architectures.contract import DIGITS, SIDE_PX

LARGEST_PX = 1024
MOST_CLASSES = 1000


class BadConvention(ValueError):
    """An `INPUT` or `CLASSES` makes no sense; the message says which part of it and what it must be."""


@dataclass(frozen=True)
class Input:
    """What a net wants in the place of float (B, 1, 28, 28) in [0, 1], white ink on black.

    Done in this order:
    transpose   rows become columns, as EMNIST's files have it
    size, fit   side in pixels; "scale" enlarges or shrinks the image to it, "pad" puts black around it
    invert      black ink on white
    scale       the value of white: 255 for nets trained on bytes
    standardise each image by its own mean and standard deviation
    mean, std   subtracted, then divided by; numbers, or one for each channel
    channels    the grey image repeated, (B, channels, size, size); 0 for (B, size, size) without that axis
    nhwc        the channels last, (B, size, size, channels), as TensorFlow and Keras have it
    flat        everything in one row, (B, channels * size * size)
    """

    channels: int = 1
    size: int = SIDE_PX
    fit: Literal["scale", "pad"] = "scale"
    transpose: bool = False
    invert: bool = False
    scale: float = 1.0
    standardise: bool = False
    mean: float | tuple[float, ...] = 0.0
    std: float | tuple[float, ...] = 1.0
    nhwc: bool = False
    flat: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.channels, int) or not 0 <= self.channels <= 16:
            raise BadConvention(f"invalid channels {self.channels!r}: must be a whole number from 0 to 16")
        if not isinstance(self.size, int) or not 1 <= self.size <= LARGEST_PX:
            raise BadConvention(f"invalid size {self.size!r}: must be a number of pixels from 1 to {LARGEST_PX}")
        if self.fit not in ("scale", "pad") or (self.fit == "pad" and self.size < SIDE_PX):
            raise BadConvention(f'invalid fit {self.fit!r}: must be "scale", or "pad" for a size of {SIDE_PX} or more')
        if self.nhwc and (self.flat or not self.channels):
            raise BadConvention("invalid nhwc: must have channels, and no flat")
        for name, values in (("mean", self.mean), ("std", self.std)):
            if isinstance(values, tuple | list) and len(values) != max(self.channels, 1):
                raise BadConvention(f"invalid {name}: {len(values)} numbers for {self.channels} channels")
        if not bool(torch.as_tensor(self.std, dtype=torch.float32).ne(0).all()):
            raise BadConvention("invalid std: must not be 0, it divides")

    def __call__(self, x: Tensor) -> Tensor:
        """What the net wants, made of x (B, 1, 28, 28) in [0, 1]."""
        if self.transpose:
            x = x.transpose(2, 3)
        if self.size != SIDE_PX:
            x = self._resized(x)
        if self.invert:
            x = 1 - x
        x = x.expand(-1, max(self.channels, 1), -1, -1)
        if self.scale != 1:
            x = x * self.scale
        if self.standardise:
            x = _standardised(x)
        if self.mean != 0 or self.std != 1:
            x = (x - _by_channel(self.mean, x)) / _by_channel(self.std, x)
        if self.flat:
            return x.flatten(1)
        if self.nhwc:
            return x.permute(0, 2, 3, 1).contiguous()
        return x.contiguous() if self.channels else x.squeeze(1).contiguous()

    def _resized(self, x: Tensor) -> Tensor:
        if self.fit == "pad":
            before = (self.size - SIDE_PX) // 2
            after = self.size - SIDE_PX - before
            return nn.functional.pad(x, (before, after, before, after))
        return nn.functional.interpolate(x, (self.size, self.size), mode="bilinear", antialias=True).clamp(0, 1)

    def __str__(self) -> str:
        """As it is written in a net's file: what differs from this project's own convention."""
        given = [f"{f.name}={getattr(self, f.name)!r}" for f in fields(self) if getattr(self, f.name) != f.default]
        return f"Input({', '.join(given)})"

    @property
    def words(self) -> str:
        """The convention for people: "28 x 28 in [0, 1]", "3 x 32 x 32, padded, (x - 0.5) / 0.5"."""
        side = f"{self.size} x {self.size}"
        shape = f"{side} x {self.channels}" if self.nhwc else f"{self.channels} x {side}" if self.channels > 1 else side
        parts = [f"{shape} in one row" if self.flat else shape if self.channels else f"{shape} without a channel axis"]
        parts += ["padded"] * (self.fit == "pad") + ["transposed"] * self.transpose
        parts += ["black on white"] * self.invert
        values = "x" if self.scale == 1 else f"{self.scale:g} x"
        if self.standardise:
            parts.append("each image standardised")
        if self.std != 1:
            parts.append(f"({values} - {_plain(self.mean)}) / {_plain(self.std)}")
        elif self.mean != 0:
            parts.append(f"{values} - {_plain(self.mean)}")
        elif not self.standardise:
            parts.append(f"values from 0 to {self.scale:g}")
        return ", ".join(parts)


def _standardised(x: Tensor) -> Tensor:
    """As TensorFlow's per_image_standardization: an even image becomes 0 instead of NaN."""
    mean = x.mean(dim=(1, 2, 3), keepdim=True)
    least = x[0].numel() ** -0.5
    return (x - mean) / x.std(dim=(1, 2, 3), keepdim=True, correction=0).clamp_min(least)


def _by_channel(values: float | tuple[float, ...], x: Tensor) -> Tensor:
    return torch.as_tensor(values, dtype=x.dtype, device=x.device).view(-1, 1, 1)


def _plain(values: float | tuple[float, ...]) -> str:
    return f"{values:g}" if isinstance(values, int | float) else f"({', '.join(f'{value:g}' for value in values)})"


def check_classes(classes: object) -> tuple[int, ...]:
    """A net's `CLASSES` as ten outputs; raises BadConvention."""
    numbers = tuple(classes) if isinstance(classes, Sequence | range) and not isinstance(classes, str) else ()
    whole = all(isinstance(number, int) and 0 <= number < MOST_CLASSES for number in numbers)
    if len(numbers) != DIGITS or not whole or len(set(numbers)) != DIGITS:
        raise BadConvention(f"invalid CLASSES {classes!r}: must be ten different outputs, that of digit 0 first")
    return numbers


def feed(net: nn.Module, convention: object, name: str) -> nn.Module:
    """`net`, from now on to be called with (B, 1, 28, 28) in [0, 1], whatever it was trained on.

    A hook does it, so that the keys of the net's weights stay its own. Raises BadConvention for what is not an Input.
    """
    if not isinstance(convention, Input):
        raise BadConvention(f"invalid INPUT of {name}: must be Input(...), not a {type(convention).__name__}")
    if convention != Input():
        net.register_forward_pre_hook(_Feeder(convention))
    return net


def choose(net: nn.Module, classes: object) -> nn.Module:
    """`net`, from now on answering the ten outputs in `classes` instead of all it has; raises BadConvention."""
    net.register_forward_hook(_Chooser(check_classes(classes)))
    return net


@dataclass(frozen=True)
class _Feeder:
    convention: Input

    def __call__(self, _net: nn.Module, given: tuple[Any, ...]) -> tuple[Any, ...]:
        return (self.convention(given[0]), *given[1:])


@dataclass(frozen=True)
class _Chooser:
    classes: tuple[int, ...]

    def __call__(self, _net: nn.Module, _given: tuple[Any, ...], scores: Tensor) -> Tensor:
        return scores[:, list(self.classes)]
