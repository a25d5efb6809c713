"""Find out how a net wants to be fed and which of its outputs are the digits, by trying the ways there are.

Every way is tried on MNIST's training digits that ship with the project, whether or not the first one seems good: a net
trained on normalised digits reads plain ones well enough to hide that it could read them better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

import architectures
from architectures.contract import DIGITS
from architectures.input.convention import Input, check_classes
from checkpoints.devices import one_thread
from checkpoints.errors import Refused, UnfittingWeights
from checkpoints.evaluation.metrics import Share, share
from checkpoints.evaluation.statistics import mcnemar
from checkpoints.formats.onnx_net import OnnxNet
from checkpoints.formats.output_layer import Ending, scores_of
from checkpoints.shipped_digits import training_digits

# what a net's first layer takes, the likeliest first; other sizes are tried only when none of these runs
SHAPES = (
    Input(),
    Input(flat=True),
    Input(channels=0),
    Input(nhwc=True),
    Input(channels=3),
    Input(size=32, fit="pad"),
    Input(size=32),
    Input(channels=3, size=32, fit="pad"),
    Input(channels=3, size=32),
    Input(channels=3, nhwc=True),
    Input(size=32, fit="pad", nhwc=True),
    Input(channels=3, size=32, nhwc=True),
)
OTHER_SIZES = (8, 14, 16, 20, 24, 48, 64, 96, 128, 224)
OTHER_SHAPES = tuple(
    replace(shape, size=size)
    for size in OTHER_SIZES
    for shape in (Input(), Input(channels=3), Input(flat=True), Input(channels=3, nhwc=True))
)
MNIST = {"mean": 0.1307, "std": 0.3081}
EMNIST = {"mean": 0.1736, "std": 0.3317}
IMAGENET = {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)}
CIFAR10 = {"mean": (0.4914, 0.4822, 0.4465), "std": (0.2470, 0.2435, 0.2616)}
# the usual ranges of values, the likeliest first
VALUES: tuple[dict[str, float], ...] = (
    {},
    MNIST,
    {"mean": 0.5, "std": 0.5},
    {"scale": 255},
    {"mean": 0.5},
    {"standardise": True},
    EMNIST,
    {"mean": 0.1307},
    {"scale": 255, "mean": 127.5},
    {"mean": 0.5, "std": 0.1},
    {"mean": 0.5, "std": 0.025},
)
COLOUR_VALUES = (IMAGENET, CIFAR10)
OLD_SCALE = 16  # of scikit-learn's digits, 8 x 8
ROUNDS = ((25, 0.3), (100, 0.1), (400, 1.0))  # digits, and how far behind the best a way may be to go on
BATCH = 100
UPRIGHT = 0.9  # accuracy from which on nobody asks whether the digits were turned on their side
READS = 0.8  # accuracy from which on other outputs than the first ten are believed to be the digits
NOTHING = 0.3  # accuracy below which one way is as good as another
SIGNIFICANT = 0.05
AS_MANY = 2  # of 400 digits: no way is kept, however usual, that misses more than the best
TEMPERATURES = 2.0 ** (torch.arange(-8, 17).view(-1, 1, 1) / 2)


@dataclass(frozen=True)
class Trial:
    """How a net did when it was fed in one way.

    way      the input convention
    classes  the outputs that are digits, that of 0 first; None for the first and only ten
    ending   what its scores are
    correct  (N,) True for the digits it predicts
    losses   (N,) cross entropy of each digit, at the temperature that makes their mean least: whatever only enlarges
             the input, and so sharpens the answers, must not look better than what the net was trained on
    """

    way: Input
    classes: tuple[int, ...] | None
    ending: Ending
    correct: NDArray[np.bool_]
    losses: NDArray[np.float64]

    @property
    def accuracy(self) -> Share:
        """With its Wilson 95 % interval."""
        return share(int(self.correct.sum()), len(self.correct))

    @property
    def loss(self) -> float:
        return float(self.losses.mean())

    @property
    def rank(self) -> tuple[int, float]:
        """Less is better: digits missed, then cross entropy."""
        return int((~self.correct).sum()), self.loss


@dataclass(frozen=True)
class Tried:
    """What trying came to: the way to keep, the best one, and all that were tried on every digit, the best first.

    `kept` is the usual one among those that cannot be told from the best.
    """

    kept: Trial
    ranking: tuple[Trial, ...]

    @property
    def best(self) -> Trial:
        return self.ranking[0]

    def of(self, way: Input) -> Trial | None:
        return next((trial for trial in self.ranking if trial.way == way), None)


@dataclass(frozen=True)
class Convention:
    """How a net is fed, and which of its outputs are the digits.

    chosen    as its file declares it, or else as trying found it
    declared  whether the file says how it is fed
    missing   the lines that its file needs and has not
    """

    tried: Tried
    chosen: Trial
    declared: bool
    missing: tuple[str, ...]


@cache
def digits() -> tuple[Tensor, Tensor]:
    """The digits that ways are tried on: float (400, 1, 28, 28) in [0, 1] and labels (400,)."""
    shipped = training_digits(ROUNDS[-1][0])
    return shipped.x, shipped.labels


def find_convention(name: str, net: nn.Module) -> Convention:
    """How the net called `name`, in eval mode and called with what its own file wants, is fed.

    What its file declares is believed. Raises Refused, and UnfittingWeights for a net that answers in no way.
    """
    module = architectures.module(name)
    declared, classes = getattr(module, "INPUT", None), getattr(module, "CLASSES", None)
    if declared is not None and not isinstance(declared, Input):
        raise Refused(f"invalid INPUT of {name}: must be Input(...), not a {type(declared).__name__}")
    tried = try_ways(net, None if classes is None else check_classes(classes), name)
    chosen = tried.kept if declared is None else trial(net, declared, classes)
    missing = [f"INPUT = {chosen.way}"] if declared is None and chosen.way != Input() else []
    missing += [f"CLASSES = {chosen.classes}"] if classes is None and chosen.classes is not None else []
    return Convention(tried, chosen, declared is not None, tuple(missing))


@one_thread()
def try_ways(net: nn.Module, classes: Sequence[int] | None = None, name: str = "the net") -> Tried:
    """Try every way of feeding `net`, which is in eval mode and called with what its own file wants.

    classes   what its file declares; None to find out.
    Raises UnfittingWeights, saying why, for a net that answers in no way.
    """
    shapes = _running(net, name)
    ways = [way for shape in shapes for way in ways_of(shape)]
    tried = _narrow(net, ways, classes)
    if tried[0].accuracy.value < UPRIGHT:  # EMNIST's digits lie on their side
        turned = [replace(way, transpose=True) for way in ways]
        tried = sorted([*tried, *_narrow(net, turned, classes)], key=lambda trial: trial.rank)
        ways += turned
    order = {way: place for place, way in enumerate(ways)}
    if tried[0].accuracy.value < NOTHING:  # it has learnt nothing that any way could show
        usual = _narrow(net, [shapes[0]], classes)[0]
        return Tried(
            usual, tuple(sorted([usual, *(one for one in tried if one.way != usual.way)], key=lambda one: one.rank))
        )
    equals = [trial for trial in tried if not told_apart(tried[0], trial)]  # the best itself among them
    kept = min(equals, key=lambda trial: order[trial.way])
    return Tried(kept, tuple(tried))


def told_apart(best: Trial, other: Trial) -> bool:
    """Whether the digits tell a way from the best one.

    They do by their number, by those that only one of the two predicts (McNemar's exact test), or by the cross entropy
    of each digit (paired, two standard errors).
    """
    only_best, only_other = (int((a.correct & ~b.correct).sum()) for a, b in ((best, other), (other, best)))
    if only_best - only_other > AS_MANY:
        return True
    if mcnemar(only_best, only_other) < SIGNIFICANT:
        return True
    difference = other.losses - best.losses
    return float(difference.mean()) > 2 * float(difference.std()) / len(difference) ** 0.5


def trial(net: nn.Module, way: Input, classes: Sequence[int] | None = None, count: int = ROUNDS[-1][0]) -> Trial:
    """How `net` does on the first `count` digits when it is fed in this `way`; raises UnfittingWeights."""
    x, labels = (part[:count] for part in digits())
    answers = [scores_of(net, way(block), "the net") for block in x.split(BATCH)]
    ending = answers[0].ending
    logits = torch.cat([replace(answer, ending=ending).logits for answer in answers])
    chosen = tuple(classes) if classes is not None else _classes(logits, labels)
    if chosen is not None:
        logits = logits[:, list(chosen)]
    elif logits.shape[1] != DIGITS:
        logits = logits[:, :DIGITS]
    heated = (logits / TEMPERATURES).log_softmax(dim=2)  # (temperatures, N, 10)
    losses = -heated[:, torch.arange(len(labels)), labels]
    losses = losses[losses.mean(dim=1).argmin()]
    return Trial(way, chosen, ending, (logits.argmax(dim=1) == labels).numpy(), losses.double().numpy())


def ways_of(shape: Input) -> list[Input]:
    """The usual ranges of values for one shape; and all of them black on white."""
    values: list[dict[str, object]] = [dict(one) for one in VALUES]
    values += [dict(one) for one in COLOUR_VALUES if shape.channels == 3]
    values += [{"scale": OLD_SCALE}] if shape.size == 8 else []
    return [replace(shape, invert=invert, **value) for invert in (False, True) for value in values]  # type: ignore[arg-type]


def _running(net: nn.Module, name: str) -> list[Input]:
    """The shapes that `net` answers to; raises UnfittingWeights, saying why, when there is none."""
    asked = _asked_for(net)
    for shapes in (asked,) if asked else (SHAPES, OTHER_SHAPES):
        answers: dict[Input, Tensor] = {}
        for shape in shapes:
            answer = _answer(net, shape)
            if answer is not None and not any(torch.equal(answer, known) for known in answers.values()):
                answers[shape] = answer  # else the net flattens whatever it is given
        if answers:
            return list(answers)
    if any(_answer(net, shape, 1) is not None for shape in asked or (*SHAPES, *OTHER_SHAPES)):
        raise UnfittingWeights(
            f"{name} answers to single images alone: let its forward() keep the batch axis, "
            "x.flatten(1) instead of x.squeeze() or x.view(1, -1)"
        )
    scores_of(net, (asked[0] if asked else Input())(digits()[0][:10]), name)
    raise UnfittingWeights(f"{name} answers batches, but no single image")


def _asked_for(net: nn.Module) -> tuple[Input, ...]:
    """The shapes that a graph says it wants, batch axis or not; none for a net that does not say."""
    if not isinstance(net, OnnxNet):
        return ()
    sizes = [side if isinstance(side, int) else None for side in net.shape]
    known = [side for side in sizes if side is not None]
    candidates = [*SHAPES, *OTHER_SHAPES]
    candidates += [
        Input(channels=c, size=s, nhwc=n) for c in (1, 3) for s in known if 1 < s <= 512 for n in (False, True)
    ]
    fitting = []
    for shape in candidates:
        wanted = list(shape(torch.zeros(1, 1, 28, 28)).shape[1:])
        for axes in (sizes[1:], sizes):  # with a batch axis, and without
            if len(axes) == len(wanted) and all(axis in (None, side) for axis, side in zip(axes, wanted, strict=True)):
                fitting.append(shape)
                break
    return tuple(dict.fromkeys(fitting))


def _answer(net: nn.Module, way: Input, count: int = 10) -> Tensor | None:
    """What `net` answers to some digits fed in this way, or None when it fails, on all at once or on a single one."""
    x = digits()[0]
    try:
        scores_of(net, way(x[:1]), "it")
        return scores_of(net, way(x[:count]), "it").values
    except UnfittingWeights:
        return None


def _narrow(net: nn.Module, ways: Sequence[Input], classes: Sequence[int] | None) -> list[Trial]:
    """The ways that stay near the best while more and more digits are tried, the best first.

    A way that raises, overflows or gives NaN is a way that failed.
    """
    trials: list[Trial] = []
    for count, margin in ROUNDS:
        trials = []
        for way in ways:
            try:
                trials.append(trial(net, way, classes, count))
            except UnfittingWeights:
                continue
        if not trials:
            trials = [trial(net, ways[0], classes, count)]  # raises, and says why
        most = max(one.accuracy.value for one in trials)
        ways = [one.way for one in trials if one.accuracy.value >= most - margin]
    return sorted(trials, key=lambda one: one.rank)


def _classes(logits: Tensor, labels: Tensor) -> tuple[int, ...] | None:
    """The ten of a net's outputs that are the digits, when it reads them well so and not as they stand; else None."""
    predicted = logits.argmax(dim=1)
    table = torch.zeros(DIGITS, logits.shape[1])
    table.index_put_((labels, predicted), torch.ones(len(labels)), accumulate=True)
    plain = float(table[range(DIGITS), range(DIGITS)].sum()) / len(labels)
    if plain >= READS:
        return None if logits.shape[1] == DIGITS else tuple(range(DIGITS))
    outputs = table.argmax(dim=1).tolist()  # where each digit goes most often
    assigned = float(table[range(DIGITS), outputs].sum()) / len(labels)
    return tuple(outputs) if assigned >= READS and len(set(outputs)) == DIGITS else None
