"""The share card: the drawing, the verdict and the reconstruction on one image of 1200 x 630 pixels."""

from __future__ import annotations

from PIL import Image

from checkpoints.store import naming
from demo.components.articles import a_digit
from demo.components.colours import colour_of
from demo.components.data_url import grey
from demo.components.png import DARK, Canvas, Palette
from demo.components.trainings import IN_WORDS, shown_training
from demo.draw.bars import CAPTIONS
from demo.draw.sentence import sentence
from demo.draw.verdict import written
from demo.inference import Prediction, Predictions
from demo.sketchpad.drawing import Drawing

WIDTH, HEIGHT = 1200, 630
TITLE = "Handwritten Digit Challenge"
EDGE = 60
PAD = 470
RIGHT = EDGE + PAD + 60  # where the verdict begins
MOST_ROWS = 5
HEADLINE = 44
RECONSTRUCTION = 112


def share_card(drawing: Drawing, predictions: Predictions, palette: Palette = DARK, address: str = "") -> Image.Image:
    """RGB (1200, 630): what was drawn, what the nets predict, and what the first decoder among them draws of it.

    In the colours of the theme that the page is seen in, with the address where it is found.
    """
    canvas = Canvas(WIDTH, HEIGHT, palette.paper)
    top = (HEIGHT - PAD) / 2 - 10
    canvas.block((EDGE - 1, top - 1, EDGE + PAD + 1, top + PAD + 1), "#000000", 25, outline=palette.rule)
    canvas.paste(drawing.image, EDGE, top, PAD, 24, soft=True)
    by_net = list(predictions.by_net.values())
    said = sentence([prediction.digit for prediction in by_net])
    room = WIDTH - EDGE - RIGHT
    size = min(HEADLINE, HEADLINE * room / canvas.width_of(said, HEADLINE))
    canvas.text(RIGHT, top + 34, said, size, palette.ink)
    canvas.text(RIGHT, top + 66, training_of(by_net), 21, palette.quiet)
    imaged = next((prediction for prediction in by_net if prediction.reconstruction is not None), None)
    bottom = top + PAD - (RECONSTRUCTION + 20 if imaged else 0)
    _verdicts(canvas, by_net, palette, top + 84, bottom)
    if imaged is not None:
        _reconstruction(canvas, predictions, imaged, palette, top + PAD - RECONSTRUCTION)
    canvas.rainbow((0, HEIGHT - 10, WIDTH, HEIGHT))
    canvas.text(EDGE, HEIGHT - 32, TITLE, 22, palette.quiet)
    where = canvas.fitted(address, 22, WIDTH / 2) or "a pen that changes while you draw"
    canvas.text(WIDTH - EDGE, HEIGHT - 32, where, 22, palette.quiet, anchor="rs")
    return canvas.finished()


def training_of(by_net: list[Prediction]) -> str:
    """How the nets were trained, where they were all trained alike."""
    trainings = {naming.split(prediction.net)[1] for prediction in by_net}
    if len(trainings) != 1:
        return ""
    return IN_WORDS[shown_training(*trainings)]


def _verdicts(canvas: Canvas, by_net: list[Prediction], palette: Palette, top: float, bottom: float) -> None:
    """One row for each net: the digit it predicts, its name, and how sure it is."""
    shown = by_net[:MOST_ROWS]
    height = min(84.0, (bottom - top) / max(len(shown), 1))
    right = WIDTH - EDGE
    for at, prediction in enumerate(shown):
        middle = top + height * (at + 0.5)
        colour = palette.nets[colour_of(prediction.net)]
        best = prediction.probabilities[prediction.digit]
        size = min(60.0, height * 0.8)
        canvas.text(RIGHT + 24, middle, str(prediction.digit), size, colour, anchor="mm")
        left = RIGHT + 68
        canvas.text(left, middle - 4, prediction.name, 24, palette.ink)
        said = f"{CAPTIONS[prediction.meaning].removesuffix('s')} {written(prediction, best)}"
        canvas.text(right, middle - 4, said, 20, palette.quiet, anchor="rs")
        canvas.block((left, middle + 8, right, middle + 18), palette.faint, 5)
        canvas.block((left, middle + 8, left + max(10.0, (right - left) * best), middle + 18), colour, 5)


def _reconstruction(
    canvas: Canvas, predictions: Predictions, prediction: Prediction, palette: Palette, top: float
) -> None:
    """What the net was fed beside what its decoder drew of it."""
    assert prediction.reconstruction is not None
    second = RIGHT + RECONSTRUCTION + 20
    canvas.paste(grey(predictions.pixels), RIGHT, top, RECONSTRUCTION, 12, soft=False)
    canvas.paste(grey(prediction.reconstruction), second, top, RECONSTRUCTION, 12, soft=False)
    left, middle = second + RECONSTRUCTION + 24, top + RECONSTRUCTION / 2
    name = prediction.name
    for line, text in enumerate(("what the nets see,", f"and what {name}", f"imagines: {a_digit(prediction.digit)}")):
        canvas.text(left, middle - 18 + 26 * line, text, 20, palette.quiet)
