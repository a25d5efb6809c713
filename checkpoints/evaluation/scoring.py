"""From nets and a labelled set to a report: plain tables and lists that JSON can hold."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from architectures.input.pen import PRESETS
from checkpoints.evaluation import known_labels, pen_set
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
from checkpoints.evaluation.pen_set import WAYS, PenSet, set_name
from checkpoints.evaluation.statistics import Flags, cluster_bootstrap, middle
from checkpoints.evaluation.variants import Answers, Reader

SEED = 20171026
MISTAKES = 20
ALL_PENS = {"like MNIST": "pen", "as drawn": "pen, as drawn"}  # the sets of all presets together, by the way in
SAMPLE_DIGITS = (2, 3, 5, 8)

Report = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """What to measure beside the clean set: curves by their name, the digits drawn by every pen, and the two sets that
    the capsule paper speaks of."""

    curves: tuple[str, ...] = ()
    pens: bool = False
    pen_images: int | None = None  # how many of the images the pens draw; all of them when None
    affine: bool = False
    overlap: bool = False

    @property
    def steps(self) -> int:
        """How often a net reads the whole set."""
        curves = sum(len(CURVES[name].levels) - 1 for name in self.curves)
        return 1 + curves + self.affine + self.overlap + self.pens * len(PRESETS) * len(WAYS)


@dataclass(frozen=True)
class Images:
    """x (N, 1, 28, 28) in [0, 1], labels (N,), the index of each in its whole split, and which split that is."""

    x: Tensor
    labels: Tensor
    index: Tensor
    split: str = "test"

    @property
    def rasters(self) -> NDArray[np.uint8]:
        """The images as they are in MNIST's files, (N, 28, 28)."""
        return (self.x[:, 0] * 255).round().byte().numpy()

    def some(self, count: int | None, seed: int) -> Images:
        """`count` of the images, drawn by the seed, in their order; all of them when there are no more."""
        if count is None or count >= len(self.labels):
            return self
        places = torch.from_numpy(np.sort(np.random.default_rng(seed).permutation(len(self.labels))[:count]))
        return Images(self.x[places], self.labels[places], self.index[places], self.split)

    @property
    def truth(self) -> Digits:
        return self.labels.numpy()


@dataclass
class Scores:
    """One reader, what it is to be measured on, its report, and for each set which images it had correct."""

    reader: Reader
    plan: Plan
    report: Report = field(default_factory=dict)
    correct: dict[str, Flags] = field(default_factory=dict)


Tick = Callable[[], object]


def score(asked: Iterable[tuple[Reader, Plan]], images: Images, seed: int, tick: Tick) -> dict[str, Scores]:
    """The scores of each reader, by its name: each set is made once and read by all whose plan has it.

    `tick` is called each time that a reader has read a set.
    """
    every = {reader.variant.name: Scores(reader, plan) for reader, plan in asked}
    for scores in every.values():
        _clean(scores, images)
        tick()
    if penned := [scores for scores in every.values() if scores.plan.pens]:
        _pens(penned, images.some(penned[0].plan.pen_images, seed), tick)
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
    correct = answers.correct(images.truth)
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
        "curves": {name: [{"level": CURVES[name].levels[0], **share_of(correct).as_json()}] for name in plan.curves},
    }
    _set(scores, "clean", answers, images.truth)


def measures(answers: Answers, truth: Digits) -> Report:
    """Accuracy with its interval, likelihood, calibration and accuracy by digit of one set."""
    correct = answers.correct(truth)
    return {
        **share_of(correct).as_json(),
        "negative_log_likelihood": negative_log_likelihood(answers.probabilities, truth, answers.meaning),
        "calibration_error": calibration_error(answers.probabilities, truth),
        "per_digit": [one and one.as_json() for one in per_digit(correct, truth)],
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
            "disputed": images.split == "test" and int(images.index[place]) in known_labels.DISPUTED,
        }
        for place in surest
    ]


def disputed(answers: Answers, images: Images) -> Report:
    """How the reader answers the images whose label people dispute."""
    known = known_labels.DISPUTED if images.split == "test" else {}
    places = [place for place, index in enumerate(images.index.tolist()) if index in known]
    answered = [(int(answers.digits[place]), known_labels.DISPUTED[int(images.index[place])]) for place in places]
    return {
        "images": len(places),
        "as_labelled": sum(digit == label.given for digit, label in answered),
        "as_suggested": sum(digit == label.suggested for digit, label in answered),
    }


def _set(scores: Scores, name: str, answers: Answers, truth: Digits) -> None:
    scores.report["sets"][name] = measures(answers, truth)
    scores.correct[name] = answers.correct(truth)


def _level(scores: Scores, name: str, level: float, answers: Answers, truth: Digits) -> None:
    """One more point of a curve."""
    scores.report["curves"][name].append({"level": level, **share_of(answers.correct(truth)).as_json()})


def _pens(penned: list[Scores], images: Images, tick: Tick) -> None:
    """The sets drawn by every pen and read both ways, and all pens together."""
    drawn = pen_set.draw_all(images.rasters)
    truth = images.truth[drawn.traced]
    if not len(truth):
        return
    for scores in penned:
        for way in WAYS:
            correct = []
            for pen in PRESETS:
                _set(scores, set_name(pen, way), scores.reader.read(drawn.x(pen, way)), truth)
                correct.append(scores.correct[set_name(pen, way)])
                tick()
            scores.report["sets"][ALL_PENS[way]] = _together(correct, drawn)


def _together(correct: list[Flags], drawn: PenSet) -> Report:
    """Accuracy over the drawings of all pens; its interval resamples digits, each with all its drawings."""
    flags = np.concatenate(correct)
    digit = np.tile(np.arange(int(drawn.traced.sum())), len(correct))
    low, high = middle(cluster_bootstrap(flags[:, None], digit)[:, 0])
    right, total = int(flags.sum()), len(flags)
    return {"right": right, "total": total, "accuracy": right / total, "low": low, "high": high}


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
    scores.correct["overlap"] = both


def shared_sets(every: Iterable[Scores]) -> dict[str, list[str]]:
    """For each set, the names of the readers that were measured on it."""
    found: dict[str, list[str]] = {}
    for scores in every:
        for name in scores.correct:
            found.setdefault(name, []).append(scores.reader.variant.name)
    return found


def samples(images: Images, plan: Plan, seed: int) -> Report:
    """What is kept for the report's images, as PNG in base64: digits at each level of each curve, and by each pen.

    Of a curve: a row for each shown digit, a column of 28 px for each level. Of the pens: see `pen_set.sample`.
    """
    places = torch.cat([(images.labels == digit).nonzero()[:1, 0] for digit in SAMPLE_DIGITS])
    x = images.x[places if len(places) else torch.arange(min(1, len(images.labels)))]
    found = {name: _png([CURVES[name].apply(x, level, seed) for level in CURVES[name].levels]) for name in plan.curves}
    if plan.pens:
        found["pens"] = pen_set.sample(images.rasters, images.truth)
    return found


def opened(sample: str) -> NDArray[np.uint8]:
    """The pixels of a sample in a report."""
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(sample))))


def _png(columns: list[Tensor]) -> str:
    grid = torch.cat([torch.cat(list(x[:, 0]), dim=0) for x in columns], dim=1)
    buffer = io.BytesIO()
    Image.fromarray((grid * 255).round().byte().numpy()).save(buffer, "PNG", optimize=True)
    return base64.b64encode(buffer.getvalue()).decode()
