"""The statistics of the scoreboard: each says how much the drawings can tell, and no more."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from demo.challenge.scoreboard.board import Interval, Pair

RESAMPLES = 2000
LEVEL = 0.05


def by_contributor(right: NDArray[np.bool_], contributor: NDArray[np.int64]) -> NDArray[np.float64]:
    """Accuracy in RESAMPLES worlds in which other contributors had come by: (RESAMPLES, nets).

    right (drawings, nets), contributor (drawings,). One person's drawings are alike, so people are drawn with
    replacement, each with all their drawings (cluster bootstrap). The same seed, so that a page does not flicker.
    """
    people, index = np.unique(contributor, return_inverse=True)
    sums = np.zeros((len(people), right.shape[1]))
    np.add.at(sums, index, right)
    sizes = np.bincount(index, minlength=len(people))
    times = np.random.default_rng(0)
    worlds = np.empty((RESAMPLES, right.shape[1]))
    for world in range(RESAMPLES):  # one at a time: people x RESAMPLES would not fit the memory of a small machine
        chosen = np.bincount(times.integers(len(people), size=len(people)), minlength=len(people))
        worlds[world] = chosen @ sums / (chosen @ sizes)
    return worlds


def interval(samples: NDArray[np.float64]) -> Interval:
    """The middle 95 % of samples (n,)."""
    low, high = np.quantile(samples, [LEVEL / 2, 1 - LEVEL / 2])
    return Interval(float(low), float(high))


def compare(names: list[str], right: NDArray[np.bool_], worlds: NDArray[np.float64]) -> list[Pair]:
    """All pairs of nets; right (drawings, nets), worlds (RESAMPLES, nets).

    One is ahead when the paired test says so *and* the interval over contributors leaves zero out: the test alone
    takes drawings of one hand for independent ones.
    """
    found = []
    for a in range(len(names)):
        for b in range(a + 1, len(names)):
            both = int((right[:, a] & right[:, b]).sum())
            only_a, only_b = int((right[:, a] & ~right[:, b]).sum()), int((~right[:, a] & right[:, b]).sum())
            neither = len(right) - both - only_a - only_b
            p = float(mcnemar([[both, only_a], [only_b, neither]], exact=True).pvalue) if only_a + only_b else 1.0
            found.append((a, b, only_a, only_b, p))
    if not found:
        return []
    corrected = multipletests([pair[-1] for pair in found], alpha=LEVEL, method="holm")[1]
    pairs = []
    for (a, b, only_a, only_b, _), p in zip(found, corrected, strict=True):
        difference = interval(worlds[:, a] - worlds[:, b])
        apart = p < LEVEL and (difference.low > 0 or difference.high < 0)
        ahead = ("a" if only_a > only_b else "b") if apart else None
        pairs.append(Pair(names[a], names[b], only_a, only_b, float(p), difference, ahead))
    return pairs
