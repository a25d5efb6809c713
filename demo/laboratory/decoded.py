"""The decoded digit: what the decoder draws where the sliders stand, and a sweep of the dimension moved last."""

from __future__ import annotations

from typing import Any

import torch

from demo.laboratory import shades
from demo.laboratory.look import Look, as_grey, decoder
from demo.laboratory.nets import decoder_of
from demo.laboratory.poses import STEPS, Decode, Range, decoded, sweep
from demo.laboratory.sliders import Posed
from demo.panels.panel import Panel
from demo.panels.pictures import data_url

SMALL_PX = 112


class Decoded(Panel):
    """Value: what `at_rest` or `moved` returns."""


def at_rest(look: Look, dimension: int = 0) -> dict[str, Any]:
    """The drawing, what the net was fed, and what the decoder draws of its own pose."""
    step = max(1, len(look.picture) // SMALL_PX)
    return {
        "drawing": data_url(look.picture[::step, ::step]),
        "input": data_url(as_grey(look.fed)),
        "digit": look.digit,
        "hint": "",
    } | _drawn(look.own, look.spread.range, dimension, look.digit, decoder(look))


def moved(posed: Posed) -> dict[str, Any] | None:
    """What the decoder draws where the sliders stand; None for a net without a decoder."""
    decode = decoder_of(posed.net)
    if decode is None:
        return None
    values, low, high = (torch.tensor(numbers) for numbers in (posed.values, posed.low, posed.high))
    return _drawn(values, Range(low, high), posed.moved, posed.digit, decode)


def _drawn(values: torch.Tensor, within: Range, dimension: int, digit: int, decode: Decode) -> dict[str, Any]:
    poses = torch.cat([values[None], sweep(values, dimension, within)])
    pictures = as_grey(decoded(poses, digit, decode))
    return {
        "decoded": data_url(pictures[0]),
        "strip": data_url(shades.tiles(pictures[1:], STEPS)),
        "dimension": dimension,
    }
