"""What the net sees: the 28x28 picture it is fed, enlarged without smoothing."""

from __future__ import annotations

from typing import Any

from architectures.contract import SIDE_PX
from demo.panels.panel import Panel
from demo.panels.pictures import data_url, grey
from demo.recognize import Recognition

HINT = "Every digit reaches the nets as 28×28 grey pixels. Yours will appear here."


class Sees(Panel):
    """Value: what `sees` returns."""


def sees(recognition: Recognition | None) -> dict[str, Any]:
    """What the panel shows of a recognition; None, an empty pad, gives a hint."""
    if recognition is None:
        return {"hint": HINT, "picture": "", "description": "", "caption": ""}
    inked = recognition.pixels > 0
    caption = f"{int(inked.sum())} of {SIDE_PX**2} pixels, mean grey {recognition.pixels[inked].mean():.2f} of 1"
    return {
        "hint": "",
        "picture": data_url(grey(recognition.pixels)),
        "description": f"The {SIDE_PX} by {SIDE_PX} picture the nets are fed",
        "caption": caption,
    }
