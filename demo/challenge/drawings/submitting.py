"""A drawing comes in: checked, then stored in one transaction; the same key twice is one drawing."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from architectures.input.pen import draw
from architectures.input.strokes import PAD_PX, check, travel_px
from demo.challenge.drawings import limits
from demo.challenge.drawings.contributors import arrive, clean_nickname, hash_of, today
from demo.challenge.store.database import Store
from demo.challenge.store.images import Pens, pen_name, pens_as_json, png_of
from demo.challenge.store.schema import (
    KNOWN,
    OPEN,
    ROUND,
    answers,
    contents,
    contributors,
    deletions,
    drawings,
    flags,
    judgements,
    turns,
)

HOUSE = "0" * 64  # the maker of known drawings; no key has this hash
DEVICES = ("mouse", "touch", "pen", "unknown")
SHORTEST = 0.05  # sides of the pad; less than that is a slip of the hand, not a digit
VERSION = "0.1.0"  # of this program, kept with each drawing
_UID = re.compile(r"[0-9a-f]{32}")


class BadSubmission(ValueError):
    """The drawing cannot be taken; the message is for the person."""


@dataclass(frozen=True)
class Submission:
    """What is stored of one drawing.

    uid         32 hex digits, chosen before the drawing is sent: sent twice, it is stored once
    key_hash    of the contributor (64 hex digits)
    prompt      the digit asked for; for a known drawing, its label
    strokes     JSON, checked by demo.strokes
    image     PNG
    length      of all strokes, in sides of the pad
    day         "2026-11-22"
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
    known: bool = False

    def given(self, *, maker: str, day: str, known: bool = False) -> Submission:
        """The same drawing, given by the contributor with the hash `maker` on another day."""
        return replace(self, key_hash=maker, day=day, known=known)


@dataclass(frozen=True)
class Receipt:
    """The drawing is on the disk under this number; `again`: it was there before."""

    drawing_id: int
    again: bool


def submission(
    strokes: Any,
    pens: Pens,
    *,
    uid: str,
    key: str | None,
    prompt: int,
    device: str = "unknown",
    nickname: str = "",
    app_version: str = VERSION,
) -> Submission:
    """The checked submission of `strokes`, drawn with one pen or with one for each stroke.

    key None makes it a known drawing: `prompt` is its label, and nobody can delete it.
    The image is drawn here, so that no image is kept that its strokes do not make.
    Raises BadSubmission, BadContributor, demo.points.BadStrokes or demo.pen.BadPen.
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
        known=key is None,
        strokes=json.dumps(strokes, separators=(",", ":"), allow_nan=False),
        image=png_of(draw(strokes, pens)),
        pens=pens,
        length=length,
        device=device if device in DEVICES else "unknown",
        app_version=app_version[:32],
        nickname=clean_nickname(nickname),
    )


def submit(store: Store, given: Submission, address: str | None = None) -> Receipt:
    """Store `given` and return when it is on the disk. Raises TooMany, BadSubmission or StoreError.

    address is counted against the limit of the hour and not kept.
    """
    with store.writing() as connection:
        before = connection.execute(select(drawings.c.id).where(drawings.c.uid == given.uid)).scalar()
        if before is None:
            limits.count(connection, "draw", given.key_hash, address)
        return enter(connection, given)


def enter(connection: Connection, given: Submission) -> Receipt:
    """Enter `given` as part of the caller's transaction. Raises BadSubmission when its uid is someone else's."""
    if connection.execute(select(deletions.c.id).where(deletions.c.uid == given.uid)).first():
        raise BadSubmission("this drawing has been deleted and does not come back")
    person = arrive(connection, given.key_hash, given.nickname)
    upsert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    drawing_id = connection.execute(
        upsert(drawings)
        .values(
            uid=given.uid,
            contributor_id=person,
            prompt=given.prompt,
            day=given.day,
            device=given.device,
            app_version=given.app_version,
            pen=json.dumps(pens_as_json(given.pens), sort_keys=True),
            pen_name=pen_name(given.pens),
            length=given.length,
            state=KNOWN if given.known else OPEN,
            round=0,
            disagreement=0.0,
            judged=0,
            label=given.prompt if given.known else None,
        )
        .on_conflict_do_nothing(index_elements=["uid"])
        .returning(drawings.c.id)
    ).scalar()
    if drawing_id is None:
        there = connection.execute(select(drawings).where(drawings.c.uid == given.uid)).one()
        if there.contributor_id != person or there.prompt != given.prompt:
            raise BadSubmission("another drawing has that key already: reload the page for a new prompt")
        return Receipt(there.id, again=True)
    connection.execute(update(drawings).where(drawings.c.id == drawing_id).values(round=drawing_id // ROUND))
    connection.execute(insert(contents).values(drawing_id=drawing_id, strokes=given.strokes, image=given.image))
    return Receipt(drawing_id, again=False)


def given_by(connection: Connection, key: str, newest: int = 60) -> list[Any]:
    """Rows (uid, prompt, label, state, day, image) of what the holder of this key gave, newest first."""
    query = (
        select(drawings.c.uid, drawings.c.prompt, drawings.c.label, drawings.c.state, drawings.c.day, contents.c.image)
        .join(contributors, contributors.c.id == drawings.c.contributor_id)
        .join(contents, contents.c.drawing_id == drawings.c.id)
        .where(contributors.c.key_hash == hash_of(key))
        .order_by(drawings.c.id.desc())
        .limit(newest)
    )
    return list(connection.execute(query))


def is_there(store: Store, uid: str) -> bool:
    """True when a drawing with this key has been stored."""
    with store.reading() as connection:
        return connection.execute(select(drawings.c.id).where(drawings.c.uid == uid)).first() is not None


def number_given(connection: Connection, key: str) -> int:
    query = select(func.count()).select_from(drawings).join(contributors).where(contributors.c.key_hash == hash_of(key))
    return connection.execute(query).scalar_one()


def remove(store: Store, key: str, uids: list[str] | None = None) -> int:
    """Delete the drawings `uids` of the holder of this key, or all of them; returns how many were deleted.

    Drawings of others are left alone, whatever is asked. With everything, the nickname goes too; what the person
    said of others' drawings stays, for other people's labels rest on it.
    """
    with store.writing() as connection:
        limits.count(connection, "delete", hash_of(key), None)
        person = connection.execute(select(contributors.c.id).where(contributors.c.key_hash == hash_of(key))).scalar()
        if person is None:
            return 0
        mine = select(drawings.c.id, drawings.c.uid).where(drawings.c.contributor_id == person)
        if uids is not None:
            mine = mine.where(drawings.c.uid.in_(uids))
        rows = list(connection.execute(mine))
        for row in rows:
            erase(connection, row.id, row.uid)
        if uids is None:
            connection.execute(update(contributors).where(contributors.c.id == person).values(nickname=None))
        return len(rows)


def erase(connection: Connection, drawing_id: int, uid: str) -> None:
    """Take a drawing and all that hangs on it out of the store; only its uid stays, so that it cannot come back."""
    for table in (answers, judgements, flags, turns, contents):
        connection.execute(delete(table).where(table.c.drawing_id == drawing_id))
    connection.execute(delete(drawings).where(drawings.c.id == drawing_id))
    connection.execute(insert(deletions).values(uid=uid))
