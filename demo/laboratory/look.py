"""Everything the laboratory shows of one drawing: from image, net and digit to what each panel is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from architectures.contract import Capsules
from architectures.input.mnist_like import RGBImage
from demo.components.data_url import data_url, grey
from demo.inference import Prediction, predict
from demo.laboratory import shades
from demo.laboratory.poses import STEPS, Decode, Opinion, decoded, opinions, sheet, two_longest
from demo.laboratory.routing import Agreement, agreement, on_the_image
from demo.laboratory.spread import Spread, spread

MOST_ITERATIONS = 5
MAPS_IN_A_ROW = 8
MAP_SCALE = 4  # screen-independent: a place of a 6x6 map is drawn this many pixels wide


@dataclass(frozen=True)
class Look:
    """One drawing seen by one capsule net; what the net answered is on the net's device, the rest on the CPU.

    image    uint8 (H, W, 3): what was drawn
    fed        (28, 28) in [0, 1]; digit: the capsule that is looked into
    prediction  the net's answer with its usual three iterations
    routed     its capsules after five, or after as many as it has
    """

    net: str
    digit: int
    image: RGBImage
    fed: Tensor
    prediction: Prediction
    routed: Capsules
    spread: Spread

    @property
    def capsules(self) -> Capsules:
        assert self.prediction.answer.capsules is not None
        return self.prediction.answer.capsules

    @property
    def own(self) -> Tensor:
        """Pose (D,) of the digit that is looked into."""
        return self.capsules.poses[0, self.digit]


class NoLook(RuntimeError):
    """There is nothing to look into; the message says why."""


def look_into(image: RGBImage, net: str, digit: int | None) -> Look:
    """What `net` made of image, uint8 (H, W, 3); digit None looks into the longest capsule.

    Raises NoLook for an empty pad, a net without capsules or without weights, and Busy.
    """
    usual = predict(image, [net])
    if usual is None:
        raise NoLook("The pad is empty. Draw a digit on the Draw tab first, then come back.")
    if net in usual.failures:
        raise NoLook(f"{net} cannot answer: {usual.failures[net]}")
    prediction = usual.by_net[net]
    longer = predict(image, [net], routing_iterations=MOST_ITERATIONS)
    routed = longer.by_net[net].answer.capsules if longer is not None else None
    if prediction.answer.capsules is None or routed is None:
        raise NoLook(f"{net} answers without capsules, so there is nothing to look into.")
    chosen = prediction.digit if digit is None else digit
    own = prediction.answer.capsules.poses[0, chosen]
    return Look(net, chosen, image, usual.fed[0, 0], prediction, routed, spread(net, chosen, own.cpu()))


def decoder(look: Look) -> Decode:
    """The net's decoder; raises NoLook when it has none."""
    if look.capsules.decode is None:
        raise NoLook(f"{look.net} has no decoder: its capsules can be measured, but not drawn.")
    return look.capsules.decode


def as_grey(images: Tensor) -> NDArray[np.uint8]:
    """Images in [0, 1], any shape, as uint8."""
    return grey(images.cpu().numpy())


def whole_sheet(look: Look) -> NDArray[np.uint8]:
    """Every dimension's sweep of the drawing, one row each, as one grey image."""
    poses = sheet(look.own, look.spread.range).flatten(0, 1)  # (D * 11, D)
    return shades.tiles(as_grey(decoded(poses, look.digit, decoder(look))), STEPS)


def sheet_panel(look: Look) -> dict[str, Any]:
    rows = len(look.own)
    names = [dimension.name for dimension in look.spread.dimensions] or [""] * rows
    return {
        "image": data_url(whole_sheet(look)),
        "digit": look.digit,
        "rows": [{"index": index, "name": names[index]} for index in range(rows)],
    }


def every_opinion(look: Look) -> list[Opinion]:
    """What each of the ten digit capsules would draw."""
    poses = look.capsules.poses[0]
    return opinions(poses, look.prediction.answer.scores[0], look.fed.to(poses.device), decoder(look))


