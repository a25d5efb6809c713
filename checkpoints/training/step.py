"""One step of training, whole on the net's device: data, warps, forward and backward pass, optimiser and average.

`Learner` is what `train` repeats for epochs, and what teaches a net one pen in a hundred steps: give it the digits and
their drawings, and call `step` with the places of a batch's digits. Nothing in a step waits for the device; on one GPU
it is captured once as a CUDA graph and replayed.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from architectures.card import Recipe
from architectures.contract import Answer, ask
from checkpoints.training.augmentation import augment
from checkpoints.training.data import as_input
from checkpoints.training.losses import loss_of

WARM_UP = 0.1  # share of the steps in which the rate rises to its peak
GENTLY = 0.4  # strength of the warps on a drawing, which was varied when it was made
BEFORE_CAPTURE = 3  # steps that cuDNN and the optimiser take to settle before a CUDA graph is captured


@dataclass(frozen=True)
class Lessons:
    """What a net learns from, all on one device.

    images    uint8 (N, 28, 28): MNIST's own rasters
    labels    int64 (N,)
    drawings  uint8 (R, N, 2, 28, 28): R drawings of each digit, fed like MNIST and as drawn
    """

    images: Tensor
    labels: Tensor
    drawings: Tensor

    def to(self, device: torch.device) -> Lessons:
        return Lessons(self.images.to(device), self.labels.to(device), self.drawings.to(device))

    def __len__(self) -> int:
        return len(self.labels)


class Learner:
    """A net that learns, the average of its weights, and the schedule of so many steps.

    net      in training mode, on its device; `average` is a copy of it that the steps move along, to be kept
    parallel  what the forward pass goes through, where that is not the net itself (`torchrun`)
    precision  of the forward pass: a context manager to enter for each, such as an autocast
    """

    def __init__(
        self,
        net: nn.Module,
        recipe: Recipe,
        lessons: Lessons,
        steps: int,
        *,
        parallel: nn.Module | None = None,
        precision: AbstractContextManager[object] | None = None,
    ) -> None:
        self.device = next(net.parameters()).device
        self.net, self.recipe, self.steps = net.train(), recipe, steps
        self.lessons = lessons.to(self.device)
        self.average = copy.deepcopy(net).eval().requires_grad_(False)
        ask(self.average, as_input(self.lessons.images[:2]))  # raises BadAnswer now, not in the middle of a step
        self.forward = parallel or net
        self.precision = precision or nullcontext()
        graphed = self.device.type == "cuda" and parallel is None
        rate = torch.tensor(recipe.peak_rate, device=self.device) if graphed else recipe.peak_rate
        self.optimizer = torch.optim.AdamW(_groups(net, recipe.weight_decay), lr=rate, capturable=graphed)
        self.done = 0
        self.loss = torch.zeros((), device=self.device)  # summed since it was last asked for
        self._loss_steps = 0
        self._weight = torch.zeros((), device=self.device)
        self._places = torch.zeros(recipe.batch, dtype=torch.long, device=self.device)
        self._round = torch.zeros((), dtype=torch.long, device=self.device)
        self._graph = self._captured() if graphed else None

    def batches(self, generator: torch.Generator | None = None, batch: int | None = None) -> Iterator[Tensor]:
        """Places of digits without end: every digit once, in an order of chance, then again."""
        size = batch or self.recipe.batch
        while True:
            order = torch.randperm(len(self.lessons), generator=generator)
            if len(order) < size:
                order = order.repeat(-(-size // len(order)))
            yield from (part for part in order.split(size) if len(part) == size)

    def step(self, places: Tensor, round_number: int = 0) -> None:
        """Learn once from the digits at `places` (B,), from their rasters and their drawings of one round."""
        self._set(places, round_number)
        if self._graph is not None and len(places) == len(self._places):
            self._graph.replay()
        else:
            self._learn(places.to(self.device))
        self.done += 1
        self._loss_steps += 1

    def batch(self, places: Tensor, round_number: int | Tensor = 0) -> tuple[Tensor, Tensor]:
        """What the net is shown of these digits: x (B, 1, 28, 28), and their labels (B,)."""
        how, lessons = self.recipe.augmentation, self.lessons
        drawn = torch.rand(len(places), device=self.device) < how.pen
        as_drawn = (torch.rand(len(places), device=self.device) < how.as_drawn).long()
        drawings = lessons.drawings[round_number, places, as_drawn]
        images = torch.where(drawn[:, None, None], drawings, lessons.images[places])
        strength = torch.where(drawn, GENTLY, 1.0)
        return augment(as_input(images), how, strength), lessons.labels[places]

    def mean_loss(self) -> float:
        """Of the steps since it was last asked for; waits for the device."""
        mean = float(self.loss) / max(1, self._loss_steps)
        self.loss.zero_()
        self._loss_steps = 0
        return mean

    def state(self) -> dict[str, Any]:
        """All that is needed to go on."""
        return {
            "net": self.net.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "loss": self.loss,
            "loss_steps": self._loss_steps,
            "done": self.done,
        }

    def go_on_from(self, state: dict[str, Any]) -> None:
        self.net.load_state_dict(state["net"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.loss.copy_(state["loss"])
        self._loss_steps, self.done = state["loss_steps"], state["done"]

    def _set(self, places: Tensor, round_number: int) -> None:
        """What changes from step to step, written where a captured step reads it."""
        rate = rate_at(self.done / self.steps, self.recipe.peak_rate)
        for group in self.optimizer.param_groups:
            if isinstance(group["lr"], Tensor):
                group["lr"].fill_(rate)
            else:
                group["lr"] = rate
        # the average's memory grows to that of the recipe, so that the first steps are soon forgotten
        self._weight.fill_(1 - min(self.recipe.average, (1 + self.done) / (10 + self.done)))
        self._round.fill_(round_number % len(self.lessons.drawings))
        if self._graph is not None and len(places) == len(self._places):
            self._places.copy_(places)

    def _learn(self, places: Tensor) -> None:
        with torch.no_grad():
            x, labels = self.batch(places, self._round)
        with self.precision:
            returned = self.forward(x)
        answer = returned if isinstance(returned, Answer) else Answer(returned)
        loss = loss_of(answer, x, labels, self.recipe)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        with torch.no_grad():
            self.loss.add_(loss.detach())
            for old, new in zip(_tensors(self.average), _tensors(self.net), strict=True):
                if old.is_floating_point():
                    old.lerp_(new, self._weight.to(old.dtype))
                else:
                    old.copy_(new)

    def _captured(self) -> torch.cuda.CUDAGraph:
        """A step as a CUDA graph; the steps taken to warm up are undone."""
        before = copy.deepcopy(self.net.state_dict())
        self._set(self._places, 0)
        self._weight.zero_()  # the average stays where it is
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(BEFORE_CAPTURE):
                self._learn(self._places)
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self._learn(self._places)
        self.net.load_state_dict(before)
        for state in self.optimizer.state.values():
            for value in state.values():
                value.zero_()
        self.loss.zero_()
        return graph


def rate_at(progress: float, peak: float) -> float:
    """The learning rate of one cycle, `progress` in [0, 1]: a cosine up from a 25th, then down to a thousandth."""
    if progress < WARM_UP:
        return peak * (0.04 + 0.96 * (1 - math.cos(math.pi * progress / WARM_UP)) / 2)
    rest = (progress - WARM_UP) / (1 - WARM_UP)
    return peak * max(1e-3, (1 + math.cos(math.pi * min(1.0, rest))) / 2)


def _tensors(net: nn.Module) -> list[Tensor]:
    return [*net.parameters(), *net.buffers()]


def _groups(net: nn.Module, weight_decay: float) -> list[dict[str, object]]:
    """Parameters of matrices and kernels are decayed, biases and norms are not."""
    matrices = [p for p in net.parameters() if p.requires_grad and p.ndim > 1]
    vectors = [p for p in net.parameters() if p.requires_grad and p.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": weight_decay}, {"params": vectors, "weight_decay": 0.0}]
    return [group for group in groups if group["params"]]
