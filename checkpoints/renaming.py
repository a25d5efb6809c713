"""Rename a net: its weights, its record and its code change names together."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import architectures
from checkpoints import find, manifest
from checkpoints.code import users_of
from checkpoints.errors import Refused
from checkpoints.naming import checked, code_of, known


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the net as it is called now")
    parser.add_argument("new", metavar="NEW", help="what it is to be called")


def run(options: argparse.Namespace) -> int:
    """Rename the files and the record, or leave all of them as they were."""
    old, new = known(options.name), checked(options.new)
    with manifest.edit() as edited:
        entry = edited.entry(old)
        if new in architectures.names() or edited.entry(new) is not None or find(new, None) is not None:
            raise Refused(f"there is a net called {new} already: choose another name")
        users = users_of(old) if old in architectures.names() else []
        if users:
            raise Refused(f"the code of {old} is used by {', '.join(users)}, under that name: it stays")
        weights = find(old, entry)
        moves = [(weights, weights.with_name(f"{new}{weights.suffix}"))] if weights else []
        if old in architectures.names():
            moves.append((code_of(old), code_of(new)))
        _move(moves)
        if entry is not None:
            edited.remove(old)
            file = f"{new}{Path(entry.file).suffix}"
            edited.put(new, replace(entry, file=file, hub=None))
    print(f"{old} is now {new}")
    if entry is not None and entry.hub is not None:
        print(f"its place on the Hub ({entry.hub.repo}) knows it as {old}: `python -m checkpoints publish` anew")
    return 0


def _move(moves: list[tuple[Path, Path]]) -> None:
    """All of them or none: what was renamed is renamed back when a later one fails."""
    done: list[tuple[Path, Path]] = []
    try:
        for source, target in moves:
            source.rename(target)
            done.append((source, target))
    except OSError:
        for source, target in reversed(done):
            target.rename(source)
        raise
