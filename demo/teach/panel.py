"""The panel of a lesson: its button, what one sees while it runs, and what has been learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

import architectures
from architectures.input.pen import BadPen, Pen
from checkpoints.shipped_digits import TRAINING
from checkpoints.training.teaching import Lesson
from demo.components import modules
from demo.components.panel import Panel
from demo.teach.lesson import PIECE

MOST_STEPS, MOST_DIGITS, MOST_SEED = 300, TRAINING, 2**31 - 1


@dataclass(frozen=True)
class Asked:
    """What a person asks to be taught, checked; `nets` are names, or none for all that learn within seconds."""

    pen: Pen
    nets: tuple[str, ...]
    steps: int
    digits: int
    seed: int


class TeachPanel(Panel):
    """Value: what `progress` makes; as an input, what was Asked for when its button was pressed, or None.

    Events: `submit` starts a lesson, `clear` cancels it; `focus` says that somebody may ask for one soon.
    Raises gr.Error for a pen that cannot draw, or a lesson beyond its bounds.

    where  "draw": offers itself when a net is fooled; "stress": when a pen has met MNIST
    """

    def __init__(self, where: str, **settings: Any) -> None:
        most = {"steps": MOST_STEPS, "digits": MOST_DIGITS, "seed": MOST_SEED}
        least = {"steps": 1, "digits": PIECE, "seed": 0}
        sharing, pen_map = (modules.url(each) for each in ("sketchpad/sharing.mjs", "teach/map.mjs"))
        usual = {"steps": Lesson.steps, "digits": Lesson.digits, "seed": 0}
        super().__init__(
            None, where=where, usual=usual, least=least, most=most, sharing=sharing, map=pen_map, **settings
        )

    def preprocess(self, payload: Any) -> Asked | None:  # type: ignore[override]
        ask = payload.get("ask") if isinstance(payload, dict) else None
        if not isinstance(ask, dict):
            return None
        try:
            pen = Pen.from_dict(ask.get("pen"))
        except BadPen as error:
            raise gr.Error(f"This pen cannot draw: {error}", print_exception=False) from error
        nets = ask.get("nets")
        if not isinstance(nets, list) or not all(net in architectures.names() for net in nets):
            raise gr.Error("There is no such net.", print_exception=False)
        digits = _whole("digits", ask.get("digits"), PIECE, MOST_DIGITS) // PIECE * PIECE
        steps = _whole("steps", ask.get("steps"), 1, MOST_STEPS)
        return Asked(pen, tuple(dict.fromkeys(nets)), steps, digits, _whole("seed", ask.get("seed"), 0, MOST_SEED))


def _whole(name: str, value: Any, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise gr.Error(f"A lesson's {name} must be a number from {least} to {most:,}.", print_exception=False)
    return value
