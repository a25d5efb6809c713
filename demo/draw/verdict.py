"""The verdict: one large sentence, and a tile for each net with the digit it predicts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from checkpoints.store import naming
from demo.components.colours import colour_of
from demo.components.panel import Panel
from demo.components.trainings import note_on, training_of
from demo.draw.sentence import other_sentence, sentence
from demo.inference import Prediction, Predictions

HINT = "Draw a digit"
UNDER_HINT = "Any from 0 to 9. The nets answer while your pen moves."
FAINT = 0.01  # a second guess below this is not worth a word


class Verdict(Panel):
    """Value: what `verdict` or `problem` returns. The event `select` carries the `net` whose tile was pressed.

    Its script tells the rest of the page each answer: the event `predictions` on the document.
    """

    packed = True


class OtherTraining(Panel):
    """Value: what `other_verdict` returns. Shows nothing: its script hands the value on as the event `predictions`."""

    packed = True


def verdict(
    ids: Sequence[str], predictions: Predictions | None, training: str, turn: int | None = None, *, live: bool = False
) -> dict[str, Any]:
    """What the tiles of `ids`, asked in a `training`, show; None, an empty pad, gives a hint.

    turn is the number of the drawing, live whether its stroke is still being drawn.
    """
    digits = [prediction.digit for prediction in predictions.by_net.values()] if predictions is not None else []
    return {
        "turn": turn,
        "training": training,
        "live": live,
        "empty": predictions is None,
        "sentence": HINT if predictions is None else sentence(digits),
        "line": UNDER_HINT if predictions is None else "",
        "nets": [tile(net_id, predictions, training) for net_id in ids],
    }


def other_verdict(
    ids: Sequence[str], predictions: Predictions | None, training: str, turn: int | None = None
) -> dict[str, Any]:
    """What the same nets, those that there are in this `training` too, predict: for the line below the sentence."""
    known = [net_id for net_id in ids if naming.split(net_id)[1] == training_of(training)]
    value = verdict(known, predictions, training, turn)
    digits = [tile["digit"] for tile in value["nets"] if "digit" in tile]
    lead, said = other_sentence(training, digits) if digits else ("", "")
    return value | {"sentence": said, "line": lead}


def problem(message: str) -> dict[str, Any]:
    """Why there is no answer now; the tiles stay, marked as old, and the page tries again."""
    return {"problem": message}


def tile(net_id: str, predictions: Predictions | None, training: str) -> dict[str, Any]:
    """One net's tile."""
    name, own_training = naming.split(net_id)
    note = note_on(own_training, training)
    shown: dict[str, Any] = {"id": net_id, "name": name, "colour": colour_of(net_id), "note": note}
    prediction = predictions.by_net.get(net_id) if predictions else None
    if prediction is not None:
        share = prediction.probabilities[prediction.digit]
        shown |= {
            "digit": prediction.digit,
            "share": share,
            "value": written(prediction, share),
            "then": runner_up(prediction),
            "spoken": spoken(prediction),
        }
    elif predictions is not None:
        shown["failure"] = predictions.failures[net_id]
    return shown


def written(prediction: Prediction, probability: float) -> str:
    """A probability as people read it: `98.7 %` of a softmax, `0.987` for the length of a capsule."""
    if prediction.meaning == "softmax":
        return f"{probability * 100:.1f} %"
    return f"{probability:.3f}"


def runner_up(prediction: Prediction) -> int | None:
    """The digit that comes second, where it is worth a word."""
    second = sorted(range(10), key=lambda digit: -prediction.probabilities[digit])[1]
    return second if prediction.probabilities[second] >= FAINT else None


def spoken(prediction: Prediction) -> str:
    """The answer of one net in words."""
    best = written(prediction, prediction.probabilities[prediction.digit])
    return f"{prediction.name} reads {prediction.digit}, {prediction.meaning} {best}"
