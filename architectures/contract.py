"""What a net is fed and what it answers.

Every net takes `x`, float (B, 1, 28, 28) in [0, 1], white ink on black, and returns either plain logits (B, 10)
or an `Answer`. `ask` turns both into a checked `Answer`, so that nobody else has to ask which it was.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

DIGITS = 10
SIDE_PX = 28

Meaning = Literal["softmax", "capsule length"]


class BadInput(ValueError):
    """The input of a net is not (B, 1, 28, 28) in [0, 1]."""


class BadAnswer(ValueError):
    """A net returned something that is not an answer; the message names the net and what it returned."""


@dataclass(frozen=True)
class CapsuleGrid:
    """Where the input capsules of a routing layer sit: `types` of them at each of `rows` x `columns` places.

    Place (r, c) looks at a square of `field_px` pixels whose first pixel is (r * stride_px, c * stride_px).
    The inputs of a routing are ordered type first, then row, then column.
    """

    types: int
    rows: int
    columns: int
    stride_px: int
    field_px: int

    @property
    def inputs(self) -> int:
        return self.types * self.rows * self.columns


@dataclass(frozen=True)
class Capsules:
    """What a capsule net found on its way to the answer.

    poses      (B, 10, D): one vector for each digit; its length is the digit's probability
    couplings  (R, B, inputs, 10): for each routing iteration, how each input capsule shares its vote; sums to 1
               over the digits
    votes      (B, inputs, 10, D): what each input capsule predicts for each digit capsule
    iterations (R, B, 10): the lengths of the digit capsules after each iteration
    grid       where on the image the inputs look, or None when they have no place
    decode     (poses (B, 10, D), digit (B,) int64) -> (B, 1, 28, 28) in [0, 1], or None for a net without a decoder
    prior      (inputs, 10), learned and the same for every image, which the net adds to the last couplings when it
               adds up the votes; None for a net without (Mazzia 2021 has such, Sabour 2017 has not)
    """

    poses: Tensor
    couplings: Tensor
    votes: Tensor
    iterations: Tensor
    grid: CapsuleGrid | None = None
    decode: Callable[[Tensor, Tensor], Tensor] | None = None
    prior: Tensor | None = None


@dataclass(frozen=True)
class Answer:
    """A net's answer to B images.

    scores         (B, 10): what the net ended in: logits, or the lengths of the digit capsules
    probabilities  (B, 10) in [0, 1]: softmax of the logits; for capsules the lengths themselves, which are never
                   passed through a softmax and need not sum to 1 (Sabour 2017, section 3)
    capsules       present when the net has them
    """

    scores: Tensor
    capsules: Capsules | None = None

    @property
    def meaning(self) -> Meaning:
        return "softmax" if self.capsules is None else "capsule length"

    @property
    def probabilities(self) -> Tensor:
        return self.scores.softmax(dim=1) if self.capsules is None else self.scores

    @property
    def digit(self) -> Tensor:
        """(B,) int64: the digit with the highest score."""
        return self.scores.argmax(dim=1)


def ask(net: Callable[..., object], x: Tensor, name: str = "the net", **settings: int) -> Answer:
    """The checked answer of `net` to x (B, 1, 28, 28) in [0, 1]; `settings` go to its forward pass.

    Raises BadInput for a wrong x, and BadAnswer, naming the net, for anything that is not ten finite scores an image.
    """
    check_input(x, name)
    return as_answer(net(x, **settings), batch=x.shape[0], name=name)


def settings_of(net: nn.Module) -> frozenset[str]:
    """Names of what the forward pass of `net` takes besides x: `routing_iterations` for caps-net, nothing for most.

    A net may say so itself in a method `settings()`; otherwise the signature of its forward pass does.
    """
    said = getattr(net, "settings", None)
    return frozenset(said()) if callable(said) else frozenset(list(inspect.signature(net.forward).parameters)[1:])


def check_input(x: Tensor, name: str = "the net") -> None:
    """Raise BadInput unless x is a float tensor (B, 1, 28, 28) with every value in [0, 1]."""
    expected = f"{name} is fed float (B, 1, {SIDE_PX}, {SIDE_PX}) in [0, 1]"
    if not isinstance(x, Tensor):
        raise BadInput(f"{expected}, not a {type(x).__name__}")
    if x.ndim != 4 or tuple(x.shape[1:]) != (1, SIDE_PX, SIDE_PX) or not x.is_floating_point():
        raise BadInput(f"{expected}, not {x.dtype} {tuple(x.shape)}")
    if x.numel() and not bool(((x >= 0) & (x <= 1)).all()):  # also False for NaN
        raise BadInput(f"{expected}; here values go from {x.min().item():g} to {x.max().item():g}")


def as_answer(returned: object, batch: int, name: str = "the net") -> Answer:
    """What a forward pass `returned` for `batch` images, as an Answer; raises BadAnswer when it is none."""
    expected = f"expected {DIGITS} scores for each of {batch} images, a ({batch}, {DIGITS}) tensor or an Answer"
    answer = Answer(returned) if isinstance(returned, Tensor) else returned
    if not isinstance(answer, Answer):
        raise BadAnswer(f"{name} returned {_described(returned)}; {expected}")
    scores = answer.scores
    if not isinstance(scores, Tensor) or tuple(scores.shape) != (batch, DIGITS) or not scores.is_floating_point():
        shape = f"{scores.dtype} {tuple(scores.shape)}" if isinstance(scores, Tensor) else type(scores).__name__
        raise BadAnswer(f"{name} returned scores of {shape}; {expected}")
    if not bool(torch.isfinite(scores).all()):
        raise BadAnswer(f"{name} returned NaN or infinite scores; {expected}, all finite")
    if answer.capsules is not None and not bool(((scores >= 0) & (scores < 1)).all()):
        raise BadAnswer(f"{name} returned capsule lengths outside [0, 1): {scores.min():g} to {scores.max():g}")
    return answer


def _described(returned: object) -> str:
    """What came back in the place of an answer, and for several things at once what to do about it."""
    if not isinstance(returned, tuple | list):
        return f"a {type(returned).__name__}"
    parts = [str(tuple(part.shape)) if isinstance(part, Tensor) else type(part).__name__ for part in returned]
    advice = "let its forward() return the scores alone"
    return f"a {type(returned).__name__} of {len(parts)} ({', '.join(parts[:DIGITS])}): {advice}"
