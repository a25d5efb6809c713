"""Files saved by torch.save, whatever was saved: read as weights only, and with trust in every other way."""

from __future__ import annotations

import os
import pickle
import types
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import architectures
from checkpoints.errors import UnreadableWeights
from checkpoints.formats import opcodes, torchscript
from checkpoints.formats.detection import Format, sniff
from checkpoints.formats.state_dict import weights_in

LARGEST_BYTES = 8 * 2**30
MOST_UNPACKED = 20  # times the size of the file; torch.save does not compress at all


class UntrustedWeights(UnreadableWeights):
    """Reading the file would run code; the message lists what it would import."""


def read(path: Path, *, trust: bool = False) -> Mapping[str, Tensor] | nn.Module:
    """The weights in the file at `path`, or the whole net of a TorchScript file, on the CPU.

    trust reads a file that runs code, and is for a person at the keyboard alone: it is refused on a Space.
    Raises UntrustedWeights, and UnreadableWeights for a file that is cut, corrupt, too large or holds no weights.
    """
    kind = sniff(path)
    if kind is Format.TORCHSCRIPT:
        check_unpacked(path)
        return torchscript.read(path, trust=trust)
    if kind is not Format.PICKLE:
        raise UnreadableWeights(f"{path} is {kind.value}: rename it to {path.stem}{kind.suffix}")
    return weights_in(_loaded(path, trust, None), str(path))


def trusted(path: Path, classes: types.ModuleType | None) -> Mapping[str, Tensor] | nn.Module:
    """Like `read` with trust; classes that the file names and nobody else has are taken from the module `classes`."""
    return weights_in(_loaded(path, True, classes), str(path))


def check_unpacked(path: Path) -> None:
    """Raise UnreadableWeights for a zip that would unpack to much more than its size."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(member.file_size for member in archive.infolist())
    if unpacked > min(LARGEST_BYTES, MOST_UNPACKED * path.stat().st_size):
        raise UnreadableWeights(
            f"{path.name} has {path.stat().st_size:,} bytes and would unpack to {unpacked:,}: do not use this file"
        )


def _loaded(path: Path, trust: bool, classes: types.ModuleType | None) -> object:
    check_unpacked(path)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Detected pickle protocol", UserWarning)  # it reads them or it refuses
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        needed = opcodes.imports(path)
        if not needed:
            raise UnreadableWeights(f"{path} is cut short or corrupt ({_first_line(error)}): get it again") from error
        if not trust:
            raise UntrustedWeights(_refusal(path, needed)) from error
    except (RuntimeError, EOFError, ValueError, KeyError, TypeError, AttributeError, IndexError, MemoryError) as error:
        raise UnreadableWeights(f"{path} is cut short or corrupt ({_first_line(error)}): get it again") from error
    if os.environ.get("SPACE_ID"):
        raise UntrustedWeights(f"{path} runs code when it is read, and on a Space no file is trusted to")
    return _unpickled(path, classes or _classes_beside(path))


def _refusal(path: Path, needed: list[str]) -> str:
    more = f" and {len(needed) - 20} more" if len(needed) > 20 else ""
    return (
        f"{path} holds more than weights: reading it would import {', '.join(needed[:20])}{more}, and may run "
        f"anything. Better: where it was made, torch.save(net.state_dict(), FILE) and add that. If you made it "
        f"yourself: `python -m checkpoints add NAME {path.name} --trust`, here at the keyboard"
    )


def _classes_beside(path: Path) -> types.ModuleType | None:
    """The architecture of the same name, whose classes a pickled net may need."""
    return architectures.module(path.stem) if architectures.shown(path.stem) in architectures.names() else None


def _unpickled(path: Path, classes: types.ModuleType | None) -> object:
    class Unpickler(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> Any:
            try:
                return super().find_class(module, name)
            except (ImportError, AttributeError):
                if classes is not None and hasattr(classes, name):
                    return getattr(classes, name)
                raise

    as_module = types.SimpleNamespace(
        __name__=pickle.__name__, Unpickler=Unpickler, load=lambda file, **how: Unpickler(file, **how).load()
    )
    try:
        return torch.load(path, map_location="cpu", weights_only=False, pickle_module=as_module)
    except (ImportError, AttributeError) as error:
        raise UnreadableWeights(
            f"{path} needs the class it was saved with ({_first_line(error)}): give its file, "
            f"`python -m checkpoints add NAME {path.name} --trust --architecture FILE.py`"
        ) from error


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].split(". ")[0]
