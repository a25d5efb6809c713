"""Annotations -> labels, for all finished drawings at once.

Dawid and Skene's model weighs everybody by how well they label everything else. Used is its one-coin form, one error
rate an annotator: a table of 12 x 12 for each would be nearly all zeros here, and a zero in it makes one annotator
outweigh everybody. The nets have no vote, and no label rests on one annotator, however good.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, bindparam, select, update

from demo.challenge.labels.dawid_skene import dawid_skene
from demo.challenge.labels.quorum import AGREEING
from demo.challenge.store import schema
from demo.challenge.store.database import Store
from demo.challenge.store.schema import DONE, GOLD, LABELS, contributors, drawings

CONFIDENT = 0.8  # posterior from which a label counts
CONFIDENCE_DIGITS = 3  # that are kept: each new annotation moves all the others by a hair
ALONE_FROM = 20  # labels from which an annotator has an error rate of their own; newcomers share one
ITERATIONS = 20
PROMPT, OWNER, NEWCOMERS = -1, -2, -3  # annotators too: the drawer's own word, the gold items' labels, all who are new

Labelled = tuple[int, int, int]  # drawing, annotator, label


def aggregate(store: Store) -> int:
    """Label every finished drawing by Dawid-Skene; returns how many have a label one can trust.

    A label below CONFIDENT, or one that fewer than two people gave, is taken back: the drawing is not scored.
    Only what differs from before is written, so that nobody waits long for the store.
    """
    columns = (drawings.c.id, drawings.c.prompt, drawings.c.label, drawings.c.confidence)
    with store.reading() as connection:
        triples, gold = _labelled(connection)
        finished = connection.execute(select(*columns).where(drawings.c.state == DONE)).all()
    if not triples or not finished:
        return 0
    posteriors = posterior(triples, gold, {row.id: row.prompt for row in finished})
    backing = Counter((drawing, label) for drawing, _, label in triples)
    rows, labelled = [], 0
    for row in finished:
        likely = int(posteriors[row.id].argmax())
        confidence = round(float(posteriors[row.id].max()), CONFIDENCE_DIGITS)
        sure = confidence >= CONFIDENT and backing[row.id, likely] >= AGREEING
        label = likely if sure else None
        labelled += sure
        if (label, confidence) != (row.label, row.confidence):
            rows.append({"row": row.id, "new_label": label, "new_confidence": confidence})
    if rows:
        statement = (
            update(drawings)
            .where(drawings.c.id == bindparam("row"), drawings.c.state == DONE)
            .values(label=bindparam("new_label"), confidence=bindparam("new_confidence"))
        )
        with store.writing() as connection:
            connection.execute(statement, rows)
    return labelled


def posterior(
    triples: Sequence[Labelled], gold: Mapping[int, int], prompts: Mapping[int, int]
) -> dict[int, NDArray[np.float64]]:
    """Probability of each of LABELS, (12,), by drawing.

    triples  drawing, annotator and label
    gold     true label by drawing
    prompts  what the drawer was asked for, by drawing
    """
    busy = Counter(annotator for _, annotator, _ in triples)
    voices = [
        (drawing, annotator if busy[annotator] >= ALONE_FROM else NEWCOMERS, label)
        for drawing, annotator, label in triples
    ]
    labelled = {drawing for drawing, _, _ in triples}
    voices += [(drawing, PROMPT, prompt) for drawing, prompt in prompts.items()]
    voices += [(drawing, OWNER, label) for drawing, label in gold.items() if drawing in labelled]
    table = np.array(voices, dtype=np.int64)
    items, item = np.unique(table[:, 0], return_inverse=True)
    _, annotator = np.unique(table[:, 1], return_inverse=True)
    estimate = dawid_skene(item, annotator, table[:, 2], len(LABELS), one_coin=True, iterations=ITERATIONS)
    return dict(zip(items.tolist(), estimate.posterior, strict=True))


def _labelled(connection: Connection) -> tuple[list[Labelled], dict[int, int]]:
    query = (
        select(schema.annotations.c.drawing_id, schema.annotations.c.contributor_id, schema.annotations.c.label)
        .join(contributors, contributors.c.id == schema.annotations.c.contributor_id)
        .join(drawings, drawings.c.id == schema.annotations.c.drawing_id)
        .where(contributors.c.trusted, schema.annotations.c.label.in_(LABELS), drawings.c.state.in_((DONE, GOLD)))
        .where(schema.annotations.c.counted | (drawings.c.state == GOLD))
    )
    rows: Iterable[Labelled] = ((row[0], row[1], row[2]) for row in connection.execute(query))
    gold = connection.execute(select(drawings.c.id, drawings.c.label).where(drawings.c.state == GOLD))
    return list(rows), {row.id: row.label for row in gold}
