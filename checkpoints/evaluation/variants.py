"""What can be scored: a net, the same net trained otherwise, or a capsule net at another number of routing iterations.

caps-net                    its weights as they are
caps-net@5                  the same weights, asked with 5 routing iterations
caps-net/mnist-only         the weights in caps-net.mnist-only.safetensors, trained on MNIST alone: its baseline
caps-net/mnist-only@1       both
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

import architectures
import checkpoints
from architectures.contract import Meaning, ask, settings_of
from checkpoints.errors import MissingWeights, Refused
from checkpoints.evaluation.metrics import Digits
from checkpoints.evaluation.statistics import Flags, Floats
from checkpoints.store import manifest, naming

MOST_ITERATIONS = 50
BATCH = 200  # a caps-net holds 1.5 MB of votes and couplings for each image of a batch

_SPEC = re.compile(r"(?P<net>[^@/\s]+)(?:/(?P<training>[a-z0-9-]+))?(?:@(?P<iterations>[0-9]+))?")


@dataclass(frozen=True)
class Variant:
    """Which net, trained how (None: as published), asked with how many routing iterations (None: its own default)."""

    net: str
    training: str | None = None
    routing_iterations: int | None = None

    @property
    def name(self) -> str:
        """As it is written on a command line and in a report."""
        iterations = f"@{self.routing_iterations}" if self.routing_iterations else ""
        return naming.id_of(self.net, self.training) + iterations

    @property
    def path(self) -> Path | None:
        """Its file of weights, or None when it is not in the folder of checkpoints."""
        net_id = naming.id_of(self.net, self.training)
        return checkpoints.find(net_id, manifest.read().entry(net_id))


@dataclass(frozen=True)
class Reader:
    """A variant with its weights, ready to answer; sha256 is that of the file of weights."""

    variant: Variant
    net: nn.Module
    sha256: str
    parameters: int

    @property
    def settings(self) -> dict[str, int]:
        iterations = self.variant.routing_iterations
        return {} if iterations is None else {"routing_iterations": iterations}

    def read(self, x: Tensor, batch: int = BATCH) -> Answers:
        """Answers to x (N, 1, 28, 28) in [0, 1], `batch` images at a time, on the net's own device."""
        place = next(iter(self.net.parameters()), torch.empty(0)).device
        meanings: set[Meaning] = set()
        parts = []
        with torch.inference_mode():
            for block in x.split(batch):
                answer = ask(self.net, block.to(place), self.variant.name, **self.settings)
                meanings.add(answer.meaning)
                parts.append(answer.probabilities.double().cpu())
        return Answers(torch.cat(parts).numpy(), meanings.pop())


@dataclass(frozen=True)
class Answers:
    """What a net predicts for N images: probabilities (N, 10) in [0, 1], and what they mean."""

    probabilities: Floats
    meaning: Meaning

    @property
    def digits(self) -> Digits:
        """(N,) the most probable digit."""
        return self.probabilities.argmax(axis=1)

    def correct(self, labels: Digits) -> Flags:
        """(N,) True where the most probable digit is the label."""
        return self.digits == labels


def parse(spec: str) -> Variant:
    """The variant written as NET[/TRAINING][@ITERATIONS]; raises Refused, or architectures.UnknownNet."""
    found = _SPEC.fullmatch(spec)
    if found is None:
        raise Refused(
            f"invalid net {spec!r}: must be NET, NET/TRAINING or NET@ITERATIONS, "
            "such as caps-net/mnist-only or caps-net@5"
        )
    iterations = int(found["iterations"]) if found["iterations"] else None
    if iterations is not None and not 1 <= iterations <= MOST_ITERATIONS:
        raise Refused(f"{spec}: routing takes 1 to {MOST_ITERATIONS} iterations")
    architectures.path_of(found["net"])
    return Variant(architectures.shown(found["net"]), found["training"], iterations)


def scored_by_default() -> list[Variant]:
    """Every net whose weights are here."""
    return [variant for variant in map(Variant, architectures.names()) if variant.path]


def load(variant: Variant) -> Reader:
    """The variant with its weights; raises a WeightsError, or Refused for iterations asked of a net without routing."""
    try:
        net = checkpoints.load(variant.net, training=variant.training)  # fetches a file that is not here yet
    except MissingWeights as error:
        if variant.training is None:
            raise
        raise MissingWeights(
            f"{error}; `python -m checkpoints train {variant.net} --{naming.MNIST_ONLY}` trains a baseline"
        ) from error
    if variant.routing_iterations and "routing_iterations" not in settings_of(net):
        raise Refused(f"{variant.name}: {variant.net} has no routing iterations to choose")
    if variant.path is None:
        raise MissingWeights(f"the file of weights of {variant.name} went away while it was read")
    parameters = sum(parameter.numel() for parameter in net.parameters())
    return Reader(variant, net, manifest.sha256_of(variant.path), parameters)
