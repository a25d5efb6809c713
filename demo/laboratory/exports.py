"""The laboratory's panels as files: an image of each, the numbers behind it, and the buttons that save both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from PIL import Image

from checkpoints.errors import WeightsError
from demo.components.data_url import grey
from demo.components.png import FAINT, INK, NETS, QUIET, Canvas
from demo.components.saver import Saver, nothing, saved, saved_csv
from demo.components.trainings import shown_id
from demo.inference import Busy
from demo.laboratory import shades
from demo.laboratory.look import LIVE, Look, NoLook, look_of, place
from demo.laboratory.panels import Iteration, images_of, iterations, sheet_tiles, two_images
from demo.laboratory.sliders import Posed, PoseSliders

EDGE = 28
HEAD = 84  # title and the line beside it
TITLE, BESIDE = 30, 16  # sizes of their letters
OPINION, GAP = 140, 24
SIDE = 280
EMPTY = "There is no decoded digit yet: draw one on the Draw tab first."
ACCENT = NETS[1]
VOTES, BARS = 168, 260


def decoded_image(posed: Posed) -> Image.Image:
    """The digit decoded where the sliders stand, where they stand, and the sweep of the dimension moved last.

    Raises NoLook for a net without a decoder, and WeightsError.
    """
    image, strip = images_of(posed)
    rows = -(-len(posed.values) // 2)
    column = 230
    canvas = Canvas(3 * EDGE + SIDE + 2 * column, HEAD + max(SIDE, 28 * rows) + EDGE + 96)
    _head(canvas, f"{an(posed.digit)}, turned by hand", shown_id(posed.net))
    canvas.paste(image, EDGE, HEAD, SIDE, 12, soft=False)
    for at, (value, low, high) in enumerate(zip(posed.values, posed.low, posed.high, strict=True)):
        left, middle = 2 * EDGE + SIDE + column * (at // rows), HEAD + 28 * (at % rows) + 14
        canvas.text(left + 18, middle, str(at + 1), 15, QUIET, anchor="rm")
        canvas.block((left + 30, middle - 2, left + 140, middle + 2), FAINT, 2)
        knob = left + 30 + 110 * (value - low) / max(high - low, 1e-9)
        canvas.block((knob - 6, middle - 6, knob + 6, middle + 6), ACCENT, 6)
        canvas.text(left + 200, middle, f"{value:+.2f}", 15, QUIET, anchor="rm")
    below = HEAD + max(SIDE, 28 * rows) + EDGE
    canvas.text(EDGE, below + 2, f"{posed.moved or 'the pose'} in eleven steps", 15, QUIET)
    canvas.paste(strip, EDGE, below + 14, canvas.size[0] - 2 * EDGE, 6, soft=False)
    return canvas.finished()


def saw_image(look: Look) -> Image.Image:
    """The drawing, and what the net was fed of it."""
    canvas = Canvas(3 * EDGE + 2 * SIDE, HEAD + SIDE + 64)
    _head(canvas, "What the net saw", shown_id(look.net))
    canvas.paste(look.image, EDGE, HEAD, SIDE, 12, soft=True)
    canvas.paste(grey(look.view.fed), 2 * EDGE + SIDE, HEAD, SIDE, 12, soft=False)
    canvas.text(EDGE, HEAD + SIDE + 30, "your drawing", 18, QUIET)
    canvas.text(2 * EDGE + SIDE, HEAD + SIDE + 30, "28 x 28 pixels of grey", 18, QUIET)
    return canvas.finished()


def sheet_image(look: Look) -> Image.Image:
    """Sixteen rows of eleven decoded digits, with the names of the dimensions."""
    tiles = sheet_tiles(look)
    rows, width = len(look.own), tiles.shape[1] * 3
    left = 150
    canvas = Canvas(left + width + EDGE, HEAD + tiles.shape[0] * 3 + EDGE)
    _head(canvas, f"My {look.digit}, sixteen ways", f"{shown_id(look.net)}; the middle column is the drawing")
    names = [dimension.name for dimension in look.spread.dimensions] or [""] * rows
    for row in range(rows):
        named = canvas.fitted(f"{row + 1} {names[row]}".strip(), 15, left - EDGE - 14)
        canvas.text(left - 14, HEAD + 87 * row + 42, named, 15, QUIET, anchor="rm")
    canvas.paste(tiles, left, HEAD, width, 6, soft=False)
    return canvas.finished()


def opinions_image(look: Look) -> Image.Image:
    """What the net sees, and the ten digits that its capsules draw of it, with their lengths and distances."""
    nearest = min(look.opinions, key=lambda opinion: opinion.difference).digit
    step, row = OPINION + GAP, OPINION + 84
    canvas = Canvas(2 * EDGE + 6 * step - GAP, HEAD + 2 * row)
    _head(canvas, "What the capsules believe", shown_id(look.net))
    canvas.paste(grey(look.view.fed), EDGE, HEAD, OPINION, 10, soft=False)
    canvas.text(EDGE, HEAD + OPINION + 24, "what the net sees", 15, QUIET)
    for opinion in look.opinions:
        left, top = EDGE + step * (1 + opinion.digit % 5), HEAD + row * (opinion.digit // 5)
        canvas.paste(grey(opinion.image), left, top, OPINION, 10, soft=False)
        below = top + OPINION + 8
        canvas.block((left, below, left + OPINION, below + 6), FAINT, 3)
        canvas.block((left, below, left + max(6.0, OPINION * opinion.length), below + 6), ACCENT, 3)
        canvas.text(left, below + 34, str(opinion.digit), 26)
        longest = opinion.digit == look.view.digit
        length, difference = f"length {opinion.length:.2f}", f"difference {opinion.difference:.2f}"
        canvas.text(left + 28, below + 24, length, 14, INK if longest else QUIET)
        canvas.text(left + 28, below + 42, difference, 14, INK if opinion.digit == nearest else QUIET)
    return canvas.finished()


def two_image(look: Look) -> Image.Image:
    """What the net sees, the two longest capsules' digits in their inks, and both over the drawing."""
    digits, (inked, over) = look.two_longest, two_images(look)
    canvas = Canvas(4 * EDGE + 3 * SIDE, HEAD + SIDE + 92)
    _head(canvas, "Two digits at once", shown_id(look.net))
    second, third = 2 * EDGE + SIDE, 3 * EDGE + 2 * SIDE
    for left, image in ((EDGE, grey(look.view.fed)), (second, inked), (third, over)):
        canvas.paste(image, left, HEAD, SIDE, 12, soft=False)
    below = HEAD + SIDE + 30
    canvas.text(EDGE, below, "what the net sees", 18, QUIET)
    canvas.text(third, below, "both over the drawing", 18, QUIET)
    for at, (digit, ink) in enumerate(zip(digits, (shades.FIRST_INK, shades.SECOND_INK), strict=True)):
        line = below + 28 * at
        canvas.block((second, line - 13, second + 13, line), ink, 6.5)
        canvas.text(second + 22, line, f"{digit}, length {look.view.lengths[digit]:.3f}", 18, QUIET)
    return canvas.finished()


