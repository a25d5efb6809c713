"""The panel of a lesson: its button, what one sees while it runs, and what has been learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

import architectures
from architectures.input.pen import BadPen, Pen
from demo.components import modules
from demo.components.panel import Panel
from demo.settings import ALL
from demo.teach.lesson import PIECE

MOST_STEPS, MOST_DIGITS, MOST_SEED = 300, 600, 2**31 - 1


@dataclass(frozen=True)
class Asked:
    """What a person asks to be taught, checked; net is a name, or "all"."""

    pen: Pen
    net: str
    steps: int
    digits: int
    seed: int


class TeachPanel(Panel):
    """Value: what `progress` makes; as an input, what was Asked for when its button was pressed, or None.

    Events: `submit` starts a lesson, `clear` cancels it.
    Raises gr.Error for a pen that cannot draw, or a lesson beyond its bounds.

    where  "draw": offers itself when a net is fooled; "stress": when a pen has met MNIST
    """

    def __init__(self, where: str, **settings: Any) -> None:
        most = {"steps": MOST_STEPS, "digits": MOST_DIGITS, "seed": MOST_SEED}
        least = {"steps": 1, "digits": PIECE, "seed": 0}
        sharing = modules.url("sketchpad/sharing.mjs")
        super().__init__(None, where=where, least=least, most=most, sharing=sharing, **settings)

    def preprocess(self, payload: Any) -> Asked | None:  # type: ignore[override]
        ask = payload.get("ask") if isinstance(payload, dict) else None
        if not isinstance(ask, dict):
            return None
        try:
            pen = Pen.from_dict(ask.get("pen"))
        except BadPen as error:
            raise gr.Error(f"This pen cannot draw: {error}", print_exception=False) from error
        net = ask.get("net")
        if net != ALL and net not in architectures.names():
            raise gr.Error("There is no such net.", print_exception=False)
        digits = _whole("digits", ask.get("digits"), PIECE, MOST_DIGITS) // PIECE * PIECE
        steps = _whole("steps", ask.get("steps"), 1, MOST_STEPS)
        return Asked(pen, net, steps, digits, _whole("seed", ask.get("seed"), 0, MOST_SEED))


def _whole(name: str, value: Any, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise gr.Error(f"A lesson's {name} must be a number from {least} to {most:,}.", print_exception=False)
    return value
