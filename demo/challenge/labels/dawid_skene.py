"""Labels of several annotators -> the probability of each true label.

The model of Dawid and Skene, "Maximum likelihood estimation of observer error-rates using the EM algorithm" (1979):
every annotator has a table of error rates, and who agrees with the others counts for more. In its one-coin form (Zhang,
Chen, Zhou and Jordan, "Spectral methods meet EM", 2016) a table has a single number, the share of correct labels; the
rest is spread evenly over the other classes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TINY = 1e-12  # in place of an error rate of zero, whose logarithm there is not


@dataclass(frozen=True)
class Estimate:
    """posterior (items, classes), prior (classes,), error_rates (annotators, true class, label given)."""

    posterior: NDArray[np.float64]
    prior: NDArray[np.float64]
    error_rates: NDArray[np.float64]


def dawid_skene(
    items: NDArray[np.int64],
    annotators: NDArray[np.int64],
    labels: NDArray[np.int64],
    classes: int,
    *,
    one_coin: bool = False,
    iterations: int = 100,
    tolerance: float = 1e-9,
) -> Estimate:
    """Estimate by expectation-maximisation, from n labels: item, annotator and label (n,) each, counted from 0."""
    prior = np.full(classes, 1 / classes)
    posterior = np.zeros((items.max() + 1, classes))
    np.add.at(posterior, (items, labels), 1.0)
    posterior /= posterior.sum(axis=1, keepdims=True)  # begin with the share of each label
    for _ in range(iterations):
        # M step: error rates as if the posterior were the truth (eq. 2.3 and 2.4)
        prior = posterior.mean(axis=0)
        rates = np.zeros((annotators.max() + 1, classes, classes))
        np.add.at(rates.transpose(0, 2, 1), (annotators, labels), posterior[items])
        if one_coin:
            rates = _one_coin(rates)
        rates = np.maximum(rates / np.maximum(rates.sum(axis=2, keepdims=True), TINY), TINY)
        # E step: the truth as if the error rates were right (eq. 2.5)
        logs = np.tile(np.log(np.maximum(prior, TINY)), (len(posterior), 1))
        np.add.at(logs, items, np.log(rates)[annotators, :, labels])
        new = np.exp(logs - logs.max(axis=1, keepdims=True))
        new /= new.sum(axis=1, keepdims=True)
        moved, posterior = np.abs(new - posterior).max(), new
        if moved < tolerance:
            break
    return Estimate(posterior, prior, rates)


def _one_coin(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Tables of counts (annotators, classes, classes) with nothing but each annotator's share of correct labels."""
    classes = counts.shape[1]
    correct = np.trace(counts, axis1=1, axis2=2) / np.maximum(counts.sum(axis=(1, 2)), TINY)
    tables = np.repeat(((1 - correct) / (classes - 1))[:, None, None], classes, axis=1).repeat(classes, axis=2)
    tables[:, np.arange(classes), np.arange(classes)] = correct[:, None]
    return tables
