"""Who is shown which drawing, and what they say of it.

A judge sees the image alone: no prompt, no verdicts, nothing of their own, nothing twice, and never a drawing of
their choice. Drawings are judged in rounds of ROUND, oldest first, and a round enters the scoreboard when all of it is
judged. Inside a round those that the nets disagree on come first, which is more fun and, since the whole round is
waited for, changes nothing: drawings that nets got right are judged as often as those they got wrong.

A new judge first sees known drawings, and one in KNOWN_EVERY later on. Whoever misreads too many of them is shown
nothing else from then on, and what they said does not count.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from sqlalchemy import Connection, Row, Select, delete, exists, func, insert, select, update

from demo.challenge.drawings import limits
from demo.challenge.drawings.contributors import arrive, hash_of, today
from demo.challenge.labels.settling import settle
from demo.challenge.store.database import Store
from demo.challenge.store.schema import (
    DONE,
    HIDDEN,
    KNOWN,
    OPEN,
    WORDS,
    contents,
    contributors,
    drawings,
    flags,
    judgements,
    turns,
)

FIRST_KNOWN = 3  # known drawings a judge sees before anything they say counts
KNOWN_EVERY = 8
TRUSTED_FROM = 0.7  # share of the known drawings a judge reads as they are
FLAG = "flag"  # what is said of a drawing that should leave the page
AMONG = 4  # a judge gets one of so many by lot, so that two together cannot aim at a drawing


class BadJudgement(ValueError):
    """What was said cannot be taken; the message is for the person."""


@dataclass(frozen=True)
class Turn:
    """A drawing on a judge's table: its key and its image (PNG), and nothing that gives it away."""

    uid: str
    image: bytes


@dataclass(frozen=True)
class Taken:
    """counted: the judgement is one of those that settle this drawing; again: it had been sent before."""

    counted: bool
    again: bool = False


def next_turn(store: Store, key: str) -> Turn | None:
    """The next drawing for the judge with this key, the same one until it is judged; None when there is none."""
    with store.writing() as connection:
        return _hand_over(connection, key)


def say(store: Store, key: str, uid: str, said: int, address: str | None = None) -> Taken:
    """Take what the judge with this key says of drawing `uid`: a digit, UNREADABLE or NOT_A_DIGIT.

    Raises BadJudgement for a drawing that is not on their table, TooMany and StoreError.
    """
    with store.writing() as connection:
        return _take(connection, key, uid, said, address)


def flag(store: Store, key: str, uid: str, address: str | None = None) -> None:
    """Take an indecent or spam drawing off the page until the owner has looked at it.

    One that the owner has looked at already stays. Raises BadJudgement, TooMany and StoreError.
    """
    with store.writing() as connection:
        _flag(connection, key, uid, address)


def go_on(store: Store, key: str, uid: str, said: int | str, address: str | None = None) -> Turn | None:
    """`say`, or `flag` where said is FLAG, and `next_turn`, in one transaction: everybody waits for half as many."""
    with store.writing() as connection:
        if said == FLAG:
            _flag(connection, key, uid, address)
        else:
            _take(connection, key, uid, said, address)
        return _hand_over(connection, key)


def images_of(store: Store, uids: list[str]) -> dict[str, bytes]:
    """PNG of those of these drawings that may be shown: judged, and not flagged since."""
    query = (
        select(drawings.c.uid, contents.c.image)
        .join(contents, contents.c.drawing_id == drawings.c.id)
        .where(drawings.c.uid.in_(uids), drawings.c.state == DONE)
    )
    with store.reading() as connection:
        return {row.uid: bytes(row.image) for row in connection.execute(query)}


def _hand_over(connection: Connection, key: str) -> Turn | None:
    judge = _judge(connection, key)
    row = _on_table(connection, judge.id) or _pick(connection, judge)
    if row is None:
        return None
    image = connection.execute(select(contents.c.image).where(contents.c.drawing_id == row.id)).scalar_one()
    return Turn(row.uid, bytes(image))


def _take(connection: Connection, key: str, uid: str, said: int | str, address: str | None) -> Taken:
    if said not in WORDS:
        raise BadJudgement(f"a drawing is a digit, unreadable or not a digit, not {said!r}")
    judge = _judge(connection, key)
    drawing = _locked(connection, uid)
    if _has_judged(connection, judge.id, drawing.id):
        return Taken(counted=False, again=True)
    _leave_table(connection, judge.id, drawing)
    limits.count(connection, "judge", judge.key_hash, address)
    if drawing.state not in (OPEN, KNOWN):
        return Taken(counted=False)  # others finished it, or flagged it, in the meantime
    connection.execute(
        insert(judgements).values(drawing_id=drawing.id, contributor_id=judge.id, said=said, day=today())
    )
    if drawing.state == KNOWN:
        _measure(connection, judge, right=said == drawing.label)
        return Taken(counted=False)
    settle(connection, drawing.id, drawing.prompt)
    return Taken(counted=True)


