"""RGBImage -> what the nets make of it: the one place of the page that runs nets.

Every request passes through `predict`, so the number of forward passes at a time is bounded here: a few run, a few
more wait their turn, and whoever comes after that is told at once that the nets are busy. The nets of one request run
side by side, each on a core of its own: one image is too little work to be shared between cores.

Each net fails alone. A net is anybody's code, so it runs on a lane of its own (demo/isolation.py): what it raises, and
whatever it returns that is no answer, becomes a sentence about this net. One that does not come back in time is set
aside, and nobody waits for it again until it has come back and rested.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

import architectures
import checkpoints
from architectures.contract import SIDE_PX, Answer, BadAnswer, Meaning, ask, settings_of
from architectures.input.mnist_like import Ink, RGBImage, mnist_like
from checkpoints.store import manifest, naming
from demo.gate import Busy as Busy  # whoever asks this module for predictions may get it
from demo.gate import Gate
from demo.isolation import Hung, Lanes
from demo.public_text import public_text
from demo.taught_nets import check_training, is_taught, taught

ROUTING_ITERATIONS = 3
AT_ONCE = 2  # predictions that run together
CORES = os.cpu_count() or 1
WAITING = 60  # predictions that wait, and as many live ones: fewer than the server's 128 threads, so that pages load
PATIENCE_S = 10.0
LIVE_PATIENCE_S = 1.0
SWITCH_S = 0.0005  # how long a thread may run Python while others wait to
RETRY_S = 30.0  # a net whose weights could not be had is not asked again for so long: a fetch may take its time
PASS_LIMIT_S = 5.0  # a pass takes milliseconds; a net that needs longer than this is set aside
IMAGE_LIMIT_S = 0.1  # so much more for each further image of a pass
REST_S = 30.0  # a net that came back late is asked again after this

T = TypeVar("T")


class Overtaken(RuntimeError):
    """Whoever asked wants the answer no more: a newer image of the same person is on its way."""


class NetFailed(BadAnswer):
    """A net has not answered; the message names it and says why."""


@dataclass(frozen=True)
class Prediction:
    """What one net made of one image.

    net           its name, as people read it
    answer        of one image
    milliseconds  the forward pass alone
    """

    net: str
    answer: Answer
    milliseconds: float

    @property
    def name(self) -> str:
        """The net's name, as people read it, without its training."""
        return naming.split(self.net)[0]

    @property
    def digit(self) -> int:
        return int(self.answer.digit[0])

    @property
    def meaning(self) -> Meaning:
        return self.answer.meaning

    @cached_property
    def probabilities(self) -> list[float]:
        """Ten numbers in [0, 1]: a softmax, or the lengths of capsules, which need not sum to 1."""
        return [float(value) for value in self.answer.probabilities[0]]

    @property
    def decodes(self) -> bool:
        return self.answer.capsules is not None and self.answer.capsules.decode is not None

    @cached_property
    def reconstruction(self) -> NDArray[np.float32] | None:
        """What the decoder draws for the digit the net read, (28, 28) in [0, 1]; None for a net without a decoder."""
        capsules = self.answer.capsules
        if capsules is None or capsules.decode is None:
            return None
        with torch.inference_mode():
            decoded = capsules.decode(capsules.poses, self.answer.digit)
        return decoded.cpu().numpy().reshape(SIDE_PX, SIDE_PX)


@dataclass(frozen=True)
class Predictions:
    """What the nets were fed, and what each of them made of it.

    fed       float32 (1, 1, 28, 28) in [0, 1]
    by_net    by name, in the order asked for
    failures  by name, for nets that could not answer: a sentence saying why and what to do
    """

    fed: Tensor
    by_net: dict[str, Prediction] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    @cached_property
    def pixels(self) -> NDArray[np.float32]:
        """What the nets were fed, (28, 28) in [0, 1]."""
        return self.fed.numpy().reshape(SIDE_PX, SIDE_PX)


def predict(
    image: RGBImage,
    nets: Sequence[str],
    *,
    centre: bool = True,
    ink: Ink = "luma",
    routing_iterations: int = ROUTING_ITERATIONS,
    wanted: Callable[[], bool] = lambda: True,
    live: bool = False,
) -> Predictions | None:
    """What each of `nets` reads in image, uint8 (H, W, 3) on black ground; None when there is no ink on it.

    centre and ink choose what the nets are fed, as in `architectures.mnist_like`.
    routing_iterations is passed on to the nets that route.
    wanted is asked before each net: once it says no, the nets that have not begun are spared and Overtaken is raised.
    live says that the person is still drawing: such an image gives way to every finished one, and Busy is not told.
    A net without weights, one that raises, exits, hangs or answers rubbish is among the failures; the others answer.
    Raises UnknownNet, BadImage, and Busy when too many images are being read already.
    """
    ids = [naming.id_of(net) for net in nets]
    removed = [net_id for net_id in ids if _is_removed(net_id)]
    for net_id in ids:
        check_training(net_id)
    fed = mnist_like(image, centre=centre, ink=ink)
    if not fed.any():
        return None
    predictions = Predictions(fed)

    def attempt(net_id: str) -> Prediction:
        if not wanted():
            raise Overtaken(net_id)
        return _read(net_id, net_of(net_id), fed, routing_iterations)

    with turn(live=live):
        results = _on_lanes(_lanes, [net_id for net_id in ids if net_id not in removed], attempt, PASS_LIMIT_S)
    _answered.update(naming.split(net_id)[0] for net_id, result in results.items() if isinstance(result, Prediction))
    predictions.failures.update(
        (net_id, f"{naming.split(net_id)[0]} was removed while this page was open") for net_id in removed
    )
    for net_id, result in results.items():
        if isinstance(result, Prediction):
            predictions.by_net[net_id] = result
        else:
            predictions.failures[net_id] = str(result)
    return predictions


