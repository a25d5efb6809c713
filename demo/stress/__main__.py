"""Read a file of drawings with every net under every pen: `python -m demo.stress FILE [--json OUT]`.

FILE holds strokes (`demo.strokes`): JSON lines, or a collection of samples, gzipped or not. Reported for each net, pen,
input (`like MNIST`, `as drawn`) and ink (luma, mask): accuracy with its Wilson 95 % interval, and, paired drawing by
drawing, what a living pen costs against the steady white one. Drawings of one hand resemble each other, so true
intervals are somewhat wider where a file has few writers.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from architectures import BadArchitecture, UnknownNet
from architectures.input.pen import PRESETS
from architectures.input.strokes import BadStrokes
from checkpoints.errors import Refused, WeightsError
from checkpoints.evaluation.scoring import Report
from checkpoints.evaluation.variants import Reader, Variant, load, parse, scored_by_default
from checkpoints.store import naming
from checkpoints.store.manifest import write_whole
from checkpoints.tables import percent, plain, points
from demo.sketchpad.stroke_file import read_file
from demo.stress.sets import MAIN, MARGIN, PLACEMENTS, stress

WRONG = 2  # exit code of a command that was refused, as argparse's own
LARGEST_MARGIN = 0.45


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m demo.stress", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="stroke file with labels")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write everything measured to this file")
    parser.add_argument(
        "--net",
        nargs="+",
        action="extend",
        metavar="NAME",
        help="NET, NET@ITERATIONS or NET/mnist-only (default: all)",
    )
    parser.add_argument(
        "--pen", nargs="+", action="extend", choices=list(PRESETS), metavar="PRESET", help=f"of {', '.join(PRESETS)}"
    )
    parser.add_argument(
        "--margin",
        type=float,
        default=MARGIN,
        metavar="SHARE",
        help="room on each side, in shares of the pad, for drawings whose ink would leave it and that are fitted in",
    )
    options = parser.parse_args(arguments)
    try:
        report = run(options)
    except (BadStrokes, OSError, Refused, WeightsError, UnknownNet, BadArchitecture) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return WRONG
    print(table(report))
    return 0


def run(options: argparse.Namespace) -> Report:
    """Measure what the options ask for, and write it with --json; raises Refused, BadStrokes or a WeightsError."""
    if not 0 <= options.margin <= LARGEST_MARGIN:
        raise Refused(f"--margin {options.margin:g}: it should lie in [0, {LARGEST_MARGIN}]")
    if options.json and not options.json.parent.is_dir():
        raise Refused(f"{options.json.parent} is not a folder: make it first")
    every = read_file(options.file)
    drawings = [drawing for drawing in every if drawing.label is not None and drawing.strokes]
    if not drawings:
        raise Refused(f"{options.file} has no drawing with both strokes and a label, so nothing can be scored")
    pens = {name: PRESETS[name] for name in (options.pen or PRESETS)}
    readers = _readers(options.net)
    with tqdm(total=len(drawings) * len(pens) * len(PLACEMENTS), desc="drawn", file=sys.stderr, disable=None) as bar:
        report = stress(
            [drawing.strokes for drawing in drawings],
            np.array([drawing.label for drawing in drawings]),
            pens,
            readers,
            options.margin,
            bar.update,
        )
    report = {"file": options.file.name, "without_label": len(every) - len(drawings), **report}
    if options.json:
        write_whole(options.json, (json.dumps(report, indent=1, allow_nan=False) + "\n").encode())
    return report


def _readers(specs: Sequence[str] | None) -> list[Reader]:
    """The nets asked for, else every net with weights and each as trained without the pen."""
    if specs:
        return [load(parse(spec)) for spec in dict.fromkeys(specs)]
    nets = scored_by_default()
    if not nets:
        raise Refused("no net has weights here: run `python -m checkpoints fetch NET` or `train NET` first")
    controls = [control for net in nets if (control := Variant(net.net, naming.MNIST_ONLY)).path]
    return [load(variant) for variant in (*nets, *controls)]


def table(report: Report) -> str:
    """The report as a person reads it: accuracies by net and pen for each way in, then what a pen costs."""
    parts = [
        f"{report['drawings']} drawings of {report['file']}"
        + (f" ({report['without_label']} more without label or strokes)" if report["without_label"] else "")
        + f"; Wilson 95 % intervals; those that would leave the pad are fitted in, margin {report['margin']:g}"
    ]
    pens = list(report["pens"])
    kinds = dict.fromkeys((one["input"], one["ink"], one["placement"]) for one in report["results"])
    for kind in kinds:
        shown = [one for one in report["results"] if (one["input"], one["ink"], one["placement"]) == kind]
        nets = dict.fromkeys(one["net"] for one in shown)
        cells = {(one["net"], one["pen"]): _cell(one) for one in shown}
        rows = [[net, *(cells[net, pen] for pen in pens)] for net in nets]
        parts.append(f"{kind[0]}, {kind[1]}, {kind[2]}\n" + plain(["net", *pens], rows))
    told = [one for one in report["differences"] if all(one[key] == value for key, value in MAIN.items())]
    rows = [
        [
            f"{one['net']}, {one['first']} - {one['second']}"
            if "pen" not in one
            else f"{one['pen']}, {one['first']} - {one['second']}",
            points(one["difference"]),
            f"{points(one['low'])} to {points(one['high'])}",
            f"{one['only_first']} : {one['only_second']}",
            f"{one['p']:.3g}",
        ]
        for one in told
    ]
    if rows:
        header = ["paired", "points", "95 %", "right alone", "McNemar p"]
        parts.append(f"Paired differences, {', '.join(MAIN.values())}\n" + plain(header, rows))
    return "\n\n".join(parts)


def _cell(share: Report) -> str:
    return f"{percent(share['accuracy'])} ({100 * share['low']:.1f}-{100 * share['high']:.1f})"


if __name__ == "__main__":
    sys.exit(main())
