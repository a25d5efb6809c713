"""Panels of the page as pictures of their own."""

from __future__ import annotations

from PIL import Image

from demo.drawing import Drawing
from demo.panels.bars import CAPTIONS, written
from demo.panels.colours import colour_of
from demo.panels.pictures import grey
from demo.pictures_out.canvas import FAINT, INK, NETS, QUIET, Canvas
from demo.recognize import Reading, Recognition

EDGE = 28
COLUMN, ROW = 250, 34
PIXEL = 10  # a net's pixel, in the pictures of 28 x 28


def drawing_picture(drawing: Drawing) -> Image.Image:
    """The pad as it is, 364 x 364."""
    return Image.fromarray(drawing.picture)


def bars_picture(recognition: Recognition) -> Image.Image:
    """Ten bars for each net, in the order of the digits."""
    readings = list(recognition.readings.values())
    canvas = Canvas(2 * EDGE + 40 + (COLUMN + EDGE) * len(readings), 2 * EDGE + 60 + 10 * ROW)
    top = EDGE + 60
    for digit in range(10):
        canvas.text(EDGE + 10, top + ROW * (digit + 0.5), str(digit), 20, QUIET, anchor="mm")
    for at, reading in enumerate(readings):
        _bars(canvas, reading, EDGE + 40 + (COLUMN + EDGE) * at, top)
    return canvas.picture()


def _bars(canvas: Canvas, reading: Reading, left: float, top: float) -> None:
    colour = NETS[colour_of(reading.net)]
    canvas.text(left, top - 32, reading.net, 22, colour)
    canvas.text(left, top - 10, CAPTIONS[reading.meaning], 15, QUIET)
    track = COLUMN - 76
    for digit, probability in enumerate(reading.probabilities):
        middle = top + ROW * (digit + 0.5)
        winner = digit == reading.digit
        canvas.block((left, middle - 9, left + track, middle + 9), FAINT, 5)
        if probability * track >= 1:
            canvas.block(
                (left, middle - 9, left + probability * track, middle + 9), colour, min(5.0, probability * track / 2)
            )
        canvas.text(left + COLUMN, middle, written(reading, probability), 16, INK if winner else QUIET, anchor="rm")


def reconstruction_picture(recognition: Recognition, reading: Reading) -> Image.Image:
    """What the net was fed, and what its decoder draws; raises ValueError for a net without a decoder."""
    if reading.reconstruction is None:
        raise ValueError(f"{reading.net} has no decoder: there is no reconstruction to save")
    side = 28 * PIXEL
    canvas = Canvas(3 * EDGE + 2 * side, 2 * EDGE + side + 36)
    canvas.paste(grey(recognition.pixels), EDGE, EDGE, side, 12, soft=False)
    canvas.paste(grey(reading.reconstruction), 2 * EDGE + side, EDGE, side, 12, soft=False)
    canvas.text(EDGE, EDGE + side + 30, "what the net sees", 18, QUIET)
    canvas.text(2 * EDGE + side, EDGE + side + 30, f"what {reading.net} draws of its {reading.digit}", 18, QUIET)
    return canvas.picture()
