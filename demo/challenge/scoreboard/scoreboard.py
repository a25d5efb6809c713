"""Which net truly does best, with what the drawings can and cannot tell.

Scored are the drawings of finished rounds on whose label people agree and which are digits; see labels/. Every net on
the board has predicted every one of them. The line of a single person is of the same drawings.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from checkpoints.evaluation.statistics import LEVEL, cluster_bootstrap, holm, mcnemar, middle, wilson
from demo.challenge.labels import consensus, quorum
from demo.challenge.scoreboard import predictions
from demo.challenge.scoreboard.board import FEW_PEOPLE, Board, Hard, Human, Pair, Row, Slice, keep, state
from demo.challenge.store import schema
from demo.challenge.store.database import Store
from demo.challenge.store.schema import (
    DONE,
    GOLD,
    NOT_A_DIGIT,
    OPEN,
    ROUND,
    UNREADABLE,
    contributors,
    drawings,
)
from demo.inference import Busy, NetFailed

HARDEST = 12
FAILED = "It could not predict them."  # why is in the log: an error may name files
LENGTHS = ((0.0, 1.5), (1.5, 2.5), (2.5, 4.0), (4.0, float("inf")))  # of all strokes, in sides of the pad


def make(store: Store, nets: dict[str, str] | None = None) -> Board:
    """The scoreboard of what is in the store now; nets: sha256 by id, default those whose weights can be had."""
    nets = predictions.nets() if nets is None else nets
    with store.reading() as connection:
        counts, scored = _counts(connection)
        stored = {net: _predicted(connection, checkpoint) for net, checkpoint in nets.items()}
        labels = _labels(connection)
    ids = scored["id"]
    behind = {net: int((~np.isin(ids, digits[:, 0])).sum()) for net, digits in stored.items()}
    names = [net for net, lacking in behind.items() if not lacking]
    board: dict[str, Any] = {
        "counts": counts,
        "behind": {net: lacking for net, lacking in behind.items() if lacking},
        "human": one_person(scored, labels),
        "contributors": len(np.unique(scored["contributor"])),
        "made_at": time.time(),
    }
    if not len(ids) or not names:
        return Board(**board)
    predicted = np.column_stack([_aligned(stored[net], ids) for net in names])  # (drawings, nets)
    correct = predicted == scored["label"][:, None]
    worlds = cluster_bootstrap(correct, scored["contributor"])
    pairs = compare(names, correct, worlds, board["contributors"])
    rows = [
        Row(
            net=net,
            checkpoint=nets[net],
            rank=1 + sum(_is_ahead(pair, of=net) for pair in pairs),
            correct=int(correct[:, column].sum()),
            total=len(ids),
            wilson=wilson(int(correct[:, column].sum()), len(ids)),
            people=middle(worlds[:, column]),
            confusion=_confusion(scored["label"], predicted[:, column]),
        )
        for column, net in enumerate(names)
    ]
    rows.sort(key=lambda row: (row.rank, -row.correct))
    slices = _slices(names, scored, correct)
    return Board(rows, pairs, slices, _hardest(names, scored, predicted, correct), **board)


def compare(names: Sequence[str], correct: NDArray[np.bool_], worlds: NDArray[np.float64], people: int) -> list[Pair]:
    """All pairs of nets; correct (drawings, nets), worlds (resamples, nets), people: contributors of the drawings.

    One is ahead when the paired test says so *and* the interval over contributors leaves zero out: the test alone takes
    drawings of one hand for independent ones. Of fewer than FEW_PEOPLE contributors nobody is ahead.
    """
    columns = list(combinations(range(len(names)), 2))
    only = [
        (int((correct[:, a] & ~correct[:, b]).sum()), int((correct[:, b] & ~correct[:, a]).sum())) for a, b in columns
    ]
    pairs = []
    for (a, b), (only_a, only_b), p in zip(columns, only, holm([mcnemar(*each) for each in only]), strict=True):
        low, high = middle(worlds[:, a] - worlds[:, b])
        apart = people >= FEW_PEOPLE and p < LEVEL and (low > 0 or high < 0)
        ahead = ("a" if only_a > only_b else "b") if apart else None
        pairs.append(Pair(names[a], names[b], only_a, only_b, p, (low, high), ahead))
    return pairs


def one_person(scored: NDArray[np.void], labels: dict[int, list[int]]) -> Human:
    """How often a single person gives the label that the others give, one vote for each scored drawing.

    The vote is that of the first annotator: how many more are asked depends on it, and so on nothing else. It is held
    against the label of the other annotators and the prompt; a drawing on which those tie says nothing.
    labels  by drawing, those that count, the first given first
    """
    votes, contributor = [], []
    for drawing_id, prompt, maker in zip(scored["id"], scored["prompt"], scored["contributor"], strict=True):
        if int(drawing_id) not in labels:
            continue
        first, *others = labels[int(drawing_id)]
        ranked = np.bincount([int(prompt), *others], minlength=12)
        if (ranked == ranked.max()).sum() == 1:
            votes.append(first == ranked.argmax())
            contributor.append(maker)
    if not votes:
        return Human()
    correct = np.array(votes)[:, None]
    interval = middle(cluster_bootstrap(correct, np.array(contributor))[:, 0])
    return Human(int(correct.sum()), len(votes), interval)


def renew(store: Store, progress: predictions.Progress | None = None, most: int | None = None) -> Board:
    """Let the nets catch up (by `most` predictions), weigh the labels again, and keep a new scoreboard."""
    failures = {}
    for net in predictions.nets():
        try:
            predictions.catch_up(store, [net], most=most, progress=progress)
        except Busy:
            continue  # people are drawing: later
        except NetFailed:
            failures[net] = FAILED
    return make_and_keep(store, failures)


def make_and_keep(store: Store, failures: dict[str, str]) -> Board:
    """Weigh the labels again and keep a new scoreboard; failures: why nets could not catch up, by id."""
    started = time.monotonic()
    with store.reading() as connection:
        made_of = state(connection)  # taken first: whatever comes in meanwhile makes the board out of date
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
    columns = (table.id, table.contributor_id, table.prompt, table.label, table.length, table.pen_name, table.device)
    done = connection.execute(
        select(*columns, table.uid, table.round).where(table.state == DONE).order_by(table.id)
    ).all()
    closed = [tuple(row[:-1]) for row in done if row.round not in unfinished and row.round < newest // ROUND]
    digits = [row for row in closed if row[3] is not None and row[3] < UNREADABLE]
    counts = {
        "submitted": sum(number for state, number in states.items() if state != GOLD),
        "waiting for labels": states.get(OPEN, 0),
        "annotated": states.get(DONE, 0),
        "in finished rounds": len(closed),
        "unreadable": sum(row[3] == UNREADABLE for row in closed),
        "not a digit": sum(row[3] == NOT_A_DIGIT for row in closed),
        "people disagree": sum(row[3] is None for row in closed),
        "scored": len(digits),
    }
    numbers = [(name, "i8") for name in ("id", "contributor", "prompt", "label")]
    texts = [("pen", "U24"), ("device", "U8"), ("uid", "U32")]
    return counts, np.array(digits, dtype=[*numbers, ("length", "f8"), *texts])


def _predicted(connection: Connection, checkpoint: str) -> NDArray[np.int64]:
    """(predictions, 2): number of a drawing and the digit predicted."""
    table = schema.predictions.c
    query = select(table.drawing_id, table.digit).where(
        table.checkpoint == checkpoint, table.input_version == predictions.input_version()
    )
    rows = connection.execute(query.order_by(table.drawing_id)).all()
    return np.array([tuple(row) for row in rows], dtype=np.int64).reshape(-1, 2)  # of rows as they are: 10 s for 10^5


def _labels(connection: Connection) -> dict[int, list[int]]:
    """The labels that count of every annotated drawing, the first given first."""
    query = (
        select(schema.annotations.c.drawing_id, schema.annotations.c.label)
        .join(drawings, drawings.c.id == schema.annotations.c.drawing_id)
        .join(contributors, contributors.c.id == schema.annotations.c.contributor_id)
        .where(drawings.c.state == DONE, schema.annotations.c.counted, contributors.c.trusted)
        .order_by(schema.annotations.c.id)
    )
    labels: dict[int, list[int]] = {}
    for drawing_id, label in connection.execute(query):
        labels.setdefault(drawing_id, []).append(label)
    return {drawing_id: each for drawing_id, each in labels.items() if len(each) >= quorum.AGREEING}


def _aligned(predicted: NDArray[np.int64], ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """The digits (drawings,) predicted for the drawings `ids`, all of which are in `predicted`, sorted by number."""
    return predicted[np.searchsorted(predicted[:, 0], ids), 1]


def _is_ahead(pair: Pair, of: str) -> bool:
    return (pair.ahead == "a" and pair.b == of) or (pair.ahead == "b" and pair.a == of)


def _confusion(label: NDArray[np.int64], predicted: NDArray[np.int64]) -> list[list[int]]:
    """(10, 10): rows are what people label, columns what the net predicts."""
    return np.bincount(label * 10 + predicted, minlength=100).reshape(10, 10).tolist()


def _slices(names: list[str], scored: NDArray[np.void], correct: NDArray[np.bool_]) -> list[Slice]:
    parts = [("digit", str(digit), scored["label"] == digit) for digit in range(10)]
    parts += [("pen", str(name), scored["pen"] == name) for name in np.unique(scored["pen"])]
    parts += [("device", str(name), scored["device"] == name) for name in np.unique(scored["device"])]
    for low, high in LENGTHS:
        words = f"{low:g} to {high:g} pads" if np.isfinite(high) else f"over {low:g} pads"
        parts.append(("length", words, (scored["length"] >= low) & (scored["length"] < high)))
    return [
        Slice(by, value, int(chosen.sum()), dict(zip(names, correct[chosen].sum(axis=0).tolist(), strict=True)))
        for by, value, chosen in parts
        if chosen.any()
    ]


def _hardest(
    names: list[str], scored: NDArray[np.void], predicted: NDArray[np.int64], correct: NDArray[np.bool_]
) -> list[Hard]:
    """Drawings that most nets mislabel, the latest first among equals."""
    wrong = (~correct).sum(axis=1)
    order = np.lexsort((-scored["id"], -wrong))
    return [
        Hard(str(scored["uid"][i]), int(scored["label"][i]), dict(zip(names, predicted[i].tolist(), strict=True)))
        for i in order[:HARDEST]
        if wrong[i]
    ]
