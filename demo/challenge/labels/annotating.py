"""Who is shown which drawing, and what they label it.

An annotator sees the image alone: no prompt, no predictions, nothing of their own, nothing twice, and never a drawing
of their choice. Drawings are annotated in rounds of ROUND, oldest first, and a round enters the scoreboard when all of
it is annotated. Inside a round those that the nets disagree on come first, which is more fun and, since the whole round
is waited for, changes nothing: drawings that nets got right are annotated as often as those they got wrong.

A new annotator first sees gold items, and one in GOLD_EVERY later on. Whoever mislabels too many of them is shown
nothing else from then on, and their labels do not count. Of one address group one label a drawing counts, and none on a
drawing of its own. A key that has done nothing yet leaves no row: what it was assigned is in a signed ticket.
"""

from __future__ import annotations

import hashlib
import hmac
import random
from dataclasses import dataclass

from sqlalchemy import Connection, Row, Select, delete, exists, func, insert, select, update

from demo.challenge.drawings import limits
from demo.challenge.drawings.address_groups import group_of
from demo.challenge.drawings.contributors import ensure_contributor, hash_of, today
from demo.challenge.labels import quorum
from demo.challenge.labels.flagging import FLAG, enter_flag
from demo.challenge.store import schema
from demo.challenge.store.database import Store
from demo.challenge.store.schema import (
    DONE,
    GOLD,
    LABELS,
    OPEN,
    TAKEN_BACK,
    assignments,
    contents,
    contributors,
    drawings,
    flags,
)
from demo.challenge.store.shared_secrets import shared_secret

FIRST_GOLD = 3  # gold items an annotator sees before any of their labels counts
GOLD_EVERY = 8
TRUSTED_FROM = 0.7  # share of the gold items an annotator labels correctly
AMONG = 4  # an annotator gets one of so many by lot, so that two together cannot aim at a drawing
SECRET = "assignments"  # noqa: S105  the name of the secret, not its value


class BadAnnotation(ValueError):
    """The label cannot be taken; the message is for the person."""


@dataclass(frozen=True)
class Assignment:
    """A drawing for an annotator: its key, its image (PNG) and a ticket, and nothing that gives it away."""

    uid: str
    image: bytes
    ticket: str


@dataclass(frozen=True)
class Accepted:
    """counted: the label is one of those that make this drawing's consensus; duplicate: it had been sent before."""

    counted: bool
    duplicate: bool = False


@dataclass(frozen=True)
class Past:
    """A drawing that an annotator has labelled.

    label   what they said
    others  the labels of the others that count, the first given first
    known   the true label of a gold item, else None
    """

    uid: str
    image: bytes
    label: int
    others: tuple[int, ...]
    prompt: int
    known: int | None


def next_assignment(store: Store, key: str, address: str | None = None) -> Assignment | None:
    """The next drawing for this annotator, the same one until it is labelled; None when there is none."""
    secret, group = shared_secret(store, SECRET), group_of(store, address)
    with store.reading() as connection:
        annotator = _annotator(connection, hash_of(key))
        if annotator is None:
            return _first(connection, secret, hash_of(key), group)
        row = _current(connection, annotator.id)
        if row is not None:
            return _assignment(connection, secret, annotator.key_hash, row)
    with store.writing() as connection:
        return _next(connection, secret, hash_of(key), group)


def annotate(store: Store, key: str, uid: str, label: int, *, ticket: str = "", address: str | None = None) -> Accepted:
    """Take the label, a digit, UNREADABLE or NOT_A_DIGIT, that this annotator gives to drawing `uid`.

    ticket  of the assignment; needed from a key that has done nothing yet

    Raises BadAnnotation for a drawing that was not assigned to them, TooMany and StoreError.
    """
    secret, group = shared_secret(store, SECRET), group_of(store, address)
    with store.writing() as connection:
        return _annotate(connection, secret, hash_of(key), uid, label, ticket, group)


