"""The bars: how likely each of the ten digits is, one column of bars for each net.

Digits keep their order. Nets that answer with a softmax are shown in percent; capsule lengths are shown as the lengths
they are, and the chart says which is which.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from demo.components.colours import colour_of
from demo.components.panel import Panel
from demo.inference import Prediction, Predictions

CAPTIONS = {"softmax": "softmax", "capsule length": "capsule lengths"}
HINT = "Draw a digit, any from 0 to 9. The nets answer while your pen moves."


class Bars(Panel):
    """Value: what `bars` returns."""

    packed = True


def bars(nets: Sequence[str], predictions: Predictions | None) -> dict[str, Any]:
    """What the chart shows of a recognition by `nets`; None, an empty pad, gives a hint and no bars."""
    return {"hint": HINT if predictions is None else "", "nets": [_column(net, predictions) for net in nets]}


def problem(nets: Sequence[str], message: str) -> dict[str, Any]:
    """The chart without bars and with `message` in the place of the hint."""
    return {"hint": message, "nets": [_column(net, None) for net in nets]}


def written(prediction: Prediction, probability: float) -> str:
    """A probability as people read it: `98.7 %` of a softmax, `0.987` for the length of a capsule."""
    if prediction.meaning == "softmax":
        return f"{probability * 100:.1f} %"
    return f"{probability:.3f}"


def spoken(prediction: Prediction) -> str:
    """The answer of one net in words."""
    best = written(prediction, prediction.probabilities[prediction.digit])
    return f"{prediction.net} reads {prediction.digit}, {prediction.meaning} {best}"


def _column(net: str, predictions: Predictions | None) -> dict[str, Any]:
    column: dict[str, Any] = {"name": net, "colour": colour_of(net)}
    prediction = predictions.by_net.get(net) if predictions else None
    if prediction is not None:
        column |= {
            "digit": prediction.digit,
            "caption": CAPTIONS[prediction.meaning],
            "shares": prediction.probabilities,
            "values": [written(prediction, probability) for probability in prediction.probabilities],
            "spoken": spoken(prediction),
        }
    elif predictions is not None:
        column["failure"] = predictions.failures[net]
    return column
