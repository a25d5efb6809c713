"""What a net ends in, found by measurement: logits, softmax, log-softmax, or ten scores of their own.

Nets trained elsewhere often end in a softmax; passed through another one, their surest answer would read 23 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

from architectures.contract import Answer, BadAnswer, as_answer
from checkpoints.errors import UnfittingWeights
from checkpoints.sample_digits import sample_digits

Ending = Literal["logits", "softmax", "log-softmax", "sigmoid", "capsule lengths"]
WITHIN = 2e-3  # of 1: room for half precision
SMALLEST = 1e-30


class WrongInput(UnfittingWeights):
    """The net fails on what it is fed: it was trained on other input."""


def run(net: nn.Module, x: Tensor, name: str) -> Answer:
    """The checked answer of a net from elsewhere, without gradients.

    Raises WrongInput when it fails, and UnfittingWeights when it returns what is no answer.
    """
    try:
        with torch.no_grad():
            returned = net(x)
    except Exception as error:  # a net from elsewhere may raise anything: it is named and passed on
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise WrongInput(
            f"{name} fails on float {tuple(x.shape)} in [0, 1]: {reason}. If it was trained on other input (32 x 32, "
            f"3 channels, flat ...), `python -m checkpoints doctor {name}` finds out which and says what to write"
        ) from error
    try:
        return as_answer(returned, batch=len(x), name=name)
    except BadAnswer as error:
        raise UnfittingWeights(str(error)) from error


def of(answer: Answer) -> Ending:
    """What the scores of some sample digits say about the last layer they come from."""
    if answer.capsules is not None:
        return "capsule lengths"
    scores = answer.scores.float()
    if bool((scores >= 0).all()) and bool((scores.sum(dim=1) - 1).abs().max() < WITHIN):
        return "softmax"
    if bool((scores <= WITHIN).all()) and bool(scores.logsumexp(dim=1).abs().max() < WITHIN):
        return "log-softmax"
    return "sigmoid" if bool(((scores >= 0) & (scores <= 1)).all()) else "logits"


def settle(net: nn.Module, name: str) -> Ending:
    """Let `net` answer ten sample digits, find out what it ends in, and have it answer logits from now on.

    A softmax is undone by a logarithm and a sigmoid by its inverse, in a hook; the softmax of a log-softmax is already
    the same. Raises UnfittingWeights for a net that does not answer.
    """
    ending = of(run(net, sample_digits(10)[0], name))
    if ending in ("softmax", "sigmoid"):
        net.register_forward_hook(_Undo(ending))
    return ending


def logits(answer: Answer, ending: Ending) -> Tensor:
    """Scores (B, 10) whose softmax is what the net means; for capsules, of their lengths, to compare trials by."""
    scores = answer.scores.float()
    if ending in ("softmax", "capsule lengths"):
        return scores.clamp_min(SMALLEST).log()
    return scores.logit(eps=1e-6) if ending == "sigmoid" else scores


@dataclass(frozen=True)
class _Undo:
    ending: Ending

    def __call__(self, _net: nn.Module, _given: tuple[Any, ...], returned: Tensor | Answer) -> Tensor:
        return logits(returned if isinstance(returned, Answer) else Answer(returned), self.ending)


SAID: dict[Ending, str] = {
    "logits": "ends in logits",
    "softmax": "ends in a softmax: its scores are probabilities already and are shown as they are",
    "log-softmax": "ends in a log-softmax: the softmax of that is what it means",
    "sigmoid": "ends in ten scores from 0 to 1 that do not sum to 1 (sigmoid?): compared by a softmax of their logits",
    "capsule lengths": "ends in capsules: their lengths are the answer",
}
