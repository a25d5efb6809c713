"""What the nets predict for the drawings, each computed once.

A prediction belongs to a drawing, to weights (by their sha256) and to the way an image becomes the nets' input; it is
kept until one of the three changes. A new net, or a new training of one, predicts everything that was ever submitted.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import torch
from sqlalchemy import Connection, bindparam, func, select, update

import checkpoints
from architectures import stamp
from architectures.input.mnist_like import mnist_like
from checkpoints.store import manifest
from checkpoints.store.files import sha256_of
from checkpoints.store.naming import MNIST_ONLY
from demo.challenge.store import schema
from demo.challenge.store.database import Store, upsert
from demo.challenge.store.images import image_of
from demo.challenge.store.schema import contents, drawings
from demo.inference import Predictions, available_nets, predict_many

BATCH = 32

Progress = Callable[[int, int], None]  # predictions computed, of how many


@dataclass(frozen=True)
class StoredPrediction:
    """What one net predicted: its id, the sha256 of its weights, a digit, ten numbers in [0, 1]."""

    net: str
    checkpoint: str
    digit: int
    probabilities: tuple[float, ...]


def nets() -> dict[str, str]:
    """sha256 of the weights by the net's id, for every net in both trainings whose weights can be had."""
    recorded = manifest.read()
    ids = [*available_nets(), *available_nets(MNIST_ONLY)]
    found = {net_id: _checkpoint(net_id, recorded.entry(net_id)) for net_id in ids}
    return {net_id: sha256 for net_id, sha256 in found.items() if sha256 is not None}


def _checkpoint(net_id: str, entry: manifest.Entry | None) -> str | None:
    if entry is not None:
        return entry.sha256
    path = checkpoints.find(net_id, None)
    return None if path is None else _sha256(path, stamp(path))


@lru_cache(maxsize=256)
def _sha256(path: Path, _stamp: tuple[int, int, int]) -> str:
    return sha256_of(path)


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


def stored(predictions: Predictions) -> list[StoredPrediction]:
    """The predictions for one drawing as they are stored, of the nets whose weights are identified."""
    recorded = nets()
    return [
        StoredPrediction(net_id, recorded[net_id], prediction.digit, tuple(prediction.probabilities))
        for net_id, prediction in predictions.by_net.items()
        if net_id in recorded
    ]


def save(store: Store, predictions: Iterable[tuple[int, StoredPrediction]]) -> None:
    """Keep predictions (drawing's number, prediction), and how far the nets disagree on these drawings."""
    rows = [
        {
            "drawing_id": drawing_id,
            "checkpoint": prediction.checkpoint,
            "input_version": input_version(),
            "digit": prediction.digit,
            "probabilities": json.dumps([round(value, 6) for value in prediction.probabilities]),
        }
        for drawing_id, prediction in predictions
    ]
    if not rows:
        return
    current = list(nets().values())  # looked for in files: not while others wait for the store
    with store.writing() as connection:
        # A drawing may have been deleted while the nets were looking at it.
        chosen = drawings.c.id.in_({row["drawing_id"] for row in rows})
        existing = set(connection.execute(select(drawings.c.id).where(chosen)).scalars())
        rows = [row for row in rows if row["drawing_id"] in existing]
        if rows:
            connection.execute(upsert(connection, schema.predictions).on_conflict_do_nothing(), rows)
            _note_disagreement(connection, existing, current)


def missing(store: Store, checkpoint: str) -> int:
    """How many drawings the net with these weights has not predicted."""
    predicted = schema.predictions.c
    with store.reading() as connection:
        total = connection.execute(select(func.count()).select_from(drawings)).scalar_one()
        done = connection.execute(
            select(func.count()).where(predicted.checkpoint == checkpoint, predicted.input_version == input_version())
        ).scalar_one()
    return total - done


def catch_up(
    store: Store, ids: Sequence[str] | None = None, *, most: int | None = None, progress: Progress | None = None
) -> int:
    """Have nets predict every drawing they have not seen; returns the number of predictions computed.

    ids       nets, default all whose weights can be had
    most      stop after so many predictions
    progress  called after each batch with (predictions computed, predictions missing at the start)

    Raises NetFailed and Busy.
    """
    recorded = nets()
    wanted = {net_id: recorded[net_id] for net_id in (recorded if ids is None else ids)}
    lacking = {net_id: missing(store, checkpoint) for net_id, checkpoint in wanted.items()}
    total = sum(lacking.values()) if most is None else min(sum(lacking.values()), most)
    computed = 0
    for net_id, checkpoint in wanted.items():
        if not lacking[net_id]:
            continue  # to look for those that are missing would be to look at every drawing
        after = 0
        while most is None or computed < most:
            batch = _missing(store, checkpoint, after, BATCH if most is None else min(BATCH, most - computed))
            if not batch:
                break
            after = batch[-1][0]
            save(store, zip([number for number, _ in batch], _predict(net_id, checkpoint, batch), strict=True))
            computed += len(batch)
            if progress is not None:
                progress(computed, total)
    return computed


def _missing(store: Store, checkpoint: str, after: int, number: int) -> list[tuple[int, bytes]]:
    predicted = select(schema.predictions.c.drawing_id).where(
        schema.predictions.c.drawing_id == contents.c.drawing_id,
        schema.predictions.c.checkpoint == checkpoint,
        schema.predictions.c.input_version == input_version(),
    )
    query = (
        select(contents.c.drawing_id, contents.c.image)
        .where(contents.c.drawing_id > after, ~predicted.exists())
        .order_by(contents.c.drawing_id)
        .limit(number)
    )
    with store.reading() as connection:
        return [(row.drawing_id, row.image) for row in connection.execute(query)]


def _predict(net_id: str, checkpoint: str, batch: list[tuple[int, bytes]]) -> list[StoredPrediction]:
    fed = torch.cat([mnist_like(image_of(png)) for _, png in batch])  # (B, 1, 28, 28)
    probabilities = predict_many(net_id, fed)
    return [StoredPrediction(net_id, checkpoint, int(row.argmax()), tuple(row.tolist())) for row in probabilities]


def _note_disagreement(connection: Connection, ids: set[int], current: list[str]) -> None:
    """Share of the nets of today that are not of the most frequent opinion; it only orders what annotators see."""
    table = schema.predictions.c
    query = select(table.drawing_id, table.digit).where(
        table.drawing_id.in_(ids), table.checkpoint.in_(current), table.input_version == input_version()
    )
    digits: dict[int, list[int]] = {}
    for drawing_id, digit in connection.execute(query):
        digits.setdefault(drawing_id, []).append(digit)
    rows = [
        {"row": drawing_id, "share": 1 - Counter(each).most_common(1)[0][1] / len(each)}
        for drawing_id, each in digits.items()
    ]
    if rows:
        connection.execute(
            update(drawings).where(drawings.c.id == bindparam("row")).values(disagreement=bindparam("share")), rows
        )
