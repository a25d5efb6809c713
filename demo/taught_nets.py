"""The nets that visitors have taught: in memory only, for the visit, all together under one limit."""

from __future__ import annotations

import hashlib
import re
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import gradio as gr
from torch import nn

from architectures import UnknownNet
from checkpoints.errors import MissingWeights
from checkpoints.store import naming
from checkpoints.store.memory import size_of

LIMIT_BYTES = 192 * 2**20  # five of caps-net, or a hundred and more of each other net
REMEMBERED = 1_000  # nets that had to leave, so that their visitors are told why they are gone
PREFIX = "taught:"  # of the training in the id of a taught net
TRAINING = re.compile(PREFIX + r"[0-9a-f]{16}")


def training_by(request: gr.Request | None) -> str:
    """The training that a visitor's taught nets have in their ids: "taught:" and what stands for this visit."""
    visit = str(request.session_hash) if request is not None else ""
    return f"{PREFIX}{hashlib.sha256(visit.encode()).hexdigest()[:16]}"


def is_taught(training: str | None) -> bool:
    """Whether this is the training of a visitor's taught nets, there or not."""
    return training is not None and TRAINING.fullmatch(training) is not None


def check_training(net_id: str) -> None:
    """Raise UnknownNet for a net in a training that no net of the page has: a stranger may have made it up."""
    name, training = naming.split(net_id)
    if training not in (None, naming.MNIST_ONLY) and not is_taught(training):
        raise UnknownNet(f"there is no training of {name} called {str(training)[:40]!r}")


@dataclass(frozen=True)
class Taught:
    """A net that has learned, in evaluation mode, and what is known of it.

    card     as `python -m checkpoints teach` keeps it: net, pen, digits, steps, seed, before, after
    lessons  the cards of all the lessons that made it, in their order; the last one is `card`
    """

    net: nn.Module
    card: dict[str, Any]
    lessons: tuple[dict[str, Any], ...]


class TaughtNets:
    """Taught nets by id; those taught longest ago leave when there is no room. Safe to use from many threads."""

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self.limit_bytes = limit_bytes
        self._nets: OrderedDict[str, Taught] = OrderedDict()
        self._gone: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, net_id: str, taught: Taught) -> None:
        """Hold a net in place of an older one of its id. Raises MissingWeights for one larger than the limit."""
        if size_of(taught.net) > self.limit_bytes:
            raise MissingWeights(f"{naming.split(net_id)[0]} is too large to be kept for a visit")
        with self._lock:
            self._nets[net_id] = taught
            self._nets.move_to_end(net_id)
            self._gone.pop(net_id, None)
            while sum(size_of(each.net) for each in self._nets.values()) > self.limit_bytes:
                self._gone[self._nets.popitem(last=False)[0]] = None
            while len(self._gone) > REMEMBERED:
                self._gone.popitem(last=False)

    def find(self, net_id: str) -> Taught | None:
        return self._nets.get(net_id)

    def known(self, net_id: str) -> bool:
        """Whether a net was taught, even if it had to leave since."""
        return net_id in self._nets or net_id in self._gone

    def load(self, net_id: str) -> nn.Module:
        """The net. Raises MissingWeights for one that was never taught, or had to leave."""
        found = self.find(net_id)
        if found is not None:
            return found.net
        name = naming.split(net_id)[0]
        if net_id in self._gone:
            raise MissingWeights(f"your taught {name} had to make room for others' nets: teach it again")
        raise MissingWeights(f"{name} was not taught in this visit")


taught = TaughtNets()
