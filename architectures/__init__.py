"""The nets of the Handwritten Digit Challenge: this folder is the registry.

Every file here that is not part of the contract is a net and defines `return_model()`. Names shown to people use
hyphens, file names underscores; both are accepted everywhere.
"""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path
from threading import RLock
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import nn

FOLDER = Path(__file__).parent
NOT_NETS = {"__init__", "capsules", "contract", "card", "in_its_file", "mnist_like"}


_importing = RLock()


class UnknownNet(LookupError):
    """There is no net of that name; the message lists those there are."""


class BadArchitecture(ImportError):
    """A net's file cannot be used; the message says which file and why."""


def names() -> list[str]:
    """Names of all nets, as people read them, sorted; found anew at each call, so a new file needs no restart."""
    stems = (path.stem for path in FOLDER.iterdir() if path.suffix == ".py")
    return sorted(shown(stem) for stem in stems if stem not in NOT_NETS)


def shown(name: str) -> str:
    """The name as people read it: caps-net for caps_net."""
    return name.replace("_", "-")


def path_of(name: str) -> Path:
    """The file that defines the net called `name`; raises UnknownNet."""
    if shown(name) in names():
        for stem in (name.replace("-", "_"), name.replace("_", "-"), name):
            if (FOLDER / f"{stem}.py").is_file():
                return FOLDER / f"{stem}.py"
    raise UnknownNet(f"no net called {name!r}; there are {', '.join(names())}")


def module(name: str) -> ModuleType:
    """The module that defines the net called `name`; raises UnknownNet or BadArchitecture."""
    path = path_of(name)
    with _importing:  # one net may import another: nobody must find a file that is half executed
        return _import(path, stamp(path))


def stamp(path: Path) -> tuple[int, int, int]:
    """What changes when a file is edited or replaced: time in ns, size in bytes, inode.

    Time alone would not do: many a kernel counts it in ticks of several milliseconds.
    """
    status = path.stat()
    return status.st_mtime_ns, status.st_size, status.st_ino


@cache
def _import(path: Path, _stamp: tuple[int, int, int]) -> ModuleType:
    """Import a net's file, whose name may have hyphens; its stamp makes an edited file new."""
    qualified = f"{__name__}.{path.stem.replace('-', '_')}"
    spec = importlib.util.spec_from_file_location(qualified, path)
    if spec is None or spec.loader is None:
        raise BadArchitecture(f"{path} cannot be imported as Python")
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[qualified] = loaded
    try:
        spec.loader.exec_module(loaded)
    except Exception as error:
        del sys.modules[qualified]
        raise BadArchitecture(f"{path.name} fails when it is imported: {type(error).__name__}: {error}") from error
    if not callable(getattr(loaded, "return_model", None)):
        raise BadArchitecture(f"{path.name} defines no return_model(): add a function of that name returning the net")
    return loaded


def build(name: str) -> nn.Module:
    """The net called `name` with fresh random weights, in training mode; `checkpoints.load` gives the trained one.

    Whatever its file says it wants (`INPUT`), it is called with (B, 1, 28, 28) in [0, 1].
    """
    return fed(name, unfed(name))


def unfed(name: str) -> nn.Module:
    """Like `build`, but to be called with what the net's own file wants, whatever its `INPUT` says."""
    from torch import nn  # here, so that who only asks for names need not wait for torch

    made = module(name).return_model
    try:
        net = made()
    except Exception as error:
        raise BadArchitecture(f"return_model() of {shown(name)} fails: {type(error).__name__}: {error}") from error
    if not isinstance(net, nn.Module):
        raise BadArchitecture(f"return_model() of {shown(name)} returned a {type(net).__name__}, not an nn.Module")
    return net


def fed(name: str, net: nn.Module) -> nn.Module:
    """`net` made to take what every net is fed, as the file of `name` declares in `INPUT`, if it does."""
    from architectures.input.convention import BadFeeding, feed

    wanted = getattr(module(name), "INPUT", None)
    if wanted is None:
        return net
    try:
        return feed(net, wanted, shown(name))
    except BadFeeding as error:
        raise BadArchitecture(f"{path_of(name).name}: {error}") from error
