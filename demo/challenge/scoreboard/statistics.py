"""What the scoreboard makes of the project's statistics: each says how much the drawings can tell, and no more."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from checkpoints.evaluation.statistics import LEVEL, cluster_bootstrap, holm, holm_levels, mcnemar, middle
from demo.challenge.scoreboard.board import Interval, Pair


def by_contributor(right: NDArray[np.bool_], contributor: NDArray[np.int64]) -> NDArray[np.float64]:
    """Accuracies (resamples, nets) in worlds in which other contributors had come by; right (drawings, nets)."""
    return cluster_bootstrap(right, contributor)


def interval(samples: NDArray[np.float64], level: float = LEVEL) -> Interval:
    """The middle 95 % of samples (n,)."""
    return Interval(*middle(samples, level))


def compare(names: list[str], right: NDArray[np.bool_], worlds: NDArray[np.float64]) -> list[Pair]:
    """All pairs of nets; right (drawings, nets), worlds (resamples, nets).

    One is ahead when the paired test says so *and* the interval over contributors leaves zero out: the test alone
    takes drawings of one hand for independent ones.
    """
    pairs = list(combinations(range(len(names)), 2))
    only = [(int((right[:, a] & ~right[:, b]).sum()), int((right[:, b] & ~right[:, a]).sum())) for a, b in pairs]
    p_values = [mcnemar(*counts) for counts in only]
    found = []
    for (a, b), (only_a, only_b), p, level in zip(pairs, only, holm(p_values), holm_levels(p_values), strict=True):
        difference = interval(worlds[:, a] - worlds[:, b], level)
        apart = p < LEVEL and (difference.low > 0 or difference.high < 0)
        ahead = ("a" if only_a > only_b else "b") if apart else None
        found.append(Pair(names[a], names[b], only_a, only_b, p, difference, ahead))
    return found
