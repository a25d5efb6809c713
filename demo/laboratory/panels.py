"""From a look to what each panel of the laboratory is given: images as data URLs, numbers, and sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from architectures.input.mnist_like import DIGIT_PX, SIDE_PX, RGBImage
from demo.capsules import Floats
from demo.components.data_url import data_url, grey
from demo.laboratory import shades
from demo.laboratory.look import Look, NoLook, decoded
from demo.laboratory.poses import OWN_STEP, STEPS
from demo.laboratory.routing import Agreement, agreement, on_the_image
from demo.laboratory.sliders import Posed

MAPS_IN_A_ROW = 8
MAP_SCALE = 4  # screen-independent: a place of a 6x6 map is drawn this many pixels wide
SMALL_PX = 182
UNDER = 0.45  # light of the drawing under the two inks


def stage(look: Look) -> dict[str, Any]:
    """What stays in sight at every step: the drawing, what the net saw, its capsules, and the decoded digit."""
    step = max(1, len(look.image) // SMALL_PX)
    lengths = [round(float(length), 4) for length in look.view.lengths]
    return {
        "net": look.net,
        "drawing": data_url(look.image[::step, ::step]),
        "input": data_url(grey(look.view.fed)),
        "decoded": data_url(grey(look.reconstruction)),
        "digit": look.digit,
        "longest": look.view.digit,
        "lengths": lengths,
        "strip": "",
        "hint": "",
    }


def hint(text: str, *, empty: bool = False) -> dict[str, Any]:
    """No images, and why; empty: because nothing was drawn, so that there is something to begin with instead."""
    return {"hint": text, "empty": empty}


def kept(text: str) -> dict[str, Any]:
    """The images as they are, and why they did not change."""
    return {"kept": text}


def moved(posed: Posed) -> dict[str, Any]:
    """The stage's decoded digit where the sliders stand; raises NoLook for a net without a decoder, and Busy."""
    image, strip = images_of(posed)
    return {"decoded": data_url(image), "strip": data_url(strip), "moved": posed.moved}


def images_of(posed: Posed) -> tuple[NDArray[np.uint8], RGBImage]:
    """The decoded digit, uint8 (28, 28), and eleven steps of the slider moved last; raises what `moved` raises."""
    values, start, end = (np.array(numbers, np.float32) for numbers in (posed.values, posed.start, posed.end))
    below = [start + (values - start) * step / OWN_STEP for step in range(OWN_STEP)]
    above = [values + (end - values) * (step + 1) / OWN_STEP for step in range(OWN_STEP)]
    poses = np.stack([*below, values, *above])
    images = grey(decoded(posed.net, poses, np.full(STEPS, posed.digit)))
    return images[OWN_STEP], shades.tiles(images, STEPS)


def saw(look: Look) -> dict[str, Any]:
    """What the net was fed, and in sentences what became of the drawing on the way."""
    fed = look.view.fed
    inked = fed > 0
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    width, height = columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1
    where = (
        f"fitted into {DIGIT_PX} x {DIGIT_PX} pixels and moved so that its centre of mass lies in the middle"
        if look.centre
        else "shrunk with the whole pad, where and as large as you drew it"
    )
    how = (
        "Colour became grey by luma, as the eye weighs it: yellow stays bright, pure blue keeps 11 % of its light."
        if look.ink == "luma"
        else "Every ink became white, whatever its colour."
    )
    return {
        "image": data_url(grey(fed)),
        "pixels": [round(float(value), 3) for value in fed.ravel()],
        "lines": [
            f"All that {look.name} knows of your drawing are these {SIDE_PX} x {SIDE_PX} numbers between 0 (black) and "
            "1 (white).",
            f"Your drawing was {where}; the ink is {width} pixels wide and {height} high. {how}",
            f"{int(inked.sum())} of {fed.size} pixels hold ink. On average such a pixel is at {fed[inked].mean():.2f}, "
            f"the brightest at {fed.max():.2f}; MNIST's own strokes reach 1.",
        ],
    }


def opinions(look: Look) -> dict[str, Any]:
    nearest = min(look.opinions, key=lambda opinion: opinion.difference)
    return {
        "chosen": look.digit,
        "longest": look.view.digit,
        "nearest": nearest.digit,
        "opinions": [
            {
                "digit": one.digit,
                "length": round(one.length, 4),
                "difference": round(one.difference, 4),
                "image": data_url(grey(one.image)),
            }
            for one in look.opinions
        ],
        "sentence": _belief(look),
    }


