"""Nets as strangers make, feed and save them, each added by the real command: `python -m tests.bench.strangers`.

Every net is trained for some seconds, on MNIST from $MNIST_DIR or else on the digits that ship, fed as its author would
feed it, saved as its author would save it, and added in a copy of the project. What is said of each:

    right     added at once, and it reads as many digits here as at home, or half a point less at most
    followed  the same, after a second command that the first one's message named
    refused   it cannot be read here, and the message says so in the words expected, with the way out
    WORSE     added, and it reads worse here than at home
    BROKEN    anything else: a traceback, or a message that does not help

Exit code 1 when a net is WORSE or BROKEN, or fewer than nine in ten of those that can be read are right at once.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
import types
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import architectures
import checkpoints
from architectures.contract import ask
from checkpoints.devices import one_thread
from checkpoints.shipped_digits import test_digits, training_digits
from checkpoints.training.data import as_input, folder_named, mnist
from tests.bench.many_nets import installation
from tests.bench.stranger_nets import MODULE, STRANGERS, Stranger, quantised

STEPS, BATCH, RATE = 500, 64, 3e-3
HELD_BACK = 2_000  # of the validation digits
WITHIN = 0.005  # of 1: how much less than at home a net may read here
NINE_IN_TEN = 0.9


@dataclass(frozen=True)
class Outcome:
    """What came of a net: a word, accuracies in [0, 1] (None when it was not added), seconds, the message if any."""

    word: str
    home: float
    here: float | None
    wall_s: float
    cpu_s: float
    message: str = ""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.strangers", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(STRANGERS)} (default: all)")
    names = parser.parse_args(arguments).names or list(STRANGERS)
    outcomes = {}
    with project() as place:
        for name in names:
            outcomes[name] = one = bring(name, STRANGERS[name], place)
            here = "" if one.here is None else f"{one.here:.2%}"
            print(
                f"{name:22} {one.word:8} home {one.home:.2%} here {here:7} {one.wall_s:5.1f} s ({one.cpu_s:.1f} s CPU)"
            )
            if one.message:
                print(f"    {one.message}")
            sys.stdout.flush()
    return judged(outcomes)


def judged(outcomes: dict[str, Outcome]) -> int:
    """Print the sums; the exit code."""
    words = Counter(one.word for one in outcomes.values())
    readable = sum(words.values()) - words["refused"]
    print(", ".join(f"{count} {word}" for word, count in words.most_common()), f"of {len(outcomes)}")
    print(f"right at once: {words['right']} of {readable} that can be read here")
    wall_s, cpu_s = max(one.wall_s for one in outcomes.values()), max(one.cpu_s for one in outcomes.values())
    print(f"slowest: {wall_s:.1f} s; {cpu_s:.1f} s of processor time")
    return int(bool(words["WORSE"] or words["BROKEN"] or words["right"] < NINE_IN_TEN * readable))


def bring(name: str, stranger: Stranger, place: Path) -> Outcome:
    """Train, save and add one net."""
    (place / f"{MODULE}.py").write_text(stranger.code)
    with one_thread(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what is deprecated and still everywhere
        with module_of(stranger.code) as module:
            torch.manual_seed(0)
            net = trained(module.return_model(), stranger)
            if name.startswith("quantised"):
                net = quantised(net)
            x, labels = held_back()
            home = share_at_home(net, stranger, x, labels)
            stranger.save(net, str(place / stranger.file), stranger.way(x[:10]))
        added = command(place, "add", name, stranger.file, *stranger.given)
        word = "right"
        if added.code != 0 and stranger.then and stranger.says in added.said:
            added, word = command(place, "add", name, stranger.file, *stranger.then), "followed"
        if added.code != 0:
            told = stranger.says and stranger.says in added.said and not stranger.then
            return Outcome("refused" if told else "BROKEN", home, None, added.wall_s, added.cpu_s, added.said.strip())
        here = share_here(name, x, labels)
    word = word if here >= home - WITHIN else "WORSE"
    return Outcome(word, home, here, added.wall_s, added.cpu_s, added.said.strip() if word == "WORSE" else "")


@dataclass(frozen=True)
class Done:
    code: int
    said: str
    wall_s: float
    cpu_s: float


def command(place: Path, *words: str) -> Done:
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "checkpoints", *words], cwd=place, capture_output=True, text=True, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    said = done.stdout + done.stderr if done.returncode == 0 else done.stderr
    return Done(done.returncode, said, time.monotonic() - started, used)


@contextmanager
def project() -> Iterator[Path]:
    """A copy of the project with a cache of its own, which this process takes its nets from too."""
    environment = dict(os.environ)
    with installation(len(architectures.names())) as place, tempfile.TemporaryDirectory() as cache:
        os.environ |= {"XDG_CACHE_HOME": cache, "CHECKPOINTS_DIR": str(place / "checkpoints")}
        folder, search = architectures.FOLDER, architectures.__path__
        architectures.FOLDER, architectures.__path__ = place / "architectures", [str(place / "architectures")]
        try:
            yield place
        finally:
            architectures.FOLDER, architectures.__path__ = folder, search
            os.environ.clear()
            os.environ |= environment


@contextmanager
def module_of(code: str) -> Iterator[Any]:
    """The stranger's own file as a module, as long as its classes are pickled."""
    module = types.ModuleType(MODULE)
    sys.modules[MODULE] = module
    try:
        exec(code, module.__dict__)
        yield module
    finally:
        del sys.modules[MODULE]


