"""What a net may be called, and the files that a name stands for.

A net is there in two trainings: `caps-net` was trained with the pen, `caps-net/mnist-only`, its baseline, on MNIST
alone. Such an id names one file of weights: caps-net.safetensors, caps-net.mnist-only.safetensors.
"""

from __future__ import annotations

import re
from pathlib import Path

import architectures
from checkpoints.errors import Refused
from checkpoints.store import manifest

MNIST_ONLY = "mnist-only"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
TAKEN = {"all", "none", *map(architectures.shown, architectures.NOT_NETS)}  # they mean something else


def split(net_id: str) -> tuple[str, str | None]:
    """Name, as people read it, and training of a net's id: ("caps-net", "mnist-only"), or ("caps-net", None)."""
    name, _, training = net_id.partition("/")
    return architectures.shown(name), training or None


def id_of(name: str, training: str | None = None) -> str:
    """The id of the net called `name` in a training; None is the training with the pen."""
    return architectures.shown(name) + (f"/{training}" if training else "")


def stem_of(net_id: str) -> str:
    """What the file of weights is called, without its suffix: caps-net.mnist-only for caps-net/mnist-only."""
    name, training = split(net_id)
    return name + (f".{training}" if training else "")


def train_command(net_id: str) -> str:
    """What a person types to train it: python -m checkpoints train caps-net --mnist-only."""
    name, training = split(net_id)
    return f"python -m checkpoints train {name}" + (f" --{training}" if training else "")


def with_baselines(name: str) -> list[str]:
    """The ids of a net in every training that is recorded, first that with the pen; an id stands for itself."""
    if "/" in name:
        return [id_of(*split(name))]
    shown = architectures.shown(name)
    recorded = sorted(net_id for net_id in manifest.read().nets if split(net_id)[0] == shown and "/" in net_id)
    return [shown, *recorded]


def checked(name: str) -> str:
    """`name` as people read it; raises Refused for what could not be a file or a choice in the page."""
    if not NAME.fullmatch(name):
        raise Refused(f"{name!r} cannot be a net's name: letters, digits, - and _, at most 40, beginning with no sign")
    if architectures.shown(name) in TAKEN:
        raise Refused(f"{name!r} means something else here: choose another name")
    return architectures.shown(name)


def known(name: str) -> str:
    """The name of a net that is installed or recorded, as people read it; raises architectures.UnknownNet."""
    shown = checked(name)
    if manifest.read().entry(shown) is None:
        architectures.path_of(shown)
    return shown


def code_of(name: str) -> Path:
    """Where the architecture of `name` is, or belongs."""
    if architectures.shown(name) in architectures.names():
        return architectures.path_of(name)
    return architectures.FOLDER / f"{name.replace('-', '_')}.py"
