"""Figures as they are kept and read: `docs/results/<version>.json`, one file a release, and the README's table of it.

    {"version": "1.2.3", "made": {"images": 10000, "seed": 20171026, ...}, "pairs": {"clean": [...], ...},
     "nets": {"caps-net/mnist-only": {"weights_sha256": ..., "parameters": ..., "budget": {...}, "sets": {...}}}}

A later release writes a file of its own, so that history is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import architectures
from architectures.input.pen import PRESETS
from checkpoints.errors import Refused
from checkpoints.evaluation import known_labels
from checkpoints.evaluation.pen_set import set_name
from checkpoints.evaluation.scoring import Report
from checkpoints.store import manifest, naming
from checkpoints.store.manifest import Entry
from checkpoints.tables import markdown, points
from checkpoints.training import seeds
from checkpoints.version import version

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "results"
NOT_MEASURED = "*The nets have not been measured yet.*"
COLUMNS = {"clean": "MNIST test", **{set_name(pen, "like MNIST"): f"`{pen}`" for pen in PRESETS}}
COMPARED = ("clean", set_name("wild", "like MNIST"), set_name("ribbon", "like MNIST"))
DECIMALS = 6


def path_of(folder: Path = FOLDER) -> Path:
    """The file of this version's figures."""
    return folder / f"{version()}.json"


def read(folder: Path = FOLDER) -> Report:
    """This version's figures, of the weights that are recorded now; what was measured on other weights is left out."""
    path = path_of(folder)
    if not path.is_file():
        return {"version": version(), "made": {}, "nets": {}, "pairs": {}}
    try:
        held: Report = json.loads(path.read_text(encoding="utf-8"))
        return current(held)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused(f"{path} is broken ({error}): restore it, for example with `git checkout`") from error


def current(held: Report) -> Report:
    """`held` without the nets, and the pairs of nets, whose weights are not those recorded now."""
    recorded = manifest.read()
    nets = {
        net: found
        for net, found in held["nets"].items()
        if (entry := recorded.entry(net)) is not None and entry.sha256 == found["weights_sha256"]
    }
    pairs = {
        name: [pair for pair in pairs if pair["first"] in nets and pair["second"] in nets]
        for name, pairs in held["pairs"].items()
    }
    return {**held, "nets": nets, "pairs": pairs}


def as_text(report: Report) -> str:
    """What is kept of a report: all that was measured, but for its images and for the accuracy of each digit."""
    recorded, trainings = manifest.read(), seeds.read()
    nets = {}
    for net, found in sorted(report["nets"].items()):
        entry = recorded.entry(net)
        kept = {key: value for key, value in found.items() if key not in ("surest_mistakes", "budget", "seeds")}
        kept["sets"] = without_digits(found["sets"])
        nets[net] = kept | {"budget": budget(entry) if entry else {}, "seeds": trainings.get(net, [])}
    kept_report = {"version": version(), "made": report["made"], "nets": nets, "pairs": report["pairs"]}
    return json.dumps(_rounded(kept_report), indent=1, allow_nan=False) + "\n"


def without_digits(sets: Report) -> Report:
    """What was measured on each set; the accuracy of each digit on MNIST's own alone."""
    return {
        name: {key: value for key, value in measured.items() if key != "per_digit" or name == "clean"}
        for name, measured in sets.items()
    }


def budget(entry: Entry) -> dict[str, Any]:
    """What a training cost, over all its cycles: epochs, hours, the seed of the last cycle, and the device."""
    cycle: Mapping[str, Any] | None = entry.training
    total: dict[str, Any] = {"epochs": 0, "hours": 0.0}
    while cycle:
        total["epochs"] += cycle.get("epochs", 0)
        total["hours"] += cycle.get("hours", 0.0)
        cycle = cycle.get("after")
    total["hours"] = round(total["hours"], 2)
    return total | {key: entry.training[key] for key in ("seed", "device") if key in entry.training}


def readme_text(report: Report) -> str:
    """What stands in the README: a table of all nets in both trainings, the paired verdicts and notes."""
    measured = {net: found for net, found in report["nets"].items() if "clean" in found["sets"]}
    if not measured:
        return NOT_MEASURED
    return "\n\n".join(part for part in (_table(measured), _verdicts(report), _notes(measured)) if part)


def _table(measured: Mapping[str, Report]) -> str:
    columns = [name for name in COLUMNS if any(name in found["sets"] for found in measured.values())]
    header = ["net", "published", "budget", *(COLUMNS[name] for name in columns)]
    rows = [
        [net, _published(net), _budget(found), *(_cell(found["sets"].get(name)) for name in columns)]
        for net, found in sorted(measured.items())
    ]
    return markdown(header, rows)


