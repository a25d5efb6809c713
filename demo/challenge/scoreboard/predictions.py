"""What the nets answer to the drawings, each computed once.

An answer belongs to a drawing, to weights (by their sha256) and to the way an image becomes the nets' input; it is
kept until one of the three changes. A new net is asked about everything that was ever given.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

import architectures
import checkpoints
from architectures.contract import ask
from architectures.input.mnist_like import mnist_like
from checkpoints.store import manifest
from demo.challenge.store.database import Store
from demo.challenge.store.images import image_of
from demo.challenge.store.schema import answers, contents, drawings
from demo.inference import Predictions

BATCH = 64

Progress = Callable[[int, int], None]  # drawings done, of how many


@dataclass(frozen=True)
class Verdict:
    """What one net read: its name, the sha256 of its weights, a digit, ten numbers in [0, 1]."""

    net: str
    checkpoint: str
    digit: int
    probabilities: tuple[float, ...]


def nets() -> dict[str, str]:
    """sha256 of the weights of every net that has some, by the name people read."""
    recorded = manifest.read()
    entries = {architectures.shown(name): recorded.entry(name) for name in architectures.names()}
    return {name: entry.sha256 for name, entry in entries.items() if entry is not None}


@cache
def input_version() -> str:
    """Names the way from an image to a net's input by what it makes of a few images; 16 hex digits."""
    rows, columns = np.mgrid[:364, :364]
    digest = hashlib.sha256()
    for tilt in (0.0, 0.4, -1.3):
        stroke = np.abs((columns - 150) - tilt * (rows - 190)) < 12 + rows // 40
        inside = (rows > 60) & (rows < 300) & stroke
        image = np.stack([inside * 255, inside * (rows // 2), inside * (columns // 2)], axis=-1).astype(np.uint8)
        digest.update((mnist_like(image).numpy() * 255).round().astype(np.uint8).tobytes())
    return digest.hexdigest()[:16]


def verdicts_of(predictions: Predictions) -> list[Verdict]:
    """The verdicts in what `demo.recognize` made of a drawing, for the nets whose weights are recorded."""
    recorded = nets()
    return [
        Verdict(name, recorded[name], prediction.digit, tuple(prediction.probabilities))
        for name, prediction in predictions.by_net.items()
        if name in recorded
    ]


def save(store: Store, found: Iterable[tuple[int, Verdict]]) -> None:
    """Keep verdicts (drawing's number, verdict), and how far the nets disagree on these drawings."""
    rows = [
        {
            "drawing_id": drawing_id,
            "checkpoint": verdict.checkpoint,
            "input_version": input_version(),
            "digit": verdict.digit,
            "probabilities": json.dumps([round(value, 6) for value in verdict.probabilities]),
        }
        for drawing_id, verdict in found
    ]
    if not rows:
        return
    now = list(nets().values())  # looked for in files: not while others wait for the store
    with store.writing() as connection:
        # A drawing may have been deleted while the nets were looking at it.
        here = set(
            connection.execute(
                select(drawings.c.id).where(drawings.c.id.in_({r["drawing_id"] for r in rows}))
            ).scalars()
        )
        rows = [row for row in rows if row["drawing_id"] in here]
        if rows:
            upsert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            connection.execute(upsert(answers).on_conflict_do_nothing(), rows)
            _note_disagreement(connection, here, now)


def missing(store: Store, checkpoint: str) -> int:
    """How many drawings the net with these weights has not been asked about."""
    with store.reading() as connection:
        given = connection.execute(select(func.count()).select_from(drawings)).scalar_one()
        answered = connection.execute(
            select(func.count()).where(answers.c.checkpoint == checkpoint, answers.c.input_version == input_version())
        ).scalar_one()
    return given - answered


def catch_up(
    store: Store, names: Sequence[str] | None = None, *, most: int | None = None, progress: Progress | None = None
) -> int:
    """Ask nets about every drawing they have not answered; returns the number of answers computed.

    names     nets to ask, default all with weights
    most      stop after so many answers
    progress  called after each batch with (answers computed, answers missing at the start)

    Raises checkpoints.WeightsError and architectures.contract.BadAnswer.
    """
    recorded = nets()
    wanted = {name: recorded[name] for name in (recorded if names is None else names)}
    lacking = {name: missing(store, checkpoint) for name, checkpoint in wanted.items()}
    total = sum(lacking.values()) if most is None else min(sum(lacking.values()), most)
    computed = 0
    for name, checkpoint in wanted.items():
        if not lacking[name]:
            continue  # to look for those unanswered would be to look at every drawing
        after = 0
        while most is None or computed < most:
            batch = _unanswered(store, checkpoint, after, BATCH if most is None else min(BATCH, most - computed))
            if not batch:
                break
            after = batch[-1][0]
            save(store, zip([number for number, _ in batch], _answers(name, checkpoint, batch), strict=True))
            computed += len(batch)
            if progress is not None:
                progress(computed, total)
    return computed


def _unanswered(store: Store, checkpoint: str, after: int, number: int) -> list[tuple[int, bytes]]:
    answered = select(answers.c.drawing_id).where(
        answers.c.drawing_id == contents.c.drawing_id,
        answers.c.checkpoint == checkpoint,
        answers.c.input_version == input_version(),
    )
    query = (
        select(contents.c.drawing_id, contents.c.image)
        .where(contents.c.drawing_id > after, ~answered.exists())
        .order_by(contents.c.drawing_id)
        .limit(number)
    )
    with store.reading() as connection:
        return [(row.drawing_id, row.image) for row in connection.execute(query)]


def _answers(name: str, checkpoint: str, batch: list[tuple[int, bytes]]) -> list[Verdict]:
    net = checkpoints.load(name)
    fed = torch.cat([mnist_like(image_of(png)) for _, png in batch])  # (B, 1, 28, 28)
    with torch.inference_mode():
        answer = ask(net, fed.to(checkpoints.device()), name)
    probabilities = answer.probabilities.tolist()
    return [
        Verdict(name, checkpoint, int(digit), tuple(row))
        for digit, row in zip(answer.digit.tolist(), probabilities, strict=True)
    ]


def _note_disagreement(connection: Connection, ids: set[int], present: list[str]) -> None:
    """Share of the nets of today that are not of the most frequent opinion; it only orders what judges see."""
    query = select(answers.c.drawing_id, answers.c.digit).where(
        answers.c.drawing_id.in_(ids),
        answers.c.checkpoint.in_(present),
        answers.c.input_version == input_version(),
    )
    read: dict[int, list[int]] = {}
    for drawing_id, digit in connection.execute(query):
        read.setdefault(drawing_id, []).append(digit)
    rows = [
        {"row": drawing_id, "share": 1 - Counter(digits).most_common(1)[0][1] / len(digits)}
        for drawing_id, digits in read.items()
    ]
    if rows:
        connection.execute(
            update(drawings).where(drawings.c.id == bindparam("row")).values(disagreement=bindparam("share")), rows
        )