def flag(store: Store, key: str, uid: str, *, ticket: str = "", address: str | None = None) -> None:
    """Say that a drawing is indecent or spam; see flagging.py. Raises BadAnnotation, TooMany and StoreError."""
    secret, group = shared_secret(store, SECRET), group_of(store, address)
    with store.writing() as connection:
        _flag(connection, secret, hash_of(key), uid, ticket, group)


def annotate_and_next(
    store: Store, key: str, uid: str, label: int | str, *, ticket: str = "", address: str | None = None
) -> Assignment | None:
    """`annotate`, or `flag` where the label is FLAG, and `next_assignment`, in one transaction: others wait less."""
    secret, group = shared_secret(store, SECRET), group_of(store, address)
    with store.writing() as connection:
        if label == FLAG:
            _flag(connection, secret, hash_of(key), uid, ticket, group)
        else:
            _annotate(connection, secret, hash_of(key), uid, label, ticket, group)
        return _next(connection, secret, hash_of(key), group)


def take_back(store: Store, key: str, uid: str, address: str | None = None) -> Assignment:
    """Take back the label that this annotator gave last; the drawing is theirs to label again.

    Only the last: what others said of those before it has been shown. Raises BadAnnotation, TooMany and StoreError.
    """
    secret, group = shared_secret(store, SECRET), group_of(store, address)
    with store.writing() as connection:
        annotator, drawing = _annotator(connection, hash_of(key)), _locked(connection, uid)
        last = None if annotator is None else connection.execute(_labels_of(annotator.id, 1)).first()
        if annotator is None or last is None or last.uid != uid:
            raise BadAnnotation("only the label that you gave last can be taken back")
        limits.count(connection, "retract", annotator.key_hash, group)
        changed = {"label": TAKEN_BACK, "counted": False, "revision": schema.annotations.c.revision + 1}
        connection.execute(update(schema.annotations).where(schema.annotations.c.id == last.id).values(changed))
        if drawing.state == GOLD:
            _measure(connection, annotator, seen=-1, correct=-int(last.label == drawing.label))
        else:
            quorum.update_drawing(connection, drawing.id, drawing.prompt)
        _assign(connection, annotator.id, drawing.id)
        return _assignment(connection, secret, annotator.key_hash, drawing)


def past_of(store: Store, key: str, newest: int = 2) -> list[Past]:
    """What this annotator has labelled last, the newest first, with what the others said."""
    with store.reading() as connection:
        annotator = _annotator(connection, hash_of(key))
        rows = [] if annotator is None else list(connection.execute(_labels_of(annotator.id, newest)))
        return [_past(connection, row) for row in rows]


def images_of(store: Store, uids: list[str]) -> dict[str, bytes]:
    """PNG of those of these drawings that may be shown: annotated, and not hidden since."""
    query = (
        select(drawings.c.uid, contents.c.image)
        .join(contents, contents.c.drawing_id == drawings.c.id)
        .where(drawings.c.uid.in_(uids), drawings.c.state == DONE)
    )
    with store.reading() as connection:
        return {row.uid: bytes(row.image) for row in connection.execute(query)}