def _belief(look: Look) -> str:
    """The answer in words: how sure, what came second, and whether anything was believed at all."""
    first, second = look.two_longest
    longest, next_longest = (float(look.view.lengths[digit]) for digit in (first, second))
    if longest < 0.5:
        return f"No capsule is longer than half: {look.name} believes in no digit, and its best guess is {first}."
    if next_longest >= 0.5:
        return f"Two capsules are long, {first} and {second}: {look.name} sees both, or cannot tell which it is."
    return f"{look.name} believes in {first} ({longest:.2f}); its next guess is {second} ({next_longest:.2f})."


def sheet(look: Look) -> dict[str, Any]:
    names = [dimension.name for dimension in look.spread.dimensions] or [""] * len(look.own)
    return {
        "image": data_url(sheet_tiles(look)),
        "digit": look.digit,
        "rows": [{"index": index, "name": names[index]} for index in range(len(look.own))],
    }


def sheet_tiles(look: Look) -> NDArray[np.uint8]:
    """Every dimension's sweep of the drawing, one row each, as one grey image."""
    return shades.tiles(grey(look.sheet.reshape(-1, SIDE_PX, SIDE_PX)), STEPS)


def two_images(look: Look) -> tuple[RGBImage, RGBImage]:
    """The two longest capsules' reconstructions in their inks, and the same over the drawing in grey."""
    first, second = look.two
    inked = shades.two_inks(first, second)
    under = UNDER * 255 * look.view.fed[..., None]
    return inked, np.maximum(inked, np.round(under).astype(np.uint8))


def two(look: Look) -> dict[str, Any]:
    (first, second), (inked, over) = look.two_longest, two_images(look)
    lengths = [float(look.view.lengths[digit]) for digit in (first, second)]
    return {
        "input": data_url(grey(look.view.fed)),
        "inked": data_url(inked),
        "over": data_url(over),
        "first": {"digit": first, "length": lengths[0], "ink": shades.FIRST_INK},
        "second": {"digit": second, "length": lengths[1], "ink": shades.SECOND_INK},
        "sentence": f"{look.name} sees two digits here: {first} and {second} are both longer than half."
        if min(lengths) >= 0.5
        else f"Only {first} is believed; {second} has a length of {lengths[1]:.2f}. Draw two digits over each other to "
        "see both.",
    }


@dataclass(frozen=True)
class Iteration:
    """One iteration of the routing as it is shown.

    maps   uint8 RGB: the coupling maps of all types side by side, one scale of colour for all iterations
    votes  uint8 (28, 28, 3): where on the drawing the votes come from
    """

    agreement: Agreement
    maps: RGBImage
    votes: RGBImage


def iterations(look: Look) -> tuple[list[Iteration], float]:
    """Every iteration of the run, and the largest coupling, which is the brightest; raises NoLook without a grid."""
    routing = look.view.routing
    if routing.grid is None:
        raise NoLook(f"The capsules of {look.name} have no place on the image: there are no maps to show.")
    seen = [agreement(routing, look.digit, iteration) for iteration in range(len(routing.couplings))]
    most = max(float(one.couplings.max()) for one in seen)
    return [
        Iteration(
            one, _maps(one.couplings / most), shades.votes_over(look.view.fed, on_the_image(one.support, routing.grid))
        )
        for one in seen
    ], most


def _maps(shares: Floats) -> RGBImage:
    """Maps (types, rows, columns) in [0, 1] as one image."""
    larger = shades.heat(shares).repeat(MAP_SCALE, axis=1).repeat(MAP_SCALE, axis=2)
    return shades.tiles(larger, MAPS_IN_A_ROW, gap_px=MAP_SCALE // 2)


def routing(look: Look) -> dict[str, Any]:
    """The routing of the whole run, every iteration, so that playing it needs no request."""
    try:
        run, most = iterations(look)
    except NoLook as error:
        return {"line": str(error)}
    grid = look.view.routing.grid
    assert grid is not None
    line = (
        "" if len(run) > 1 else f"{look.name} couples its capsules in one step (self-attention) and does not iterate."
    )
    return {
        "line": line,
        "digit": look.digit,
        "inputs": grid.inputs,
        "types": grid.types,
        "grid": [grid.rows, grid.columns],
        "most": most,
        "iterations": [
            {
                "lengths": [round(float(length), 4) for length in one.agreement.lengths],
                "maps": data_url(one.maps),
                "votes": data_url(one.votes),
                "strongest": round(float(one.agreement.couplings.max()), 4),
            }
            for one in run
        ],
    }
