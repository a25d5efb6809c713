"""What the tab's choices ask for: from pad, net and digit to a look."""

from __future__ import annotations

from typing import Any

from demo.laboratory.look import Look, NoLook, look_into
from demo.sketchpad.drawing import Drawing

LONGEST = "the longest"
LIVE: dict[str, Any] = {
    "queue": False,
    "trigger_mode": "always_last",
    "show_progress": "hidden",
    "api_visibility": "private",
}


def looked_into(drawing: Drawing | None, net: str | None, digit: str) -> Look:
    """The look that the tab's choices ask for; raises NoLook and Busy."""
    if net is None:
        raise NoLook("No net with capsules has its weights here: python -m checkpoints list says what is missing.")
    if drawing is None or drawing.empty:
        raise NoLook("The pad is empty. Draw a digit on the Draw tab first, then come back.")
    return look_into(drawing.image, net, None if digit == LONGEST else int(digit))
