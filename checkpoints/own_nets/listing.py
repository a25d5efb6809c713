"""List the nets: where their weights are from, how large they are, what was measured, and whether they are usable."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from typing import Any

import architectures
from architectures.input.convention import Input
from checkpoints import find
from checkpoints.errors import WeightsError
from checkpoints.formats.reading import load_net
from checkpoints.store import manifest, naming
from checkpoints.store.manifest import Entry
from checkpoints.store.verifying import WHOLE, state
from checkpoints.tables import percent, plain

READY = "ready"


@dataclass(frozen=True)
class Line:
    """One net as the list shows it; what is not known is None.

    source is where the weights came from: "trained here", "by hand", a place on the Hub or an address
    fed    is how the net is fed, in words
    state  is "ready", or what is wrong and what to do
    """

    name: str
    source: str | None
    bytes: int | None
    sha256: str | None
    parameters: int | None
    fed: str | None
    figures: dict[str, Any]
    state: str


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the list as JSON, with whole sha256 and all figures")


def run(options: argparse.Namespace) -> int:
    lines = listed()
    if options.json:
        print(json.dumps([vars(line) for line in lines], indent=2))
        return 0
    header = ["net", "source", "MB", "sha256", "parameters", "MNIST test", "under the pen"]
    table = plain(header, [_row(line) for line in lines]).splitlines()
    width, widest = max(map(len, table)), max([3, *(len(line.fed or "") for line in lines)])
    words = [("fed", "state"), ("-" * widest, "-----"), *((line.fed or "", line.state) for line in lines)]
    for row, (fed, verdict) in zip(table, words, strict=True):
        print(f"{row:{width}}  {fed:{widest}}  {verdict}")
    return 0


def listed() -> list[Line]:
    """Every net that has an architecture here or recorded weights, by name."""
    recorded = manifest.read()
    return [line(name, recorded.entry(name)) for name in sorted({*architectures.names(), *recorded.nets})]


def line(name: str, entry: Entry | None) -> Line:
    """What there is to say of one net; its weights are read, so that "ready" means that it would answer."""
    path = find(name, entry)
    source = _source(entry) if entry else ("by hand" if path else None)
    size = path.stat().st_size if path else (entry.bytes if entry else None)
    sha256 = manifest.sha256_of(path) if path else None
    parameters, fed, verdict = None, None, _missing(name, entry)
    net_name, _ = naming.split(name)
    if net_name not in architectures.names():
        verdict = f"no architecture: put {net_name.replace('-', '_')}.py into architectures/"
    elif path and entry and (found := state(entry)) != WHOLE:
        verdict = found
    elif path:
        try:
            net = load_net(net_name, path)
            parameters, verdict = sum(parameter.numel() for parameter in net.parameters()), READY
            fed = (getattr(architectures.module(net_name), "INPUT", None) or Input()).words
        except (WeightsError, architectures.BadArchitecture) as error:
            verdict = str(error)
    return Line(name, source, size, sha256, parameters, fed, entry.figures if entry else {}, verdict)


def _source(entry: Entry) -> str:
    if entry.source:
        return entry.source
    if entry.training:
        return "trained here"
    return entry.hub.repo if entry.hub else "recorded"


def _missing(name: str, entry: Entry | None) -> str:
    if entry and entry.hub:
        return f"missing: python -m checkpoints fetch {name}"
    return f"missing: {naming.train_command(name)}"


def _row(shown: Line) -> list[str]:
    size = "" if shown.bytes is None else f"{shown.bytes / 1e6:.1f}"
    parameters = "" if shown.parameters is None else f"{shown.parameters:,}"
    measured = [_accuracy(shown.figures, name) for name in ("clean", "pen")]
    return [shown.name, shown.source or "", size, (shown.sha256 or "")[:12], parameters, *measured]


def _accuracy(figures: dict[str, Any], name: str) -> str:
    measured = figures.get("sets", {}).get(name)
    return percent(measured["accuracy"]) if measured else ""