def _cell(share: Mapping[str, Any] | None) -> str:
    return f"{100 * share['accuracy']:.2f} ({100 * share['low']:.2f}-{100 * share['high']:.2f})" if share else ""


def _published(net: str) -> str:
    """The accuracy that the paper reports, beside the net that is trained most like it."""
    name, training = naming.split(net)
    error = (
        getattr(architectures.module(name), "CARD", None) and architectures.module(name).CARD.published_error_percent
    )
    return f"{100 - error:.2f}" if error is not None and training is not None else ""


def _budget(found: Report) -> str:
    cost = found.get("budget") or {}
    return f"{cost['epochs']:.0f} epochs, 1 seed" if cost.get("epochs") else ""


def _verdicts(report: Report) -> str:
    """One line for each set that is compared: the pairs that can be told apart, and how many cannot."""
    return "\n".join(_verdict_lines(report))


def _verdict_lines(report: Report) -> Iterator[str]:
    for name in COMPARED:
        pairs = report["pairs"].get(name) or []
        apart = [pair for pair in pairs if pair["p_adjusted"] < 0.05]
        if not pairs:
            continue
        if not apart:
            yield f"- {COLUMNS[name]}: no pair is distinguishable"
            continue
        baselines = [pair for pair in apart if _of_baselines(pair)]
        told = "; ".join(
            f"{pair['first']} - {pair['second']} {points(pair['difference'])} "
            f"({points(pair['low'])} to {points(pair['high'])})"
            for pair in sorted(apart, key=lambda pair: -abs(pair["difference"]))
            if pair not in baselines
        )
        rest = len(pairs) - len(apart)
        yield "; ".join(
            [f"- {COLUMNS[name]}: {told or 'no net can be told apart from another one with the pen'}"]
            + ([f"{len(baselines)} pairs of nets trained on MNIST alone differ"] if baselines else [])
            + ([f"the other {rest} of {len(pairs)} pairs are not distinguishable"] if rest else [])
        )


def _of_baselines(pair: Mapping[str, Any]) -> bool:
    return all(naming.split(pair[side])[1] == naming.MNIST_ONLY for side in ("first", "second"))


def _notes(measured: Mapping[str, Report]) -> str:
    drawn = [found["sets"][set_name("ribbon", "like MNIST")]["total"] for found in measured.values()
             if set_name("ribbon", "like MNIST") in found["sets"]]  # fmt: skip
    notes = [
        "Accuracy in %, in brackets Wilson's 95 % interval. One net, no ensemble, no augmentation at test time. "
        "`net/mnist-only` is the same net trained on MNIST alone. The published figure is another group's training, "
        "on MNIST alone.",
        "Differences are of nets on the same images, in points: McNemar's test and Tango's interval, adjusted for all "
        "pairs of a set by Holm's procedure. They hold for these weights; another seed alone makes other ones.",
        known_labels.NOTE,
    ]
    notes[2:2] = _spreads(measured)
    if drawn:
        notes.insert(
            1,
            f"Under a pen: {max(drawn):,} of MNIST's 10,000 test digits traced into strokes, drawn by that preset "
            "with a seed for each, and read `like MNIST`. `as drawn`, affNIST-like digits, two digits at once, "
            f"calibration and curves: [docs/results/{version()}.json](docs/results/{version()}.json).",
        )
    return "\n".join(f"- {note}" for note in notes)


def _spreads(measured: Mapping[str, Report]) -> list[str]:
    """One note on what seeds alone change, where trainings that differ in nothing else were recorded."""
    spreads, budgets = [], set()
    for net, found in sorted(measured.items()):
        trainings = found.get("seeds") or []
        if len(trainings) > 1:
            own, pen = (_range(trainings, key) for key in ("validation_accuracy", "validation_accuracy_pen"))
            spreads.append(f"{net} {own}, {pen}")
            budgets.add(
                f"{len(trainings)} trainings from scratch, {trainings[0]['epochs']} epochs of "
                f"{trainings[0]['digits']:,} digits"
            )
    if not spreads:
        return []
    return [
        f"What a seed alone changes: the lowest and highest accuracy on validation, on MNIST's own digits and on those "
        f"that the living pen drew, of {' or '.join(sorted(budgets))} (`python -m checkpoints train NET --seeds N`): "
        f"{'; '.join(spreads)}."
    ]


def _range(trainings: Sequence[Mapping[str, Any]], key: str) -> str:
    accuracies = [100 * one[key] for one in trainings]
    return f"{min(accuracies):.2f}-{max(accuracies):.2f}"


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DECIMALS) if abs(value) > 1e-3 else float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, list) else value
