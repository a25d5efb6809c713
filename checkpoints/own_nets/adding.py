"""Add a net: its weights from a file, an address, a share link or the Hub, and its code from a file here.

All of it is tried on sample digits before any of it is kept; what fails leaves nothing behind.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import safetensors.torch
import torch
from torch import Tensor, nn

import architectures
from checkpoints import find
from checkpoints.errors import Refused, WeightsError
from checkpoints.formats import pickles, torchscript
from checkpoints.formats.closest import advice
from checkpoints.formats.detection import Format, sniff
from checkpoints.formats.reading import READERS, assembled, reader
from checkpoints.hub import client
from checkpoints.own_nets import code
from checkpoints.own_nets.conventions import trials
from checkpoints.own_nets.doctor import first_impression
from checkpoints.own_nets.downloading import LIMIT_BYTES, download
from checkpoints.own_nets.sources import WAYS, Source, parse
from checkpoints.sample_digits import sample_digits
from checkpoints.store import manifest
from checkpoints.store.files import copy_beside
from checkpoints.store.naming import checked, code_of

MEGABYTE = 10**6


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="what the net is to be called: letters, digits, - and _")
    parser.add_argument("source", metavar="SOURCE", help=WAYS)
    parser.add_argument(
        "--architecture", metavar="FILE.py", help="the net's code, a local file with return_model(); it is copied along"
    )
    parser.add_argument(
        "--trust",
        action="store_true",
        help="read a file that runs code when it is read; for files you made yourself, and never on a Space",
    )
    parser.add_argument(
        "--limit",
        type=int,
        metavar="MB",
        default=LIMIT_BYTES // MEGABYTE,
        help="largest file to take (default: %(default)s)",
    )


def run(options: argparse.Namespace) -> int:
    """Add the net, or leave everything as it was."""
    name = checked(options.name)
    source = parse(options.source)
    if options.trust and os.environ.get("SPACE_ID"):
        raise Refused("--trust is for a person at the keyboard of their own machine: on a Space no file is trusted")
    _refuse_installed(name, source)
    written = code.read(options.architecture) if options.architecture else None
    with _undone_on_failure() as placed:
        if written is not None:
            placed.append(code.place(name, written))
        if source.kind == "none":
            return _say_where(name)
        fetched = _fetched(source, options.limit * MEGABYTE)
        with _named_for_people(fetched, options.source), tempfile.TemporaryDirectory(dir=manifest.folder()) as staging:
            weights = _harmless(name, fetched, Path(staging), trust=options.trust)
            kind = sniff(weights)
            file = f"{name}{kind.suffix}"
            if _brings_its_layers(kind) and name not in architectures.names():
                placed.append(_code_for(name, weights, file))
            lines = first_impression(name, assembled(name, weights))
            entry = manifest.install(
                name, copy_beside(weights, manifest.folder() / file), file=file, source=source.recorded
            )
    if source.kind == "address":
        fetched.unlink()
    print(f"{name}: {entry.bytes / MEGABYTE:.2f} MB in {manifest.folder() / file}, sha256 {entry.sha256[:12]}...")
    print("\n".join(f"{name} {line}" for line in lines))
    print(f"see it: python app.py --model {name} (an app that is running already has it)")
    return 0


def _refuse_installed(name: str, source: Source) -> None:
    """Raise Refused when `name` has weights already, unless they are the very file that is to be recorded."""
    entry = manifest.read().entry(name)
    path = find(name, entry)
    same = entry is None and path is not None and source.path is not None and path.samefile(source.path)
    if (entry is not None or path is not None) and not same:
        raise Refused(
            f"{name} has weights already ({path or 'recorded in the manifest'}): choose another name, or first "
            f"`python -m checkpoints remove {name}` or `python -m checkpoints rename {name} OTHER`"
        )


@contextmanager
def _undone_on_failure() -> Iterator[list[Path | None]]:
    """A list of files put in place, which are removed again when the block fails."""
    placed: list[Path | None] = []
    try:
        yield placed
    except BaseException:
        for path in filter(None, placed):
            path.unlink(missing_ok=True)
        raise


@contextmanager
def _named_for_people(fetched: Path, written: str) -> Iterator[None]:
    """Let errors name the source as the person wrote it, not where its content lies meanwhile."""
    try:
        yield
    except WeightsError as error:
        told = str(error).replace(str(fetched), written).replace(fetched.name, Path(written).name)
        raise type(error)(told) from error


def _say_where(name: str) -> int:
    print(f"{name}: put its weights at {manifest.folder() / name}.safetensors (or {', '.join(READERS[1:])})")
    if name not in architectures.names():
        print(f"{name}: put its code, with return_model(), at {code_of(name)}")
    print(f"then: python -m checkpoints doctor {name}")
    return 0


def _fetched(source: Source, limit_bytes: int) -> Path:
    """The source's file, whole, on this machine; raises Refused when it is above the limit."""
    if source.kind == "address":
        return download(source.url, limit_bytes=limit_bytes)
    path = source.path or client.download(client.pin(source.repo), source.file)
    if path.stat().st_size > limit_bytes:
        raise Refused(f"{path.name} has {path.stat().st_size:,} bytes; the limit is {limit_bytes:,}: see --limit")
    return path


def _harmless(name: str, path: Path, staging: Path, *, trust: bool) -> Path:
    """The file at `path` if it can be read without trust, else, with trust, what is in it in a file that can."""
    if sniff(path) is not Format.PICKLE or not trust:
        found = reader(path).read(path)
        if not isinstance(found, nn.Module):
            _refuse_without_code(name, found)
        return path
    classes = architectures.module(name) if name in architectures.names() else None
    found = pickles.trusted(path, classes)
    if isinstance(found, nn.Module):
        if classes is None:
            kept = staging / f"{name}{Format.TORCHSCRIPT.suffix}"
            best = next(iter(trials(found.float().eval())), None)
            x = sample_digits(10)[0]
            torchscript.write(found, kept, best.way(x) if best else x)
            return kept
        found = found.state_dict()
    _refuse_without_code(name, found)
    kept = staging / f"{name}{Format.SAFETENSORS.suffix}"
    safetensors.torch.save_file({key: tensor.clone().contiguous() for key, tensor in found.items()}, kept)
    return kept


def _refuse_without_code(name: str, weights: dict[str, Tensor]) -> None:
    if name not in architectures.names():
        with torch.no_grad():
            raise Refused(
                f"{name} has weights but no code, and there is no {code_of(name).name}: {advice(weights, name)}"
            )


def _brings_its_layers(kind: Format) -> bool:
    return kind in (Format.TORCHSCRIPT, Format.ONNX)


def _code_for(name: str, weights: Path, file: str) -> Path | None:
    """Code for a net whose layers are in its weights, with the INPUT that reads most of the sample digits."""
    best = next(iter(trials(reader(weights).read(weights).float().eval())), None)
    return code.place(name, code.in_its_file(name, file, best.way if best else None))
