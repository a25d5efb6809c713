"""Teach a net one pen: a hundred or two steps on a few hundred digits drawn by it, half and half with raw MNIST.

The digits are those that ship (checkpoints/shipped_digits.py), the step is the one that `train` repeats. What is not
shown is forgotten a little, which `Figures` holds next to what was learned.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, jit, nn

from architectures.card import Augmentation, Recipe
from architectures.contract import as_answer
from architectures.input.pen import Pen
from checkpoints.errors import Refused
from checkpoints.shipped_digits import Digits, test_digits, training_digits
from checkpoints.training import fourier
from checkpoints.training.data import as_input
from checkpoints.training.living_pen import drawing
from checkpoints.training.step import Learner, Lessons
from checkpoints.training.tracing import Traced

SIZE_PX = 182  # of the pad while a lesson is drawn: half the page's
RECIPE = Recipe(epochs=1, batch=96, peak_rate=2e-3, augmentation=Augmentation(pen=0.5, as_drawn=0.3))


@dataclass(frozen=True)
class Lesson:
    """What is taught, and how long; the same lesson makes the same net of the same weights on the same machine.

    digits  how many of the shipped training digits the pen draws, at most 1,000
    steps   of 96 images, half of them drawn, half MNIST's own
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


def drawn_by(pen: Pen, digits: Digits, seed: int = 0) -> Tensor:
    """The digits drawn by `pen`, each with a seed of its own, warped, at any size and place: uint8 (N, 2, 28, 28)."""
    held = zip(digits.strokes, digits.images.numpy(), digits.labels.tolist(), digits.widths_px.tolist(), strict=True)
    drawings = [
        drawing(
            Traced([np.array(stroke) for stroke in strokes], width_px, 1.0),
            raster,
            label,
            (seed, number),
            pen=replace(pen, seed=(pen.seed + number) % 2**31),
            size_px=SIZE_PX,
        )
        for number, (strokes, raster, label, width_px) in enumerate(held)
    ]
    return torch.from_numpy(np.stack(drawings))


def teach(net: nn.Module, lesson: Lesson, drawings: Tensor | None = None) -> Iterator[nn.Module]:
    """A copy of `net` that learns, once after every step: always the same module, in evaluation mode.

    Whoever has seen enough stops asking. `drawings` are those of `drawn_by`, made now when None. Raises Refused for a
    net whose weights cannot be trained.
    """
    if isinstance(net, jit.ScriptModule) or not any(parameter.is_floating_point() for parameter in net.parameters()):
        raise Refused("this net cannot learn: only its answers are here (TorchScript or ONNX), not its layers")
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


@torch.inference_mode()
def _correct(net: nn.Module, images: Tensor, labels: Tensor) -> int:
    device, correct = next(net.parameters()).device, 0
    for some, truth in zip(images.split(250), labels.split(250), strict=True):
        answer = as_answer(net(as_input(some).to(device)), len(some))
        correct += int((answer.digit.cpu() == truth).sum())
    return correct