def _annotate(
    connection: Connection, secret: str, key_hash: str, uid: str, label: int | str, ticket: str, group: str | None
) -> Accepted:
    if isinstance(label, bool) or label not in LABELS:
        raise BadAnnotation(f"invalid label {str(label)[:40]!r}: must be a digit, unreadable or not a digit")
    drawing = _locked(connection, uid)
    annotator = _annotator(connection, key_hash)
    before = None if annotator is None else _label_of(connection, annotator.id, drawing.id)
    if before is not None and before.label != TAKEN_BACK:
        return Accepted(counted=False, duplicate=True)
    annotator = _claim(connection, annotator, secret, key_hash, drawing, ticket, group)
    limits.count(connection, "annotate", key_hash, group)
    if drawing.state not in (OPEN, GOLD):
        return Accepted(counted=False)  # others finished it, or it was hidden, in the meantime
    counted = _counts(connection, drawing, group)
    values = {"label": label, "day": today(), "counted": counted, "address_group": group}
    if before is None:
        values |= {"drawing_id": drawing.id, "contributor_id": annotator.id, "revision": 0}
        connection.execute(insert(schema.annotations).values(values))
    else:
        values["revision"] = schema.annotations.c.revision + 1
        connection.execute(update(schema.annotations).where(schema.annotations.c.id == before.id).values(values))
    if drawing.state == GOLD:
        _measure(connection, annotator, seen=1, correct=int(label == drawing.label))
        return Accepted(counted=False)
    if counted:
        quorum.update_drawing(connection, drawing.id, drawing.prompt)
    return Accepted(counted=counted)


def _flag(connection: Connection, secret: str, key_hash: str, uid: str, ticket: str, group: str | None) -> None:
    drawing, annotator = _locked(connection, uid), _annotator(connection, key_hash)
    if annotator is not None:
        mine = (flags.c.drawing_id == drawing.id) & (flags.c.contributor_id == annotator.id)
        if connection.execute(select(flags.c.id).where(mine)).first():
            return
    annotator = _claim(connection, annotator, secret, key_hash, drawing, ticket, group)
    limits.count(connection, "flag", key_hash, group)
    enter_flag(connection, drawing.id, annotator.id, group)


def _annotator(connection: Connection, key_hash: str) -> Row | None:
    table = contributors.c
    columns = (table.id, table.key_hash, table.gold_seen, table.gold_correct, table.trusted)
    return connection.execute(select(*columns).where(table.key_hash == key_hash)).first()


def _locked(connection: Connection, uid: str) -> Row:
    """The drawing, held until the transaction ends, so that two annotators cannot both be the fifth."""
    table = drawings.c
    columns = (table.id, table.uid, table.contributor_id, table.prompt, table.state, table.label, table.address_group)
    row = connection.execute(select(*columns).where(table.uid == uid).with_for_update()).first()
    if row is None:
        raise BadAnnotation("that drawing is gone: its maker has taken it back")
    return row


def _claim(
    connection: Connection,
    annotator: Row | None,
    secret: str,
    key_hash: str,
    drawing: Row,
    ticket: str,
    group: str | None,
) -> Row:
    """The annotator that the drawing was assigned to, entered when new; the assignment is used up by this."""
    if annotator is None:
        if not hmac.compare_digest(ticket.encode(errors="replace"), _ticket(secret, key_hash, drawing.uid).encode()):
            raise BadAnnotation(NOT_ASSIGNED)
        ensure_contributor(connection, key_hash, group=group)
        entered = _annotator(connection, key_hash)
        assert entered is not None
        trusted = trusts(connection, 0, 0)
        connection.execute(update(contributors).where(contributors.c.id == entered.id).values(trusted=trusted))
        return entered
    if drawing.contributor_id == annotator.id:
        raise BadAnnotation("nobody labels their own drawing")
    own = (assignments.c.contributor_id == annotator.id) & (assignments.c.drawing_id == drawing.id)
    if connection.execute(delete(assignments).where(own)).rowcount != 1:
        raise BadAnnotation(NOT_ASSIGNED)
    return annotator


NOT_ASSIGNED = "this drawing was not assigned to you: label the one on the page"


def _counts(connection: Connection, drawing: Row, group: str | None) -> bool:
    """Whether a label from this group counts: the first of the group, and not of the group that the drawing is from."""
    if group is None:
        return True
    same = (
        (schema.annotations.c.drawing_id == drawing.id)
        & (schema.annotations.c.address_group == group)
        & schema.annotations.c.counted
    )
    return (
        drawing.address_group != group
        and connection.execute(select(schema.annotations.c.id).where(same)).first() is None
    )


