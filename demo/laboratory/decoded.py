"""The decoded digit: what the decoder draws where the sliders stand, and a sweep of the dimension moved last."""

from __future__ import annotations

from typing import Any

import torch

import checkpoints
from architectures.input.mnist_like import RGBImage
from demo.components.data_url import data_url
from demo.components.panel import Panel
from demo.laboratory import shades
from demo.laboratory.look import Look, NoLook, as_grey, decoder
from demo.laboratory.nets import decoder_of
from demo.laboratory.poses import STEPS, Decode, Range, decoded, sweep
from demo.laboratory.sliders import Posed

SMALL_PX = 112


class Decoded(Panel):
    """Value: what `at_rest` or `moved` returns, or what `kept` or `hint` says."""


def hint(text: str) -> dict[str, Any]:
    """No images, and why."""
    return {"hint": text}


def kept(text: str) -> dict[str, Any]:
    """The images as they are, and why they did not change."""
    return {"kept": text}


def at_rest(look: Look, dimension: int = 0) -> dict[str, Any]:
    """The drawing, what the net was fed, and what the decoder draws of its own pose."""
    step = max(1, len(look.image) // SMALL_PX)
    return {
        "drawing": data_url(look.image[::step, ::step]),
        "input": data_url(as_grey(look.fed)),
        "digit": look.digit,
        "hint": "",
    } | _shown(*_drawn(look.own, look.spread.range, dimension, look.digit, decoder(look)), dimension)


def moved(posed: Posed) -> dict[str, Any]:
    """What the decoder draws where the sliders stand; raises NoLook for a net without one, and WeightsError."""
    return _shown(*drawn(posed), posed.moved)


def drawn(posed: Posed) -> tuple[RGBImage, RGBImage]:
    """The decoded digit, uint8 (28, 28), and the sweep of the dimension moved last; raises what `moved` raises."""
    decode = decoder_of(posed.net)
    if decode is None:
        raise NoLook(f"{posed.net} has no decoder: its capsules can be measured, but not drawn.")
    values, low, high = (
        torch.tensor(numbers, device=checkpoints.device()) for numbers in (posed.values, posed.low, posed.high)
    )
    return _drawn(values, Range(low, high), posed.moved, posed.digit, decode)


def _drawn(
    values: torch.Tensor, within: Range, dimension: int, digit: int, decode: Decode
) -> tuple[RGBImage, RGBImage]:
    poses = torch.cat([values[None], sweep(values, dimension, within)])
    images = as_grey(decoded(poses, digit, decode))
    return images[0], shades.tiles(images[1:], STEPS)


def _shown(image: RGBImage, strip: RGBImage, dimension: int) -> dict[str, Any]:
    return {"decoded": data_url(image), "strip": data_url(strip), "dimension": dimension}
