"""Panels of the Draw tab as images of their own, and the numbers behind the bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PIL import Image

from checkpoints.store import naming
from demo.components.colours import colour_of
from demo.components.data_url import grey
from demo.components.png import FAINT, INK, NETS, QUIET, Canvas
from demo.components.trainings import shown_training
from demo.draw.bars import CAPTIONS
from demo.draw.verdict import written
from demo.inference import Prediction, Predictions
from demo.sketchpad.drawing import Drawing
from demo.taught_nets import is_taught

EDGE = 28
COLUMN, ROW = 250, 34
BARS_HEADER = ("net", "training", "meaning", "digit", "probability", "predicted")
PIXEL = 10  # a net's pixel, in the images of 28 x 28


def drawing_image(drawing: Drawing) -> Image.Image:
    """The pad as it is, 364 x 364."""
    return Image.fromarray(drawing.image)


def bars_image(predictions: Predictions) -> Image.Image:
    """Ten bars for each net, in the order of the digits."""
    by_net = list(predictions.by_net.values())
    canvas = Canvas(2 * EDGE + 40 + (COLUMN + EDGE) * len(by_net), 2 * EDGE + 60 + 10 * ROW)
    top = EDGE + 60
    for digit in range(10):
        canvas.text(EDGE + 10, top + ROW * (digit + 0.5), str(digit), 20, QUIET, anchor="mm")
    for at, prediction in enumerate(by_net):
        _bars(canvas, prediction, EDGE + 40 + (COLUMN + EDGE) * at, top)
    return canvas.finished()


def bars_rows(predictions: Predictions) -> list[Sequence[object]]:
    """The numbers behind the bars: a row for each net and digit, in the columns of BARS_HEADER."""
    return [
        [*_named(prediction), prediction.meaning, digit, round(probability, 6), int(digit == prediction.digit)]
        for prediction in predictions.by_net.values()
        for digit, probability in enumerate(prediction.probabilities)
    ]


def bars_numbers(predictions: Predictions) -> dict[str, Any]:
    """The same by the id of each net, with the names that /classify uses."""
    return {
        "/".join(_named(prediction)) if is_taught(naming.split(prediction.net)[1]) else prediction.net: {
            "digit": prediction.digit,
            "probabilities": [round(probability, 6) for probability in prediction.probabilities],
            "meaning": prediction.meaning,
        }
        for prediction in predictions.by_net.values()
    }


def _named(prediction: Prediction) -> list[str]:
    _, training = naming.split(prediction.net)
    return [prediction.name, shown_training(training)]


def _bars(canvas: Canvas, prediction: Prediction, left: float, top: float) -> None:
    colour = NETS[colour_of(prediction.net)]
    canvas.text(left, top - 32, prediction.name, 22, colour)
    canvas.text(left, top - 10, CAPTIONS[prediction.meaning], 15, QUIET)
    track = COLUMN - 76
    for digit, probability in enumerate(prediction.probabilities):
        middle = top + ROW * (digit + 0.5)
        winner = digit == prediction.digit
        canvas.block((left, middle - 9, left + track, middle + 9), FAINT, 5)
        if probability * track >= 1:
            canvas.block(
                (left, middle - 9, left + probability * track, middle + 9), colour, min(5.0, probability * track / 2)
            )
        canvas.text(left + COLUMN, middle, written(prediction, probability), 16, INK if winner else QUIET, anchor="rm")


def reconstruction_image(predictions: Predictions, prediction: Prediction) -> Image.Image:
    """What the net was fed, and what its decoder draws; raises ValueError for a net without a decoder."""
    if prediction.reconstruction is None:
        raise ValueError(f"{prediction.net} has no decoder: there is no reconstruction to save")
    side = 28 * PIXEL
    canvas = Canvas(3 * EDGE + 2 * side, 2 * EDGE + side + 36)
    canvas.paste(grey(predictions.pixels), EDGE, EDGE, side, 12, soft=False)
    canvas.paste(grey(prediction.reconstruction), 2 * EDGE + side, EDGE, side, 12, soft=False)
    canvas.text(EDGE, EDGE + side + 30, "what the net sees", 18, QUIET)
    canvas.text(
        2 * EDGE + side,
        EDGE + side + 30,
        f"what {prediction.name} draws of its {prediction.digit}",
        18,
        QUIET,
    )
    return canvas.finished()
