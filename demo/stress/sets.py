"""A set of drawings under every pen: drawn again, fed in every way there is, read by every net, counted.

Drawings that somebody drew on the pad stay where they were drawn. In collections of strokes the unit square is often
the box of the digit itself, so that half of the pen's width would be cut off at the pad's edges; nobody draws so.
The placement "on the pad" therefore fits such a drawing, and only such, into the middle of the pad with a margin; "as
given" takes the unit square for the pad, come what may. Both are reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import torch
from torch import Tensor

from architectures.input.mnist_like import Ink, mnist_like
from architectures.input.pen import Pen, draw
from architectures.input.strokes import PAD_PX, Strokes
from checkpoints.evaluation.metrics import Digits, share_of
from checkpoints.evaluation.pen_set import WAYS as INPUTS
from checkpoints.evaluation.pen_set import seeded
from checkpoints.evaluation.scoring import Report
from checkpoints.evaluation.statistics import Flags, compare_pairs
from checkpoints.evaluation.variants import Reader
from checkpoints.store import naming

MARGIN = 0.15  # of the pad on each side: a digit as large as people draw it when they are given a pad
STEADY = "steady white"
INKS: tuple[Ink, ...] = ("luma", "mask")
PLACEMENTS = ("on the pad", "as given")


@dataclass(frozen=True)
class Way:
    """One way from strokes to what a net is fed."""

    pen: str
    input: str
    ink: Ink
    placement: str


MAIN = {"input": "like MNIST", "ink": "luma", "placement": "on the pad"}  # the way a person meets first


def placed(strokes: Strokes, placement: str, widest_px: float, margin: float = MARGIN) -> Strokes:
    """Strokes where they are drawn: moved only "on the pad", and only when the pen's ink would leave the pad."""
    points = np.array([point[:2] for stroke in strokes for point in stroke], dtype=float)
    reach = widest_px / 2 / PAD_PX
    inside = bool((points >= reach).all() and (points <= 1 - reach).all())
    if placement == "as given" or inside:
        return strokes
    low, high = points.min(axis=0), points.max(axis=0)
    scale = (1 - 2 * margin) / max(float((high - low).max()), 1e-6)
    shrunk = min(scale, 1.0)  # a small digit near the edge keeps its size

    def moved(value: float, axis: int) -> float:
        return 0.5 + (value - float(low[axis] + high[axis]) / 2) * shrunk

    return [
        [[moved(float(point[0] or 0), 0), moved(float(point[1] or 0), 1), *point[2:]] for point in stroke]
        for stroke in strokes
    ]


def ways(pens: Sequence[str]) -> list[Way]:
    return [Way(*way) for way in product(pens, INPUTS, INKS, PLACEMENTS)]


def fed(
    drawings: Sequence[Strokes],
    pens: Mapping[str, Pen],
    margin: float,
    tick: Callable[[], object],
    *,
    placements: Sequence[str] = PLACEMENTS,
    inks: Sequence[Ink] = INKS,
) -> Iterator[tuple[Way, Tensor]]:
    """For each way what the nets are fed, (N, 1, 28, 28); the strokes decide the seed of the pen's jitter."""
    widest_px = max(pen.widest_px for pen in pens.values())  # so that every pen finds the digit at the same place
    for (name, pen), placement in product(pens.items(), placements):
        seen: dict[Way, list[Tensor]] = {}
        for strokes in drawings:
            image = draw(placed(strokes, placement, widest_px, margin), seeded(pen, strokes))
            for (given, centre), ink in product(INPUTS.items(), inks):
                x = mnist_like(image, centre=centre, ink=ink)
                seen.setdefault(Way(name, given, ink, placement), []).append(x)
            tick()
        for way, inputs in seen.items():
            yield way, torch.cat(inputs)


def stress(
    drawings: Sequence[Strokes],
    labels: Digits,
    pens: Mapping[str, Pen],
    readers: Sequence[Reader],
    margin: float = MARGIN,
    tick: Callable[[], object] = lambda: None,
) -> Report:
    """Accuracy of each reader for each way, and the paired differences that matter, with intervals.

    `tick` is called after each drawing of each pen and placement.
    """
    correct: dict[tuple[Way, str], Flags] = {}
    for way, x in fed(drawings, pens, margin, tick):
        for reader in readers:
            correct[way, reader.variant.name] = reader.read(x).correct(labels)
    names = [reader.variant.name for reader in readers]
    return {
        "drawings": len(labels),
        "margin": margin,
        "pens": {name: pen.to_dict() for name, pen in pens.items()},
        "weights_sha256": {reader.variant.name: reader.sha256 for reader in readers},
        "results": [
            {"net": net, **way.__dict__, **share_of(correct[way, net]).as_json()}
            for net, way in product(names, ways(list(pens)))
        ],
        "differences": [
            *_between_pens(correct, names, list(pens)),
            *_between_trainings(correct, names, list(pens)),
        ],
    }


def _between_pens(
    correct: Mapping[tuple[Way, str], Flags], nets: Sequence[str], pens: Sequence[str]
) -> Iterator[Report]:
    """Each other pen minus the steady white one, by the same net on the same drawings."""
    if STEADY not in pens:
        return
    for net, given, ink, placement in product(nets, INPUTS, INKS, PLACEMENTS):
        flags = {pen: correct[Way(pen, given, ink, placement), net] for pen in pens}
        pairs = [(pen, STEADY) for pen in pens if pen != STEADY]
        for pair in compare_pairs(flags, pairs):
            yield {"net": net, "input": given, "ink": ink, "placement": placement, **pair.as_json()}


def _between_trainings(
    correct: Mapping[tuple[Way, str], Flags], nets: Sequence[str], pens: Sequence[str]
) -> Iterator[Report]:
    """Each net minus the same net trained on MNIST alone."""
    for net, way in product(nets, ways(pens)):
        baseline = naming.id_of(net, naming.MNIST_ONLY)
        if baseline in nets:
            flags = {net: correct[way, net], baseline: correct[way, baseline]}
            for pair in compare_pairs(flags):
                yield {"net": net, **way.__dict__, **pair.as_json()}
