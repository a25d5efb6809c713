"""When a drawing has been judged enough, and what it is called until labels.py has weighed the judges.

Two people who agree with the prompt settle a drawing; a dissent asks up to five. The nets have no vote.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from demo.challenge.store.schema import DONE, OPEN, contributors, drawings, judgements

AGREEING = 2  # judges who settle a drawing when nobody dissents; no label rests on fewer
MOST = 5  # trusted judgements a drawing gets


def finished(prompt: int, said: Sequence[int]) -> bool:
    """True when nobody else need be asked what this drawing is."""
    agreeing = sum(word == prompt for word in said)
    return len(said) >= (AGREEING if agreeing == len(said) else MOST)


def plurality(prompt: int, said: Sequence[int]) -> int | None:
    """The word of most, the prompt's included; None for a tie, or when fewer than two people said it."""
    (first, votes), *others = Counter([*said, prompt]).most_common()
    tied = bool(others) and others[0][1] == votes
    return None if tied or sum(word == first for word in said) < AGREEING else first


def settle(connection: Connection, drawing_id: int, prompt: int) -> None:
    """Bring a drawing's state in line with what trusted judges have said; the label is provisional, see aggregate."""
    said = list(
        connection.execute(
            select(judgements.c.said)
            .join(contributors, contributors.c.id == judgements.c.contributor_id)
            .where(judgements.c.drawing_id == drawing_id, contributors.c.trusted)
        ).scalars()
    )
    over = finished(prompt, said)
    label = plurality(prompt, said) if over else None
    connection.execute(
        update(drawings)
        .where(drawings.c.id == drawing_id)
        .values(
            state=DONE if over else OPEN,
            judged=len(said),
            label=label,
            confidence=None if label is None else 1.0,
        )
    )
