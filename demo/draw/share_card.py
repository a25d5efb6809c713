"""The share card: the drawing, every net's verdict and the reconstruction on one image of 1200 x 630 pixels."""

from __future__ import annotations

from PIL import Image

from demo.components.colours import colour_of
from demo.components.data_url import grey
from demo.components.png import FAINT, INK, NETS, PAPER, QUIET, RULE, Canvas
from demo.draw.bars import CAPTIONS
from demo.draw.verdict import written
from demo.inference import Prediction, Predictions
from demo.sketchpad.drawing import Drawing

WIDTH, HEIGHT = 1200, 630
TITLE = "Handwritten Digit Challenge"
EDGE = 60
PAD = 470
RIGHT = EDGE + PAD + 60  # where the verdicts begin
MOST_ROWS = 5
RECONSTRUCTION = 128


def share_card(drawing: Drawing, predictions: Predictions) -> Image.Image:
    """RGB (1200, 630): what was drawn, what the nets read, and what the first decoder among them draws of it."""
    canvas = Canvas(WIDTH, HEIGHT, PAPER)
    top = (HEIGHT - PAD) / 2 - 10
    canvas.block((EDGE - 1, top - 1, EDGE + PAD + 1, top + PAD + 1), "#000000", 25, outline=RULE)
    canvas.paste(drawing.image, EDGE, top, PAD, 24, soft=True)
    by_net = list(predictions.by_net.values())
    canvas.text(RIGHT, top + 34, headline(by_net), 44)
    imaged = next((prediction for prediction in by_net if prediction.reconstruction is not None), None)
    _verdicts(canvas, by_net, top + 74, bottom=top + PAD - (RECONSTRUCTION + 28 if imaged else 0))
    if imaged is not None:
        _reconstruction(canvas, predictions, imaged, top + PAD - RECONSTRUCTION)
    canvas.rainbow((0, HEIGHT - 10, WIDTH, HEIGHT))
    canvas.text(EDGE, HEIGHT - 32, TITLE, 22, QUIET)
    canvas.text(WIDTH - EDGE, HEIGHT - 32, "a pen that changes while you draw", 22, QUIET, anchor="rs")
    return canvas.finished()


def headline(by_net: list[Prediction]) -> str:
    """What the nets say together."""
    digits = [prediction.digit for prediction in by_net]
    if not digits:
        return "No net could answer"
    if len(digits) == 1:
        return f"It reads {digits[0]}"
    if len(set(digits)) == 1:
        return f"They all read {digits[0]}"
    if len(set(digits)) == len(digits):
        return "No two nets agree"
    return "The nets disagree"


def _verdicts(canvas: Canvas, by_net: list[Prediction], top: float, bottom: float) -> None:
    """One row for each net: the digit it read, its name, and how sure it is."""
    shown = by_net[:MOST_ROWS]
    height = min(84.0, (bottom - top) / max(len(shown), 1))
    right = WIDTH - EDGE
    for at, prediction in enumerate(shown):
        middle = top + height * (at + 0.5)
        colour = NETS[colour_of(prediction.net)]
        best = prediction.probabilities[prediction.digit]
        size = min(58.0, height * 0.72)
        canvas.text(RIGHT + 24, middle, str(prediction.digit), size, colour, anchor="mm")
        left = RIGHT + 68
        canvas.text(left, middle - 4, prediction.net, 24, INK)
        said = f"{CAPTIONS[prediction.meaning].removesuffix('s')} {written(prediction, best)}"
        canvas.text(right, middle - 4, said, 20, QUIET, anchor="rs")
        canvas.block((left, middle + 8, right, middle + 18), FAINT, 5)
        canvas.block((left, middle + 8, left + max(10.0, (right - left) * best), middle + 18), colour, 5)


def _reconstruction(canvas: Canvas, predictions: Predictions, prediction: Prediction, top: float) -> None:
    """What the net was fed beside what its decoder drew of it."""
    assert prediction.reconstruction is not None
    second = RIGHT + RECONSTRUCTION + 20
    canvas.paste(grey(predictions.pixels), RIGHT, top, RECONSTRUCTION, 12, soft=False)
    canvas.paste(grey(prediction.reconstruction), second, top, RECONSTRUCTION, 12, soft=False)
    left, middle = second + RECONSTRUCTION + 24, top + RECONSTRUCTION / 2
    canvas.text(left, middle - 18, "what the nets see,", 20, QUIET)
    canvas.text(left, middle + 8, f"and what {prediction.net}", 20, QUIET)
    canvas.text(left, middle + 34, f"imagines: a {prediction.digit}", 20, QUIET)
