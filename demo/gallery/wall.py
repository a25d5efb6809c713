"""The image wall: every piece of the gallery with the verdict of every net, computed from the nets at hand."""

from __future__ import annotations

from functools import cache
from typing import Any

import gradio as gr
import torch
from torch import Tensor

import architectures
import checkpoints
from architectures.contract import BadAnswer
from architectures.input.mnist_like import mnist_like
from demo.components.colours import colour_of
from demo.components.data_url import data_url
from demo.components.panel import Panel
from demo.gallery.pieces import pieces
from demo.inference import Busy, available_nets, predict_many

SMALL_STEP = 2  # every second pixel of the pad: 182 px, sharp on a phone too


class Wall(Panel):
    """Value: what `wall` returns. The event `select` carries the `index` of the piece that was clicked."""


@cache
def fed() -> Tensor:
    """What the nets are fed of every piece, (N, 1, 28, 28)."""
    return torch.cat([mnist_like(piece.drawing.image) for piece in pieces()])


@cache
def _images() -> list[str]:
    return [data_url(piece.drawing.image[::SMALL_STEP, ::SMALL_STEP]) for piece in pieces()]


def images() -> dict[str, Any]:
    """The pieces, and room for the verdicts, which are there before the nets have answered."""
    shown = zip(pieces(), _images(), strict=True)
    return {
        "pieces": [{"title": one.title, "label": one.label, "image": image} for one, image in shown],
        "nets": [{"name": net, "colour": colour_of(net), "verdicts": [], "right": None} for net in available_nets()],
        "failures": [],
    }


def wall() -> dict[str, Any]:
    """The pieces, and what each net reads in each; a net that cannot answer is named with its reason instead."""
    verdicts: dict[str, list[dict[str, Any]]] = {}
    failures: dict[str, str] = {}
    for net in available_nets():
        try:
            verdicts[net] = [
                {"digit": int(row.argmax()), "strength": round(float(row.max()), 3)} for row in predict_many(net, fed())
            ]
        except (checkpoints.WeightsError, BadAnswer, architectures.BadArchitecture, Busy) as error:
            failures[net] = str(error)
    return images() | {
        "nets": [
            {"name": net, "colour": colour_of(net), "verdicts": found, "right": _right(found)}
            for net, found in verdicts.items()
        ],
        "failures": [f"{net}: {reason}" for net, reason in failures.items()],
    }


def _right(found: list[dict[str, Any]]) -> int:
    return sum(verdict["digit"] == piece.label for verdict, piece in zip(found, pieces(), strict=True))


def index_of(event: gr.EventData) -> int:
    """The piece that was clicked; raises gr.Error when there is no such piece."""
    index = getattr(event, "index", None)
    if not isinstance(index, int) or not 0 <= index < len(pieces()):
        raise gr.Error("There is no such drawing in the gallery.")
    return index
