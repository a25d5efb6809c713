"""Which nets have capsules, and their decoders: found by asking each net, never by its name."""

from __future__ import annotations

import threading
from weakref import WeakKeyDictionary

import torch
from torch import nn

import architectures
import checkpoints
from architectures.contract import SIDE_PX, BadAnswer, Capsules, ask
from demo.inference import available_nets
from demo.laboratory.poses import Decode

_asked: WeakKeyDictionary[nn.Module, Capsules | None] = WeakKeyDictionary()
_lock = threading.Lock()


def with_capsules() -> list[str]:
    """The nets whose answer has capsules, by name; nets without weights, or broken ones, are not among them."""
    return [name for name in available_nets() if _has_capsules(name)]


def decoder_of(name: str) -> Decode | None:
    """The decoder of the net called `name`, or None for a net without; raises WeightsError or UnknownNet."""
    capsules = _capsules(name)
    return capsules.decode if capsules is not None else None


def _has_capsules(name: str) -> bool:
    try:
        return _capsules(name) is not None
    except (checkpoints.WeightsError, architectures.BadArchitecture, BadAnswer):
        return False  # the Draw tab says what is wrong with it


def _capsules(name: str) -> Capsules | None:
    """What the net answers a blank image with; asked once for each net in memory."""
    net = checkpoints.load(name)
    with _lock, torch.inference_mode():
        if net not in _asked:
            blank = torch.zeros(1, 1, SIDE_PX, SIDE_PX, device=checkpoints.device())
            _asked[net] = ask(net, blank, name).capsules
        return _asked[net]
