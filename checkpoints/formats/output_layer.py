"""What a net answers and ends in, by measurement: logits, softmax, log-softmax, or scores of their own.

Nets trained elsewhere often end in a softmax; passed through another one, their surest answer would read 23 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

from architectures.contract import DIGITS, Answer, BadAnswer, as_answer
from architectures.input.convention import MOST_CLASSES, check_classes
from checkpoints.errors import UnfittingWeights
from checkpoints.shipped_digits import training_digits

Ending = Literal["logits", "softmax", "log-softmax", "sigmoid", "capsule lengths"]
WITHIN = 2e-3  # of 1: room for half precision
SMALLEST = 1e-30
LOWEST_LOGIT = -1e4  # in the place of minus infinity, the logarithm of a probability that came out as 0
SAMPLES = 10


class WrongInput(UnfittingWeights):
    """The net fails on what it is fed: it was trained on other input."""


@dataclass(frozen=True)
class Scores:
    """What a net answered to B images: `values` (B, classes), finite; what they are; whether it returned just that."""

    values: Tensor
    ending: Ending
    as_returned: bool = True

    @property
    def logits(self) -> Tensor:
        """(B, classes) whose softmax is what the net means; for capsules, of their lengths."""
        return as_logits(self.values, self.ending)


def scores_of(net: nn.Module, x: Tensor, name: str) -> Scores:
    """What a net from elsewhere answers to x, without gradients.

    Raises WrongInput when it fails, and UnfittingWeights when it returns what is no answer.
    """
    try:
        with torch.no_grad():
            returned = net(x)
    except Exception as error:  # a net from elsewhere may raise anything: it is named and passed on
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise WrongInput(f"{name} fails on float {tuple(x.shape)}: {reason}") from error
    if isinstance(returned, Answer):
        try:
            answer = as_answer(returned, batch=len(x), name=name)
        except BadAnswer as error:
            raise UnfittingWeights(str(error)) from error
        if answer.capsules is not None:
            return Scores(answer.scores, "capsule lengths")
        returned = answer.scores
    values = _table(returned, len(x), name)
    as_returned = isinstance(returned, Tensor) and returned.shape == values.shape and torch.equal(returned, values)
    return Scores(values, _ending(values), as_returned)


def _table(returned: object, batch: int, name: str) -> Tensor:
    """A tensor that was returned, as (batch, classes); raises UnfittingWeights."""
    if isinstance(returned, Tensor) and returned.is_floating_point() and batch and returned.numel() % batch == 0:
        classes = returned.numel() // batch
        sides = [side for side in returned.shape if side != 1]
        if sides == [side for side in (batch, classes) if side != 1] and DIGITS <= classes <= MOST_CLASSES:
            values = returned.reshape(batch, classes).float()
            values = values.masked_fill(values == -torch.inf, LOWEST_LOGIT)
            if bool(torch.isfinite(values).all()):
                return values
            raise UnfittingWeights(f"{name} returned NaN or infinite scores; they must be finite")
        raise UnfittingWeights(
            f"{name} returned scores of {tuple(returned.shape)} for {batch} images; "
            f"they must be ({batch}, {DIGITS}), or more classes of which CLASSES names the digits"
        )
    try:
        as_answer(returned, batch=batch, name=name)
    except BadAnswer as error:
        raise UnfittingWeights(str(error)) from error
    raise UnfittingWeights(f"{name} returned what is no answer")


def _ending(scores: Tensor) -> Ending:
    """What the scores (B, classes) of some digits say about the last layer they come from."""
    if bool((scores >= 0).all()) and bool((scores.sum(dim=1) - 1).abs().max() < WITHIN):
        return "softmax"
    if bool((scores <= WITHIN).all()) and bool(scores.logsumexp(dim=1).abs().max() < WITHIN):
        return "log-softmax"
    return "sigmoid" if bool(((scores >= 0) & (scores <= 1)).all()) else "logits"


def as_logits(scores: Tensor, ending: Ending) -> Tensor:
    if ending in ("softmax", "capsule lengths"):
        return scores.clamp_min(SMALLEST).log()
    return scores.logit(eps=1e-6) if ending == "sigmoid" else scores


def settle(net: nn.Module, name: str, classes: object = None) -> Ending:
    """Let `net` answer ten digits and one, find out what it ends in, and have it answer ten logits from now on.

    A softmax is undone by a logarithm and a sigmoid by its inverse, in a hook, which also chooses the outputs that are
    digits (`CLASSES`). Raises UnfittingWeights for a net that does not answer, or not to a single image.
    """
    x = training_digits(SAMPLES).x
    try:
        scores = scores_of(net, x, name)
        single = scores_of(net, x[:1], name)
    except WrongInput as error:
        raise WrongInput(
            f"{error}. If it was trained on other input (32 x 32, 3 channels, flat ...), `python -m checkpoints doctor "
            f"{name}` finds out which and says what to write"
        ) from error
    found = scores.values.shape[1]
    chosen = None if classes is None else check_classes(classes)
    if chosen is None and found != DIGITS:
        raise UnfittingWeights(
            f"{name} answers {found} classes; expected {DIGITS}: `python -m checkpoints doctor {name}` finds out which "
            "of them are the digits and says what to write"
        )
    if chosen is not None and max(chosen) >= found:
        raise UnfittingWeights(f"CLASSES of {name} names output {max(chosen)}; it has {found}, the first is 0")
    as_it_is = scores.as_returned and single.as_returned and scores.ending in ("logits", "log-softmax") and not chosen
    if scores.ending != "capsule lengths" and not as_it_is:
        net.register_forward_hook(_Finish(scores.ending, chosen))
    return scores.ending


@dataclass(frozen=True)
class _Finish:
    ending: Ending
    classes: tuple[int, ...] | None

    def __call__(self, _net: nn.Module, given: tuple[Any, ...], returned: Tensor | Answer) -> Tensor:
        scores = returned.scores if isinstance(returned, Answer) else returned
        scores = as_logits(scores.reshape(len(given[0]), -1), self.ending)
        scores = scores.masked_fill(scores == -torch.inf, LOWEST_LOGIT)
        return scores if self.classes is None else scores[:, list(self.classes)]


ENDINGS: dict[Ending, str] = {
    "logits": "ends in logits",
    "softmax": "ends in a softmax: its scores are probabilities already and are shown as they are",
    "log-softmax": "ends in a log-softmax: the softmax of that is what it means",
    "sigmoid": "ends in scores from 0 to 1 that do not sum to 1 (sigmoid?): compared by a softmax of their logits",
    "capsule lengths": "ends in capsules: their lengths are the answer",
}
