"""Files saved by torch.save, read without running anything that is in them.

`weights_only` reads tensors, and refuses whatever else a file names: settings of Lightning, an optimiser's classes, the
layers of a whole net. Here each of those names stands for an empty object that is never called, so that the weights
beside them can be read past them, and those inside a pickled net taken out of it.
"""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path
from typing import Any

import torch

from checkpoints.errors import UnreadableWeights
from checkpoints.formats.detection import Format

NAMED = 12  # of what a file would import
MOST_KINDS = 8  # of classes that behave like a dict or a list
RESAVE = "where it was made, torch.save(net.state_dict(), FILE) and add that"


class UntrustedWeights(UnreadableWeights):
    """Reading the file would run code; the message lists what it would import."""


class Standin:
    """Stands for an object whose class is not imported: it keeps the state it is given, and does nothing.

    args   what it was made from
    state  its attributes
    """

    args: tuple[Any, ...]
    state: dict[str, Any]

    def __new__(cls, *args: Any, **_: Any) -> Standin:
        self = object.__new__(cls)
        self.args, self.state = args, {}
        return self

    def __init__(self, *_args: Any, **_named: Any) -> None:
        """Take whatever the class it stands for would take."""

    def __setstate__(self, state: object) -> None:
        parts = state if isinstance(state, tuple) else (state,)
        for part in parts:
            self.state |= part if isinstance(part, dict) else {}


def unpickle(path: Path, kind: Format) -> tuple[object, list[str]]:
    """What the file at `path` holds, and the names in it that were read past, sorted.

    Raises UntrustedWeights for a file that cannot be read without running it, and UnreadableWeights for one that is cut
    or corrupt.
    """
    if kind is Format.PLAIN_PICKLE:
        raise UntrustedWeights(
            f"{path} was saved by pickle.dump, and runs code when it is read. Better: {RESAVE}. {_trust(path)}"
        )
    try:
        return _weights_only(path), []
    except pickle.UnpicklingError as error:
        if kind is Format.OLD_PICKLE:
            raise UntrustedWeights(
                f"{path} is of before torch 1.6 and holds more than weights, or is cut short: {RESAVE}"
            ) from error
        return _read_past(path, error)


def _read_past(path: Path, refused: pickle.UnpicklingError) -> tuple[object, list[str]]:
    try:
        names = sorted(torch.serialization.get_unsafe_globals_in_checkpoint(path))
    except (pickle.UnpicklingError, EOFError, RuntimeError, ValueError, IndexError) as error:
        raise UntrustedWeights(
            f"{path} holds more than weights, in a way that cannot be read without running it "
            f"({first_line(error)}): {RESAVE}"
        ) from error
    if not names:
        raise UnreadableWeights(f"{path} is cut short or corrupt ({first_line(refused)}): get it again") from refused
    standins: dict[str, Any] = {name: type(f"Standin{number}", (Standin,), {}) for number, name in enumerate(names)}
    for _ in range(MOST_KINDS):
        with torch.serialization.safe_globals([(standin, name) for name, standin in standins.items()]):
            try:
                return _weights_only(path), names
            except pickle.UnpicklingError as error:
                stumbled = [name for name, standin in standins.items() if repr(standin) in str(error)]
                if len(stumbled) != 1:
                    raise UntrustedWeights(refusal(path, names)) from error
                like: Any = {} if "SETITEM" in str(error) else []  # a class made of dict, or of list
                standins[stumbled[0]] = type(
                    f"{standins[stumbled[0]].__name__}_", (Standin,), {"__new__": _makes(like)}
                )
    raise UntrustedWeights(refusal(path, names))


def _makes(like: dict[Any, Any] | list[Any]) -> Any:
    """A `__new__` that gives a plain dict or list in the place of an object made of one."""
    return lambda _cls, *_args, **_named: type(like)()


def _weights_only(path: Path) -> object:
    try:
        with warnings.catch_warnings(), path.open("rb") as file:  # given the path, torch would believe its suffix
            warnings.filterwarnings("ignore", "Detected pickle protocol", UserWarning)  # it reads them or it refuses
            warnings.filterwarnings("ignore", "TypedStorage is deprecated", UserWarning)
            return torch.load(file, map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, ValueError, KeyError, TypeError, AttributeError, IndexError, MemoryError) as error:
        raise UnreadableWeights(f"{path} is cut short or corrupt ({first_line(error)}): get it again") from error


def refusal(path: Path, names: list[str]) -> str:
    """Why a file that would import `names` is not read, and what to do."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return (
        f"{path} holds more than weights: reading it would import {', '.join(names[:NAMED])}{more}, and may run "
        f"anything. Better: {RESAVE}. {_trust(path)}"
    )


def _trust(path: Path) -> str:
    return f"If you made it yourself: `python -m checkpoints add NAME {path.name} --trust`, typed at the keyboard"


def first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].split(". ")[0]
