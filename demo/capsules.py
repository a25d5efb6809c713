"""Capsule nets looked into: what a net's capsules found in one image, and what its decoder draws of a pose.

Beside `demo/inference.py` the place of the page that runs nets; all that it gives out are plain arrays. No net is held
here, so that one that the cache lets go is freed.
"""

from __future__ import annotations

import inspect
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

import architectures
import checkpoints
from architectures.contract import DIGITS, SIDE_PX, BadAnswer, CapsuleGrid, Capsules, ask
from architectures.input.mnist_like import Ink, RGBImage
from checkpoints.store import naming
from demo.inference import ROUTING_ITERATIONS, available_nets, net_of, predict, turn

MOST_ITERATIONS = 5

Floats = NDArray[np.float32]
Decode = Callable[[Tensor, Tensor], Tensor]


class NoCapsules(RuntimeError):
    """A net that answers without capsules, or without a decoder; the message says which."""


@dataclass(frozen=True)
class Routing:
    """How the capsules came to agree, for each of R iterations.

    couplings (R, inputs, 10): how each input capsule shares its vote among the digits
    lengths   (R, 10): the digit capsules after each iteration
    votes     (inputs, 10, D): what each input capsule predicts for each digit capsule
    prior     (inputs, 10), added to the last couplings; None for a net without
    grid      where on the image the inputs look; None when they have no place
    """

    couplings: Floats
    lengths: Floats
    votes: Floats
    prior: Floats | None
    grid: CapsuleGrid | None


@dataclass(frozen=True)
class CapsuleView:
    """What the net `net` (an id) made of one image.

    fed           (28, 28) in [0, 1]
    lengths       (10,) in [0, 1): its answer, with the usual three iterations
    poses         (10, D)
    decodes       whether the net has a decoder
    routing       of a run of five iterations, or of as many as the net has
    milliseconds  of the forward pass
    """

    net: str
    fed: Floats
    lengths: Floats
    poses: Floats
    decodes: bool
    routing: Routing
    milliseconds: float

    @property
    def digit(self) -> int:
        """The digit of the longest capsule."""
        return int(self.lengths.argmax())


def capsule_nets(training: str | None = None) -> list[str]:
    """The ids of the nets in a training whose answers have capsules; nets without weights, or broken ones, are not
    among them."""
    return [net for net in available_nets(training) if _has_capsules(net)]


def look(image: RGBImage, net: str, *, centre: bool = True, ink: Ink = "luma") -> CapsuleView | None:
    """What the capsules of `net` (an id) found in image, uint8 (H, W, 3); None when there is no ink on it.

    Raises NoCapsules, also for a net that cannot answer, UnknownNet, and Busy.
    """
    usual = predict(image, [net], centre=centre, ink=ink, routing_iterations=ROUTING_ITERATIONS)
    if usual is None:
        return None
    longer = predict(image, [net], centre=centre, ink=ink, routing_iterations=MOST_ITERATIONS)
    failures = usual.failures | (longer.failures if longer else {})
    if failures or longer is None:
        raise NoCapsules("; ".join(failures.values()))
    prediction, routed = next(iter(usual.by_net.values())), next(iter(longer.by_net.values())).answer.capsules
    capsules = prediction.answer.capsules
    if capsules is None or routed is None:
        raise NoCapsules(f"{naming.split(net)[0]} answers without capsules, so there is nothing to look into")
    return CapsuleView(
        net=prediction.net,
        fed=usual.pixels,
        lengths=_array(prediction.answer.scores[0]),
        poses=_array(capsules.poses[0]),
        decodes=capsules.decode is not None,
        routing=Routing(
            couplings=_array(routed.couplings[:, 0]),
            lengths=_array(routed.iterations[:, 0]),
            votes=_array(routed.votes[0]),
            prior=None if routed.prior is None else _array(routed.prior),
            grid=routed.grid,
        ),
        milliseconds=prediction.milliseconds,
    )


def decode(net: str, poses: Floats, digits: NDArray[np.int64]) -> Floats:
    """Images (N, 28, 28) in [0, 1] that the decoder of `net` (an id) draws of N poses (N, D), each as the capsule of
    its digit (N,) with the other nine zero.

    Raises NoCapsules for a net without a decoder, WeightsError, UnknownNet, and Busy.
    """
    with turn(), torch.inference_mode():
        draw = _decoder(net)
        every = torch.zeros(len(poses), DIGITS, poses.shape[1])
        every[torch.arange(len(poses)), torch.from_numpy(digits)] = torch.from_numpy(poses)
        device = checkpoints.device()
        return _array(draw(every.to(device), torch.from_numpy(digits).to(device))[:, 0])


_kinds: weakref.WeakKeyDictionary[nn.Module, bool] = weakref.WeakKeyDictionary()
_decoders: weakref.WeakKeyDictionary[nn.Module, weakref.WeakMethod[Decode]] = weakref.WeakKeyDictionary()
_lock = threading.Lock()


def _has_capsules(net_id: str) -> bool:
    try:
        module = net_of(net_id)
        with _lock:
            if module not in _kinds:
                _kinds[module] = _of_a_blank(module, net_id) is not None
            return _kinds[module]
    except (checkpoints.WeightsError, architectures.BadArchitecture, BadAnswer):
        return False  # the Draw tab says what is wrong with it


def _decoder(net_id: str) -> Decode:
    """The decoder, found by asking the net about a blank image, and held as weakly as the net itself."""
    module = net_of(net_id)
    with _lock:
        held = _decoders.get(module)
        known = held() if held is not None else None
        if known is not None:
            return known
        capsules = _of_a_blank(module, net_id)
        if capsules is None or capsules.decode is None:
            raise NoCapsules(f"{net_id} has no decoder: its capsules can be measured, but not drawn")
        if inspect.ismethod(capsules.decode):
            _decoders[module] = weakref.WeakMethod(capsules.decode)
        return capsules.decode


def _of_a_blank(module: nn.Module, net_id: str) -> Capsules | None:
    with torch.inference_mode():
        return ask(module, torch.zeros(1, 1, SIDE_PX, SIDE_PX, device=checkpoints.device()), net_id).capsules


def _array(tensor: Tensor) -> Floats:
    return tensor.detach().float().cpu().numpy()