def _label_of(connection: Connection, annotator: int, drawing: int) -> Row | None:
    own = (schema.annotations.c.drawing_id == drawing) & (schema.annotations.c.contributor_id == annotator)
    return connection.execute(select(schema.annotations.c.id, schema.annotations.c.label).where(own)).first()


def _labels_of(annotator: int, newest: int) -> Select[int, int, str]:
    """The labels this annotator gave last, newest first, with their drawings."""
    table = drawings.c
    return (
        select(
            schema.annotations.c.id, schema.annotations.c.label, table.id.label("drawing_id"), table.uid, table.prompt
        )
        .add_columns(table.state, table.label.label("drawing_label"))
        .join(drawings, table.id == schema.annotations.c.drawing_id)
        .where(schema.annotations.c.contributor_id == annotator, schema.annotations.c.label != TAKEN_BACK)
        .order_by(schema.annotations.c.id.desc())
        .limit(newest)
    )


def _past(connection: Connection, row: Row) -> Past:
    of_others = (schema.annotations.c.drawing_id == row.drawing_id) & (schema.annotations.c.id != row.id)
    counted = schema.annotations.c.label.in_(LABELS) & schema.annotations.c.counted
    query = (
        select(schema.annotations.c.label)
        .join(contributors, contributors.c.id == schema.annotations.c.contributor_id)
        .where(of_others, counted, contributors.c.trusted)
        .order_by(schema.annotations.c.id)
        .limit(quorum.MOST)
    )
    image = connection.execute(select(contents.c.image).where(contents.c.drawing_id == row.drawing_id)).scalar_one()
    others = () if row.state == GOLD else tuple(connection.execute(query).scalars())
    known = row.drawing_label if row.state == GOLD else None
    return Past(row.uid, bytes(image), row.label, others, row.prompt, known)


def _ticket(secret: str, key_hash: str, uid: str) -> str:
    return hmac.new(secret.encode(), f"{key_hash}.{uid}".encode(), hashlib.sha256).hexdigest()[:32]


def _assignment(connection: Connection, secret: str, key_hash: str, row: Row) -> Assignment:
    image = connection.execute(select(contents.c.image).where(contents.c.drawing_id == row.id)).scalar_one()
    return Assignment(row.uid, bytes(image), _ticket(secret, key_hash, row.uid))


def _first(connection: Connection, secret: str, key_hash: str, group: str | None) -> Assignment | None:
    """What a key that has done nothing yet may label: always the same, so that asking again changes nothing."""
    rows = list(connection.execute(_unseen(0).where(drawings.c.state == GOLD)))
    rows = rows or list(connection.execute(open_for(0, group))) or list(connection.execute(open_for(0, None)))
    if not rows:
        return None
    return _assignment(connection, secret, key_hash, min(rows, key=lambda row: _ticket(secret, key_hash, row.uid)))


def _next(connection: Connection, secret: str, key_hash: str, group: str | None) -> Assignment | None:
    annotator = _annotator(connection, key_hash)
    if annotator is None:
        return _first(connection, secret, key_hash, group)
    row = _current(connection, annotator.id) or _choose(connection, annotator, group)
    return None if row is None else _assignment(connection, secret, key_hash, row)


def _current(connection: Connection, annotator: int) -> Row | None:
    query = (
        select(drawings.c.id, drawings.c.uid)
        .join(assignments, assignments.c.drawing_id == drawings.c.id)
        .where(assignments.c.contributor_id == annotator, drawings.c.state.in_((OPEN, GOLD)))
    )
    return connection.execute(query).first()


