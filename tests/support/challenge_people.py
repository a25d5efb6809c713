"""What people do in the challenge, in one call each, for its tests."""

from __future__ import annotations

import secrets

from sqlalchemy import select

from architectures.input.pen import PRESETS
from demo.challenge.drawings.submissions import enter, submission, submit
from demo.challenge.labels import annotating
from demo.challenge.labels.annotating import Accepted
from demo.challenge.store import schema
from demo.challenge.store.database import Store
from tests.support.challenge_stores import SEVEN


def give(store: Store, key: str, prompt: int = 7, address: str | None = None) -> str:
    """A drawing of a 7, submitted; returns its uid."""
    drawing = submission(SEVEN, PRESETS["classic"], uid=secrets.token_hex(16), key=key, prompt=prompt)
    submit(store, drawing, address)
    return drawing.uid


def give_gold(store: Store, label: int = 7, number: int = 1) -> None:
    """Gold items that show a 7."""
    with store.writing() as connection:
        for _ in range(number):
            enter(
                connection,
                submission(SEVEN, PRESETS["classic"], uid=secrets.token_hex(16), key=None, prompt=label),
            )


def row_of(store: Store, uid: str) -> tuple[str, int | None, int]:
    """State, label, and how many labels count, of a drawing."""
    with store.reading() as connection:
        row = connection.execute(select(schema.drawings).where(schema.drawings.c.uid == uid)).one()
        return row.state, row.label, row.annotated


def label_next(store: Store, key: str, label: int, address: str | None = None) -> str:
    """This annotator labels what they are assigned; returns its uid."""
    assigned = annotating.next_assignment(store, key, address)
    assert assigned is not None
    annotating.annotate(store, key, assigned.uid, label, ticket=assigned.ticket, address=address)
    return assigned.uid


def label_assigned(store: Store, key: str, uid: str, label: int, address: str | None = None) -> Accepted:
    """This annotator labels `uid`, for which they have a ticket."""
    secret = annotating.shared_secret(store, annotating.SECRET)
    ticket = annotating._ticket(secret, annotating.hash_of(key), uid)
    return annotating.annotate(store, key, uid, label, ticket=ticket, address=address)


def prove(store: Store, key: str, address: str | None = None) -> None:
    """Label gold items as what they are until something else is assigned, or nothing."""
    while (assigned := annotating.next_assignment(store, key, address)) is not None:
        with store.reading() as connection:
            row = connection.execute(select(schema.drawings).where(schema.drawings.c.uid == assigned.uid)).one()
        if row.state != schema.GOLD:
            return
        annotating.annotate(store, key, assigned.uid, row.label, ticket=assigned.ticket, address=address)
