"""From what is on the pad, and how the person wants it read, to what the panels show."""

from __future__ import annotations

from typing import Any

import gradio as gr

from architectures.mnist_like import Ink
from demo.drawing import Drawing
from demo.panels.bars import bars, problem
from demo.panels.reconstruction import reconstruction
from demo.panels.sees import sees
from demo.recognize import Busy, Recognition, answering, recognize
from demo.settings import ALL

LIKE_MNIST, AS_DRAWN = "like MNIST", "as drawn"
LUMA, MASK = "luma", "ink mask"
INKS: dict[str, Ink] = {LUMA: "luma", MASK: "mask"}

Shown = tuple[dict[str, Any], dict[str, Any], dict[str, Any]]


def chosen(net: str) -> list[str]:
    """The nets that a choice of the selector stands for."""
    return answering() if net == ALL else [net]


def answer(drawing: Drawing | None, net: str, way: str, ink: str) -> Shown:
    """Values of the bars, of what the net sees and of the reconstruction, for what is on the pad."""
    nets = chosen(net)
    if drawing is None or drawing.empty:
        return shown(nets, None)
    try:
        return shown(nets, recognize(drawing.picture, nets, centre=way == LIKE_MNIST, ink=INKS[ink]))
    except Busy as error:
        return problem(nets, str(error)), gr.skip(), gr.skip()


def shown(nets: list[str], recognition: Recognition | None) -> Shown:
    return bars(nets, recognition), sees(recognition), reconstruction(nets, recognition)
