"""What the capsules see: the digit a decoder draws from the pose of the winning capsule, beside what the net was fed.

The difference keeps its sign: blue is ink the decoder left out, orange is ink it added.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checkpoints.store import naming
from demo.components.colours import colour_of
from demo.components.data_url import data_url, grey
from demo.components.panel import Panel
from demo.inference import Prediction, Predictions

LEFT_OUT = np.array([70, 150, 255], np.float32)  # RGB of ink that is missing
ADDED = np.array([255, 150, 50], np.float32)  # RGB of ink that should not be there
HINT = "A capsule net can draw what it believes it saw. Give it a digit."


class Reconstruction(Panel):
    """Value: what `reconstruction` returns."""

    packed = True


def reconstruction(nets: Sequence[str], predictions: Predictions | None) -> dict[str, Any]:
    """What the panel shows of a recognition by `nets`; None, an empty pad, gives a hint."""
    if predictions is None:
        return {"hint": HINT, "rows": [], "note": ""}
    by_net = [predictions.by_net[net] for net in nets if net in predictions.by_net]
    rows = [_row(prediction, predictions.pixels) for prediction in by_net if prediction.decodes]
    return {
        "hint": "",
        "rows": rows,
        "note": without_decoder([naming.split(r.net)[0] for r in by_net if not r.decodes]),
    }


def without_decoder(nets: Sequence[str]) -> str:
    """One line saying which nets cannot draw what they saw."""
    if not nets:
        return ""
    *others, last = nets
    named = f"{', '.join(others)} and {last}" if others else last
    verb = "have" if others else "has"
    return f"{named} {verb} no decoder: only the answer comes out, not an image of what was seen."


def distance(fed: NDArray[np.float32], drawn: NDArray[np.float32]) -> float:
    """Mean absolute difference of two images (28, 28) in [0, 1]: 0 for equal ones, 1 for black against white."""
    return float(np.abs(fed - drawn).mean())


def difference(fed: NDArray[np.float32], drawn: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Where two images (28, 28) differ, as colours uint8 (28, 28, 3) on black: LEFT_OUT and ADDED."""
    signed = (fed - drawn)[..., None]
    return np.round(signed.clip(0, 1) * LEFT_OUT + (-signed).clip(0, 1) * ADDED).astype(np.uint8)


def _row(prediction: Prediction, fed: NDArray[np.float32]) -> dict[str, Any]:
    drawn = prediction.reconstruction
    assert drawn is not None
    off = distance(fed, drawn)
    return {
        "net": prediction.name,
        "colour": colour_of(prediction.net),
        "fed": data_url(grey(fed)),
        "drawn": data_url(grey(drawn)),
        "difference": data_url(difference(fed, drawn)),
        "digit": prediction.digit,
        "caption": f"{prediction.name} read {prediction.digit} and drew it {off:.3f} off: "
        "mean absolute difference, 0 to 1.",
    }
