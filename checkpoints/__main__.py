"""Command line of the weights: `python -m checkpoints VERB --help`."""

from __future__ import annotations

import argparse
import importlib
import sys

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
    "publish": "publishing",
}


class Refused(Exception):
    """A command cannot be carried out; the message says what, which and what next."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m checkpoints", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    asked = next((word for word in (arguments or sys.argv[1:]) if word in VERBS), None)
    for verb, module in VERBS.items():
        if asked in (None, verb):
            loaded = importlib.import_module(f"checkpoints.{module}")
            loaded.arguments(verbs.add_parser(verb, help=loaded.HELP, description=loaded.HELP))
    options = parser.parse_args(arguments)
    return importlib.import_module(f"checkpoints.{VERBS[options.verb]}").run(options)


if __name__ == "__main__":
    sys.exit(main())
