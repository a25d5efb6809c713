"""Judgements -> labels, for all finished drawings at once.

Dawid and Skene's model ("Maximum likelihood estimation of observer error-rates using the EM algorithm", 1979) weighs
everybody by how well they read everything else. Used is its one-coin form (Zhang, Chen, Zhou, Jordan, "Spectral
methods meet EM", 2016; crowd-kit's implementation), one error rate a judge: a table of 12 x 12 for each would be
nearly all zeros here, and a zero in it makes one judge outweigh everybody.
The nets have no vote, and no label rests on one judge, however good.
"""

from __future__ import annotations

import pandas as pd
from crowdkit.aggregation.classification.dawid_skene import OneCoinDawidSkene
from sqlalchemy import Connection, bindparam, select, update

from demo.challenge.labels.settling import AGREEING
from demo.challenge.store.database import Store
from demo.challenge.store.schema import DONE, KNOWN, contributors, drawings, judgements

CONFIDENT = 0.8  # posterior from which a label counts
CONFIDENCE_DIGITS = 3  # that are kept: each new judgement moves all the others by a hair
ALONE_FROM = 20  # judgements from which a judge has an error rate of their own; the others share one
ITERATIONS = 20
PROMPT = "prompt"  # the drawer's own word takes part as one more voice
OWNER = "owner"  # says what the known drawings are
NEWCOMERS = "newcomers"


def aggregate(store: Store) -> int:
    """Label every finished drawing by Dawid-Skene; returns how many have a label one can trust.

    A label below CONFIDENT, or one that fewer than two people gave, is taken back: the drawing is not scored.
    Only what differs from before is written, so that nobody waits long for the store.
    """
    columns = (drawings.c.id, drawings.c.prompt, drawings.c.label, drawings.c.confidence)
    with store.reading() as connection:
        said, known = _everything_said(connection)
        finished = connection.execute(select(*columns).where(drawings.c.state == DONE)).all()
    if said.empty or not finished:
        return 0
    posteriors = posterior(said, known, {row.id: row.prompt for row in finished}).loc[[row.id for row in finished]]
    likeliest = posteriors.columns.to_numpy()[posteriors.to_numpy().argmax(axis=1)]
    confidences = posteriors.to_numpy().max(axis=1).round(CONFIDENCE_DIGITS)
    backing: dict[tuple[int, int], int] = said.groupby(["task", "label"]).size().to_dict()
    rows, labelled = [], 0
    for row, likely, confidence in zip(finished, likeliest.tolist(), confidences.tolist(), strict=True):
        sure = confidence >= CONFIDENT and backing.get((row.id, likely), 0) >= AGREEING
        label = likely if sure else None
        labelled += sure
        if (label, confidence) != (row.label, row.confidence):
            rows.append({"row": row.id, "new_label": label, "new_confidence": confidence})
    if not rows:
        return labelled
    statement = (
        update(drawings)
        .where(drawings.c.id == bindparam("row"), drawings.c.state == DONE)
        .values(label=bindparam("new_label"), confidence=bindparam("new_confidence"))
    )
    with store.writing() as connection:
        connection.execute(statement, rows)
    return labelled


def posterior(said: pd.DataFrame, known: dict[int, int], prompts: dict[int, int]) -> pd.DataFrame:
    """Probability of each label, one row a drawing.

    said     columns task (drawing), worker (judge), label
    known    true label by drawing
    prompts  what the drawer was asked for, by drawing
    """
    counts = said["worker"].map(said["worker"].value_counts())
    workers = said["worker"].astype(str).where(counts >= ALONE_FROM, NEWCOMERS)
    voices = [said.assign(worker=workers), _voice(PROMPT, prompts)]
    if known:
        seen = set(said["task"])
        voices.append(_voice(OWNER, {task: label for task, label in known.items() if task in seen}))
    model = OneCoinDawidSkene(n_iter=ITERATIONS).fit(pd.concat(voices, ignore_index=True))
    assert model.probas_ is not None
    return model.probas_


def _voice(worker: str, words: dict[int, int]) -> pd.DataFrame:
    return pd.DataFrame({"task": list(words), "worker": worker, "label": list(words.values())}).astype({"label": int})


def _everything_said(connection: Connection) -> tuple[pd.DataFrame, dict[int, int]]:
    query = (
        select(judgements.c.drawing_id, judgements.c.contributor_id, judgements.c.said)
        .join(contributors, contributors.c.id == judgements.c.contributor_id)
        .join(drawings, drawings.c.id == judgements.c.drawing_id)
        .where(contributors.c.trusted, drawings.c.state.in_((DONE, KNOWN)))
    )
    rows = connection.execute(query).all()
    known = dict(connection.execute(select(drawings.c.id, drawings.c.label).where(drawings.c.state == KNOWN)).all())
    return pd.DataFrame([tuple(row) for row in rows], columns=["task", "worker", "label"]), known
