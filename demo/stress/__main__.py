"""Show drawings to every net under every pen: `python -m demo.stress FILE [--json OUT]`.

FILE holds strokes: JSON lines, or a collection of samples, gzipped or not. Reported for each net, pen, input
(`like MNIST`, `as drawn`) and ink (luma, mask): accuracy with its Wilson 95 % interval, and, paired drawing by drawing,
what a living pen costs against the steady white one. Drawings of one hand resemble each other, so true intervals are
somewhat wider where a file has few writers.

`python -m demo.stress --pens [FILE ...] [--markdown docs/pens.md]` tells which pen fools which net: the share of
drawings that any, some or each of the nets gets wrong, in both trainings. Without a file it draws the 500 test digits
of MNIST that ship with the project.
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
from checkpoints.shipped_digits import test_digits
from checkpoints.store import naming
from checkpoints.store.manifest import write_whole
from checkpoints.tables import percent, plain, points, put_between
from demo.sketchpad.drawing import Drawing
from demo.sketchpad.stroke_file import read_file
from demo.stress.pens import MARKER, fooled
from demo.stress.pens import text as pens_text
from demo.stress.sets import MAIN, MARGIN, PLACEMENTS, stress

WRONG = 2  # exit code of a command that was refused, as argparse's own
LARGEST_MARGIN = 0.45


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m demo.stress", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="stroke file with labels")
    parser.add_argument("--pens", action="store_true", help="the table of the pens: who is fooled by which")
    parser.add_argument(
        "--markdown", type=Path, metavar="PAGE", help="with --pens: put the table between the page's two markers"
    )
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
        if options.pens:
            print(pens_table(options))
            return 0
        report = run(options)
    except (BadStrokes, OSError, Refused, WeightsError, UnknownNet, BadArchitecture) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return WRONG
    print(table(report))
    return 0


def run(options: argparse.Namespace) -> Report:
    """Measure what the options ask for, and write it with --json; raises Refused, BadStrokes or a WeightsError."""
    if not 0 <= options.margin <= LARGEST_MARGIN:
        raise Refused(f"invalid --margin {options.margin:g}: must be in [0, {LARGEST_MARGIN}]")
    if options.json and not options.json.parent.is_dir():
        raise Refused(f"{options.json.parent} is not a folder: make it first")
    if len(options.files) != 1:
        raise Refused("name one stroke file, or --pens for the table of the pens")
    if options.markdown:
        raise Refused("--markdown goes with --pens")
    file = options.files[0]
    drawings, without_label = _labelled(file)
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
    report = {"file": file.name, "without_label": without_label, **report}
    _write(options.json, report)
    return report


def pens_table(options: argparse.Namespace) -> str:
    """The table of the pens in Markdown, written with --markdown and --json; raises what `run` raises."""
    for path in (options.json, options.markdown):
        if path and not path.parent.is_dir():
            raise Refused(f"{path.parent} is not a folder: make it first")
    drawings, labels = [], []
    for file in options.files:
        labelled, _ = _labelled(file)
        drawings += [drawing.strokes for drawing in labelled]
        labels += [drawing.label for drawing in labelled]
    source = ", ".join(file.name for file in options.files)
    if not options.files:
        digits = test_digits()
        drawings, labels, source = digits.strokes, digits.labels.tolist(), "test digits of MNIST, traced"
    pens = {name: PRESETS[name] for name in (options.pen or PRESETS)}
    with tqdm(total=len(drawings) * len(pens), desc="drawn", file=sys.stderr, disable=None) as bar:
        report = fooled(drawings, np.array(labels), pens, _readers(options.net), bar.update)
    _write(options.json, {"source": source, **report})
    text = pens_text(report, source)
    if options.markdown:
        page = options.markdown.read_text(encoding="utf-8") if options.markdown.is_file() else "# The pens\n"
        write_whole(options.markdown, put_between(page, MARKER, text).encode())
    return text


def _labelled(file: Path) -> tuple[list[Drawing], int]:
    """The file's drawings with both strokes and a label, and how many lack one; raises Refused when all do."""
    every = read_file(file)
    drawings = [drawing for drawing in every if drawing.label is not None and drawing.strokes]
    if not drawings:
        raise Refused(f"{file} has no drawing with both strokes and a label, so nothing can be scored")
    return drawings, len(every) - len(drawings)


def _write(path: Path | None, report: Report) -> None:
    if path:
        write_whole(path, (json.dumps(report, indent=1, allow_nan=False) + "\n").encode())


def _readers(specs: Sequence[str] | None) -> list[Reader]:
    """The nets asked for, else every net with weights, in both trainings."""
    if specs:
        return [load(parse(spec)) for spec in dict.fromkeys(specs)]
    nets = scored_by_default()
    if not nets:
        raise Refused("no net has weights here: run `python -m checkpoints fetch NET` or `train NET` first")
    baselines = [baseline for net in nets if (baseline := Variant(net.net, naming.MNIST_ONLY)).path]
    return [load(variant) for variant in (*nets, *baselines)]


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
            f"{one['p_adjusted']:.3g}",
            one["verdict"],
        ]
        for one in told
    ]
    if rows:
        header = ["paired", "points", "interval, adjusted", "correct alone", "McNemar p, adjusted", "verdict"]
        parts.append(f"Paired differences, {', '.join(MAIN.values())}\n" + plain(header, rows))
    return "\n\n".join(parts)


def _cell(share: Report) -> str:
    return f"{percent(share['accuracy'])} ({100 * share['low']:.1f}-{100 * share['high']:.1f})"


if __name__ == "__main__":
    sys.exit(main())
