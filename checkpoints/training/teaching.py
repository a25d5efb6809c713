"""Teach a net one pen: a hundred or two steps on a few hundred digits drawn by it, half and half with raw MNIST.

The digits are those that ship (checkpoints/shipped_digits.py), the step is the one that `train` repeats. What is not
shown is forgotten a little, which `Figures` holds next to what was learned.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, jit, nn

from architectures.card import Augmentation, Recipe
from architectures.contract import as_answer
from architectures.input.pen import Pen
from checkpoints.errors import Refused
from checkpoints.shipped_digits import Digits, test_digits, training_digits
from checkpoints.training import fourier
from checkpoints.training.data import as_input
from checkpoints.training.living_pen import fed, sketch
from checkpoints.training.step import Learner, Lessons
from checkpoints.training.tracing import Traced

SIZE_PX = 182  # of the pad while a lesson is drawn: half the page's
APART_PX = 0.5  # of the stamps there, as on the whole pad: half as many, and what nets are fed differs less from it
RECIPE = Recipe(epochs=1, batch=64, peak_rate=2e-3, augmentation=Augmentation(pen=0.5, as_drawn=0.3))


@dataclass(frozen=True)
class Lesson:
    """What is taught, and how long; the same lesson makes the same net of the same weights on the same machine.

    digits  how many of the shipped training digits the pen draws, at most 1,000
    steps   of 64 images, half of them drawn, half MNIST's own
    """

    pen: Pen
    digits: int = 400
    steps: int = 150
    seed: int = 0


@dataclass(frozen=True)
class Figures:
    """How many of `total` shipped test digits a net reads: drawn by the pen and fed like MNIST, and MNIST's own."""

    pen: int
    mnist: int
    total: int


def card_of(net_id: str, lesson: Lesson, before: Figures, after: Figures) -> dict[str, Any]:
    """What is kept beside the weights of a taught net: which net it was, what it was taught, and the figures."""
    taught = {key: value for key, value in asdict(lesson).items() if key != "pen"}
    return {"net": net_id, "pen": lesson.pen.to_dict(), **taught, "before": asdict(before), "after": asdict(after)}


def sketch_of(pen: Pen, digits: Digits, number: int, seed: int = 0) -> NDArray[np.uint8]:
    """Digit `number` drawn by `pen` with a seed of its own, warped, at any size and place: (SIZE_PX, SIZE_PX, 3)."""
    strokes = [np.array(stroke) for stroke in digits.strokes[number]]
    traced = Traced(strokes, float(digits.widths_px[number]), 1.0)
    own = replace(pen, seed=(pen.seed + number) % 2**31)
    return sketch(traced, int(digits.labels[number]), (seed, number), pen=own, size_px=SIZE_PX, apart_px=APART_PX)


def drawn_by(pen: Pen, digits: Digits, seed: int = 0) -> Tensor:
    """The digits as `sketch_of` draws them, as a net is fed them: uint8 (N, 2, 28, 28)."""
    return torch.from_numpy(np.stack([fed(sketch_of(pen, digits, number, seed)) for number in range(len(digits))]))


def check_learns(net: nn.Module) -> None:
    """Raise Refused for a net whose weights cannot be trained."""
    if isinstance(net, jit.ScriptModule) or not any(parameter.is_floating_point() for parameter in net.parameters()):
        raise Refused("this net cannot learn: only its answers are here (TorchScript or ONNX), not its layers")


def teach(net: nn.Module, lesson: Lesson, drawings: Tensor | None = None) -> Iterator[nn.Module]:
    """A copy of `net` that learns, once after every step: always the same module, in evaluation mode.

    Whoever has seen enough stops asking. `drawings` are those of `drawn_by`, made now when None. Raises Refused for a
    net whose weights cannot be trained.
    """
    check_learns(net)
    digits = training_digits(lesson.digits)
    if drawings is None:
        drawings = drawn_by(lesson.pen, digits, lesson.seed)
    pupil = copy.deepcopy(net).requires_grad_(True)
    if next(pupil.parameters()).device.type == "cpu":
        pupil = fourier.accelerate(pupil)
    with torch.random.fork_rng():
        torch.manual_seed(lesson.seed)
        learner = Learner(pupil, RECIPE, Lessons(digits.images, digits.labels, drawings[None]), lesson.steps)
    batches = learner.batches(torch.Generator().manual_seed(lesson.seed))
    for step in range(lesson.steps):
        with torch.random.fork_rng():  # whoever asks in between keeps the dice of its own
            torch.manual_seed(lesson.seed * 1_000_003 + step)
            learner.step(next(batches))
        yield learner.average


def examine(net: nn.Module, pen: Pen, count: int = 500, drawings: Tensor | None = None) -> Figures:
    """What a net reads of the shipped test digits, which no lesson shows it; `drawings` (N, 28, 28) of them if made."""
    digits = test_digits(count)
    if drawings is None:
        drawings = drawn_by(pen, digits, seed=1)[:, 0]
    return Figures(_correct(net, drawings, digits.labels), _correct(net, digits.images, digits.labels), count)


def _correct(net: nn.Module, images: Tensor, labels: Tensor) -> int:
    return int((predicted(net, images) == labels).sum())


@torch.inference_mode()
def predicted(net: nn.Module, images: Tensor) -> Tensor:
    """The digits (N,) that a net predicts of images uint8 (N, 28, 28)."""
    device = next(net.parameters()).device
    parts = [as_answer(net(as_input(some).to(device)), len(some)).digit.cpu() for some in images.split(250)]
    return torch.cat(parts)
