"""What a net ends in, found by measurement: logits, softmax, log-softmax, or ten scores of their own.

Nets trained elsewhere often end in a softmax; passed through another one, their surest answer would read 23 %.
"""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import Tensor, nn

from architectures.contract import Answer, BadAnswer, as_answer
from checkpoints.errors import UnfittingWeights
from checkpoints.sample_digits import sample_digits

Ending = Literal["logits", "softmax", "log-softmax", "sigmoid", "capsule lengths"]
WITHIN = 2e-3  # of 1: room for half precision
SMALLEST = 1e-30


def run(net: nn.Module, x: Tensor, name: str) -> Answer:
    """The checked answer of a net from elsewhere; raises UnfittingWeights saying what it did instead of answering."""
    try:
        with torch.no_grad():
            returned = net(x)
    except Exception as error:  # a net from elsewhere may raise anything: it is named and passed on
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise UnfittingWeights(
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
        net.register_forward_hook(_undo_softmax if ending == "softmax" else _undo_sigmoid)
    return ending


def _undo_softmax(_net: nn.Module, _given: tuple[Any, ...], scores: Tensor | Answer) -> Tensor | Answer:
    plain = scores.scores if isinstance(scores, Answer) else scores
    return plain.float().clamp_min(SMALLEST).log()


def _undo_sigmoid(_net: nn.Module, _given: tuple[Any, ...], scores: Tensor | Answer) -> Tensor | Answer:
    plain = scores.scores if isinstance(scores, Answer) else scores
    return plain.float().logit(eps=1e-6)


SAID: dict[Ending, str] = {
    "logits": "ends in logits",
    "softmax": "ends in a softmax: its scores are probabilities already and are shown as they are",
    "log-softmax": "ends in a log-softmax: the softmax of that is what it means",
    "sigmoid": "ends in ten scores from 0 to 1 that do not sum to 1 (sigmoid?): compared by a softmax of their logits",
    "capsule lengths": "ends in capsules: their lengths are the answer",
}
