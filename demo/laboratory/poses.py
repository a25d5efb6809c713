"""What a pose means: where its sliders may go, what they are called, and the poses along their way.

Source: Sabour, Frosst, Hinton 2017, section 5.1 and figure 4. There each dimension goes from -0.25 to 0.25 around
its own value; here it goes over the spread that the training set shows, and the paper's range is the fallback.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from checkpoints.poses import measured
from checkpoints.poses.shape import MEASUREMENTS
from demo.capsules import Floats
from demo.components.articles import a_digit

STEPS = 11
OWN_STEP = STEPS // 2  # the middle step of every sweep is the drawing's own value
PAPERS_REACH = 0.25
TITLES = {  # of an attribute that was measured, and what its two ends look like
    "thickness": ("thickness", "thin", "thick"),
    "slant": ("slant", "leaning left", "leaning right"),
    "width": ("width", "narrow", "wide"),
    "shift right": ("place across", "left", "right"),
    "shift down": ("place down", "up", "down"),
}
SHORT_UNITS = {"px right per px up": "px per px"}
NAMED_FROM = 0.5  # |r| from which a dimension takes a measurement's name: a quarter of the variance


@dataclass(frozen=True)
class Range:
    """Where each of D numbers may go: low (D,) <= high (D,)."""

    low: Floats
    high: Floats

    def around(self, own: Floats) -> Range:
        """The same range, widened where the drawing's own pose (D,) lies outside it."""
        return Range(np.minimum(self.low, own), np.maximum(self.high, own))


@dataclass(frozen=True)
class Dimension:
    """One pose dimension: its number, the name that a correlation supports ("" for none), and all correlations."""

    index: int
    name: str
    best: str
    r: float
    correlations: dict[str, float]


@dataclass(frozen=True)
class Knob:
    """A slider with a meaning: a way through the poses along which one thing that can be measured changes.

    name, unit  what changes, and what it is measured in; less, more: what its two ends look like
    r           correlation of this way with the measurement on images that it was not fitted to
    low, high, own  in the unit; own is the drawing's
    vector      (D,): the change of the pose for one unit
    """

    name: str
    unit: str
    less: str
    more: str
    r: float
    low: float
    high: float
    own: float
    vector: Floats


@dataclass(frozen=True)
class Spread:
    """Ranges of the D dimensions of one digit, what they mean (nothing when it was not measured), the knobs, and a
    line saying where all this comes from."""

    range: Range
    dimensions: list[Dimension]
    knobs: list[Knob]
    source: str


def papers_range(own: Floats) -> Range:
    """A quarter either way of the drawing's own pose (D,), as in the paper's figure 4."""
    return Range(own - PAPERS_REACH, own + PAPERS_REACH)


def spread(net: str, digit: int, own: Floats) -> Spread:
    """The spread of the poses (D,) of `digit` around the drawing's `own`; raises BadPoses for a broken file."""
    poses = measured.read(net)
    if poses is None:
        return Spread(
            papers_range(own),
            [],
            [],
            f"Each slider goes {PAPERS_REACH} either way, as in the paper: the training set's spread has not been "
            f"measured for these weights yet (python -m checkpoints describe {net}).",
        )
    of_digit = poses.digits[digit]
    lowest, highest = poses.percents[0], poses.percents[-1]
    percentiles = np.array(of_digit.percentiles, dtype=np.float32)  # (D, 7)
    return Spread(
        Range(percentiles[:, 0], percentiles[:, -1]).around(own),
        [_dimension(of_digit, index) for index in range(len(of_digit.mean))],
        [_knob(direction, own) for direction in of_digit.directions],
        f"Each slider goes from the {lowest}st to the {highest}th percentile of {of_digit.count:,} training images "
        f"of {a_digit(digit)}. R says how well a knob's direction follows what was measured, on "
        "images that it was not fitted to.",
    )


def _knob(direction: measured.Direction, own: Floats) -> Knob:
    value = direction.value(own.tolist())
    title, less, more = TITLES.get(direction.name, (direction.name, "less", "more"))
    return Knob(
        name=title,
        unit=SHORT_UNITS.get(direction.unit, direction.unit),
        less=less,
        more=more,
        r=direction.r,
        low=min(direction.low, value),
        high=max(direction.high, value),
        own=value,
        vector=np.array(direction.per_unit, np.float32),
    )


def _dimension(of_digit: measured.DigitPoses, index: int) -> Dimension:
    best, r = of_digit.meaning(index)
    correlations = {name: of_digit.correlations[name][index] for name in MEASUREMENTS if name in of_digit.correlations}
    return Dimension(index, best if abs(r) >= NAMED_FROM else "", best, r, correlations)


def steps(own: float, low: float, high: float) -> list[float]:
    """Eleven values: five even steps from low up to `own`, `own` itself in the middle, five more up to high."""
    below = [low + (own - low) * step / OWN_STEP for step in range(OWN_STEP)]
    above = [own + (high - own) * (step + 1) / OWN_STEP for step in range(OWN_STEP)]
    return [*below, own, *above]


def sweep(own: Floats, dimension: int, within: Range) -> Floats:
    """Eleven poses (11, D) that differ from the drawing's own (D,) in one dimension."""
    poses = np.repeat(own[None], STEPS, axis=0)
    poses[:, dimension] = steps(float(own[dimension]), float(within.low[dimension]), float(within.high[dimension]))
    poses[OWN_STEP] = own  # bit for bit, so that the middle is the reconstruction
    return poses


def sheet(own: Floats, within: Range) -> Floats:
    """Every dimension's sweep, (D, 11, D): one row a dimension, as in the paper's figure 4."""
    return np.stack([sweep(own, dimension, within) for dimension in range(len(own))])
