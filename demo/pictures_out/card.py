"""The share card: the drawing, every net's verdict and the reconstruction on one picture of 1200 x 630 pixels."""

from __future__ import annotations

from PIL import Image

from demo.drawing import Drawing
from demo.panels.bars import CAPTIONS, written
from demo.panels.colours import colour_of
from demo.panels.pictures import grey
from demo.pictures_out.canvas import FAINT, INK, NETS, PAPER, QUIET, RULE, Canvas
from demo.recognize import Reading, Recognition

WIDTH, HEIGHT = 1200, 630
TITLE = "Handwritten Digit Challenge"
EDGE = 60
PAD = 470
RIGHT = EDGE + PAD + 60  # where the verdicts begin
MOST_ROWS = 5
RECONSTRUCTION = 128


def share_card(drawing: Drawing, recognition: Recognition) -> Image.Image:
    """RGB (1200, 630): what was drawn, what the nets read, and what the first decoder among them draws of it."""
    canvas = Canvas(WIDTH, HEIGHT, PAPER)
    top = (HEIGHT - PAD) / 2 - 10
    canvas.block((EDGE - 1, top - 1, EDGE + PAD + 1, top + PAD + 1), "#000000", 25, outline=RULE)
    canvas.paste(drawing.picture, EDGE, top, PAD, 24, soft=True)
    readings = list(recognition.readings.values())
    canvas.text(RIGHT, top + 34, headline(readings), 44)
    pictured = next((reading for reading in readings if reading.reconstruction is not None), None)
    _verdicts(canvas, readings, top + 74, bottom=top + PAD - (RECONSTRUCTION + 28 if pictured else 0))
    if pictured is not None:
        _reconstruction(canvas, recognition, pictured, top + PAD - RECONSTRUCTION)
    canvas.rainbow((0, HEIGHT - 10, WIDTH, HEIGHT))
    canvas.text(EDGE, HEIGHT - 32, TITLE, 22, QUIET)
    canvas.text(WIDTH - EDGE, HEIGHT - 32, "a pen that changes while you draw", 22, QUIET, anchor="rs")
    return canvas.picture()


def headline(readings: list[Reading]) -> str:
    """What the nets say together."""
    digits = [reading.digit for reading in readings]
    if not digits:
        return "No net could answer"
    if len(digits) == 1:
        return f"It reads {digits[0]}"
    if len(set(digits)) == 1:
        return f"They all read {digits[0]}"
    if len(set(digits)) == len(digits):
        return "No two nets agree"
    return "The nets disagree"


def _verdicts(canvas: Canvas, readings: list[Reading], top: float, bottom: float) -> None:
    """One row for each net: the digit it read, its name, and how sure it is."""
    shown = readings[:MOST_ROWS]
    height = min(84.0, (bottom - top) / max(len(shown), 1))
    right = WIDTH - EDGE
    for at, reading in enumerate(shown):
        middle = top + height * (at + 0.5)
        colour = NETS[colour_of(reading.net)]
        best = reading.probabilities[reading.digit]
        size = min(58.0, height * 0.72)
        canvas.text(RIGHT + 24, middle, str(reading.digit), size, colour, anchor="mm")
        left = RIGHT + 68
        canvas.text(left, middle - 4, reading.net, 24, INK)
        said = f"{CAPTIONS[reading.meaning].removesuffix('s')} {written(reading, best)}"
        canvas.text(right, middle - 4, said, 20, QUIET, anchor="rs")
        canvas.block((left, middle + 8, right, middle + 18), FAINT, 5)
        canvas.block((left, middle + 8, left + max(10.0, (right - left) * best), middle + 18), colour, 5)


def _reconstruction(canvas: Canvas, recognition: Recognition, reading: Reading, top: float) -> None:
    """What the net was fed beside what its decoder drew of it."""
    assert reading.reconstruction is not None
    second = RIGHT + RECONSTRUCTION + 20
    canvas.paste(grey(recognition.pixels), RIGHT, top, RECONSTRUCTION, 12, soft=False)
    canvas.paste(grey(reading.reconstruction), second, top, RECONSTRUCTION, 12, soft=False)
    left, middle = second + RECONSTRUCTION + 24, top + RECONSTRUCTION / 2
    canvas.text(left, middle - 18, "what the nets see,", 20, QUIET)
    canvas.text(left, middle + 8, f"and what {reading.net}", 20, QUIET)
    canvas.text(left, middle + 34, f"imagines: a {reading.digit}", 20, QUIET)
