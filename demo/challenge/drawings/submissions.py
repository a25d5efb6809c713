"""A drawing comes in: checked, then stored in one transaction; the same key twice is one drawing."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from architectures.input.pen import draw
from architectures.input.strokes import PAD_PX, check, travel_px
from checkpoints.version import version
from demo.challenge.drawings import limits
from demo.challenge.drawings.address_groups import group_of
from demo.challenge.drawings.contributors import clean_nickname, ensure_contributor, hash_of, today
from demo.challenge.store import schema
from demo.challenge.store.database import Store, upsert
from demo.challenge.store.images import Pens, pen_name, pens_as_json, png_of
from demo.challenge.store.schema import (
    GOLD,
    OPEN,
    ROUND,
    assignments,
    contents,
    contributors,
    deletions,
    drawings,
    flags,
    predictions,
)

HOUSE = "0" * 64  # the maker of gold items; no key has this hash
DEVICES = ("mouse", "touch", "pen", "unknown")
SHORTEST = 0.05  # sides of the pad; less than that is a slip of the hand, not a digit
_UID = re.compile(r"[0-9a-f]{32}")


class BadSubmission(ValueError):
    """The drawing cannot be taken; the message is for the person."""


@dataclass(frozen=True)
class Submission:
    """What is stored of one drawing.

    uid       32 hex digits, chosen before the drawing is sent: sent twice, it is stored once
    key_hash  of the contributor (64 hex digits)
    prompt    the digit asked for; for a gold item, its label
    strokes   JSON, checked by architectures.input.strokes
    image     PNG
    length    of all strokes, in sides of the pad
    day       "2026-11-22"
    group     address group it came from, or None
    """

    uid: str
    key_hash: str
    prompt: int
    strokes: str
    image: bytes
    pens: Pens
    length: float
    device: str
    app_version: str
    nickname: str | None = None
    day: str = field(default_factory=today)
    gold: bool = False
    group: str | None = None

    def of(self, *, maker: str, day: str, gold: bool = False, group: str | None = None) -> Submission:
        """The same drawing, submitted by the contributor with the hash `maker` on another day."""
        return replace(self, key_hash=maker, day=day, gold=gold, group=group)


@dataclass(frozen=True)
class Receipt:
    """The drawing is on the disk under this number; `duplicate`: it was there before."""

    drawing_id: int
    duplicate: bool


def submission(
    strokes: Any,
    pens: Pens,
    *,
    uid: str,
    key: str | None,
    prompt: int,
    device: str = "unknown",
    nickname: str = "",
    app_version: str | None = None,
) -> Submission:
    """The checked submission of `strokes`, drawn with one pen or with one for each stroke.

    key None makes it a gold item: `prompt` is its label, and nobody can delete it.
    The image is drawn here, so that no image is kept that its strokes do not make.
    Raises BadSubmission, BadContributor, BadStrokes or BadPen.
    """
    strokes = check(strokes)
    if not strokes:
        raise BadSubmission("the pad is empty: draw the digit first")
    if not _UID.fullmatch(uid) or prompt not in range(10):
        raise BadSubmission("there is no prompt to go with this drawing: reload the page for a new one")
    length = travel_px(strokes) / PAD_PX
    if length < SHORTEST:
        raise BadSubmission("that is only a dot: draw the whole digit")
    return Submission(
        uid=uid,
        key_hash=HOUSE if key is None else hash_of(key),
        prompt=prompt,
        gold=key is None,
        strokes=json.dumps(strokes, separators=(",", ":"), allow_nan=False),
        image=png_of(draw(strokes, pens)),
        pens=pens,
        length=length,
        device=device if device in DEVICES else "unknown",
        app_version=(app_version or version())[:32],
        nickname=clean_nickname(nickname),
    )


def submit(store: Store, drawing: Submission, address: str | None = None) -> Receipt:
    """Store `drawing` and return when it is on the disk. Raises TooMany, BadSubmission or StoreError.

    address is counted against the limits and kept as its group's hash alone.
    """
    group = group_of(store, address)
    with store.writing() as connection:
        before = connection.execute(select(drawings.c.id).where(drawings.c.uid == drawing.uid)).scalar()
        if before is None:
            limits.count(connection, "draw", drawing.key_hash, group)
        return enter(connection, replace(drawing, group=group))


def enter(connection: Connection, drawing: Submission) -> Receipt:
    """Enter `drawing` as part of the caller's transaction. Raises BadSubmission when its uid is someone else's."""
    if connection.execute(select(deletions.c.id).where(deletions.c.uid == drawing.uid)).first():
        raise BadSubmission("this drawing has been deleted and does not come back")
    person = ensure_contributor(connection, drawing.key_hash, drawing.nickname, group=drawing.group)
    drawing_id = connection.execute(
        upsert(connection, drawings)
        .values(
            uid=drawing.uid,
            contributor_id=person,
            prompt=drawing.prompt,
            day=drawing.day,
            device=drawing.device,
            app_version=drawing.app_version,
            pen=json.dumps(pens_as_json(drawing.pens), sort_keys=True),
            pen_name=pen_name(drawing.pens),
            length=drawing.length,
            state=GOLD if drawing.gold else OPEN,
            round=0,
            disagreement=0.0,
            annotated=0,
            label=drawing.prompt if drawing.gold else None,
            address_group=drawing.group,
        )
        .on_conflict_do_nothing(index_elements=["uid"])
        .returning(drawings.c.id)
    ).scalar()
    if drawing_id is None:
        stored = connection.execute(select(drawings).where(drawings.c.uid == drawing.uid)).one()
        if stored.contributor_id != person or stored.prompt != drawing.prompt:
            raise BadSubmission("another drawing has that key already: reload the page for a new prompt")
        return Receipt(stored.id, duplicate=True)
    connection.execute(update(drawings).where(drawings.c.id == drawing_id).values(round=drawing_id // ROUND))
    connection.execute(insert(contents).values(drawing_id=drawing_id, strokes=drawing.strokes, image=drawing.image))
    return Receipt(drawing_id, duplicate=False)


def drawings_of(connection: Connection, key: str, newest: int = 60) -> list[Any]:
    """Rows (uid, prompt, label, state, day, image) of what the holder of this key submitted, newest first."""
    query = (
        select(drawings.c.uid, drawings.c.prompt, drawings.c.label, drawings.c.state, drawings.c.day, contents.c.image)
        .join(contributors, contributors.c.id == drawings.c.contributor_id)
        .join(contents, contents.c.drawing_id == drawings.c.id)
        .where(contributors.c.key_hash == hash_of(key))
        .order_by(drawings.c.id.desc())
        .limit(newest)
    )
    return list(connection.execute(query))


def is_stored(store: Store, uid: str) -> bool:
    """True when a drawing with this key has been submitted."""
    with store.reading() as connection:
        return connection.execute(select(drawings.c.id).where(drawings.c.uid == uid)).first() is not None


def count_of(connection: Connection, key: str) -> int:
    """How many drawings the holder of this key has in the store."""
    query = select(func.count()).select_from(drawings).join(contributors).where(contributors.c.key_hash == hash_of(key))
    return connection.execute(query).scalar_one()


def remove(store: Store, key: str, uids: list[str] | None = None, address: str | None = None) -> int:
    """Delete the drawings `uids` of the holder of this key, or all of them; returns how many were deleted.

    Drawings of others are left alone, whatever is asked, and a key that nothing belongs to leaves no trace. With
    everything, the nickname goes too; the labels that this person gave to others' drawings stay, for other people's
    consensus rests on them.
    """
    by_key = select(contributors.c.id).where(contributors.c.key_hash == hash_of(key))
    with store.reading() as connection:
        if connection.execute(by_key).first() is None:
            return 0
    group = group_of(store, address)
    with store.writing() as connection:
        person = connection.execute(by_key).scalar()
        if person is None:
            return 0
        limits.count(connection, "delete", hash_of(key), group)
        own = select(drawings.c.id, drawings.c.uid).where(drawings.c.contributor_id == person)
        if uids is not None:
            own = own.where(drawings.c.uid.in_(uids))
        rows = list(connection.execute(own))
        for row in rows:
            erase(connection, row.id, row.uid)
        if uids is None:
            connection.execute(update(contributors).where(contributors.c.id == person).values(nickname=None))
        store.overwrite_deleted()
    return len(rows)


def erase(connection: Connection, drawing_id: int, uid: str) -> None:
    """Take a drawing and all that hangs on it out of the store; only its uid stays, so that it cannot come back.

    The caller has the store `overwrite_deleted`.
    """
    for table in (predictions, schema.annotations, flags, assignments, contents):
        connection.execute(delete(table).where(table.c.drawing_id == drawing_id))
    connection.execute(delete(drawings).where(drawings.c.id == drawing_id))
    connection.execute(insert(deletions).values(uid=uid))