def _choose(connection: Connection, annotator: Row, group: str | None) -> Row | None:
    """Choose a drawing for the annotator and assign it."""
    trusted = annotator.trusted or trusts(connection, annotator.gold_seen, annotator.gold_correct)
    if trusted != annotator.trusted:
        connection.execute(update(contributors).where(contributors.c.id == annotator.id).values(trusted=trusted))
    wants_gold = not trusted or random.randrange(GOLD_EVERY) == 0
    row = _by_lot(connection, gold_for(annotator.id)) if wants_gold else None
    if row is None and trusted:
        row = _by_lot(connection, open_for(annotator.id, group)) or _by_lot(connection, open_for(annotator.id, None))
    if row is not None:
        _assign(connection, annotator.id, row.id)
    return row


def _assign(connection: Connection, annotator: int, drawing: int) -> None:
    connection.execute(delete(assignments).where(assignments.c.contributor_id == annotator))
    connection.execute(insert(assignments).values(contributor_id=annotator, drawing_id=drawing))


def _by_lot(connection: Connection, query: Select[int, str]) -> Row | None:
    rows = list(connection.execute(query))
    return random.choice(rows) if rows else None


def open_for(annotator: int, group: str | None) -> Select[int, str]:
    """The AMONG drawings an annotator may get: of the oldest rounds, those the nets disagree on first.

    group  leave out those on which a label of this address group would not count
    """
    query = _unseen(annotator).where(drawings.c.state == OPEN, drawings.c.contributor_id != annotator)
    if group is not None:
        of_group = (schema.annotations.c.drawing_id == drawings.c.id) & (schema.annotations.c.address_group == group)
        query = query.where(drawings.c.address_group.is_distinct_from(group), ~exists().where(of_group))
    return query.order_by(drawings.c.round, drawings.c.disagreement.desc()).limit(AMONG)


def gold_for(annotator: int) -> Select[int, str]:
    """Some of the gold items an annotator has not seen."""
    return _unseen(annotator).where(drawings.c.state == GOLD).order_by(func.random()).limit(AMONG)


def _unseen(annotator: int) -> Select[int, str]:
    annotated = exists().where(
        schema.annotations.c.drawing_id == drawings.c.id, schema.annotations.c.contributor_id == annotator
    )
    flagged = exists().where(flags.c.drawing_id == drawings.c.id, flags.c.contributor_id == annotator)
    return select(drawings.c.id, drawings.c.uid).where(~annotated, ~flagged)


def trusts(connection: Connection, seen: int, correct: int) -> bool:
    """True for who has labelled enough gold items, and enough of them correctly; all are while there are none."""
    gold = select(drawings.c.id).where(drawings.c.state == GOLD).limit(FIRST_GOLD).subquery()
    enough = min(FIRST_GOLD, connection.execute(select(func.count()).select_from(gold)).scalar_one())
    return seen >= enough and correct >= TRUSTED_FROM * seen


def _measure(connection: Connection, annotator: Row, *, seen: int, correct: int) -> None:
    """Enter how the annotator labelled a gold item; what their labels weigh changes every drawing they labelled."""
    now_seen, now_correct = annotator.gold_seen + seen, annotator.gold_correct + correct
    trusted = trusts(connection, now_seen, now_correct)
    values = {"gold_seen": now_seen, "gold_correct": now_correct, "trusted": trusted}
    connection.execute(update(contributors).where(contributors.c.id == annotator.id).values(values))
    established = (annotator.gold_seen >= quorum.ESTABLISHED_FROM) != (now_seen >= quorum.ESTABLISHED_FROM)
    if trusted != annotator.trusted or established:
        recount(
            connection,
            select(schema.annotations.c.drawing_id).where(schema.annotations.c.contributor_id == annotator.id),
        )


def recount(connection: Connection, ids: Select[int]) -> None:
    """Bring the state of these drawings in line with the labels that count now."""
    query = select(drawings.c.id, drawings.c.prompt).where(drawings.c.id.in_(ids), drawings.c.state.in_((OPEN, DONE)))
    for row in list(connection.execute(query)):
        quorum.update_drawing(connection, row.id, row.prompt)
