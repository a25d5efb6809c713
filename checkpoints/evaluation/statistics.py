"""Is one net better than another? Both read the same images, so the answer lies where they differ.

McNemar's exact test asks whether the images that only one of them read rightly fall evenly on both; several pairs at
once are held to 5 % together by Holm's correction. A difference that could be chance is called a tie.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.stats import bootstrap
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from checkpoints.evaluation.metrics import CONFIDENCE, Flags

RESAMPLES = 4_000
BATCH = 100  # resamples held in memory at once
SEED = 5


@dataclass(frozen=True)
class Pair:
    """Two readers of the same images, compared.

    only_first, only_second   images that only one of them read rightly
    difference                accuracy of first minus accuracy of second, in [-1, 1]
    low, high                 its 95 % interval, by resampling images (paired bootstrap, percentiles)
    p                         McNemar's exact test that both are equally good
    p_adjusted                the same after Holm's correction for all pairs compared together
    """

    first: str
    second: str
    total: int
    only_first: int
    only_second: int
    difference: float
    low: float
    high: float
    p: float
    p_adjusted: float

    @property
    def tie(self) -> bool:
        """True when the difference may well be chance."""
        return self.p_adjusted >= 1 - CONFIDENCE

    @property
    def verdict(self) -> str:
        if self.tie:
            return "tie"
        return f"{self.first if self.difference > 0 else self.second} is better"

    def as_json(self) -> dict[str, object]:
        return {**self.__dict__, "verdict": self.verdict}


def difference_interval(first: Flags, second: Flags, seed: int = SEED) -> tuple[float, float]:
    """95 % interval of accuracy(first) - accuracy(second), both (N,) True where read rightly, by paired bootstrap.

    Readers that never differ leave a resampling nothing to vary; then the bound is Clopper and Pearson's for a share
    of which none was seen in N.
    """
    difference = first.astype(np.float64) - second.astype(np.float64)
    if not difference.any():
        _, most = proportion_confint(0, len(difference), alpha=1 - CONFIDENCE, method="beta")
        return -float(most), float(most)
    if len(difference) < 2 or (difference == difference[0]).all():
        return float(difference[0]), float(difference[0])
    found = bootstrap(
        (difference,),
        np.mean,
        n_resamples=RESAMPLES,
        batch=BATCH,
        confidence_level=CONFIDENCE,
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return float(found.low), float(found.high)


def compare_pairs(right: Mapping[str, Flags], pairs: list[tuple[str, str]] | None = None) -> list[Pair]:
    """Each pair of readers (or only the `pairs` given, as (first, second)) compared, p-values corrected together.

    right  for each reader (N,), True where it read the image rightly, the same images in the same order
    """
    if len({len(flags) for flags in right.values()}) > 1:
        raise ValueError("readers can only be paired on the same images")
    chosen = pairs if pairs is not None else list(combinations(right, 2))
    if not chosen:
        return []
    only = [(int((right[a] & ~right[b]).sum()), int((right[b] & ~right[a]).sum())) for a, b in chosen]
    p_values = [float(mcnemar([[0, a], [b, 0]], exact=True).pvalue) for a, b in only]
    adjusted = multipletests(p_values, alpha=1 - CONFIDENCE, method="holm")[1]
    return [
        Pair(
            a,
            b,
            len(right[a]),
            only_a,
            only_b,
            (only_a - only_b) / len(right[a]),
            *difference_interval(right[a], right[b]),
            p,
            float(q),
        )
        for (a, b), (only_a, only_b), p, q in zip(chosen, only, p_values, adjusted, strict=True)
    ]
