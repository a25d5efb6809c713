"""The image wall: every piece of the gallery with the predictions of every net, computed from the nets at hand."""

from __future__ import annotations

from functools import cache
from typing import Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from architectures.input.mnist_like import mnist_like
from checkpoints.store import naming
from demo.components.colours import colour_of
from demo.components.data_url import data_url
from demo.components.panel import Panel, told
from demo.components.trainings import PEN
from demo.gallery.pieces import pieces
from demo.inference import Busy, both_trainings, predict_side_by_side

SMALL_STEP = 2  # every second pixel of the pad: 182 px, sharp on a phone too
HEADER = ("title", "label", "net", "training", "prediction", "probability", "correct")

Floats = NDArray[np.float32]


class Wall(Panel):
    """Value: what `images` or `wall` returns.

    Events: `select` carries the `index` of the piece that was clicked, `submit` the `digit` of a prompt.
    """


@cache
def fed() -> Floats:
    """What the nets are fed of every piece, (N, 1, 28, 28)."""
    return np.concatenate([mnist_like(piece.drawing.image).numpy() for piece in pieces()])


@cache
def _images() -> list[str]:
    return [data_url(piece.drawing.image[::SMALL_STEP, ::SMALL_STEP]) for piece in pieces()]


def images() -> dict[str, Any]:
    """The pieces, and room for the predictions, which are there before the nets have answered."""
    shown = zip(pieces(), _images(), strict=True)
    return {
        "pieces": [{"title": one.title, "label": one.label, "image": image} for one, image in shown],
        "nets": [_net(net_id, None) for net_id in both_trainings()],
        "failures": [],
    }


def wall() -> dict[str, Any]:
    """The pieces, and what each net predicts for each; a net that cannot answer is named with its reason instead."""
    try:
        by_net, failures = predictions()
    except Busy as error:
        return images() | {"nets": [], "failures": [str(error)]}
    return images() | {
        "nets": [_net(net_id, probabilities) for net_id, probabilities in by_net.items()],
        "failures": [f"{net_id}: {reason}" for net_id, reason in failures.items()],
    }


def predictions() -> tuple[dict[str, Floats], dict[str, str]]:
    """Probabilities (N, 10) by net id, and why a net has none, by net id; raises Busy."""
    by_net, failures = predict_side_by_side(both_trainings(), fed())
    return by_net, {net_id: str(failure) for net_id, failure in failures.items()}


def rows() -> list[tuple[object, ...]]:
    """A line for each piece and net, for a table; raises Busy."""
    by_net, _ = predictions()
    return [
        (
            piece.title,
            piece.label,
            naming.split(net_id)[0],
            naming.split(net_id)[1] or PEN,
            int(row.argmax()),
            round(float(row.max()), 4),
            int(row.argmax() == piece.label),
        )
        for net_id, probabilities in by_net.items()
        for piece, row in zip(pieces(), probabilities, strict=True)
    ]


def _net(net_id: str, probabilities: Floats | None) -> dict[str, Any]:
    name, training = naming.split(net_id)
    found = [] if probabilities is None else [(int(row.argmax()), round(float(row.max()), 3)) for row in probabilities]
    return {
        "id": net_id,
        "name": name,
        "training": training or PEN,
        "colour": colour_of(net_id),
        "predictions": [{"digit": digit, "strength": strength} for digit, strength in found],
        "correct": sum(digit == piece.label for (digit, _), piece in zip(found, pieces(), strict=True))
        if found
        else None,
    }


def index_of(event: gr.EventData) -> int:
    """The piece that was clicked; raises gr.Error when there is no such piece."""
    index = told(event, "index")
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < len(pieces()):
        raise gr.Error("There is no such drawing in the gallery.")
    return index