def _flag(connection: Connection, key: str, uid: str, address: str | None) -> None:
    judge = _judge(connection, key)
    drawing = _locked(connection, uid)
    flagged = select(flags.c.contributor_id, flags.c.decided).where(flags.c.drawing_id == drawing.id)
    before = list(connection.execute(flagged))
    if any(row.contributor_id == judge.id for row in before):
        return
    _leave_table(connection, judge.id, drawing)
    limits.count(connection, "flag", judge.key_hash, address)
    connection.execute(insert(flags).values(drawing_id=drawing.id, contributor_id=judge.id, day=today()))
    if drawing.state != KNOWN and not any(row.decided for row in before):
        connection.execute(update(drawings).where(drawings.c.id == drawing.id).values(state=HIDDEN))


def _judge(connection: Connection, key: str) -> Row:
    person = arrive(connection, hash_of(key))
    table = contributors.c
    columns = (table.id, table.key_hash, table.known_seen, table.known_right, table.trusted)
    return connection.execute(select(*columns).where(table.id == person)).one()


def _locked(connection: Connection, uid: str) -> Row:
    """The drawing, held until the transaction ends, so that two judges cannot both be the fifth."""
    table = drawings.c
    columns = (table.id, table.contributor_id, table.prompt, table.state, table.label)
    row = connection.execute(select(*columns).where(table.uid == uid).with_for_update()).first()
    if row is None:
        raise BadJudgement("that drawing is gone: its maker has taken it back")
    return row


def _has_judged(connection: Connection, judge: int, drawing: int) -> bool:
    query = select(judgements.c.id).where(judgements.c.drawing_id == drawing, judgements.c.contributor_id == judge)
    return connection.execute(query).first() is not None


def _leave_table(connection: Connection, judge: int, drawing: Row) -> None:
    if drawing.contributor_id == judge:
        raise BadJudgement("nobody judges their own drawing")
    mine = delete(turns).where(turns.c.contributor_id == judge, turns.c.drawing_id == drawing.id)
    if connection.execute(mine).rowcount != 1:
        raise BadJudgement("this drawing was not handed to you: judge the one on the page")


def _on_table(connection: Connection, judge: int) -> Row | None:
    query = (
        select(drawings.c.id, drawings.c.uid)
        .join(turns, turns.c.drawing_id == drawings.c.id)
        .where(turns.c.contributor_id == judge, drawings.c.state.in_((OPEN, KNOWN)))
    )
    return connection.execute(query).first()


def _pick(connection: Connection, judge: Row) -> Row | None:
    """Choose a drawing for the judge and put it on their table."""
    trusted = judge.trusted or trusts(connection, judge.known_seen, judge.known_right)
    if trusted != judge.trusted:
        connection.execute(update(contributors).where(contributors.c.id == judge.id).values(trusted=trusted))
    wants_known = not trusted or random.randrange(KNOWN_EVERY) == 0
    row = _by_lot(connection, known_for(judge.id)) if wants_known else None
    if row is None and trusted:
        row = _by_lot(connection, open_for(judge.id))
    if row is not None:
        connection.execute(delete(turns).where(turns.c.contributor_id == judge.id))
        connection.execute(insert(turns).values(contributor_id=judge.id, drawing_id=row.id))
    return row


def _by_lot(connection: Connection, query: Select[int, str]) -> Row | None:
    rows = list(connection.execute(query))
    return random.choice(rows) if rows else None


def open_for(judge: int) -> Select[int, str]:
    """The AMONG drawings a judge may get: of the oldest rounds, those the nets disagree on first."""
    return (
        _not_seen(judge)
        .where(drawings.c.state == OPEN, drawings.c.contributor_id != judge)
        .order_by(drawings.c.round, drawings.c.disagreement.desc())
        .limit(AMONG)
    )


def known_for(judge: int) -> Select[int, str]:
    """The known drawings a judge has not seen."""
    return _not_seen(judge).where(drawings.c.state == KNOWN).order_by(func.random()).limit(AMONG)


def _not_seen(judge: int) -> Select[int, str]:
    judged = exists().where(judgements.c.drawing_id == drawings.c.id, judgements.c.contributor_id == judge)
    flagged = exists().where(flags.c.drawing_id == drawings.c.id, flags.c.contributor_id == judge)
    return select(drawings.c.id, drawings.c.uid).where(~judged, ~flagged)


def trusts(connection: Connection, seen: int, right: int) -> bool:
    """True for a judge who has read enough known drawings as they are; all are trusted while none are known."""
    known = connection.execute(
        select(func.count()).select_from(
            select(drawings.c.id).where(drawings.c.state == KNOWN).limit(FIRST_KNOWN).subquery()
        )
    ).scalar_one()
    return seen >= min(FIRST_KNOWN, known) and right >= TRUSTED_FROM * seen


def _measure(connection: Connection, judge: Row, right: bool) -> None:
    """Enter how the judge read a known drawing; losing trust takes their judgements out of every label."""
    seen, rightly = judge.known_seen + 1, judge.known_right + int(right)
    trusted = trusts(connection, seen, rightly)
    connection.execute(
        update(contributors)
        .where(contributors.c.id == judge.id)
        .values(known_seen=seen, known_right=rightly, trusted=trusted)
    )
    if trusted != judge.trusted:
        said = select(judgements.c.drawing_id).where(judgements.c.contributor_id == judge.id)
        touched = select(drawings.c.id, drawings.c.prompt).where(
            drawings.c.id.in_(said), drawings.c.state.in_((OPEN, DONE))
        )
        for row in list(connection.execute(touched)):
            settle(connection, row.id, row.prompt)
