"""From readers and a labelled set to a report: plain tables and lists that JSON can hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from torch import Tensor

from checkpoints.evaluation import known_labels
from checkpoints.evaluation.distortions import CURVES, Overlapping, affine, overlapping
from checkpoints.evaluation.metrics import (
    Digits,
    calibration_error,
    confidence_of,
    confusion,
    likelihood_of,
    negative_log_likelihood,
    per_digit,
    share_of,
)
from checkpoints.evaluation.statistics import Flags
from checkpoints.evaluation.variants import Answers, Reader

SEED = 20171026
REAL_PEN = 1.0  # the level of the curve `pen` that is a set of its own
MISTAKES = 20

Report = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """What to measure beside the clean set: curves by their name, and the two sets that the capsule paper speaks of."""

    curves: tuple[str, ...] = ()
    affine: bool = False
    overlap: bool = False

    @property
    def steps(self) -> int:
        """How often a net reads the whole set."""
        return 1 + sum(len(CURVES[name].levels) - 1 for name in self.curves) + self.affine + self.overlap


@dataclass(frozen=True)
class Images:
    """x (N, 1, 28, 28) in [0, 1], labels (N,), and the index of each in the whole test or validation set."""

    x: Tensor
    labels: Tensor
    index: Tensor

    @property
    def truth(self) -> Digits:
        return self.labels.numpy()


@dataclass
class Scores:
    """One reader, what it is to be measured on, its report, and for each set which images it read rightly."""

    reader: Reader
    plan: Plan
    report: Report = field(default_factory=dict)
    right: dict[str, Flags] = field(default_factory=dict)


Tick = Callable[[], object]


def score(asked: Iterable[tuple[Reader, Plan]], images: Images, seed: int, tick: Tick) -> dict[str, Scores]:
    """The scores of each reader, by its name: each set is made once and read by all whose plan has it.

    `tick` is called each time that a reader has read a set.
    """
    every = {reader.variant.name: Scores(reader, plan) for reader, plan in asked}
    for scores in every.values():
        _clean(scores, images)
        tick()
    for name, curve in CURVES.items():
        wanted = [scores for scores in every.values() if name in scores.plan.curves]
        for level in curve.levels[1:] if wanted else ():
            x = curve.apply(images.x, level, seed)
            for scores in wanted:
                _level(scores, name, level, scores.reader.read(x), images.truth)
                tick()
    if stretched := [scores for scores in every.values() if scores.plan.affine]:
        x = affine(images.x, seed)
        for scores in stretched:
            _set(scores, "affine", scores.reader.read(x), images.truth)
            tick()
    if doubled := [scores for scores in every.values() if scores.plan.overlap]:
        made = overlapping(images.x, images.labels, seed)
        for scores in doubled:
            _two_digits(scores, scores.reader.read(made.images), made)
            tick()
    return every


def _clean(scores: Scores, images: Images) -> None:
    reader, plan = scores.reader, scores.plan
    answers = reader.read(images.x)
    right = answers.right(images.truth)
    scores.report = {
        "weights_sha256": reader.sha256,
        "parameters": reader.parameters,
        "meaning": answers.meaning,
        "likelihood_of": likelihood_of(answers.meaning),
        "confidence_of": confidence_of(answers.meaning),
        "sets": {},
        "confusion": confusion(answers.digits, images.truth).tolist(),
        "surest_mistakes": surest_mistakes(answers, images),
        "disputed": disputed(answers, images),
        "curves": {name: [{"level": CURVES[name].levels[0], **share_of(right).as_json()}] for name in plan.curves},
    }
    _set(scores, "clean", answers, images.truth)


def measures(answers: Answers, truth: Digits) -> Report:
    """Accuracy with its interval, likelihood, calibration and accuracy by digit of one set."""
    right = answers.right(truth)
    return {
        **share_of(right).as_json(),
        "negative_log_likelihood": negative_log_likelihood(answers.probabilities, truth, answers.meaning),
        "calibration_error": calibration_error(answers.probabilities, truth),
        "per_digit": [one and one.as_json() for one in per_digit(right, truth)],
    }


def surest_mistakes(answers: Answers, images: Images) -> list[Report]:
    """The wrong answers that were given with the highest probability, at most 20, the surest first."""
    winner = answers.probabilities.max(axis=1)
    wrong = np.flatnonzero(answers.digits != images.truth)
    surest = wrong[np.argsort(-winner[wrong], kind="stable")][:MISTAKES]
    return [
        {
            "index": int(images.index[place]),
            "label": int(images.truth[place]),
            "answer": int(answers.digits[place]),
            "probability": float(winner[place]),
            "disputed": int(images.index[place]) in known_labels.DISPUTED,
        }
        for place in surest
    ]


def disputed(answers: Answers, images: Images) -> Report:
    """How the reader answers the images whose label people dispute."""
    places = [place for place, index in enumerate(images.index.tolist()) if index in known_labels.DISPUTED]
    answered = [(int(answers.digits[place]), known_labels.DISPUTED[int(images.index[place])]) for place in places]
    return {
        "images": len(places),
        "as_labelled": sum(digit == label.given for digit, label in answered),
        "as_suggested": sum(digit == label.suggested for digit, label in answered),
    }


def _set(scores: Scores, name: str, answers: Answers, truth: Digits) -> None:
    scores.report["sets"][name] = measures(answers, truth)
    scores.right[name] = answers.right(truth)


def _level(scores: Scores, name: str, level: float, answers: Answers, truth: Digits) -> None:
    """One more point of a curve; the level of the real pen is a set as well."""
    scores.report["curves"][name].append({"level": level, **share_of(answers.right(truth)).as_json()})
    if name == "pen" and level == REAL_PEN:
        _set(scores, "pen", answers, truth)


def _two_digits(scores: Scores, answers: Answers, made: Overlapping) -> None:
    """Both digits must be the two most probable ones; `either` asks only that the most probable is one of them."""
    highest = np.argsort(-answers.probabilities, axis=1, kind="stable")[:, :2]
    truth = made.digits.numpy()
    both = (np.sort(highest, axis=1) == np.sort(truth, axis=1)).all(axis=1)
    either = (highest[:, :1] == truth).any(axis=1)
    scores.report["sets"]["overlap"] = {
        **share_of(both).as_json(),
        "either": share_of(either).as_json(),
        "mean_box_overlap": float(made.overlap.mean()),
    }
    scores.right["overlap"] = both


def shared_sets(every: Iterable[Scores]) -> dict[str, list[str]]:
    """For each set, the names of the readers that were measured on it."""
    found: dict[str, list[str]] = {}
    for scores in every:
        for name in scores.right:
            found.setdefault(name, []).append(scores.reader.variant.name)
    return found
