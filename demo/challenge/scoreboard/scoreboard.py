"""Which net truly reads best, with what the drawings can and cannot tell.

Scored are the drawings of finished rounds on whose label people agree and which are digits; see judging.py and
labels.py. Every net on the board has answered every one of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Integer, cast, func, select

import architectures
import checkpoints
from architectures.contract import BadAnswer
from demo.challenge.labels import consensus
from demo.challenge.scoreboard import predictions
from demo.challenge.scoreboard.board import Board, Hard, Pair, Row, Slice, keep, state, wilson
from demo.challenge.scoreboard.statistics import by_contributor, compare, interval
from demo.challenge.store.database import Store
from demo.challenge.store.schema import (
    DONE,
    KNOWN,
    NOT_A_DIGIT,
    OPEN,
    ROUND,
    UNREADABLE,
    answers,
    contributors,
    drawings,
    judgements,
)

HARDEST = 12
LENGTHS = ((0.0, 1.5), (1.5, 2.5), (2.5, 4.0), (4.0, float("inf")))  # of all strokes, in sides of the pad


def make(store: Store, nets: dict[str, str] | None = None) -> Board:
    """The scoreboard of what is in the store now; nets: sha256 by name, default those with weights."""
    nets = predictions.nets() if nets is None else nets
    with store.reading() as connection:
        counts, scored = _counts(connection)
        read = {name: _read(connection, checkpoint) for name, checkpoint in nets.items()}
        agreeing, judged = _people(connection, counts["closed below round"])
    ids = scored["id"]
    behind = {name: int((~np.isin(ids, digits[:, 0])).sum()) for name, digits in read.items()}
    names = [name for name, lacking in behind.items() if not lacking]
    board: dict[str, Any] = {
        "counts": counts,
        "catching_up": {name: lacking for name, lacking in behind.items() if lacking},
        "people_agree": agreeing,
        "people_judged": judged,
        "contributors": len(np.unique(scored["contributor"])),
        "made_at": time.time(),
    }
    if not len(ids) or not names:
        return Board(**board)
    said = np.column_stack([_aligned(read[name], ids) for name in names])  # (drawings, nets)
    right = said == scored["label"][:, None]
    worlds = by_contributor(right, scored["contributor"])
    pairs = compare(names, right, worlds)
    rows = [
        Row(
            net=name,
            checkpoint=nets[name],
            rank=1 + sum(_is_ahead(pair, of=name) for pair in pairs),
            right=int(right[:, column].sum()),
            of=len(ids),
            wilson=wilson(int(right[:, column].sum()), len(ids)),
            people=interval(worlds[:, column]),
            confusion=_confusion(scored["label"], said[:, column]),
        )
        for column, name in enumerate(names)
    ]
    rows.sort(key=lambda row: (row.rank, -row.right))
    return Board(rows, pairs, _slices(names, scored, right), _hardest(names, scored, said, right), **board)


def renew(store: Store, progress: Callable[[int, int], None] | None = None, most: int | None = None) -> Board:
    """Let the nets catch up (by `most` answers), weigh the judgements again, and keep a new scoreboard."""
    with store.reading() as connection:
        made_of = state(connection)  # taken first: whatever comes in meanwhile makes the board out of date
    failures = {}
    for name in predictions.nets():
        try:
            predictions.catch_up(store, [name], most=most, progress=progress)
        except (checkpoints.WeightsError, BadAnswer, architectures.BadArchitecture) as error:
            failures[name] = str(error)
    started = time.monotonic()
    consensus.aggregate(store)
    board = replace(make(store), failures=failures)
    board = replace(board, took_s=time.monotonic() - started)
    keep(store, board, made_of)
    return board


def _counts(connection: Connection) -> tuple[dict[str, int], NDArray[np.void]]:
    """What became of all drawings, and those that are scored."""
    table = drawings.c
    states: dict[str, int] = dict(connection.execute(select(table.state, func.count()).group_by(table.state)).all())
    newest = connection.execute(select(func.coalesce(func.max(table.id), 0))).scalar_one()
    unfinished = set(connection.execute(select(table.round).where(table.state == OPEN).distinct()).scalars())
    columns = (table.id, table.contributor_id, table.label, table.length, table.pen_name, table.device, table.uid)
    done = connection.execute(select(*columns, table.round).where(table.state == DONE).order_by(table.id)).all()
    closed = [tuple(row[:-1]) for row in done if row[-1] not in unfinished and row[-1] < newest // ROUND]
    digits = [row for row in closed if row[2] is not None and row[2] < UNREADABLE]
    counts = {
        "given": sum(number for state, number in states.items() if state != KNOWN),
        "waiting for judges": states.get(OPEN, 0),
        "judged": states.get(DONE, 0),
        "in finished rounds": len(closed),
        "unreadable": sum(row[2] == UNREADABLE for row in closed),
        "not a digit": sum(row[2] == NOT_A_DIGIT for row in closed),
        "people disagree": sum(row[2] is None for row in closed),
        "scored": len(digits),
        "closed below round": newest // ROUND,
    }
    kinds = [("id", "i8"), ("contributor", "i8"), ("label", "i8"), ("length", "f8"), ("pen", "U24"), ("device", "U8")]
    return counts, np.array(digits, dtype=[*kinds, ("uid", "U32")])


def _read(connection: Connection, checkpoint: str) -> NDArray[np.int64]:
    """(answers, 2): number of a drawing and the digit read in it."""
    query = select(answers.c.drawing_id, answers.c.digit).where(
        answers.c.checkpoint == checkpoint, answers.c.input_version == predictions.input_version()
    )
    rows = connection.execute(query.order_by(answers.c.drawing_id)).all()
    return np.array([tuple(row) for row in rows], dtype=np.int64).reshape(-1, 2)  # of rows as they are: 10 s for 10^5


def _people(connection: Connection, below: int) -> tuple[int, int]:
    """Single judgements that named the digit asked for, of all; over every judged drawing, settled or not.

    They are held against the prompt, not against the label that they themselves made.
    """
    query = (
        select(func.sum(cast(judgements.c.said == drawings.c.prompt, Integer)), func.count())
        .join(drawings, drawings.c.id == judgements.c.drawing_id)
        .join(contributors, contributors.c.id == judgements.c.contributor_id)
        .where(drawings.c.state == DONE, contributors.c.trusted, drawings.c.round < below)
    )
    agreeing, judged = connection.execute(query).one()
    return int(agreeing or 0), int(judged)


def _aligned(read: NDArray[np.int64], ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """The digits (drawings,) read in the drawings `ids`, all of which are in `read`, sorted by number."""
    return read[np.searchsorted(read[:, 0], ids), 1]


def _is_ahead(pair: Pair, of: str) -> bool:
    return (pair.ahead == "a" and pair.b == of) or (pair.ahead == "b" and pair.a == of)


def _confusion(label: NDArray[np.int64], said: NDArray[np.int64]) -> list[list[int]]:
    """(10, 10): rows are what people read, columns what the net did."""
    return np.bincount(label * 10 + said, minlength=100).reshape(10, 10).tolist()


def _slices(names: list[str], scored: NDArray[np.void], right: NDArray[np.bool_]) -> list[Slice]:
    parts = [("digit", str(digit), scored["label"] == digit) for digit in range(10)]
    parts += [("pen", str(name), scored["pen"] == name) for name in np.unique(scored["pen"])]
    parts += [("device", str(name), scored["device"] == name) for name in np.unique(scored["device"])]
    for low, high in LENGTHS:
        words = f"{low:g} to {high:g} pads" if np.isfinite(high) else f"over {low:g} pads"
        parts.append(("length", words, (scored["length"] >= low) & (scored["length"] < high)))
    return [
        Slice(by, value, int(chosen.sum()), dict(zip(names, right[chosen].sum(axis=0).tolist(), strict=True)))
        for by, value, chosen in parts
        if chosen.any()
    ]


def _hardest(
    names: list[str], scored: NDArray[np.void], said: NDArray[np.int64], right: NDArray[np.bool_]
) -> list[Hard]:
    """Drawings that most nets misread, the latest first among equals."""
    misread = (~right).sum(axis=1)
    order = np.lexsort((-scored["id"], -misread))
    return [
        Hard(str(scored["uid"][i]), int(scored["label"][i]), dict(zip(names, said[i].tolist(), strict=True)))
        for i in order[:HARDEST]
        if misread[i]
    ]