def _is_removed(net_id: str) -> bool:
    """Whether a net that has answered before, in any training, is here no more; raises UnknownNet for any other."""
    name = naming.split(net_id)[0]
    try:
        architectures.path_of(name)
    except architectures.UnknownNet:
        if name not in _answered:
            raise
        return True
    return False


def predict_many(net: str, fed: Tensor | NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities (N, 10) that the net called `net` gives N inputs (N, 1, 28, 28) in [0, 1], in one forward pass.

    Raises UnknownNet, NetFailed, and Busy when too many images are being read already.
    """
    probabilities, failures = predict_side_by_side([net], fed)
    for failure in failures.values():
        raise failure
    return probabilities[net]


def predict_side_by_side(
    nets: Sequence[str], fed: Tensor | NDArray[np.float32]
) -> tuple[dict[str, NDArray[np.float32]], dict[str, NetFailed]]:
    """What `predict_many` returns of each of `nets`, in one turn; and of those that failed why, by name.

    Lanes of their own leave those of `predict` to the people who draw meanwhile. Raises UnknownNet and Busy.
    """
    for net in nets:
        architectures.path_of(naming.split(net)[0])
        check_training(net)
    limit_s = PASS_LIMIT_S + IMAGE_LIMIT_S * len(fed)
    with turn():
        results = _on_lanes(_lanes_of_many, nets, lambda net: _probabilities(net, fed), limit_s)
    failures = {net: result for net, result in results.items() if isinstance(result, NetFailed)}
    return {net: result for net, result in results.items() if not isinstance(result, NetFailed)}, failures


def available_nets(training: str | None = None) -> list[str]:
    """The ids that "all" stands for: nets whose weights in that training are here, can be fetched, or were taught.

    training None is the training with the pen; when no net at all has such weights, every net is listed.
    """
    recorded = manifest.read()
    ids = [naming.id_of(name, training) for name in architectures.names()]
    obtainable = [net_id for net_id in ids if _obtainable(net_id, recorded.entry(net_id))]
    return obtainable or ([] if training else ids)


def both_trainings() -> list[str]:
    """The ids of every net there is: as trained on MNIST alone, then as trained with the pen."""
    return [*available_nets(naming.MNIST_ONLY), *available_nets()]


def in_training(name: str, training: str | None) -> str:
    """The id of the net called `name` in a training, or in another one where it has weights only there."""
    recorded = manifest.read()
    others = [other for other in (naming.MNIST_ONLY, None) if other != training]
    ids = [naming.id_of(name, each) for each in (training, *others)]
    return next((net_id for net_id in ids if _obtainable(net_id, recorded.entry(net_id))), ids[0])


def fetch_from(hub_repo: str | None) -> None:
    """From now on, fetch weights that are missing from this Hub repository instead of the manifest's."""
    global _hub_repo  # noqa: PLW0603  one server has one source of weights
    _hub_repo = hub_repo


def hub_repo() -> str | None:
    """Where missing weights are fetched from, as `fetch_from` has set it."""
    return _hub_repo


def warm_up(nets: Sequence[str]) -> dict[str, str]:
    """Load `nets` and run each once, so that nobody's first digit waits for it; returns the failures by name.

    From here on torch spreads one forward pass over a quarter of the cores: the nets of a request, and the requests of
    several people, run side by side instead. Threads that wait for each other inside a pass stall on busy cores.

    Every operation of a pass, and every statement of the store, lets other threads run Python and then waits for its
    own turn. Python's 5 ms for a turn add up to hundreds under a crowd.
    """
    sys.setswitchinterval(SWITCH_S)
    torch.set_num_threads(max(1, CORES // 4))
    dot = np.zeros((SIDE_PX, SIDE_PX, 3), np.uint8)
    dot[10:18, 13:15] = 255
    predictions = predict(dot, nets)
    assert predictions is not None
    return predictions.failures


_hub_repo: str | None = None
_answered: set[str] = set()  # names of nets that have answered in this process: a page may still show them
_failed: dict[str, tuple[float, type[checkpoints.WeightsError], str]] = {}
_set_aside: dict[str, tuple[float, Hung]] = {}
_gate = Gate(AT_ONCE, WAITING, PATIENCE_S, LIVE_PATIENCE_S)
_lanes = Lanes(CORES, "nets")
_lanes_of_many = Lanes(CORES, "many images")


def turn(*, live: bool = False) -> AbstractContextManager[None]:
    """One of the AT_ONCE turns, waited for; raises Busy when the queue is full or does not move.

    Whoever has a turn must not wait for another one meanwhile. live says that the person is still drawing.
    """
    return _gate.turn(live=live)


def _obtainable(name: str, entry: manifest.Entry | None) -> bool:
    if is_taught(naming.split(name)[1]):
        return taught.known(name)
    fetched = _hub_repo is not None or (entry is not None and entry.hub is not None)
    return fetched or checkpoints.find(name, entry) is not None


def _on_lanes(
    lanes: Lanes, nets: Sequence[str], attempt: Callable[[str], T], limit_s: float
) -> dict[str, T | NetFailed]:
    """What `attempt` returns for each net, or why that net has failed; Overtaken is passed on."""
    results: dict[str, T | NetFailed] = {net: NetFailed(why) for net, why in _absent(nets)}
    asked = [net for net in nets if net not in results]
    for net, outcome in zip(asked, lanes.run([partial(attempt, net) for net in asked], limit_s), strict=True):
        if isinstance(outcome, Overtaken):
            raise Overtaken(net)
        if isinstance(outcome, Hung):
            rest_s = REST_S if _in_memory(net) else 0.0  # one that was being loaded needs none
            _set_aside[net] = time.monotonic() + rest_s, outcome
        results[net] = NetFailed(_reason(net, outcome)) if isinstance(outcome, BaseException) else outcome
    return {net: results[net] for net in nets}


def _absent(nets: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The nets that nobody waits for now, and why, as people read it."""
    for net in nets:
        until_s, hung = _set_aside.get(net, (0.0, None))
        if hung is not None and not hung.ended.is_set():
            yield net, _late(net, f"{_name(net)} is set aside: {hung}, and it is still busy")
        elif time.monotonic() < until_s:
            yield net, f"{_name(net)} is set aside: {hung}; it is asked again in a while"
        else:
            _set_aside.pop(net, None)


def _late(net: str, otherwise: str) -> str:
    """A net that is not in memory has not hung: its weights may come from far away."""
    return otherwise if _in_memory(net) else f"{_name(net)} is still being loaded: draw on, it will answer then"


def _in_memory(net: str) -> bool:
    return net in checkpoints.held.names() or is_taught(naming.split(net)[1])


def _name(net: str) -> str:
    """A net as people read it, whatever its training."""
    return naming.split(net)[0]


def _reason(net: str, error: BaseException) -> str:
    """What people read about a net that failed: in its own words where they are ours, else by the kind of error."""
    if isinstance(error, checkpoints.WeightsError | BadAnswer | architectures.BadArchitecture):
        return public_text(error)
    if isinstance(error, Hung):
        return _late(net, f"{_name(net)}: {error}; it is set aside, and the others go on")
    if isinstance(error, SystemExit):
        return f"{_name(net)} wanted to end the program (sys.exit) instead of answering"
    return f"{_name(net)} failed on this image: {type(error).__name__}: {public_text(error)}"


def net_of(name: str) -> nn.Module:
    """The net with its weights; a failure to get them is remembered for RETRY_S and told again meanwhile.

    Remembered as words: an exception that is raised again and again grows by a traceback each time.
    """
    if is_taught(naming.split(name)[1]):
        return taught.load(name)
    failed = _failed.get(name)
    if failed is not None and time.monotonic() - failed[0] < RETRY_S:
        raise failed[1](failed[2])
    try:
        return checkpoints.load(name, hub_repo=_hub_repo)
    except checkpoints.WeightsError as error:
        _failed[name] = time.monotonic(), type(error), str(error)
        raise


def _settings(net: nn.Module, routing_iterations: int) -> dict[str, int]:
    return {"routing_iterations": routing_iterations} if "routing_iterations" in settings_of(net) else {}


def _probabilities(name: str, fed: Tensor | NDArray[np.float32]) -> NDArray[np.float32]:
    net = net_of(name)
    with torch.inference_mode():
        answer = ask(net, torch.as_tensor(fed).to(checkpoints.device()), name)
        return answer.probabilities.to("cpu", torch.float32).numpy()


def _read(name: str, net: nn.Module, fed: Tensor, routing_iterations: int) -> Prediction:
    forward = partial(net, **_settings(net, routing_iterations))
    x = fed.to(checkpoints.device())
    with torch.inference_mode():
        started = time.perf_counter()
        answer = ask(forward, x, name)
        prediction = Prediction(name, answer, (time.perf_counter() - started) * 1000)
        _ = prediction.reconstruction  # decoded beside the other nets' passes, not after them
        _ = prediction.probabilities, prediction.digit  # what cannot be computed fails here, and alone
    return prediction
