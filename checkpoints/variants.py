"""What can be scored: a net, the same net trained otherwise, or a capsule net at another number of routing iterations.

caps-net                    its weights as they are
caps-net@5                  the same weights, asked with 5 routing iterations
caps-net.without-pen        the weights in caps-net.without-pen.safetensors, trained without the simulated pen
caps-net.without-pen@1      both
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
from checkpoints import manifest, reading
from checkpoints.errors import MissingWeights, Refused
from checkpoints.metrics import Digits, Flags, Floats

WITHOUT_PEN = "without-pen"
MOST_ITERATIONS = 50
BATCH = 200  # a caps-net holds 1.5 MB of votes and couplings for each picture of a batch

_SPEC = re.compile(r"(?P<net>[^@.\s]+)(?:\.(?P<training>[a-z0-9-]+))?(?:@(?P<iterations>[0-9]+))?")


@dataclass(frozen=True)
class Variant:
    """Which net, trained how (None: as published), asked with how many routing iterations (None: its own default)."""

    net: str
    training: str | None = None
    routing_iterations: int | None = None

    @property
    def name(self) -> str:
        """As it is written on a command line and in a report."""
        training = f".{self.training}" if self.training else ""
        return f"{self.net}{training}" + (f"@{self.routing_iterations}" if self.routing_iterations else "")

    @property
    def path(self) -> Path | None:
        """Its file of weights, or None when it is not in the folder of checkpoints."""
        if self.training is None:
            return checkpoints.find(self.net, manifest.read().entry(self.net))
        path = manifest.folder() / f"{self.net}.{self.training}.safetensors"
        return path if path.is_file() else None


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
        """Answers to x (N, 1, 28, 28) in [0, 1], `batch` pictures at a time, on the net's own device."""
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
    """What a net said of N pictures: probabilities (N, 10) in [0, 1], and what they mean."""

    probabilities: Floats
    meaning: Meaning

    @property
    def digits(self) -> Digits:
        """(N,) the most probable digit."""
        return self.probabilities.argmax(axis=1)

    def right(self, labels: Digits) -> Flags:
        return self.digits == labels


def parse(spec: str) -> Variant:
    """The variant written as NET[.TRAINING][@ITERATIONS]; raises Refused, or architectures.UnknownNet."""
    found = _SPEC.fullmatch(spec)
    if found is None:
        raise Refused(
            f"{spec!r} is not NET, NET.TRAINING or NET@ITERATIONS, such as caps-net.without-pen or caps-net@5"
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
    if variant.training is None:
        net = checkpoints.load(variant.net)  # fetches the file where it is not here yet
    elif variant.path is None:
        raise MissingWeights(
            f"{manifest.folder() / variant.net}.{variant.training}.safetensors is missing: train {variant.net} that "
            f"way, as `python -m checkpoints train {variant.net} --{WITHOUT_PEN}` does for {WITHOUT_PEN}"
        )
    else:
        net = reading.load_net(variant.net, variant.path).to(checkpoints.device())
    if variant.routing_iterations and "routing_iterations" not in settings_of(net):
        raise Refused(f"{variant.name}: {variant.net} has no routing iterations to choose")
    if variant.path is None:
        raise MissingWeights(f"the file of weights of {variant.name} went away while it was read")
    parameters = sum(parameter.numel() for parameter in net.parameters())
    return Reader(variant, net, manifest.sha256_of(variant.path), parameters)