def digits() -> tuple[Tensor, Tensor]:
    """What the nets learn from, MNIST if $MNIST_DIR names it: float (N, 1, 28, 28) in [0, 1] and labels (N,)."""
    if folder_named() is None:
        shipped = training_digits()
        return shipped.x, shipped.labels
    images, labels = mnist("train", first=20_000)
    return as_input(images), labels


def held_back() -> tuple[Tensor, Tensor]:
    if folder_named() is None:
        return test_digits().x, test_digits().labels
    images, labels = mnist("validation")
    return as_input(images[:HELD_BACK]), labels[:HELD_BACK]


def trained(net: nn.Module, stranger: Stranger) -> nn.Module:
    """`net` after some hundred steps, in eval mode."""
    x, labels = digits()
    outputs = torch.tensor(stranger.outputs)
    optimiser = torch.optim.Adam(net.train().parameters(), lr=RATE)
    for _ in range(STEPS):
        chosen = torch.randint(len(labels), (BATCH,))
        optimiser.zero_grad()
        scores = logits(net(stranger.way(x[chosen])))
        nn.functional.cross_entropy(scores, outputs[labels[chosen]]).backward()
        optimiser.step()
    return net.eval()


def logits(returned: Tensor | tuple[Tensor, ...]) -> Tensor:
    """What a net returned as logits, whatever it ends in."""
    scores = returned[0] if isinstance(returned, tuple) else returned
    if bool((scores < 0).any() or (scores > 1).any()):
        return scores
    sums_to_one = bool((scores.sum(dim=1) - 1).abs().max() < 1e-3)
    return scores.clamp_min(1e-9).log() if sums_to_one else scores.logit(eps=1e-6)


def share_at_home(net: nn.Module, stranger: Stranger, x: Tensor, labels: Tensor) -> float:
    with torch.no_grad():
        scores = torch.cat([logits(net(stranger.way(part))) for part in x.split(BATCH)])
    return float((scores[:, list(stranger.outputs)].argmax(dim=1) == labels).float().mean())


def share_here(name: str, x: Tensor, labels: Tensor) -> float:
    net = checkpoints.load(name)
    with torch.no_grad():
        predicted = torch.cat([ask(net, part).digit for part in x.split(BATCH)])
    return float((predicted == labels).float().mean())


if __name__ == "__main__":
    sys.exit(main())
