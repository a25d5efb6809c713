"""When a drawing has labels enough, and what it is called until consensus.py has weighed the annotators.

Annotators with the weight of two who agree with the prompt are enough; a dissent asks up to five. A newcomer, whom few
gold items vouch for yet, weighs half. The nets have no vote, and of one address group, and of the drawer's own, no more
than nothing or one label counts, see annotating.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, func, select, update

from demo.challenge.store import schema
from demo.challenge.store.schema import DONE, GOLD, HIDDEN, OPEN, contributors, drawings

AGREEING = 2  # weight of the annotators who are enough when nobody dissents; no label rests on fewer people either
MOST = 5  # labels of a drawing that count
ESTABLISHED_FROM = 6  # gold items an annotator has seen and whose label then weighs in full
NEWCOMER = 0.5


class Vote(NamedTuple):
    """One label that counts, and what it weighs."""

    label: int
    weight: float = 1.0


def is_complete(prompt: int, votes: Sequence[Vote]) -> bool:
    """True when nobody else need be asked what this drawing is."""
    unanimous = all(vote.label == prompt for vote in votes)
    return len(votes) >= MOST or (unanimous and sum(vote.weight for vote in votes) >= AGREEING)


def plurality(prompt: int, votes: Sequence[Vote]) -> int | None:
    """The label of most, the prompt's voice included; None for a tie, or when fewer than two people gave it."""
    weights = defaultdict[int, float](float, {prompt: 1.0})
    for vote in votes:
        weights[vote.label] += vote.weight
    (first, weight), *others = sorted(weights.items(), key=lambda each: -each[1])
    tied = bool(others) and others[0][1] == weight
    return None if tied or sum(vote.label == first for vote in votes) < AGREEING else first


def votes_on(connection: Connection, drawing_id: int) -> list[Vote]:
    """The labels of a drawing that count."""
    gold = connection.execute(select(func.count()).where(drawings.c.state == GOLD)).scalar_one()
    query = (
        select(schema.annotations.c.label, contributors.c.gold_seen)
        .join(contributors, contributors.c.id == schema.annotations.c.contributor_id)
        .where(schema.annotations.c.drawing_id == drawing_id, schema.annotations.c.counted, contributors.c.trusted)
        .order_by(schema.annotations.c.id)
    )
    return [Vote(row.label, weight_of(row.gold_seen, gold)) for row in connection.execute(query)]


def weight_of(gold_seen: int, gold: int) -> float:
    """What a label of a trusted annotator weighs, who has seen so many of the `gold` items there are."""
    return 1.0 if gold_seen >= min(ESTABLISHED_FROM, gold) else NEWCOMER


def update_drawing(connection: Connection, drawing_id: int, prompt: int) -> None:
    """Bring a drawing's state in line with the labels that count; its label is provisional, see consensus.py.

    A hidden drawing keeps its state.
    """
    votes = votes_on(connection, drawing_id)
    complete = is_complete(prompt, votes)
    label = plurality(prompt, votes) if complete else None
    values = {"annotated": len(votes), "label": label, "confidence": None if label is None else 1.0}
    at = update(drawings).where(drawings.c.id == drawing_id)
    connection.execute(at.values(**values))
    connection.execute(at.where(drawings.c.state != HIDDEN).values(state=DONE if complete else OPEN))
