"""Find out why a net reads digits badly or not at all, and say what to do."""

from __future__ import annotations

import argparse

from torch import nn

import architectures
from architectures.input.convention import Input
from checkpoints import find
from checkpoints.errors import MissingWeights, Refused
from checkpoints.formats.output_layer import SAID, WrongInput
from checkpoints.formats.reading import READERS, assembled
from checkpoints.own_nets.conventions import NEARLY, Trial, trial, trials
from checkpoints.store import manifest
from checkpoints.store.naming import code_of, known

GOOD = 0.95  # of the sample digits
SHOWN = 5


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="a net of which there are code and weights here")
    parser.add_argument(
        "--trust", action="store_true", help="read a file that runs code when it is read; never on a Space"
    )


def run(options: argparse.Namespace) -> int:
    """Examine the net; 1 when it has to be changed."""
    name = known(options.name)
    path = find(name, manifest.read().entry(name))
    if path is None:
        raise MissingWeights(
            f"{manifest.folder()} has no weights of {name}: put {name}.safetensors there (or "
            f"{', '.join(READERS[1:])}), or `python -m checkpoints add {name} SOURCE`"
        )
    net = assembled(name, path, trust=options.trust)
    declared = declared_input(name)
    print(f"{name}: {code_of(name).name} and {path.name} fit each other")
    tried = trials(net)
    if not tried:
        trial(net, Input(), name)  # raises, and says why
    try:
        as_declared: Trial | None = trial(net, declared, name)
    except WrongInput:
        as_declared = None
    _print_table(tried, declared)
    lines = verdict(name, tried, declared, as_declared)
    print("\n".join(f"{name} {line}" for line in lines))
    return 1 if needs_change(tried, as_declared) else 0


def first_impression(name: str, net: nn.Module) -> list[str]:
    """What there is to say of a net just assembled; the other ways of feeding it are tried only when it reads badly.

    Raises UnfittingWeights for a net that does not answer in any way.
    """
    declared = declared_input(name)
    try:
        as_declared = trial(net, declared, name)
    except WrongInput:
        tried = trials(net)
        if not tried:
            raise
        return verdict(name, tried, declared, None)
    tried = trials(net) if as_declared.correct < GOOD * as_declared.images else [as_declared]
    return verdict(name, tried, declared, as_declared)


def declared_input(name: str) -> Input:
    """The INPUT of the net's file, or this project's own way of feeding."""
    declared = getattr(architectures.module(name), "INPUT", None) or Input()
    if not isinstance(declared, Input):
        raise Refused(f"INPUT of {name} is a {type(declared).__name__}: write INPUT = Input(...)")
    return declared


def needs_change(tried: list[Trial], as_declared: Trial | None) -> bool:
    return as_declared is None or tried[0].correct > as_declared.correct + NEARLY * as_declared.images


def verdict(name: str, tried: list[Trial], declared: Input, as_declared: Trial | None) -> list[str]:
    """Sentences to be read after the net's name: what it ends in, how well it reads, and the line to write."""
    best = tried[0]
    lines = [SAID[(as_declared or best).ending]]
    if as_declared is None:
        lines.append(f"fails on {declared}, which is how its file has it fed")
    else:
        lines.append(f"reads {as_declared.correct} of {as_declared.images} sample digits")
    if needs_change(tried, as_declared):
        lines.append(f"reads {best.correct} of {best.images} when it is fed {best.way}: {_change(name, best.way)}")
        rivals = [str(other.way) for other in tried[1:SHOWN] if other.correct >= best.correct]
        if rivals:
            lines.append(f"reads as many, less surely, when it is fed {' or '.join(rivals)}: you may know which it was")
    if best.correct < GOOD / 2 * best.images:
        lines.append(
            "reads few digits however it is fed: was it trained on digits, are its classes 0 to 9 in that order, and "
            "are these its trained weights?"
        )
    return lines


def _change(name: str, way: Input) -> str:
    file = f"architectures/{code_of(name).name}"
    if way == Input():
        return f"take the line INPUT = ... out of {file}"
    return f"write into {file}\n\n    from architectures.feeding import Input\n\n    INPUT = {way}\n"


def _print_table(tried: list[Trial], declared: Input) -> None:
    print("digits read right, the same made harder, surprise, and how the net was fed:")
    for one in tried[:SHOWN]:
        here = "  <- as its file says" if one.way == declared else ""
        print(f"{one.correct:>4}/{one.images}{one.harder:>4}/{one.images}{one.surprise:>8.3f}  {one.way}{here}")
