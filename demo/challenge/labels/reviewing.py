"""What the owner does with drawings that people flagged."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, insert, select, update

from demo.challenge.drawings.contributors import arrive, today
from demo.challenge.drawings.submitting import HOUSE, erase
from demo.challenge.labels.settling import settle
from demo.challenge.store.database import Store
from demo.challenge.store.schema import HIDDEN, KNOWN, OPEN, contents, drawings, flags


class NoSuchDrawing(LookupError):
    """No drawing has this key."""


class Decided(ValueError):
    """The owner has decided on this drawing before."""


@dataclass(frozen=True)
class Flagged:
    uid: str
    asked: int
    day: str
    flags: int
    image: bytes


def waiting(store: Store) -> list[Flagged]:
    """The flagged drawings that nobody has decided on, oldest first."""
    count = select(func.count()).where(flags.c.drawing_id == drawings.c.id).scalar_subquery()
    query = (
        select(drawings.c.uid, drawings.c.prompt, drawings.c.day, count.label("flags"), contents.c.image)
        .join(contents, contents.c.drawing_id == drawings.c.id)
        .where(drawings.c.state == HIDDEN)
        .order_by(drawings.c.id)
    )
    with store.reading() as connection:
        rows = connection.execute(query)
        return [Flagged(row.uid, row.prompt, row.day, row.flags, bytes(row.image)) for row in rows]


def allow(store: Store, uid: str) -> None:
    """Put a flagged drawing back; later flags leave it where it is. Raises NoSuchDrawing."""
    drawing_id, prompt = _find(store, uid)
    with store.writing() as connection:
        connection.execute(update(flags).where(flags.c.drawing_id == drawing_id).values(decided=True))
        connection.execute(
            update(drawings).where(drawings.c.id == drawing_id, drawings.c.state == HIDDEN).values(state=OPEN)
        )
        settle(connection, drawing_id, prompt)


def hide(store: Store, uid: str) -> None:
    """Take a drawing off the page until it is allowed or deleted. Raises NoSuchDrawing, and Decided when it was."""
    drawing_id, _ = _find(store, uid)
    with store.writing() as connection:
        decided = select(flags.c.id).where(flags.c.drawing_id == drawing_id, flags.c.decided)
        if connection.execute(decided).first():
            raise Decided(f"{uid} was allowed before: delete it instead")
        owner = arrive(connection, HOUSE)
        connection.execute(insert(flags).values(drawing_id=drawing_id, contributor_id=owner, day=today()))
        connection.execute(update(drawings).where(drawings.c.id == drawing_id).values(state=HIDDEN))


def delete(store: Store, uid: str) -> None:
    """Delete a drawing for good. Raises NoSuchDrawing."""
    drawing_id, _ = _find(store, uid)
    with store.writing() as connection:
        erase(connection, drawing_id, uid)


def _find(store: Store, uid: str) -> tuple[int, int]:
    query = select(drawings.c.id, drawings.c.prompt).where(drawings.c.uid == uid, drawings.c.state != KNOWN)
    with store.reading() as connection:
        row = connection.execute(query).first()
    if row is None:
        raise NoSuchDrawing(f"there is no drawing {uid!r}: `review` lists those that wait")
    return row.id, row.prompt
