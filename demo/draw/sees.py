"""What the net sees: the 28x28 image it is fed, enlarged without smoothing."""

from __future__ import annotations

from typing import Any

from architectures.contract import SIDE_PX
from demo.components.data_url import data_url, grey
from demo.components.panel import Panel
from demo.inference import Predictions

HINT = "Every digit reaches the nets as 28×28 grey pixels. Yours will appear here."


class Sees(Panel):
    """Value: what `sees` returns."""

    packed = True


def sees(predictions: Predictions | None) -> dict[str, Any]:
    """What the panel shows of a recognition; None, an empty pad, gives a hint."""
    if predictions is None:
        return {"hint": HINT, "image": "", "description": "", "caption": ""}
    inked = predictions.pixels > 0
    caption = f"{int(inked.sum())} of {SIDE_PX**2} pixels, mean grey {predictions.pixels[inked].mean():.2f} of 1"
    return {
        "hint": "",
        "image": data_url(grey(predictions.pixels)),
        "description": f"The {SIDE_PX} by {SIDE_PX} image the nets are fed",
        "caption": caption,
    }
