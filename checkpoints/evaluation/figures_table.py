"""The manifest's figures as the README shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checkpoints.evaluation import known_labels
from checkpoints.store.manifest import Entry
from checkpoints.tables import markdown, percent, points

COLUMNS = {
    "clean": "MNIST test",
    "pen": "under the simulated pen",
    "affine": "affNIST-like",
    "overlap": "two digits at once",
}
NOT_MEASURED = "Not measured yet: `python -m checkpoints evaluate --all --json FILE`, then `figures FILE`."


def figures_text(nets: Mapping[str, Entry]) -> str:
    """The table of all nets that were measured, who beats whom, and what to bear in mind; Markdown."""
    measured = {name: entry.figures for name, entry in nets.items() if entry.figures.get("sets")}
    if not measured:
        return NOT_MEASURED
    ordered = dict(sorted(measured.items(), key=lambda item: -item[1]["sets"]["clean"]["accuracy"]))
    parts = [_table(ordered), _notes(ordered)]
    if verdicts := _verdicts(ordered):
        parts.insert(1, "\n".join(verdicts))
    return "\n\n".join(parts)


def _table(measured: Mapping[str, dict[str, Any]]) -> str:
    columns = [name for name in COLUMNS if any(name in figures["sets"] for figures in measured.values())]
    controlled = any(figures.get("mnist_only") for figures in measured.values())
    header = ["net", "parameters", *(COLUMNS[name] for name in columns)]
    header += ["under it, trained without"] if controlled else []
    rows = []
    for net, figures in measured.items():
        row = [net, f"{figures['parameters']:,}", *(_cell(figures["sets"].get(name)) for name in columns)]
        if controlled:
            row.append(_cell((figures.get("mnist_only") or {}).get("sets", {}).get("pen")))
        clean = figures["sets"]["clean"]
        mark = "" if figures["likelihood_of"] == "softmax" else " *"
        row += [f"{clean['negative_log_likelihood']:.4f}{mark}", f"{clean['calibration_error']:.4f}{mark}"]
        rows.append(row)
    return markdown([*header, "NLL", "ECE"], rows)


def _cell(share: Mapping[str, Any] | None) -> str:
    return f"{percent(share['accuracy'])} ({100 * share['low']:.2f}-{100 * share['high']:.2f})" if share else ""


def _verdicts(measured: Mapping[str, dict[str, Any]]) -> list[str]:
    """One line for each pair of nets and set, by the paired test."""
    lines = []
    for first, figures in measured.items():
        for second, against in figures.get("against", {}).items():
            for name, pair in against["sets"].items():
                if name in ("clean", "pen"):
                    lines.append(
                        f"- {COLUMNS[name]}, {first} - {second}: {points(pair['difference'])} points "
                        f"({points(pair['low'])} to {points(pair['high'])}): {pair['verdict']}"
                    )
    return sorted(lines)


def _notes(measured: Mapping[str, dict[str, Any]]) -> str:
    notes = [
        "One net, no ensemble, no augmentation at test time. In brackets Wilson's 95 % intervals; pairs by McNemar's "
        "exact test with Holm's correction, their intervals by paired bootstrap.",
        known_labels.NOTE,
    ]
    if any("affine" in figures["sets"] or "overlap" in figures["sets"] for figures in measured.values()):
        notes.append(
            "affNIST-like: its rotations, shears and scales, placed anywhere in 28x28. Two digits: like MultiMNIST "
            "in 28x28; right only if both are the two most probable. No net was trained on either."
        )
    if any(figures["likelihood_of"] != "softmax" for figures in measured.values()):
        notes.append(
            "\\* Capsule lengths are no distribution: NLL is of the lengths divided by their sum, ECE of the winner's "
            "length as shown. Neither compares well with a softmax net's."
        )
    return "\n".join(f"- {note}" for note in notes)