def opinions_panel(look: Look) -> dict[str, Any]:
    found = every_opinion(look)
    nearest = min(found, key=lambda opinion: opinion.distance)
    return {
        "input": data_url(as_grey(look.fed)),
        "longest": look.prediction.digit,
        "nearest": nearest.digit,
        "opinions": [
            {"digit": o.digit, "length": o.length, "distance": o.distance, "image": data_url(as_grey(o.image))}
            for o in found
        ],
    }


def together(look: Look) -> tuple[tuple[int, int], NDArray[np.uint8], NDArray[np.uint8]]:
    """The two longest capsules, both reconstructions in their inks, and the same over the drawing in grey."""
    first, second = two_longest(look.prediction.answer.scores[0])
    with torch.inference_mode():
        poses = look.capsules.poses.expand(2, -1, -1)
        images = decoder(look)(poses, torch.tensor([first, second], device=poses.device))[:, 0].cpu().numpy()
    inked = shades.two_inks(images[0], images[1])
    under = 0.45 * 255 * look.fed.numpy()[..., None]
    return (first, second), inked, np.maximum(inked, np.round(under).astype(np.uint8))


def two_panel(look: Look) -> dict[str, Any]:
    (first, second), inked, over = together(look)
    lengths = look.prediction.probabilities
    return {
        "input": data_url(as_grey(look.fed)),
        "inked": data_url(inked),
        "over": data_url(over),
        "first": {"digit": first, "length": lengths[first], "ink": shades.FIRST_INK},
        "second": {"digit": second, "length": lengths[second], "ink": shades.SECOND_INK},
    }


@dataclass(frozen=True)
class Iteration:
    """One iteration of the routing as it is shown.

    maps   uint8 RGB: the coupling maps of all types side by side, one hue scale for all iterations
    votes  uint8 (28, 28, 3): where on the drawing the votes come from; laid: what the map adds up to
    """

    agreement: Agreement
    maps: RGBImage
    votes: RGBImage
    laid: float


def iterations(look: Look) -> tuple[list[Iteration], float]:
    """Every iteration of the run, and the largest coupling, which is the brightest; raises NoLook without a grid."""
    grid = look.routed.grid
    if grid is None:
        raise NoLook(f"The capsules of {look.net} have no place on the image: there are no maps to show.")
    seen = [agreement(look.routed, look.digit, iteration) for iteration in range(len(look.routed.couplings))]
    most = max(float(one.couplings.max()) for one in seen)
    found = []
    for one in seen:
        maps = shades.heat((one.couplings / most).cpu().numpy())  # (types, rows, columns, 3)
        larger = maps.repeat(MAP_SCALE, axis=1).repeat(MAP_SCALE, axis=2)
        laid = on_the_image(one.support, grid).cpu().numpy()
        tiled = shades.tiles(larger, MAPS_IN_A_ROW, gap_px=MAP_SCALE // 2)
        found.append(Iteration(one, tiled, shades.votes_over(look.fed.numpy(), laid), float(laid.sum())))
    return found, most


def agreement_panel(look: Look) -> dict[str, Any]:
    """The routing of the whole run, every iteration, so that its slider needs no request."""
    try:
        found, most = iterations(look)
    except NoLook as error:
        return {"line": str(error)}
    grid = look.routed.grid
    assert grid is not None
    line = "" if len(found) > 1 else f"{look.net} couples its capsules in one step and does not iterate."
    return {
        "line": line,
        "digit": look.digit,
        "inputs": grid.inputs,
        "types": grid.types,
        "grid": [grid.rows, grid.columns],
        "most": most,
        "iterations": [
            {
                "lengths": [float(length) for length in one.agreement.lengths],
                "maps": data_url(one.maps),
                "votes": data_url(one.votes),
                "s": one.agreement.s_length,
                "laid": one.laid,
                "lowest": float(one.agreement.sums.min()),
                "highest": float(one.agreement.sums.max()),
            }
            for one in found
        ],
    }
