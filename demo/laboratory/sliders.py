"""The sixteen sliders: one for each dimension of a digit capsule's pose."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeGuard

import gradio as gr

import architectures
from architectures.contract import DIGITS
from demo.components.panel import Panel
from demo.laboratory.look import Look

MOST_DIMENSIONS = 64
FURTHEST = 10.0  # far beyond any pose, whose length is less than 1


@dataclass(frozen=True)
class Posed:
    """Where the sliders stand.

    values  the D numbers of the pose; low, high: the D ranges
    moved   the dimension that was moved last
    """

    net: str
    digit: int
    values: list[float]
    low: list[float]
    high: list[float]
    moved: int


class PoseSliders(Panel):
    """Value: what `sliders` returns; as an input, a checked Posed, or None while there is nothing to pose.

    Raises gr.Error for anything that the sliders cannot have sent.
    """

    def preprocess(self, payload: Any) -> Posed | None:  # type: ignore[override]
        if not isinstance(payload, dict) or not payload.get("values"):
            return None
        net, digit, moved = (payload.get(key) for key in ("net", "digit", "moved"))
        if not isinstance(net, str) or architectures.shown(net) not in architectures.names():
            raise gr.Error("These sliders name no net that there is.")
        values, low, high = (_numbers(payload.get(key), key) for key in ("values", "low", "high"))
        if not len(values) == len(low) == len(high):
            raise gr.Error("These sliders have ranges for another number of dimensions.")
        if not _is_index(digit, DIGITS) or not _is_index(moved, len(values)):
            raise gr.Error("These sliders name a digit or a dimension that does not exist.")
        return Posed(architectures.shown(net), digit, values, low, high, moved)


def sliders(look: Look) -> dict[str, Any]:
    """The sliders at the drawing's own pose."""
    reach = look.spread.range
    return {
        "net": look.net,
        "digit": look.digit,
        "own": _floats(look.own),
        "values": _floats(look.own),
        "low": _floats(reach.low),
        "high": _floats(reach.high),
        "moved": 0,
        "source": look.spread.source,
        "dimensions": [
            {"name": one.name, "best": one.best, "r": one.r, "correlations": one.correlations}
            for one in look.spread.dimensions
        ],
    }


def _floats(tensor: Any) -> list[float]:
    return [round(float(value), 5) for value in tensor]


def _numbers(value: Any, which: str) -> list[float]:
    fits = isinstance(value, list) and 0 < len(value) <= MOST_DIMENSIONS
    if not fits or not all(_is_number(one) for one in value):
        raise gr.Error(f"The sliders' {which} should be up to {MOST_DIMENSIONS} numbers within {FURTHEST:g} of 0.")
    return [float(one) for one in value]


def _is_number(value: Any) -> bool:
    sound = isinstance(value, int | float) and not isinstance(value, bool)
    return sound and math.isfinite(value) and abs(value) <= FURTHEST


def _is_index(value: Any, end: int) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < end
