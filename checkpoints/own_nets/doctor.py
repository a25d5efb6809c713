"""Find out why a net predicts badly or not at all, and say what to do."""

from __future__ import annotations

import argparse
from pathlib import Path

import architectures
from architectures import BadArchitecture
from checkpoints import find
from checkpoints.errors import MissingWeights, Refused, WeightsError
from checkpoints.formats.reading import READERS, load_net, read_net
from checkpoints.own_nets import code, report
from checkpoints.own_nets.trying import Convention, find_convention, told_apart
from checkpoints.store import manifest
from checkpoints.store.naming import code_of, known

SHOWN = 5


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="a net of which there are code and weights here")
    parser.add_argument("--all", action="store_true", help="examine every net whose weights are here, in a line each")


def run(options: argparse.Namespace) -> int:
    """Examine the net; 1 when it has to be changed."""
    if options.all == bool(options.name):
        raise Refused("which net? Give its NAME, or --all")
    if options.all:
        return max((_in_a_line(name) for name in _here()), default=0)
    name = known(options.name)
    found = _examine(name)
    print("digits predicted, cross entropy, and how the net was fed:")
    for one in found.tried.ranking[:SHOWN]:
        here = "  <- as its file says" if one.way == found.chosen.way and not found.missing else ""
        print(f"{int(one.correct.sum()):>4}/{len(one.correct)}{one.loss:>8.3f}  {one.way}{here}")
    for line in report.sentences(found):
        print(f"{name} {line}")
    if found.missing:
        lines = "\n".join(f"    {line}" for line in code.with_import(found.missing))
        print(f"write into {architectures.path_of(name)}\n\n{lines}\n")
        return 1
    load_net(name, _weights_of(name))
    return int(found.declared and told_apart(found.tried.best, found.chosen))


def _here() -> list[str]:
    recorded = manifest.read()
    return [name for name in architectures.names() if find(name, recorded.entry(name))]


def _in_a_line(name: str) -> int:
    """One line on the net; 1 when it has to be changed."""
    try:
        found = _examine(name)
        if not found.missing:
            load_net(name, _weights_of(name))
    except (WeightsError, BadArchitecture, Refused) as error:
        print(f"{name}: {error}")
        return 1
    accuracy = f"{report.percent(found.chosen.accuracy)} ({report.interval(found.chosen.accuracy)})"
    better = found.declared and told_apart(found.tried.best, found.chosen)
    advice = (
        f": write {'; '.join(found.missing)}"
        if found.missing
        else f": better with {found.tried.best.way}"
        if better
        else ""
    )
    print(f"{name}: {accuracy} of the training digits, fed {found.chosen.way.words}{advice}")
    return int(bool(advice))


def _examine(name: str) -> Convention:
    return find_convention(name, read_net(name, _weights_of(name)))


def _weights_of(name: str) -> Path:
    path = find(name, manifest.read().entry(name))
    if path is None:
        raise MissingWeights(
            f"{manifest.folder()} has no weights of {name}: put {name}.safetensors there (or "
            f"{', '.join(READERS[1:])}), or `python -m checkpoints add {name} SOURCE`"
        )
    if name not in architectures.names():
        raise Refused(f"{name} has no code: put {code_of(name).name} into {architectures.FOLDER}")
    return path
