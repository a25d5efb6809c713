"""Remove a net: its weights in every training, what was measured of them, its record and its code."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import architectures
from checkpoints import find
from checkpoints.errors import Refused
from checkpoints.own_nets import code
from checkpoints.store import manifest
from checkpoints.store.naming import known, stem_of, with_baselines


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the net to remove")
    parser.add_argument("--keep-code", action="store_true", help="leave the net's code in architectures/")
    parser.add_argument("--yes", action="store_true", help="remove without asking")


def run(options: argparse.Namespace) -> int:
    """Name the files of every training, ask, and remove them; 1 when the person does not agree."""
    name = known(options.name)
    ids = with_baselines(name)
    files = [*_weights(ids), *([] if options.keep_code else _code(name))]
    for path in files:
        print(f"to be removed: {path}")
    if not (options.yes or _agreed(name)):
        print("nothing was removed")
        return 1
    with manifest.edit() as edited:
        for net_id in ids:
            edited.remove(net_id)
        code.take_away(files)
    print(f"{name} is removed")
    return 0


def _weights(ids: list[str]) -> list[Path]:
    """The weights of a net in each of its trainings, and what their poses stand for."""
    recorded = manifest.read()
    weights = [path for net_id in ids if (path := find(net_id, recorded.entry(net_id)))]
    poses = [manifest.folder() / f"{stem_of(net_id)}.poses.json" for net_id in ids]
    return [*weights, *(path for path in poses if path.is_file())]


def _code(name: str) -> list[Path]:
    """The net's own file or folder; raises Refused when another net imports it."""
    if name not in architectures.names():
        return []
    users = code.users_of(name)
    if users:
        raise Refused(f"the code of {name} is used by {', '.join(users)}: remove that first, or give --keep-code")
    path = architectures.path_of(name)
    return [path.parent if path.name == "__init__.py" else path]


def _agreed(name: str) -> bool:
    if not sys.stdin.isatty():
        raise Refused(f"nobody is at the keyboard to agree: say `python -m checkpoints remove {name} --yes`")
    return input(f"remove {name}? [y/N] ").strip().lower() in ("y", "yes")
