"""Remove a net: its weights, its record and its code."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import architectures
from checkpoints import find
from checkpoints.errors import Refused
from checkpoints.own_nets.code import users_of
from checkpoints.store import manifest
from checkpoints.store.naming import known, with_baselines


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the net to remove")
    parser.add_argument("--keep-code", action="store_true", help="leave the net's file in architectures/")
    parser.add_argument("--yes", action="store_true", help="remove without asking")


def run(options: argparse.Namespace) -> int:
    """Name the files of every training, ask, and remove them; 1 when the person does not agree."""
    name = known(options.name)
    ids = with_baselines(name)
    files = _files(name, keep_code=options.keep_code)
    for path in files:
        print(f"to be removed: {path}")
    if not (options.yes or _agreed(name)):
        print("nothing was removed")
        return 1
    with manifest.edit() as edited:
        for net_id in ids:
            edited.remove(net_id)
        for path in files:
            path.unlink(missing_ok=True)
    print(f"{name} is removed")
    return 0


def _files(name: str, *, keep_code: bool) -> list[Path]:
    recorded = manifest.read()
    files = [path for net_id in with_baselines(name) if (path := find(net_id, recorded.entry(net_id)))]
    files += [path for path in [manifest.folder() / f"{name}.poses.json"] if path.is_file()]
    if not keep_code and name in architectures.names():
        users = users_of(name)
        if users:
            raise Refused(f"the code of {name} is used by {', '.join(users)}: remove that first, or give --keep-code")
        files.append(architectures.path_of(name))
    return files


def _agreed(name: str) -> bool:
    if not sys.stdin.isatty():
        raise Refused(f"nobody is at the keyboard to agree: say `python -m checkpoints remove {name} --yes`")
    return input(f"remove {name}? [y/N] ").strip().lower() in ("y", "yes")
