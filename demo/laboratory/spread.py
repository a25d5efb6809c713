"""How far each slider goes and what it is called: measured over the training set, or the paper's range until then."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from checkpoints.poses import measured as measured
from checkpoints.poses.shape import MEASUREMENTS
from demo.laboratory.poses import PAPERS_REACH, Range, papers_range

NAMED_FROM = 0.5  # |r| from which a dimension takes a measurement's name: a quarter of the variance


@dataclass(frozen=True)
class Dimension:
    """One pose dimension: its number, the name that a correlation supports ("" for none), and all correlations."""

    index: int
    name: str
    best: str
    r: float
    correlations: dict[str, float]


@dataclass(frozen=True)
class Spread:
    """Ranges of the D sliders of one digit, what the dimensions mean (none when nothing is measured), and a line
    saying where both come from."""

    range: Range
    dimensions: list[Dimension]
    source: str


def spread(net: str, digit: int, own: Tensor) -> Spread:
    """The spread of the poses (D,) of `digit` around the drawing's `own`; raises BadPoses for a broken file."""
    found = measured.read(net)
    if found is None:
        return Spread(
            papers_range(own),
            [],
            f"Each slider goes {PAPERS_REACH} either way, as in the paper: the training set's spread has not been "
            f"measured for these weights yet (python -m checkpoints describe {net}).",
        )
    of_digit = found.digits[digit]
    lowest, highest = found.percents[0], found.percents[-1]
    percentiles = torch.tensor(of_digit.percentiles, dtype=own.dtype, device=own.device)  # (D, 7)
    return Spread(
        Range(percentiles[:, 0], percentiles[:, -1]).around(own),
        [_dimension(of_digit, index) for index in range(len(of_digit.mean))],
        f"Each slider goes from the {lowest}st to the {highest}th percentile of {of_digit.count:,} training images "
        f"of a {digit}. A dimension has a name where it goes with something measured (r of {NAMED_FROM} or more).",
    )


def _dimension(of_digit: measured.DigitPoses, index: int) -> Dimension:
    best, r = of_digit.meaning(index)
    correlations = {name: of_digit.correlations[name][index] for name in MEASUREMENTS if name in of_digit.correlations}
    return Dimension(index, best if abs(r) >= NAMED_FROM else "", best, r, correlations)
