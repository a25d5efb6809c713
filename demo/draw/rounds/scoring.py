"""The rules of a game: which pens are dealt, and what a drawing is worth."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from architectures.input.pen import PRESETS, Pen
from checkpoints.store import naming
from demo.components.colours import colour_of
from demo.inference import Predictions

LENGTH = 5  # drawings of a game
# From the pen that fools most nets by itself to the one with which only the drawing can (docs/pens.md).
PENS = ("hairline", "ribbon", "wild", "classic", "steady white")
ALONE_POINTS, PEN_POINTS = 1, 3  # for a net trained on MNIST alone that is fooled, and for one that knows the pen
SEEDS = 1000


@dataclass(frozen=True)
class Score:
    """What a drawing of `digit` is worth.

    points   none for anybody when no net at all reads it: nobody could
    nobody   whether that is so
    fooled   ids of the nets that predict another digit
    """

    digit: int
    points: int
    nobody: bool
    fooled: tuple[str, ...]


def deal_pens(seed: int | None = None) -> list[Pen]:
    """The LENGTH pens in their order, each with jitter of its own."""
    chance = random.Random(seed)
    return [replace(PRESETS[name], seed=chance.randrange(SEEDS)) for name in PENS]


def deal_digits() -> list[int]:
    """LENGTH different digits, for a game that no store has dealt."""
    return random.sample(range(10), LENGTH)


def score(predictions: Predictions, digit: int) -> Score:
    """The score of a drawing by what the nets of both trainings predict. Nets that failed do not count."""
    predicted = {net_id: prediction.digit for net_id, prediction in predictions.by_net.items()}
    fooled = tuple(net_id for net_id, each in predicted.items() if each != digit)
    nobody = len(fooled) == len(predicted)
    points = 0 if nobody else sum(worth(net_id) for net_id in fooled)
    return Score(digit, points, nobody, fooled)


def worth(net_id: str) -> int:
    """Points for fooling a net."""
    return ALONE_POINTS if naming.split(net_id)[1] else PEN_POINTS


def shown(predictions: Predictions, digit: int, ids: Sequence[str]) -> dict[str, Any]:
    """A round's outcome as the page shows it."""
    scored = score(predictions, digit)
    return {
        "points": scored.points,
        "nobody": scored.nobody,
        "nets": [
            {
                "id": net_id,
                "name": naming.split(net_id)[0],
                "alone": naming.split(net_id)[1] is not None,
                "colour": colour_of(net_id),
                "digit": predictions.by_net[net_id].digit,
                "fooled": net_id in scored.fooled,
            }
            for net_id in ids
            if net_id in predictions.by_net
        ],
    }
