"""How far a count can be trusted, and whether one net is better than another. Arrays and floats only.

Written once, for the figures of `evaluate`, for stroke files and for the challenge's scoreboard:

- `wilson`: the score interval of a share (Wilson 1927).
- `mcnemar` and `tango`: a test and an interval for the difference of two nets that were shown the same images. Both are
  the score test: the interval (Tango 1998) holds exactly the differences that the test (McNemar 1947, uncorrected, as
  Fagerland, Lydersen and Laake 2013 recommend) would not reject, so that a verdict and its interval never disagree.
- `holm`: p-values for many pairs at once, held to 5 % together (Holm 1979), and `holm_levels`, the level at which it
  tests each of them, which is the level of the interval that is shown beside it.
- `cluster_bootstrap`: for images that are not independent, since one person drew several of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import erfc, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LEVEL = 0.05  # how often equal nets may be called different
CONFIDENCE = 1 - LEVEL
RESAMPLES = 2_000
SEED = 5
HALVINGS = 60  # of an interval of length 2: to the last bit of a double
NOT_DISTINGUISHABLE = "not distinguishable"


def wilson(correct: int, total: int, level: float = LEVEL) -> tuple[float, float]:
    """Wilson's score interval of a share, in [0, 1], by default at 95 %; all of [0, 1] for none of none."""
    if total == 0:
        return 0.0, 1.0
    z2 = _z(level) ** 2
    share, scale = correct / total, 1 + z2 / total
    middle = share + z2 / (2 * total)
    half = sqrt(z2 * (share * (1 - share) / total + z2 / (4 * total * total)))
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def mcnemar(only_first: int, only_second: int) -> float:
    """p-value of McNemar's test that two nets are equally good, from the images that only one of them had correct."""
    apart = only_first + only_second
    return erfc(abs(only_first - only_second) / sqrt(2 * apart)) if apart else 1.0


def tango(only_first: int, only_second: int, total: int, level: float = LEVEL) -> tuple[float, float]:
    """Tango's score interval of the difference first - second of two accuracies on the same `total` images."""
    z, difference = _z(level), (only_first - only_second) / total

    def score(assumed: float) -> float:  # (Tango 1998, eq. 6), falling with the difference that is assumed
        a, b = 2 * total, (2 * total - only_first + only_second) * assumed - only_first - only_second
        q = (sqrt(max(0.0, b * b + 4 * a * only_second * assumed * (1 - assumed))) - b) / (2 * a)
        variance = total * (2 * q + assumed * (1 - assumed))
        gap = only_first - only_second - total * assumed
        return gap / sqrt(variance) if variance > 0 else float(np.sign(gap)) * float("inf")

    low = -1.0 if difference == -1 else _root(lambda assumed: score(assumed) - z, -1.0, difference)
    high = 1.0 if difference == 1 else _root(lambda assumed: score(assumed) + z, difference, 1.0)
    return low, high


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values of tests made together, adjusted so that those below 5 % are wrong together in 5 % at most."""
    order, count = np.argsort(p_values, kind="stable"), len(p_values)
    adjusted = np.maximum.accumulate([(count - rank) * p_values[at] for rank, at in enumerate(order)])
    return [float(value) for value in np.minimum(adjusted, 1)[np.argsort(order)]]


def holm_levels(p_values: Sequence[float]) -> list[float]:
    """The level at which Holm's procedure tests each of these p-values.

    The smallest is held against 5 % / count, the next against 5 % / (count - 1), and so on until one is not below its
    level; there the procedure stops, and all that are left are not rejected at that level.
    """
    order, count = np.argsort(p_values, kind="stable"), len(p_values)
    rejected = sum(adjusted < LEVEL for adjusted in holm(p_values))
    levels = [0.0] * count
    for rank, at in enumerate(order):
        levels[at] = LEVEL / (count - min(rank, rejected))
    return levels


def cluster_bootstrap(
    correct: Flags, cluster: Integers, resamples: int = RESAMPLES, seed: int = SEED
) -> NDArray[np.float64]:
    """Accuracies (resamples, nets) in worlds in which other people had come by.

    correct (images, nets), cluster (images,): who each image is from. One person's images are alike, so people are
    drawn with replacement, each with all their images. The same seed gives the same worlds.
    """
    people, index = np.unique(cluster, return_inverse=True)
    sums = np.zeros((len(people), correct.shape[1]))
    np.add.at(sums, index, correct)
    sizes = np.bincount(index, minlength=len(people))
    random = np.random.default_rng(seed)
    worlds = np.empty((resamples, correct.shape[1]))
    for world in range(resamples):  # one at a time: people x resamples would not fit the memory of a small machine
        times = np.bincount(random.integers(len(people), size=len(people)), minlength=len(people))
        worlds[world] = times @ sums / (times @ sizes)
    return worlds


def middle(samples: Floats, level: float = LEVEL) -> tuple[float, float]:
    """The middle 95 % (or another 1 - level) of samples (n,)."""
    low, high = np.quantile(samples, [level / 2, 1 - level / 2])
    return float(low), float(high)


@dataclass(frozen=True)
class Pair:
    """Two nets on the same images, compared.

    only_first, only_second   images that only one of them had correct
    difference                accuracy of first minus accuracy of second, in [-1, 1]
    p                         of McNemar's test that both are equally good
    p_adjusted                the same after Holm's correction for all pairs compared together
    level                     at which Holm's procedure tested this pair
    low, high                 Tango's interval at 1 - level: zero lies outside exactly when p_adjusted is below 5 %
    """

    first: str
    second: str
    total: int
    only_first: int
    only_second: int
    difference: float
    p: float
    p_adjusted: float
    level: float
    low: float
    high: float

    @property
    def distinguishable(self) -> bool:
        """False when the difference may well be chance."""
        return self.p_adjusted < LEVEL

    @property
    def verdict(self) -> str:
        if not self.distinguishable:
            return NOT_DISTINGUISHABLE
        return f"{self.first if self.difference > 0 else self.second} is better"

    def as_json(self) -> dict[str, object]:
        return {**self.__dict__, "verdict": self.verdict}


def compare_pairs(correct: Mapping[str, Flags], pairs: list[tuple[str, str]] | None = None) -> list[Pair]:
    """Each pair of nets (or only the `pairs` given, as (first, second)) compared, held to 5 % together.

    correct  for each net (N,), True where its prediction was, the same images in the same order
    """
    if len({len(flags) for flags in correct.values()}) > 1:
        raise ValueError("nets can only be paired on the same images")
    chosen = pairs if pairs is not None else list(combinations(correct, 2))
    only = [(int((correct[a] & ~correct[b]).sum()), int((correct[b] & ~correct[a]).sum())) for a, b in chosen]
    p_values = [mcnemar(*counts) for counts in only]
    found = []
    for (a, b), (only_a, only_b), p, p_adjusted, level in zip(
        chosen, only, p_values, holm(p_values), holm_levels(p_values), strict=True
    ):
        total = len(correct[a])
        low, high = tango(only_a, only_b, total, level)
        difference = (only_a - only_b) / total
        found.append(Pair(a, b, total, only_a, only_b, difference, p, p_adjusted, level, low, high))
    return found


def _z(level: float) -> float:
    """How many standard deviations of a normal distribution leave out `level`, half on each side: 1.96 for 5 %."""
    return NormalDist().inv_cdf(1 - level / 2)


def _root(falling: Callable[[float], float], low: float, high: float) -> float:
    """Where a falling function passes zero between low and high."""
    for _ in range(HALVINGS):
        half = (low + high) / 2
        low, high = (half, high) if falling(half) > 0 else (low, half)
    return (low + high) / 2
