"""What came of a net: digits with predictions, accuracy clean and under the pen, beside the nets that are here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import platformdirs
import torch
from torch import Tensor, nn

import architectures
import checkpoints
from architectures.contract import ask
from architectures.input.convention import Input
from architectures.input.mnist_like import mnist_like
from architectures.input.pen import PRESETS, draw
from checkpoints.devices import one_thread
from checkpoints.evaluation.metrics import Share, share, share_of
from checkpoints.evaluation.statistics import tango
from checkpoints.formats.output_layer import ENDINGS
from checkpoints.own_nets.trying import Convention, Trial, told_apart
from checkpoints.shipped_digits import test_digits
from checkpoints.store import manifest
from checkpoints.store.files import write_whole
from checkpoints.tables import plain

CLEAN, PENNED = 400, 100  # test digits
PEN = "ribbon"
PEN_SIZE_PX = 182  # half the page's pad: a net sees 28 px of it either way, and nobody wants to wait
PAGE = "http://127.0.0.1:7860"
SHOWN = 10
FEW = 0.5  # accuracy below which one has to ask
FEW_WORDS = "predicts few digits however it is fed: are its classes 0 to 9, and are these its trained weights?"
BATCH = 100


@dataclass(frozen=True)
class Measured:
    """What a net makes of test digits: its accuracy, clean and drawn by the pen, and some predictions."""

    clean: Share
    penned: Share
    predictions: tuple[int, ...]


@one_thread()
def measure(net: nn.Module, name: str) -> Measured:
    """What `net`, ready to answer, makes of the test digits that ship with the project."""
    digits = test_digits(CLEAN)
    device = next(iter(net.parameters()), torch.empty(0)).device

    def predict(x: Tensor) -> Tensor:
        with torch.inference_mode():
            return torch.cat([ask(net, part.to(device), name).digit.cpu() for part in x.split(BATCH)])

    clean, penned = predict(digits.x), predict(_penned())
    return Measured(
        share_of((clean == digits.labels).numpy()),
        share_of((penned == digits.labels[:PENNED]).numpy()),
        tuple(clean[:SHOWN].tolist()),
    )


@cache
def _penned() -> Tensor:
    """The first test digits drawn by the pen and fed as the page feeds them: (100, 1, 28, 28)."""
    strokes = test_digits(PENNED).strokes
    return torch.cat([mnist_like(draw(digit, PRESETS[PEN], PEN_SIZE_PX)) for digit in strokes])


def table(name: str, measured: Measured) -> str:
    """The accuracy of a net beside that of the nets that were trained here, as far as their weights are."""
    rows = [_row(name, measured)]
    recorded = manifest.read()
    for other in architectures.names():
        entry = recorded.entry(other)
        if other != name and entry is not None and entry.training and checkpoints.find(other, entry) is not None:
            rows.append(_row(other, _measured_before(other, entry.sha256)))
    header = ["net", f"{CLEAN} test digits", "95 % interval", f"drawn by the pen {PEN} ({PENNED})", "95 % interval"]
    return plain(header, rows)


def _measured_before(name: str, sha256: str) -> Measured:
    """The accuracy of a net trained here; measured once for each file of weights, then kept in the user's cache."""
    note = Path(platformdirs.user_cache_dir("handwritten-digit-challenge")) / "measured" / f"{sha256}.json"
    try:
        kept = json.loads(note.read_text(encoding="utf-8"))
        return Measured(share(kept["clean"], CLEAN), share(kept["penned"], PENNED), ())
    except (OSError, ValueError, KeyError, TypeError):
        measured = measure(checkpoints.load(name), name)
        note.parent.mkdir(parents=True, exist_ok=True)
        write_whole(note, json.dumps({"clean": measured.clean.right, "penned": measured.penned.right}).encode())
        return measured


def _row(name: str, measured: Measured) -> list[str]:
    return [
        name,
        percent(measured.clean),
        interval(measured.clean),
        percent(measured.penned),
        interval(measured.penned),
    ]


def percent(accuracy: Share) -> str:
    return f"{100 * accuracy.value:.1f} %"


def interval(accuracy: Share) -> str:
    return f"{100 * accuracy.low:.1f} to {100 * accuracy.high:.1f}"


def digits_line(measured: Measured) -> str:
    """Ten digits above what the net makes of them."""
    labels = test_digits(SHOWN).labels.tolist()
    marks = ("  " if label == digit else " ^" for label, digit in zip(labels, measured.predictions, strict=True))
    lines = ["digits      " + " ".join(f"{label:>2}" for label in labels)]
    lines.append("predictions " + " ".join(f"{digit:>2}" for digit in measured.predictions))
    wrong = "            " + " ".join(marks)
    return "\n".join([*lines, wrong] if "^" in wrong else lines)


def sentences(found: Convention) -> list[str]:
    """What trying came to, for people, to be read after the net's name."""
    chosen, tried = found.chosen, found.tried
    total = len(chosen.correct)
    lines = [
        ENDINGS[chosen.ending],
        f"is fed {chosen.way.words}: {percent(chosen.accuracy)} of {total} training digits (95 % interval "
        f"{interval(chosen.accuracy)} %)",
    ]
    if chosen.classes is not None:
        lines.append(f"answers {classes_words(chosen.classes)}")
    if max(chosen.accuracy.value, tried.best.accuracy.value) < FEW:
        return [*lines, FEW_WORDS]
    best, plain_way = tried.best, next((one for one in tried.ranking if one.way == Input()), None)
    if found.declared and told_apart(best, chosen):
        lines.append(f"{_compared(best, chosen)}: INPUT = {best.way} in its file would say so")
    elif plain_way is not None and chosen.way != plain_way.way:
        lines.append(f"{_compared(chosen, plain_way)}, which is this project's own way")
    equals = [one for one in tried.ranking if one.way != chosen.way and not told_apart(best, one)]
    if equals and not told_apart(best, chosen):
        rivals = " or ".join(one.way.words for one in equals[:2])
        lines.append(
            f"would predict as many, as far as {total} digits tell, if it was fed {rivals}; you may know which it was"
        )
    return lines


def _compared(better: Trial, worse: Trial) -> str:
    """How much more digits one way predicts than the other, with the interval of the difference."""
    difference = better.accuracy.value - worse.accuracy.value
    only_better, only_worse = int((better.correct & ~worse.correct).sum()), int((worse.correct & ~better.correct).sum())
    low, high = tango(only_better, only_worse, len(better.correct))
    return (
        f"predicts {100 * difference:+.1f} points (95 % interval {100 * low:+.1f} to {100 * high:+.1f}) when it is fed "
        f"{better.way.words} instead of {worse.way.words} ({percent(worse.accuracy)})"
    )


def classes_words(classes: Sequence[int]) -> str:
    """Which outputs are the digits: "its classes are counted from one: output 1 is digit 0"."""
    if tuple(classes) == tuple(range(10)):
        return "more classes than the ten digits, which are the first ten"
    if tuple(classes) == (*range(1, 10), 0) or tuple(classes) == tuple(range(1, 11)):
        return "with classes counted from one: output 1 is digit 0"
    if tuple(classes) == (9, *range(9)):
        return "with classes counted from one: output 0 is digit 1, output 9 is digit 0"
    return "with classes in an order of its own: " + ", ".join(f"output {o} is {d}" for d, o in enumerate(classes))
