"""Add a net: its weights from a file, an address, a share link or the Hub, and its code from here.

    detect -> load -> build -> try -> keep

Everything is tried before any of it is kept; what fails leaves nothing behind.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import safetensors.torch

import architectures
from checkpoints import find
from checkpoints.errors import Refused, WeightsError, printable
from checkpoints.formats import trusted
from checkpoints.formats.detection import Format, detect
from checkpoints.formats.fitting import advice
from checkpoints.formats.reading import READERS, Loaded, build, load, load_net
from checkpoints.own_nets import code, report
from checkpoints.own_nets.downloading import LIMIT_BYTES, Allowance, download
from checkpoints.own_nets.sources import WAYS, Source, parse
from checkpoints.own_nets.trying import Convention, digits, find_convention
from checkpoints.store import manifest
from checkpoints.store.files import copy_beside
from checkpoints.store.naming import checked, code_of

MEGABYTE = 10**6
SHOWN = 12


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="what the net is to be called: letters, digits, - and _")
    parser.add_argument("source", metavar="SOURCE", help=WAYS)
    parser.add_argument(
        "--architecture",
        metavar="FILE.py",
        help="the net's code: a local file with return_model(), or a folder with one as __init__.py; it is copied, "
        "with what it imports from beside it",
    )
    parser.add_argument(
        "--trust",
        action="store_true",
        help="run a file that has to be run to be read (a whole net, TorchScript); for files you made yourself, and "
        "never on a Space",
    )
    parser.add_argument("--yes", action="store_true", help="take in a large file without asking")
    parser.add_argument(
        "--limit",
        type=int,
        metavar="MB",
        default=LIMIT_BYTES // MEGABYTE,
        help="largest file to take (default: %(default)s)",
    )


def run(options: argparse.Namespace) -> int:
    """Add the net, or leave everything as it was."""
    name, source = checked(options.name), parse(options.source)
    if options.trust and os.environ.get("SPACE_ID"):
        raise Refused("--trust is for a person at the keyboard of their own machine: on a Space no file is trusted")
    _refuse_taken(name, source)
    given = code.read(options.architecture) if options.architecture else None
    with _undone_on_failure() as placed:
        placed.extend(code.place(name, given) if given else [])
        if source.kind == "none":
            return _say_where(name)
        allowance = Allowance(options.limit * MEGABYTE, options.yes)
        with _fetched(source, allowance) as path, _named_for_people(path, options.source):
            kind = detect(path)
            loaded = load(path, kind, trust=options.trust, classes=_classes_of(name))
            kept_as = _kept_as(kind, loaded)
            file = f"{name}{kept_as.suffix}"
            if loaded.net is not None and not _has_code(name):
                placed.extend(code.place(name, code.in_its_file(name, file)))
            if not _has_code(name) and (of_taught := code.of_taught(path)):
                placed.extend(code.place(name, of_taught))
            if not _has_code(name):
                raise Refused(f"{name} has weights but no code, {code_of(name).name}: {_next_step(name, loaded)}")
            found = find_convention(name, build(name, loaded, str(path)))
            if found.missing:
                _declare(name, found, ours=bool(placed))
            with tempfile.TemporaryDirectory(dir=manifest.folder()) as staging:
                kept = path if kept_as is kind else _rewritten(loaded, found, Path(staging) / file)
                entry, measured = _keep(name, kept, file, source.recorded)
    _say(name, entry, loaded, found, measured)
    return 0


def _next_step(name: str, loaded: Loaded) -> str:
    whole = any(skipped.startswith("torch.nn.modules.") for skipped in loaded.skipped)
    trust = "; or, if you made it yourself, --trust: its layers are in the file" if whole else ""
    return advice(loaded.weights, name) + trust


def _declare(name: str, found: Convention, *, ours: bool) -> None:
    """Write into the code that was put there just now how the net is fed; raises Refused for code that was there."""
    path = architectures.path_of(name)
    if not ours:
        lines = "\n".join(f"    {line}" for line in code.with_import(found.missing))
        raise Refused(
            f"{name} is fed {found.chosen.way.words}, and {path}, which was there already, does not say so. Write into "
            f"it\n\n{lines}\n\nand add it again"
        )
    code.declare(path, found.missing)


def _rewritten(loaded: Loaded, found: Convention, path: Path) -> Path:
    """What a file held, at `path` in a form that runs nothing: an ONNX graph, or the weights alone."""
    if loaded.net is not None:
        trusted.write_onnx(loaded.net, found.chosen.way(digits()[0][:10]), path)
    else:
        safetensors.torch.save_file({key: value.clone().contiguous() for key, value in loaded.weights.items()}, path)
    return path


def _keep(name: str, path: Path, file: str, recorded: str | None) -> tuple[manifest.Entry, report.Measured]:
    """Copy the weights at `path` into the folder, once the net answers from there as it would on the page."""
    measured = report.measure(load_net(name, path), name)
    return manifest.install(name, copy_beside(path, manifest.folder() / file), file=file, source=recorded), measured


def _kept_as(kind: Format, loaded: Loaded) -> Format:
    """The format in which a net is kept: its own, or one that runs nothing."""
    if loaded.net is not None:
        return Format.ONNX
    runs = kind in (Format.TORCHSCRIPT, Format.PLAIN_PICKLE) or bool(loaded.skipped)
    return Format.SAFETENSORS if runs else kind


def _say(name: str, entry: manifest.Entry, loaded: Loaded, found: Convention, measured: report.Measured) -> None:
    path = manifest.folder() / entry.file
    print(f"{name}: {entry.bytes / MEGABYTE:.2f} MB in {path}, sha256 {entry.sha256[:12]}...")
    if loaded.skipped:
        names = f"{', '.join(loaded.skipped[:SHOWN])}{', ...' if len(loaded.skipped) > SHOWN else ''}"
        print(printable(f"{name} lay beside other things, which were not read: {names}"))
    for line in report.sentences(found):
        print(f"{name} {line}")
    if found.missing:
        print(f"{name} now has in {architectures.path_of(name)}: {'; '.join(found.missing)}")
    print(f"\n{report.digits_line(measured)}\n", flush=True)
    print(report.table(name, measured))
    print(
        f"\nsee it: {report.PAGE}/?net={name} (start the page with `python app.py`; one that is running has it already)"
    )


def _refuse_taken(name: str, source: Source) -> None:
    """Raise Refused when `name` has weights already, unless they are the very file that is to be recorded."""
    entry = manifest.read().entry(name)
    path = find(name, entry)
    same = entry is None and path is not None and source.path is not None and path.samefile(source.path)
    if (entry is not None or path is not None) and not same:
        raise Refused(
            f"{name} has weights already ({path or 'recorded in the manifest'}): choose another name, or first "
            f"`python -m checkpoints remove {name}`"
        )


@contextmanager
def _undone_on_failure() -> Iterator[list[Path]]:
    """A list of files and folders put in place, which are removed again when the block fails."""
    placed: list[Path] = []
    try:
        yield placed
    except BaseException:
        code.take_away(placed)
        raise


@contextmanager
def _named_for_people(fetched: Path, written: str) -> Iterator[None]:
    """Let errors name the source as the person wrote it, not where its content lies meanwhile."""
    try:
        yield
    except WeightsError as error:
        told = str(error).replace(str(fetched), written).replace(fetched.name, Path(written).name)
        raise type(error)(told) from error


def _has_code(name: str) -> bool:
    return name in architectures.names()


def _classes_of(name: str) -> ModuleType | None:
    """The code of a net, whose classes a pickled net may need."""
    return architectures.module(name) if _has_code(name) else None


def _say_where(name: str) -> int:
    print(f"{name}: put its weights at {manifest.folder() / name}.safetensors (or {', '.join(READERS[1:])})")
    if not _has_code(name):
        print(f"{name}: put its code, with return_model(), at {code_of(name)}")
    print(f"then: python -m checkpoints doctor {name}")
    return 0


@contextmanager
def _fetched(source: Source, allowance: Allowance) -> Iterator[Path]:
    """The source's file, whole, on this machine; raises Refused when it is above the allowance."""
    if source.kind in ("address", "drive"):
        with download(source.url, allowance, drive=source.kind == "drive") as downloaded:
            yield downloaded
        return
    path = source.path
    if path is None:
        from checkpoints.hub import client  # huggingface_hub takes a second to import, for those who ask it

        repository = client.pin(source.repo)
        allowance.check(client.size_of(repository, source.file) or 0, source.file)
        path = client.download(repository, source.file)
    allowance.check(path.stat().st_size, path.name)
    yield path
