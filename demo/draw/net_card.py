"""The card of a net: what it is and what was measured of it, for whoever taps its tile."""

from __future__ import annotations

import base64
from functools import cache
from typing import Any

import gradio as gr

import architectures
from architectures.card import Card
from architectures.input.convention import Input
from checkpoints.store import manifest, naming
from checkpoints.store.manifest import Entry
from demo.components.colours import colour_of
from demo.components.panel import Panel, told
from demo.components.trainings import ALONE, MNIST_ONLY, WITH_PEN

PAPER_AND_CODE = {"arxiv.org": "paper", "openreview.net": "paper", "github.com": "code"}
ACCURACIES = ("validation_accuracy", "validation_accuracy_pen", "clean", "pen")  # the first two of the last cycle
SETS = (("clean", "MNIST test"), ("pen", "under the pen"))


class NetCard(Panel):
    """Value: what `net_card` returns; a new value opens the card."""

    packed = True


def on_tile(event: gr.EventData) -> dict[str, Any]:
    """The card of the net whose tile was pressed; raises gr.Error when there is no such net."""
    name = told(event, "net")
    if not isinstance(name, str) or architectures.shown(name) not in architectures.names():
        raise gr.Error("There is no such net.")
    return net_card(architectures.shown(name))


def net_card(name: str) -> dict[str, Any]:
    """What is known of the net called `name`; what was not measured is missing, not guessed."""
    recorded = manifest.read()
    with_pen, alone = recorded.entry(name), recorded.entry(naming.id_of(name, MNIST_ONLY))
    card = _written(name)
    return {
        "name": name,
        "colour": colour_of(name),
        "summary": card.summary if card else "A net of this page's owner; its file says nothing about it.",
        "by": f"{card.authors}, {card.year}" if card else "",
        "links": _links(card.source) if card else [],
        "facts": [
            ["Parameters", parameters(name)],
            *_published(card),
            ["Is fed", _fed(name)],
            ["Code", f"architectures/{architectures.path_of(name).name}"],
        ],
        "accuracy": accuracies(with_pen, alone),
        "curve": _curve(with_pen),
        "mistakes": _mistakes(name),
    }


def parameters(name: str) -> str:
    """How many numbers the net called `name` learns, as people read it, or why they cannot be counted."""
    try:
        count = _counted(name, architectures.code_stamp(name))
    except architectures.BadArchitecture:
        return "not counted: its code does not run"
    return f"{count:,}" if count else "not counted: they lie in its graph"


@cache
def _counted(name: str, _code: object) -> int:
    """Of the net as its code builds it: a file of weights holds averages besides, which are not learnt."""
    return sum(parameter.numel() for parameter in architectures.build(name).parameters())


def accuracies(with_pen: Entry | None, alone: Entry | None) -> list[dict[str, Any]]:
    """A row for each training and set: the share of correct predictions with its 95 % interval, or that it is unknown.

    A baseline's figures stand in its own record, or beside those of the net that knows the pen.
    """
    sets = {WITH_PEN: (with_pen.figures if with_pen else {}).get("sets", {})}
    beside = (with_pen.figures if with_pen else {}).get("mnist_only", {})
    sets[ALONE] = (alone.figures if alone else {}).get("sets") or beside.get("sets", {})
    return [
        {"training": training, "set": title, **_interval(sets[training].get(key))}
        for training in (ALONE, WITH_PEN)
        for key, title in SETS
    ]


def _interval(measured: dict[str, Any] | None) -> dict[str, Any]:
    if not measured:
        return {"text": "not measured", "low": None, "high": None, "accuracy": None}
    accuracy, low, high = measured["accuracy"], measured["low"], measured["high"]
    text = f"{accuracy:.2%} ({low:.2%} to {high:.2%})".replace("%", " %")
    return {"text": text, "low": low, "high": high, "accuracy": accuracy}


def _written(name: str) -> Card | None:
    """What the net's file says about it; None where it says nothing or cannot be read."""
    try:
        card = getattr(architectures.module(name), "CARD", None)
    except architectures.BadArchitecture:
        return None
    return card if isinstance(card, Card) else None


def _links(source: str) -> list[dict[str, str]]:
    """The addresses in a card's source, named by what is there; text that is none is left to the summary."""
    addresses = [word.strip("(),;") for word in source.split() if word.startswith("https://")]
    named = {address: address.split("/")[2].removeprefix("www.") for address in addresses}
    return [{"address": address, "text": PAPER_AND_CODE.get(host, host)} for address, host in named.items()]


def _published(card: Card | None) -> list[list[str]]:
    if card is None:
        return []
    if card.published_error_percent is None:
        return [["Published error on MNIST", "none"]]
    conditions = f" ({card.published_conditions})" if card.published_conditions else ""
    return [["Published error on MNIST", f"{card.published_error_percent:g} %{conditions}"]]


def _curve(entry: Entry | None) -> list[list[float]]:
    """Validation errors, clean and under the pen, along the training; of several cycles the one with most records.

    The cycles are not joined: their pens were not the same. Nothing where there are not two records to join by a line.
    """
    last: dict[str, Any] = entry.training if entry else {}
    cycles: list[list[dict[str, float]]] = [one.get("history") or [] for one in (last, last.get("after") or {})]
    longest = max(cycles, key=len)
    if len(longest) < 2:
        return []
    return [[1 - record[key] for record in longest] for key in ACCURACIES if all(key in record for record in longest)]


def _fed(name: str) -> str:
    """How the net is fed, in words."""
    try:
        declared = getattr(architectures.module(name), "INPUT", None)
    except architectures.BadArchitecture:
        return "not known: its file cannot be read"
    return (declared if isinstance(declared, Input) else Input()).words


def _mistakes(name: str) -> str:
    """The image of the surest mistakes that an evaluation has drawn, as a data URL; "" where there is none."""
    path = manifest.folder() / "figures" / f"mistakes-{name}.png"
    if not path.is_file():
        return ""
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode("ascii")
