"""Which pen fools which net: for each preset the share of drawings that any, some or each of the nets gets wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from architectures.input.pen import Pen
from architectures.input.strokes import Strokes
from checkpoints.evaluation.metrics import Digits
from checkpoints.evaluation.scoring import Report
from checkpoints.evaluation.statistics import wilson
from checkpoints.evaluation.variants import Reader
from checkpoints.store import naming
from checkpoints.tables import markdown
from demo.stress.sets import INPUTS, MARGIN, Way, fed

MARKER = "pens"  # of the table in a page
PLACEMENT = "on the pad"
TRAININGS = {naming.MNIST_ONLY: "trained on MNIST alone", None: "trained with the pen"}


def fooled(
    drawings: Sequence[Strokes],
    labels: Digits,
    pens: Mapping[str, Pen],
    readers: Sequence[Reader],
    tick: Callable[[], object] = lambda: None,
) -> Report:
    """For each pen, way in and training: how many drawings any net gets wrong, some but not all do, and each does."""
    rows = []
    for way, x in fed(drawings, pens, MARGIN, tick, placements=(PLACEMENT,), inks=("luma",)):
        for training in TRAININGS:
            wrong = {
                reader.variant.net: ~reader.read(x).correct(labels)
                for reader in readers
                if reader.variant.training == training
            }
            if wrong:
                rows.append(_row(way, training, wrong, len(labels)))
    return {
        "drawings": len(labels),
        "pens": {name: pen.to_dict() for name, pen in pens.items()},
        "weights_sha256": {reader.variant.name: reader.sha256 for reader in readers},
        "rows": rows,
    }


def _row(way: Way, training: str | None, wrong: Mapping[str, np.ndarray], total: int) -> Report:
    together = np.stack(list(wrong.values()))
    fell = {"any": together.any(axis=0), "some": together.any(axis=0) & ~together.all(axis=0), **wrong}
    counts = {name: int(flags.sum()) for name, flags in fell.items()}
    return {
        "pen": way.pen,
        "input": way.input,
        "training": training,
        **{name: {"wrong": count, "low": wilson(count, total)[0], "high": wilson(count, total)[1]}
           for name, count in counts.items()},
    }  # fmt: skip


def text(report: Report, source: str) -> str:
    """The report in Markdown: one table for each way in, the pens in the order of how many drawings they spoil."""
    parts = [
        f"{report['drawings']:,} drawings ({source}), each drawn by every preset with a seed of its own. Wrong in %: "
        "by at least one net; by some but not all; by each net. Wilson's 95 % interval of the first figure in brackets."
    ]
    for given in INPUTS:
        rows = [row for row in report["rows"] if row["input"] == given]
        if rows:
            parts.append(f"### {given[0].upper()}{given[1:]}\n\n{_table(rows, report)}")
    return "\n\n".join(parts)


def _table(rows: Sequence[Report], report: Report) -> str:
    total = report["drawings"]
    nets = list(dict.fromkeys(naming.split(net)[0] for net in report["weights_sha256"]))
    kinds = [training for training in TRAININGS if any(row["training"] == training for row in rows)]
    header = ["pen"]
    for kind in kinds:
        header += [f"{TRAININGS[kind]}: any", "some", *nets]
    by_pen = {(row["pen"], row["training"]): row for row in rows}
    pens = sorted(report["pens"], key=lambda pen: by_pen[pen, kinds[0]]["any"]["wrong"])
    body = []
    for pen in pens:
        cells = [f"`{pen}`"]
        for kind in kinds:
            row = by_pen[pen, kind]
            share = row["any"]
            cells.append(f"**{100 * share['wrong'] / total:.1f}** ({100 * share['low']:.1f}-{100 * share['high']:.1f})")
            cells += [f"{100 * row[key]['wrong'] / total:.1f}" if key in row else "" for key in ("some", *nets)]
        body.append(cells)
    return markdown(header, body)
