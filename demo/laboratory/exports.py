"""The laboratory's panels as images of their own."""

from __future__ import annotations

from PIL import Image

from demo.components.data_url import grey
from demo.components.png import FAINT, INK, NETS, QUIET, Canvas
from demo.laboratory import shades
from demo.laboratory.decoded import drawn
from demo.laboratory.look import Iteration, Look, every_opinion, iterations, together, whole_sheet
from demo.laboratory.sliders import Posed

EDGE = 28
HEAD = 84  # title and the line beside it
TITLE, BESIDE = 30, 16  # sizes of their letters
OPINION, GAP = 140, 24
SIDE = 280
ACCENT = NETS[1]
VOTES, BARS = 168, 260


def decoded_image(posed: Posed) -> Image.Image:
    """The digit decoded where the sliders stand, where they stand, and the sweep of the dimension moved last.

    Raises NoLook for a net without a decoder, and WeightsError.
    """
    image, strip = drawn(posed)
    rows = -(-len(posed.values) // 2)
    column = 230
    canvas = Canvas(3 * EDGE + SIDE + 2 * column, HEAD + max(SIDE, 28 * rows) + EDGE + 96)
    _head(canvas, f"A {posed.digit}, turned by hand", posed.net)
    canvas.paste(image, EDGE, HEAD, SIDE, 12, soft=False)
    for at, (value, low, high) in enumerate(zip(posed.values, posed.low, posed.high, strict=True)):
        left, middle = 2 * EDGE + SIDE + column * (at // rows), HEAD + 28 * (at % rows) + 14
        canvas.text(left + 18, middle, str(at + 1), 15, INK if at == posed.moved else QUIET, anchor="rm")
        canvas.block((left + 30, middle - 2, left + 140, middle + 2), FAINT, 2)
        knob = left + 30 + 110 * (value - low) / max(high - low, 1e-9)
        canvas.block((knob - 6, middle - 6, knob + 6, middle + 6), ACCENT, 6)
        canvas.text(left + 200, middle, f"{value:+.2f}", 15, QUIET, anchor="rm")
    below = HEAD + max(SIDE, 28 * rows) + EDGE
    canvas.text(EDGE, below + 2, f"dimension {posed.moved + 1} in eleven steps", 15, QUIET)
    canvas.paste(strip, EDGE, below + 14, canvas.size[0] - 2 * EDGE, 6, soft=False)
    return canvas.finished()


def sheet_image(look: Look) -> Image.Image:
    """Sixteen rows of eleven decoded digits, with the names of the dimensions."""
    tiles = whole_sheet(look)
    rows, width = len(look.own), tiles.shape[1] * 3
    left = 150
    canvas = Canvas(left + width + EDGE, HEAD + tiles.shape[0] * 3 + EDGE)
    _head(canvas, f"My {look.digit}, sixteen ways", f"{look.net}; the middle column is the drawing")
    names = [dimension.name for dimension in look.spread.dimensions] or [""] * rows
    for row in range(rows):
        named = canvas.fitted(f"{row + 1} {names[row]}".strip(), 15, left - EDGE - 14)
        canvas.text(left - 14, HEAD + 87 * row + 42, named, 15, QUIET, anchor="rm")
    canvas.paste(tiles, left, HEAD, width, 6, soft=False)
    return canvas.finished()


def opinions_image(look: Look) -> Image.Image:
    """What the net sees, and the ten digits that its capsules draw of it, with their lengths and distances."""
    found = every_opinion(look)
    nearest = min(found, key=lambda opinion: opinion.distance).digit
    step, row = OPINION + GAP, OPINION + 84
    canvas = Canvas(2 * EDGE + 6 * step - GAP, HEAD + 2 * row)
    _head(canvas, "Every capsule's opinion", look.net)
    canvas.paste(grey(look.fed.numpy()), EDGE, HEAD, OPINION, 10, soft=False)
    canvas.text(EDGE, HEAD + OPINION + 24, "what the net sees", 15, QUIET)
    for opinion in found:
        left, top = EDGE + step * (1 + opinion.digit % 5), HEAD + row * (opinion.digit // 5)
        canvas.paste(grey(opinion.image.cpu().numpy()), left, top, OPINION, 10, soft=False)
        below = top + OPINION + 8
        canvas.block((left, below, left + OPINION, below + 6), FAINT, 3)
        canvas.block((left, below, left + max(6.0, OPINION * opinion.length), below + 6), ACCENT, 3)
        canvas.text(left, below + 34, str(opinion.digit), 26)
        longest = opinion.digit == look.prediction.digit
        length, distance = f"length {opinion.length:.2f}", f"distance {opinion.distance:.1f}"
        canvas.text(left + 28, below + 24, length, 14, INK if longest else QUIET)
        canvas.text(left + 28, below + 42, distance, 14, INK if opinion.digit == nearest else QUIET)
    return canvas.finished()


def two_image(look: Look) -> Image.Image:
    """What the net sees, the two longest capsules' digits in their inks, and both over the drawing."""
    digits, inked, over = together(look)
    canvas = Canvas(4 * EDGE + 3 * SIDE, HEAD + SIDE + 92)
    _head(canvas, "Two digits at once", look.net)
    second, third = 2 * EDGE + SIDE, 3 * EDGE + 2 * SIDE
    for left, image in ((EDGE, grey(look.fed.numpy())), (second, inked), (third, over)):
        canvas.paste(image, left, HEAD, SIDE, 12, soft=False)
    below = HEAD + SIDE + 30
    canvas.text(EDGE, below, "what the net sees", 18, QUIET)
    canvas.text(third, below, "both over the drawing", 18, QUIET)
    for at, (digit, ink) in enumerate(zip(digits, (shades.FIRST_INK, shades.SECOND_INK), strict=True)):
        line = below + 28 * at
        canvas.block((second, line - 13, second + 13, line), ink, 6.5)
        canvas.text(second + 22, line, f"{digit}, length {look.prediction.probabilities[digit]:.3f}", 18, QUIET)
    return canvas.finished()


def routing_image(look: Look) -> Image.Image:
    """A row for each iteration: the ten lengths, where the votes come from, and every type's coupling map.

    Raises NoLook for capsules without a place on the image.
    """
    found, most = iterations(look)
    height, width = found[0].maps.shape[:2]
    maps = VOTES * width / height
    second, third = EDGE + BARS + EDGE, 2 * EDGE + BARS + VOTES + EDGE
    row = VOTES + 52
    canvas = Canvas(round(third + maps) + EDGE, HEAD + 30 + row * len(found))
    _head(canvas, f"How the capsules agree on a {look.digit}", look.net)
    canvas.text(EDGE, HEAD + 6, "lengths of the digit capsules", 15, QUIET)
    canvas.text(second, HEAD + 6, "votes", 15, QUIET)
    canvas.text(third, HEAD + 6, f"couplings of every type of capsule, 0 to {most:.3f}", 15, QUIET)
    for at, one in enumerate(found):
        top = HEAD + 26 + row * at
        _lengths(canvas, one, look.digit, top)
        canvas.paste(one.votes, second, top, VOTES, 8, soft=False)
        canvas.paste(one.maps, third, top, maps, 8, soft=False)
        canvas.text(EDGE, top + VOTES + 28, f"iteration {at + 1}", 15)
        said = f"|s| {one.agreement.s_length:.3f}"
        canvas.text(second, top + VOTES + 28, said, 15, QUIET)
    return canvas.finished()


def _lengths(canvas: Canvas, one: Iteration, digit: int, top: float) -> None:
    """Ten bars side by side with their digits under them."""
    step, foot = BARS / 10, top + VOTES - 22
    for at, length in enumerate(one.agreement.lengths.tolist()):
        left = EDGE + step * at
        canvas.block((left, top, left + step - 8, foot), FAINT, 3)
        canvas.block((left, foot - max(2.0, (foot - top) * length), left + step - 8, foot), _shade(at == digit), 2)
        canvas.text(left + (step - 8) / 2, foot + 18, str(at), 15, INK if at == digit else QUIET, anchor="ms")


def _shade(chosen: bool) -> str:
    return ACCENT if chosen else QUIET


def _head(canvas: Canvas, title: str, beside: str) -> None:
    canvas.text(EDGE, 52, title, TITLE)
    canvas.text(canvas.size[0] - EDGE, 52, beside, BESIDE, QUIET, anchor="rs")
