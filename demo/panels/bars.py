"""The bars: how likely each of the ten digits is, one column of bars for each net.

Digits keep their order. Nets that answer with a softmax are shown in percent; capsule lengths are shown as the lengths
they are, and the chart says which is which.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from demo.panels.colours import colour_of
from demo.panels.panel import Panel
from demo.recognize import Reading, Recognition

CAPTIONS = {"softmax": "softmax", "capsule length": "capsule lengths"}
HINT = "Draw a digit, any from 0 to 9. The nets answer while your pen moves."


class Bars(Panel):
    """Value: what `bars` returns."""

    packed = True


def bars(nets: Sequence[str], recognition: Recognition | None) -> dict[str, Any]:
    """What the chart shows of a recognition by `nets`; None, an empty pad, gives a hint and no bars."""
    return {"hint": HINT if recognition is None else "", "nets": [_column(net, recognition) for net in nets]}


def problem(nets: Sequence[str], message: str) -> dict[str, Any]:
    """The chart without bars and with `message` in the place of the hint."""
    return {"hint": message, "nets": [_column(net, None) for net in nets]}


def written(reading: Reading, probability: float) -> str:
    """A probability as people read it: `98.7 %` of a softmax, `0.987` for the length of a capsule."""
    if reading.meaning == "softmax":
        return f"{probability * 100:.1f} %"
    return f"{probability:.3f}"


def spoken(reading: Reading) -> str:
    """The answer of one net in words."""
    best = written(reading, reading.probabilities[reading.digit])
    return f"{reading.net} reads {reading.digit}, {reading.meaning} {best}"


def _column(net: str, recognition: Recognition | None) -> dict[str, Any]:
    column: dict[str, Any] = {"name": net, "colour": colour_of(net)}
    reading = recognition.readings.get(net) if recognition else None
    if reading is not None:
        column |= {
            "digit": reading.digit,
            "caption": CAPTIONS[reading.meaning],
            "shares": reading.probabilities,
            "values": [written(reading, probability) for probability in reading.probabilities],
            "spoken": spoken(reading),
        }
    elif recognition is not None:
        column["failure"] = recognition.failures[net]
    return column
