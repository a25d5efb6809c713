"""The bars: how likely each of the ten digits is, one column of bars for each net.

Digits keep their order. Nets that answer with a softmax are shown in percent; capsule lengths are shown as the lengths
they are, and the chart says which is which.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from checkpoints.store import naming
from demo.components.colours import colour_of
from demo.components.panel import Panel
from demo.draw.verdict import written
from demo.inference import Predictions

CAPTIONS = {"softmax": "softmax", "capsule length": "capsule lengths"}


class Bars(Panel):
    """Value: what `bars` returns."""

    packed = True


def bars(ids: Sequence[str], predictions: Predictions | None) -> dict[str, Any]:
    """What the chart shows of the predictions of the nets `ids`; None, an empty pad, gives no bars."""
    return {"nets": [_column(net_id, predictions) for net_id in ids]}


def _column(net_id: str, predictions: Predictions | None) -> dict[str, Any]:
    column: dict[str, Any] = {"name": naming.split(net_id)[0], "colour": colour_of(net_id)}
    prediction = predictions.by_net.get(net_id) if predictions else None
    if prediction is not None:
        column |= {
            "digit": prediction.digit,
            "caption": CAPTIONS[prediction.meaning],
            "shares": [round(probability, 4) for probability in prediction.probabilities],
            "values": [written(prediction, probability) for probability in prediction.probabilities],
        }
    return column