def routing_image(look: Look) -> Image.Image:
    """A row for each iteration: the ten lengths, where the votes come from, and every type's coupling map.

    Raises NoLook for capsules without a place on the image.
    """
    run, most = iterations(look)
    height, width = run[0].maps.shape[:2]
    maps = VOTES * width / height
    second, third = EDGE + BARS + EDGE, 2 * EDGE + BARS + VOTES + EDGE
    row = VOTES + 52
    canvas = Canvas(round(third + maps) + EDGE, HEAD + 30 + row * len(run))
    _head(canvas, f"How the capsules agreed on {an(look.digit).lower()}", shown_id(look.net))
    canvas.text(EDGE, HEAD + 6, "lengths of the digit capsules", 15, QUIET)
    canvas.text(second, HEAD + 6, "votes", 15, QUIET)
    canvas.text(third, HEAD + 6, f"couplings of every type of capsule, 0 to {most:.3f}", 15, QUIET)
    for at, one in enumerate(run):
        top = HEAD + 26 + row * at
        _lengths(canvas, one, look.digit, top)
        canvas.paste(one.votes, second, top, VOTES, 8, soft=False)
        canvas.paste(one.maps, third, top, maps, 8, soft=False)
        canvas.text(EDGE, top + VOTES + 28, f"iteration {at + 1}", 15)
        said = f"sum of votes {one.agreement.s_length:.3f}"
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


def an(digit: int) -> str:
    """A 3, An 8."""
    return f"{'An' if digit == 8 else 'A'} {digit}"


Row = Sequence[object]


@dataclass(frozen=True)
class Export:
    """What a step of the laboratory can be saved as: an image, and a table with its header."""

    image: Callable[[Look], Image.Image]
    header: tuple[str, ...]
    rows: Callable[[Look], list[Row]]


