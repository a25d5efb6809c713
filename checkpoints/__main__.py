"""Command line of the weights: `python -m checkpoints VERB --help`."""

from __future__ import annotations

import argparse
import importlib
import sys

from architectures import BadArchitecture, UnknownNet
from checkpoints.errors import Refused, WeightsError

# verb -> module of this package with `HELP`, `arguments(parser)` and `run(options) -> int`
VERBS = {
    "list": "listing",
    "add": "adding",
    "remove": "removing",
    "rename": "renaming",
    "doctor": "doctor",
    "fetch": "fetching",
    "verify": "verifying",
    "train": "training",
    "evaluate": "evaluation",
    "compare": "comparison",
    "figures": "figures",
    "describe-poses": "describing",
    "publish": "publishing",
    "speed": "speed",
}


WRONG = 2  # exit code of a command that was refused, as argparse's own
INTERRUPTED = 130  # and of one that was stopped by Ctrl+C, as the shell's own


def main(arguments: list[str] | None = None) -> int:
    """Carry out the command in `arguments` (default: the command line's) and return its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    asked = next((word for word in words if word in VERBS), None)
    parser = argparse.ArgumentParser(prog="python -m checkpoints", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb, module in VERBS.items():
        if asked in (None, verb):  # the other verbs' modules need not be imported
            loaded = importlib.import_module(f"checkpoints.{module}")
            loaded.arguments(verbs.add_parser(verb, help=loaded.HELP, description=loaded.HELP))
    options = parser.parse_args(words)
    try:
        return importlib.import_module(f"checkpoints.{VERBS[options.verb]}").run(options)
    except (Refused, WeightsError, UnknownNet, BadArchitecture) as error:
        print(f"{parser.prog} {options.verb}: {error}", file=sys.stderr)
        return WRONG
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
