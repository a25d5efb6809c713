"""Weights: found beside this file or fetched from the Hub, verified, and put into their net.

`load(name)` is all that the rest of the project needs. A net comes with its trained weights or not at all.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import architectures
from architectures import stamp
from checkpoints.devices import device
from checkpoints.errors import (
    BadManifest,
    BrokenTransfer,
    DiskFull,
    FetchFailed,
    MismatchedWeights,
    MissingWeights,
    MovedRevision,
    NotAllowed,
    NotOnTheHub,
    Offline,
    Refused,
    UnfittingWeights,
    UnreadableWeights,
    WeightsError,
)
from checkpoints.store import manifest, naming
from checkpoints.store.memory import Memory

if TYPE_CHECKING:
    from torch import nn

__all__ = [
    "BadManifest",
    "BrokenTransfer",
    "DiskFull",
    "FetchFailed",
    "MismatchedWeights",
    "MissingWeights",
    "MovedRevision",
    "NotAllowed",
    "NotOnTheHub",
    "Offline",
    "Refused",
    "UnfittingWeights",
    "UnreadableWeights",
    "WeightsError",
    "device",
    "find",
    "held",
    "load",
]

held = Memory()
_loading: dict[str, threading.Lock] = {}
_fetched: dict[tuple[str, str | None, str | None], Path] = {}


def load(name: str, *, training: str | None = None, hub_repo: str | None = None) -> nn.Module:
    """The net called `name` with its trained weights, in eval mode, on `device()`.

    training chooses other weights than those trained with the pen: "mnist-only", or another file NAME.TRAINING.*; an
    id such as "caps-net/mnist-only" says the same. The file is looked for beside this one, else fetched from the Hub:
    from `hub_repo` ("user/name", or "user/name@revision"), else from the repository and revision pinned in the
    manifest. Its sha256 is compared with the recorded one before anything is read from it. No file is ever run.
    The net stays in memory until others push it out, or its file, its record or its architecture changes.
    Raises a WeightsError that names the file and says what to do, or architectures.UnknownNet or BadArchitecture.
    """
    net_id = naming.id_of(name, training)
    shown, _ = naming.split(net_id)
    code = architectures.code_stamp(shown)
    from checkpoints.formats.reading import load_net  # torch is imported only when there is a net to load

    with _loading.setdefault(net_id, threading.Lock()):
        entry = manifest.read().entry(net_id)
        path = find(net_id, entry) or _fetch(net_id, hub_repo, entry.sha256 if entry else None)
        state = (code, entry.sha256 if entry else None, path, stamp(path))
        net = held.get(net_id, state)
        if net is None:
            check(net_id, path, entry)
            net = load_net(shown, path).to(device())
            held.put(net_id, state, net)
        return net


def find(net_id: str, entry: manifest.Entry | None) -> Path | None:
    """The file with the weights of a net in the folder of checkpoints: the recorded one, else one of its name."""
    if entry is not None:
        path = manifest.folder() / entry.file
        return path if path.is_file() else None
    from checkpoints.formats.reading import READERS

    stems = (naming.stem_of(net_id), naming.stem_of(net_id).replace("-", "_"))
    candidates = (manifest.folder() / f"{stem}{suffix}" for stem in stems for suffix in READERS)
    return next((path for path in candidates if path.is_file()), None)


def check(name: str, path: Path, entry: manifest.Entry | None) -> None:
    """Raise MismatchedWeights unless the file at `path` is the one recorded; a file put there by hand has no record."""
    if entry is None or manifest.sha256_of(path) == entry.sha256:
        return
    with manifest.locked():  # whoever replaces weights holds this lock until the new sha256 is written too
        entry = manifest.read().entry(name) or entry
        found = manifest.sha256_of(path)
    if found != entry.sha256:
        raise MismatchedWeights(
            f"{path} is not the file recorded for {name}: its sha256 is {found[:12]}..., {manifest.NAME} says "
            f"{entry.sha256[:12]}.... {_remedy(name, entry)}"
        )


def _remedy(name: str, entry: manifest.Entry) -> str:
    again = f"train it again with `{naming.train_command(name)}`"
    if entry.hub is not None:
        return f"Run `python -m checkpoints fetch {name}` to replace it, or {again}"
    return f"Put the recorded file back (`git checkout` does where it is committed), or {again}"


def _fetch(name: str, hub_repo: str | None, sha256: str | None) -> Path:
    """Where the weights were fetched to; asked of the Hub once in a process for each repository and sha256."""
    key = (name, hub_repo, sha256)
    if key not in _fetched or not _fetched[key].is_file():
        from checkpoints.hub.fetching import fetch  # huggingface_hub is imported only when there is something to fetch

        _fetched[key] = fetch(name, hub_repo)
    return _fetched[key]
