"""Command line of the weights: `python -m checkpoints VERB --help`."""

from __future__ import annotations

import argparse
import importlib
import sys

from architectures import BadArchitecture, UnknownNet
from checkpoints.errors import Refused, WeightsError

# verb -> what it does, and the module of this package with `arguments(parser)` and `run(options) -> int`
VERBS = {
    "list": (
        "list the nets with source, size, sha256, parameters, figures and state of their weights",
        "own_nets.listing",
    ),
    "add": ("add a net trained elsewhere: NAME and where its weights are", "own_nets.adding"),
    "remove": ("remove a net: its weights, its record and its code", "own_nets.removing"),
    "doctor": (
        "find out how a net wants to be fed and what is wrong with it, on labelled digits",
        "own_nets.doctor",
    ),
    "fetch": ("fetch weights from the Hub into checkpoints/, at a pinned revision, and verify them", "hub.fetching"),
    "verify": ("recompute every sha256 and compare it with the manifest", "store.verifying"),
    "train": ("train a net on MNIST by its recipe; a stopped run goes on where it was", "training.command"),
    "teach": ("teach a net one pen in seconds, and keep it as a net of your own", "own_nets.taught"),
    "evaluate": (
        "score nets on MNIST's test set: accuracy with intervals, calibration, confusions, hard sets, paired tests",
        "evaluation.command",
    ),
    "figures": (
        "record what evaluate measured in the manifest, draw its curves, and write the README's table from it",
        "evaluation.figures",
    ),
    "describe": (
        "measure what the poses of a capsule net stand for, over MNIST's training set",
        "poses.describing",
    ),
    "speed": (
        "measure forward passes, beside ONNX Runtime, and training throughput; for a machine with nothing else to do",
        "evaluation.speed",
    ),
    "publish": (
        "upload the weights with a model card to the Hub, this repository as a Space, MNIST in strokes as a dataset",
        "hub.publishing",
    ),
}

WRONG = 2  # exit code of a command that was refused, as argparse's own
INTERRUPTED = 130  # and of one that was stopped by Ctrl+C, as the shell's own


def main(arguments: list[str] | None = None) -> int:
    """Carry out the command in `arguments` (default: the command line's) and return its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    asked = next((word for word in words if word in VERBS), None)
    parser = argparse.ArgumentParser(prog="python -m checkpoints", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb, (does, module) in VERBS.items():
        its_parser = verbs.add_parser(verb, help=does, description=f"{does[0].upper()}{does[1:]}.")
        if verb == asked:  # the other verbs' modules, and torch with them, need not be imported
            importlib.import_module(f"checkpoints.{module}").arguments(its_parser)
    options = parser.parse_args(words)
    try:
        return importlib.import_module(f"checkpoints.{VERBS[options.verb][1]}").run(options)
    except (Refused, WeightsError, UnknownNet, BadArchitecture) as error:
        print(f"{parser.prog} {options.verb}: {error}", file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
