"""The sliders of a digit capsule's pose: knobs with a meaning, and below them one for each dimension."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeGuard

import gradio as gr

import architectures
from architectures.contract import DIGITS
from checkpoints.store import naming
from demo.components.panel import Panel
from demo.laboratory.look import Look
from demo.taught_nets import check_training

MOST_DIMENSIONS = 64
FURTHEST = 10.0  # far beyond any pose, whose length is less than 1
LONGEST_NAME = 40


@dataclass(frozen=True)
class Posed:
    """Where the sliders stand.

    net         its id
    values      the D numbers of the pose; low, high: the D ranges of the dimensions
    start, end  the poses (D,) at both ends of the slider that was moved last
    moved       what that slider is called
    """

    net: str
    digit: int
    values: list[float]
    low: list[float]
    high: list[float]
    start: list[float]
    end: list[float]
    moved: str


class PoseSliders(Panel):
    """Value: what `sliders` returns; as an input, a checked Posed, or None while there is nothing to pose.

    Raises gr.Error for anything that the sliders cannot have sent.
    """

    def preprocess(self, payload: Any) -> Posed | None:  # type: ignore[override]
        if not isinstance(payload, dict) or not payload.get("values"):
            return None
        net, digit, moved = (payload.get(key) for key in ("net", "digit", "moved"))
        if not isinstance(net, str) or naming.split(net)[0] not in architectures.names():
            raise gr.Error("These sliders name a net that was not found.")
        try:
            check_training(net)
        except architectures.UnknownNet:
            raise gr.Error("These sliders name a training that was not found.") from None
        numbers = {key: _numbers(payload.get(key), key) for key in ("values", "low", "high", "start", "end")}
        if len({len(one) for one in numbers.values()}) != 1:
            raise gr.Error("These sliders have ranges for another number of dimensions.")
        if not _is_index(digit, DIGITS) or not isinstance(moved, str):
            raise gr.Error("These sliders name no digit or no slider.")
        return Posed(naming.id_of(net), digit, moved=moved[:LONGEST_NAME], **numbers)


def sliders(look: Look) -> dict[str, Any]:
    """The sliders at the drawing's own pose."""
    reach, own = look.spread.range, _floats(look.own)
    return {
        "net": look.net,
        "digit": look.digit,
        "own": own,
        "values": own,
        "low": _floats(reach.low),
        "high": _floats(reach.high),
        "start": own,
        "end": own,
        "moved": "",
        "source": look.spread.source,
        "knobs": [
            {
                "name": knob.name,
                "unit": knob.unit,
                "r": round(knob.r, 3),
                "low": round(knob.low, 3),
                "high": round(knob.high, 3),
                "own": round(knob.own, 3),
                "less": knob.less,
                "more": knob.more,
                "vector": _floats(knob.vector),
            }
            for knob in look.spread.knobs
        ],
        "dimensions": [
            {"name": one.name, "best": one.best, "r": one.r, "correlations": one.correlations}
            for one in look.spread.dimensions
        ],
    }


def _floats(numbers: Any) -> list[float]:
    return [round(float(value), 5) for value in numbers]


def _numbers(value: Any, which: str) -> list[float]:
    fits = isinstance(value, list) and 0 < len(value) <= MOST_DIMENSIONS
    if not fits or not all(_is_number(one) for one in value):
        raise gr.Error(f"The sliders' {which} must be up to {MOST_DIMENSIONS} numbers within {FURTHEST:g} of 0.")
    return [float(one) for one in value]


def _is_number(value: Any) -> bool:
    sound = isinstance(value, int | float) and not isinstance(value, bool)
    return sound and math.isfinite(value) and abs(value) <= FURTHEST


def _is_index(value: Any, end: int) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < end
