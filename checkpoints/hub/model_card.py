"""The model card that is published with the weights: what the nets are, and the figures, as the Hub reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

from huggingface_hub import CardData, EvalResult
from huggingface_hub.repocard_data import eval_results_to_model_index

import architectures
from checkpoints.evaluation.report import SETS
from checkpoints.store import naming
from checkpoints.store.manifest import Entry
from checkpoints.tables import markdown, percent

TEMPLATE = Path(__file__).with_suffix(".md")
MNIST = "ylecun/mnist"
TASK = "image-classification"

# metric of the Hub -> (key in the manifest's figures, name that people read)
METRICS = {
    "accuracy": ("accuracy", "accuracy"),
    "nll": ("negative_log_likelihood", "negative log-likelihood"),
    "expected_calibration_error": ("calibration_error", "expected calibration error"),
}


def model_card(repo: str, nets: Mapping[str, Entry], images: Sequence[str] = ()) -> str:
    """README.md of a repository with the weights of `nets`; `images` are paths inside it."""
    text = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        repo=repo,
        first=next(iter(nets)),
        table=_table(nets),
        nets="\n".join(_described(name, entry) for name, entry in nets.items()),
        images="".join(f"![{_caption(path)}]({path})\n\n" for path in images),
    )
    return f"---\n{_metadata(nets)}\n---\n{text}"


def _metadata(nets: Mapping[str, Entry]) -> str:
    """The front matter, with a model-index of every figure, by which the Hub shows results."""
    index = [
        model
        for name, entry in nets.items()
        if (results := list(_results(entry)))
        for model in eval_results_to_model_index(name, results)
    ]
    fields: dict[str, Any] = {"model-index": index} if index else {}
    card = CardData(
        license="apache-2.0",
        library_name="pytorch",
        pipeline_tag=TASK,
        tags=["mnist", "capsule-network", "handwritten-digits"],
        datasets=[MNIST],
        metrics=["accuracy"],
        **fields,
    )
    return card.to_yaml()


def _results(entry: Entry) -> Iterator[EvalResult]:
    for name, described in SETS.items():
        measured = _measured(entry, name)
        for metric, (key, shown) in METRICS.items():
            if key in measured:
                yield EvalResult(
                    task_type=TASK,
                    dataset_type=MNIST,
                    dataset_name="MNIST" if name == "clean" else described,
                    dataset_config=None if name == "clean" else name,
                    dataset_split="test",
                    metric_type=metric,
                    metric_name=shown,
                    metric_value=round(float(measured[key]), 6),
                )


def _measured(entry: Entry, name: str) -> Mapping[str, Any]:
    """What the manifest has about one test set, as `evaluate` measured it; empty when it was not."""
    return entry.figures.get("sets", {}).get(name) or {}


def _table(nets: Mapping[str, Entry]) -> str:
    measured = [name for name in SETS if any(_measured(entry, name) for entry in nets.values())]
    rows = [[net, *(_cell(_measured(entry, name)) for name in measured)] for net, entry in nets.items()]
    if not measured:
        return "These weights have not been measured yet."
    return markdown(["accuracy", *(SETS[name] for name in measured)], rows)


def _cell(measured: Mapping[str, Any]) -> str:
    if not measured:
        return ""
    return f"{percent(measured['accuracy'])} ({100 * measured['low']:.2f} to {100 * measured['high']:.2f})"


def _described(name: str, entry: Entry) -> str:
    net, training = naming.split(name)
    card = architectures.module(net).CARD if net in architectures.names() and training is None else None
    described = [f"- **{name}**, `{entry.file}`, {entry.bytes / 1e6:.1f} MB"]
    if card is not None:
        described.append(f"{card.summary} {card.authors}, {card.year}: <{card.source}>")
        described += [f"Departs from it: {'; '.join(card.departures)}."] if card.departures else []
    elif training is not None:
        described.append(f"The same net as {net}, trained as `{training}` says: its baseline.")
    if command := entry.training.get("command"):
        described.append(f"Trained with `{command}`.")
    return "\n  ".join(described)


def _caption(path: str) -> str:
    return Path(path).stem.removesuffix("-light").replace("-", " ")
