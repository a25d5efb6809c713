"""What a net may be called, and the files that a name stands for."""

from __future__ import annotations

import re
from pathlib import Path

import architectures
from checkpoints import manifest
from checkpoints.errors import Refused

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
TAKEN = {"all", "none", *map(architectures.shown, architectures.NOT_NETS)}  # they mean something else


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
