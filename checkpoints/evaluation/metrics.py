"""How good a net's answers to a labelled set are: numbers in, numbers with intervals out. Arrays only, no torch.

A share of n images comes with its Wilson 95 % interval. The other measures:

- negative log-likelihood, in nats an image, needs a distribution over the ten digits. A softmax is one. Capsule
  lengths are not: they need not sum to 1. For this measure alone they are divided by their sum; a softmax of lengths
  would be dishonest, since its winner can never pass 0.232. `likelihood_of` says which of the two was scored.
- expected calibration error asks whether a digit shown with 93 % is right 93 times in 100. For capsules that is asked
  of the winner's length itself, as it is shown to a person, undivided.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from architectures.contract import DIGITS, Meaning
from checkpoints.evaluation.statistics import Flags, Floats, wilson

Digits = NDArray[np.int64]

CALIBRATION_BINS = 15
SMALLEST_LIKELIHOOD = 1e-12  # a probability of exactly 0 for the true digit would make the mean infinite


@dataclass(frozen=True)
class Share:
    """`right` of `total` images; low and high bound the true share, in [0, 1], by Wilson's 95 % interval."""

    right: int
    total: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The share itself in [0, 1]."""
        return self.right / self.total

    def as_json(self) -> dict[str, float]:
        return {"right": self.right, "total": self.total, "accuracy": self.value, "low": self.low, "high": self.high}


def share(right: int, total: int) -> Share:
    """`right` of `total` with its Wilson 95 % interval; raises ValueError unless 0 <= right <= total and total >= 1."""
    if total < 1 or not 0 <= right <= total:
        raise ValueError(f"a share is some of at least one image, not {right} of {total}")
    return Share(int(right), int(total), *wilson(right, total))


def share_of(right: Flags) -> Share:
    """The share of True in right (N,), with its interval."""
    return share(int(right.sum()), len(right))


def per_digit(right: Flags, labels: Digits) -> list[Share | None]:
    """For each digit, the share of its images that was correct; None for a digit that the set lacks."""
    return [share_of(right[labels == digit]) if (labels == digit).any() else None for digit in range(DIGITS)]


def confusion(answers: Digits, labels: Digits) -> NDArray[np.int64]:
    """Counts (10, 10): row is the label, column the answer."""
    counts = np.zeros((DIGITS, DIGITS), np.int64)
    np.add.at(counts, (labels, answers), 1)
    return counts


def likelihood_of(meaning: Meaning) -> str:
    """What the negative log-likelihood is taken of, in words for the table."""
    return "softmax" if meaning == "softmax" else "capsule lengths divided by their sum"


def confidence_of(meaning: Meaning) -> str:
    """What the calibration error compares with the share of right answers, in words for the table."""
    return "softmax" if meaning == "softmax" else "length of the winning capsule, as shown"


def negative_log_likelihood(probabilities: Floats, labels: Digits, meaning: Meaning) -> float:
    """Mean of -log p(label), in nats, of probabilities (N, 10) as `Answer.probabilities` gives them."""
    if meaning == "capsule length":
        probabilities = probabilities / probabilities.sum(axis=1, keepdims=True)
    of_label = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(of_label, SMALLEST_LIKELIHOOD)).mean())


def calibration_error(probabilities: Floats, labels: Digits, bins: int = CALIBRATION_BINS) -> float:
    """Expected calibration error in [0, 1] (Guo 2017, eq. 3): |confidence - accuracy|, averaged over equal bins.

    Bins divide [0, 1] into `bins` equal parts; each counts by the share of answers whose winner falls into it.
    """
    winner = probabilities.argmax(axis=1)
    confidence = probabilities[np.arange(len(labels)), winner]
    right = winner == labels
    place = np.minimum((confidence * bins).astype(np.int64), bins - 1)
    gap = np.bincount(place, weights=confidence - right, minlength=bins)  # sum of (confidence - right) in each bin
    return float(np.abs(gap).sum() / len(labels))