def _sheet_rows(look: Look) -> list[Row]:
    reach, meanings = look.spread.range, look.spread.dimensions
    return [
        (at + 1, float(look.own[at]), float(reach.low[at]), float(reach.high[at]))
        + ((meanings[at].name, meanings[at].best, meanings[at].r) if meanings else ("", "", ""))
        for at in range(len(look.own))
    ]


def _routing_rows(look: Look) -> list[Row]:
    run, _ = iterations(look)
    return [
        (number, kind + 1, row, column, float(one.agreement.couplings[kind, row, column]), float(support))
        for number, one in enumerate(run, start=1)
        for (kind, row, column), support in _cells(one)
    ]


def _cells(one: Iteration) -> list[tuple[tuple[int, int, int], float]]:
    support = one.agreement.support
    types, rows, columns = support.shape
    places = [(kind, row, column) for kind in range(types) for row in range(rows) for column in range(columns)]
    return [(place, float(support[place])) for place in places]


EXPORTS = {
    "saw": Export(
        saw_image,
        tuple(f"column {column}" for column in range(28)),
        lambda look: [[round(float(value), 4) for value in row] for row in look.view.fed],
    ),
    "opinions": Export(
        opinions_image,
        ("digit", "capsule length", "difference to the input, 1 for an empty image"),
        lambda look: [(one.digit, one.length, one.difference) for one in look.opinions],
    ),
    "sheet": Export(
        sheet_image, ("dimension", "pose", "low", "high", "goes with", "goes best with", "Pearson's r"), _sheet_rows
    ),
    "routing": Export(
        routing_image,
        ("iteration", "type", "row", "column", "coupling", "support of the digit"),
        _routing_rows,
    ),
    "two": Export(
        two_image,
        ("digit", "capsule length"),
        lambda look: [(digit, float(look.view.lengths[digit])) for digit in look.two_longest],
    ),
}


def save_row(name: str, asked: Sequence[Any]) -> None:
    """Buttons for the image and for the numbers of one step; `asked` are the tab's choices."""
    image, table, saver = _row(name)
    for button, make in ((image, save_image), (table, save_table)):

        def save(*choices: Any, make: Callable[[str, Look], dict[str, Any]] = make) -> dict[str, Any]:
            try:
                with place():
                    return make(name, look_of(*choices))
            except (NoLook, Busy, WeightsError) as error:
                return nothing(str(error))

        button.click(save, inputs=list(asked), outputs=saver, **LIVE)


def save_image(name: str, look: Look) -> dict[str, Any]:
    return saved(EXPORTS[name].image(look), _file_name(name, look))


def save_table(name: str, look: Look) -> dict[str, Any]:
    return saved_csv(EXPORTS[name].header, EXPORTS[name].rows(look), _file_name(name, look))


def _file_safe(net_id: str) -> str:
    return shown_id(net_id).replace("/", "-").replace(", ", "-").replace(" ", "-")


def _file_name(name: str, look: Look) -> str:
    return f"{name}-{_file_safe(look.net)}-{look.digit}"


def save_row_of_sliders(pose: PoseSliders) -> None:
    """Buttons for the decoded digit where the sliders stand, and for the pose."""
    image, table, saver = _row("decoded")
    image.click(save_decoded, inputs=pose, outputs=saver, **LIVE)
    table.click(save_pose, inputs=pose, outputs=saver, **LIVE)


def save_decoded(posed: Posed | None) -> dict[str, Any]:
    """The decoded digit and the sweep as a file."""
    if posed is None:
        return nothing(EMPTY)
    try:
        with place():
            return saved(decoded_image(posed), f"decoded-{_file_safe(posed.net)}-{posed.digit}")
    except (NoLook, Busy, WeightsError) as error:
        return nothing(str(error))


def save_pose(posed: Posed | None) -> dict[str, Any]:
    """Where the sliders stand, as a table."""
    if posed is None:
        return nothing(EMPTY)
    rows = enumerate(zip(posed.values, posed.low, posed.high, strict=True), start=1)
    table = [(number, *numbers) for number, numbers in rows]
    return saved_csv(("dimension", "pose", "low", "high"), table, f"pose-{_file_safe(posed.net)}-{posed.digit}")


def _row(name: str) -> tuple[gr.Button, gr.Button, Saver]:
    with gr.Row(elem_classes="save-row"):
        image = gr.Button("Save image", elem_id=f"save-{name}")
        table = gr.Button("CSV", elem_id=f"csv-{name}")
        saver = Saver(elem_id=f"{name}-saver")
    return image, table, saver
