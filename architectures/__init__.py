"""The nets of the Handwritten Digit Challenge: this folder is the registry.

Every file here that defines `return_model()` is a net, and so is every folder whose `__init__.py` does. Names shown to
people use hyphens, file names underscores; both are accepted everywhere.
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
NOT_NETS = {"__init__", "capsules", "contract", "card", "in_its_file", "mnist_like", "input"}
MAKES_A_NET = "return_model"

_importing = RLock()

Stamp = tuple[int, int, int]


class UnknownNet(LookupError):
    """There is no net of that name; the message lists those there are."""


class BadArchitecture(ImportError):
    """A net's file cannot be used; the message says which file and why."""


def names() -> list[str]:
    """Names of all nets, as people read them, sorted; found anew at each call, so a new file needs no restart."""
    return sorted({shown(stem) for stem, path in _files() if _makes_a_net(path, stamp(path))})


def _files() -> list[tuple[str, Path]]:
    """Stem and file of everything here that may be a net, or a helper of one: x.py, or x/__init__.py."""
    files = [(path.stem, path) for path in FOLDER.glob("*.py")]
    files += [(path.parent.name, path) for path in FOLDER.glob("*/__init__.py")]
    return [(stem, path) for stem, path in files if stem not in NOT_NETS]


@cache
def _makes_a_net(path: Path, _stamp: Stamp) -> bool:
    """Whether the text of a file speaks of `return_model`; nothing is imported to find out."""
    return MAKES_A_NET in path.read_text(encoding="utf-8", errors="replace")


def shown(name: str) -> str:
    """The name as people read it: caps-net for caps_net."""
    return name.replace("_", "-")


def path_of(name: str) -> Path:
    """The file that defines the net called `name`, `__init__.py` of its folder if it has one.

    Raises UnknownNet, and BadArchitecture for a file of that name that defines no net.
    """
    paths = [path for stem, path in sorted(_files()) if shown(stem) == shown(name)]
    path = next((path for path in paths if _makes_a_net(path, stamp(path))), None)
    if path is not None:
        return path
    if paths:
        raise BadArchitecture(f"{paths[0].name} defines no return_model(): add a function of that name, or remove it")
    raise UnknownNet(f"no net called {name!r}; there are {', '.join(names())}")


def files_of(name: str) -> list[Path]:
    """All files of the net called `name`: its one file, or every file of Python in its folder; raises UnknownNet."""
    path = path_of(name)
    return sorted(path.parent.rglob("*.py")) if path.name == "__init__.py" else [path]


def code_stamp(name: str) -> tuple[Stamp, ...]:
    """What changes when any file of a net is edited or replaced; raises UnknownNet."""
    return tuple(stamp(path) for path in files_of(name))


def module(name: str) -> ModuleType:
    """The module that defines the net called `name`; raises UnknownNet or BadArchitecture."""
    path = path_of(name)
    with _importing:  # one net may import another: nobody must find a file that is half executed
        return _import(path, code_stamp(name))


def stamp(path: Path) -> Stamp:
    """What changes when a file is edited or replaced: time in ns, size in bytes, inode.

    Time alone would not do: many a kernel counts it in ticks of several milliseconds.
    """
    status = path.stat()
    return status.st_mtime_ns, status.st_size, status.st_ino


@cache
def _import(path: Path, _stamp: tuple[Stamp, ...]) -> ModuleType:
    """Import a net's file, whose name may have hyphens; its stamp makes an edited file new."""
    package = path.parent if path.name == "__init__.py" else None
    qualified = f"{__name__}.{(package or path).stem.replace('-', '_')}"
    search = [str(package)] if package else None
    spec = importlib.util.spec_from_file_location(qualified, path, submodule_search_locations=search)
    if spec is None or spec.loader is None:
        raise BadArchitecture(f"{path} cannot be imported as Python")
    for part in [part for part in sys.modules if part.startswith(f"{qualified}.")]:
        del sys.modules[part]  # the folder's other files may be edited too
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[qualified] = loaded
    try:
        spec.loader.exec_module(loaded)
    except (Exception, SystemExit) as error:
        del sys.modules[qualified]
        raise BadArchitecture(f"{_file(path)} fails when it is imported: {type(error).__name__}: {error}") from error
    if not callable(getattr(loaded, MAKES_A_NET, None)):
        raise BadArchitecture(f"{_file(path)} defines no return_model(): add a function of that name returning the net")
    return loaded


def _file(path: Path) -> str:
    return f"{path.parent.name}/{path.name}" if path.name == "__init__.py" else path.name


def build(name: str) -> nn.Module:
    """The net called `name` with fresh random weights, in training mode; `checkpoints.load` gives the trained one.

    Whatever its file says of its input and outputs (`INPUT`, `CLASSES`), it is called with (B, 1, 28, 28) in [0, 1]
    and answers the ten digits.
    """
    from architectures.input.convention import BadConvention, choose

    net, classes = feed(name, build_bare(name)), getattr(module(name), "CLASSES", None)
    try:
        return net if classes is None else choose(net, classes)
    except BadConvention as error:
        raise BadArchitecture(f"{_file(path_of(name))}: {error}") from error


def build_bare(name: str) -> nn.Module:
    """Like `build`, but called with what the net's own file wants and answering all it has."""
    from torch import nn  # here, so that who only asks for names need not wait for torch

    return_model = module(name).return_model
    try:
        net = return_model()
    except (Exception, SystemExit) as error:
        raise BadArchitecture(f"return_model() of {shown(name)} fails: {type(error).__name__}: {error}") from error
    if not isinstance(net, nn.Module):
        raise BadArchitecture(f"return_model() of {shown(name)} returned a {type(net).__name__}, not an nn.Module")
    return net


def feed(name: str, net: nn.Module) -> nn.Module:
    """`net` made to take what every net is fed, as the file of `name` declares in `INPUT`, if it does."""
    from architectures.input import convention

    declared = getattr(module(name), "INPUT", None)
    if declared is None:
        return net
    try:
        return convention.feed(net, declared, shown(name))
    except convention.BadConvention as error:
        raise BadArchitecture(f"{_file(path_of(name))}: {error}") from error
