"""What the owner does: decide on flagged drawings, see who has done a lot, and undo all of it at once."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Integer, Select, cast, func, insert, select, update

from demo.challenge.drawings.contributors import ensure_contributor, today
from demo.challenge.drawings.submissions import HOUSE, erase
from demo.challenge.labels.annotating import recount
from demo.challenge.labels.flagging import update_visibility
from demo.challenge.labels.quorum import update_drawing
from demo.challenge.store import schema
from demo.challenge.store.database import Store
from demo.challenge.store.schema import (
    DONE,
    GOLD,
    HIDDEN,
    OPEN,
    TAKEN_BACK,
    assignments,
    contents,
    contributors,
    drawings,
    flags,
)

SHORTEST_NAME = 8  # hex digits by which a group or a contributor may be named


class NotFound(LookupError):
    """Nothing has this key or name."""


class Decided(ValueError):
    """The owner has decided on this drawing before."""


@dataclass(frozen=True)
class Flagged:
    uid: str
    prompt: int
    day: str
    flags: int
    hidden: bool
    image: bytes


@dataclass(frozen=True)
class Cluster:
    """What came from one address group or one contributor.

    name      32 hex digits of a group, 64 of a contributor's hash
    keys      contributors
    labels    annotations, `against` of which differ from the consensus, `uncounted` of which did not count
    """

    name: str
    keys: int
    drawings: int
    labels: int
    against: int
    uncounted: int
    gold_seen: int
    gold_correct: int
    flags: int
    first_day: str
    last_day: str


@dataclass(frozen=True)
class Undone:
    contributors: int
    drawings: int
    labels: int
    flags: int


def waiting(store: Store) -> list[Flagged]:
    """The flagged drawings that the owner has not decided on, hidden or not, oldest first."""
    pending = (flags.c.drawing_id == drawings.c.id) & ~flags.c.withdrawn & ~flags.c.decided
    decided = select(flags.c.id).where(flags.c.drawing_id == drawings.c.id, flags.c.decided).exists()
    count = select(func.count()).where(pending).scalar_subquery()
    query = (
        select(drawings.c.uid, drawings.c.prompt, drawings.c.day, drawings.c.state, count.label("flags"))
        .add_columns(contents.c.image)
        .join(contents, contents.c.drawing_id == drawings.c.id)
        .where((drawings.c.state == HIDDEN) | (select(flags.c.id).where(pending).exists() & ~decided))
        .order_by(drawings.c.id)
    )
    with store.reading() as connection:
        return [
            Flagged(row.uid, row.prompt, row.day, row.flags, row.state == HIDDEN, bytes(row.image))
            for row in connection.execute(query)
        ]


def allow(store: Store, uid: str) -> None:
    """Put a flagged drawing back; later flags leave it where it is. Raises NotFound."""
    drawing_id, prompt = _find(store, uid)
    with store.writing() as connection:
        connection.execute(update(flags).where(flags.c.drawing_id == drawing_id).values(decided=True))
        hidden = (drawings.c.id == drawing_id) & (drawings.c.state == HIDDEN)
        connection.execute(update(drawings).where(hidden).values(state=OPEN))
        update_drawing(connection, drawing_id, prompt)


def hide(store: Store, uid: str) -> None:
    """Take a drawing off the page until it is allowed or deleted. Raises NotFound, and Decided when it was allowed."""
    drawing_id, _ = _find(store, uid)
    with store.writing() as connection:
        decided = select(flags.c.id).where(flags.c.drawing_id == drawing_id, flags.c.decided)
        if connection.execute(decided).first():
            raise Decided(f"{uid} was allowed before: delete it instead")
        owner = ensure_contributor(connection, HOUSE)
        connection.execute(insert(flags).values(drawing_id=drawing_id, contributor_id=owner, day=today()))
        connection.execute(update(drawings).where(drawings.c.id == drawing_id).values(state=HIDDEN))


def delete(store: Store, uid: str) -> None:
    """Delete a drawing for good. Raises NotFound."""
    drawing_id, _ = _find(store, uid)
    with store.writing() as connection:
        erase(connection, drawing_id, uid)
        store.overwrite_deleted()


def clusters(store: Store, most: int = 20) -> list[Cluster]:
    """The address groups that have done most, by the number of their keys, then of what they have done."""
    return _clusters(store, "address_group", most)


def busiest(store: Store, most: int = 20) -> list[Cluster]:
    """The same of single contributors."""
    return _clusters(store, "contributor_id", most)


def undo(store: Store, name: str) -> Undone:
    """Undo all that a group or a contributor did, in one transaction; name: its first hex digits, 8 or more.

    Their drawings are deleted, their labels and flags taken back, and the contributors trusted no more. Raises NotFound
    unless exactly one group or contributor has a name that begins so.
    """
    with store.writing() as connection:
        group, ids = _named(connection, name)
        by_them = _by(drawings.c.contributor_id, drawings.c.address_group, ids, group)
        own = list(connection.execute(select(drawings.c.id, drawings.c.uid).where(by_them, drawings.c.state != GOLD)))
        for row in own:
            erase(connection, row.id, row.uid)
        given = _by(schema.annotations.c.contributor_id, schema.annotations.c.address_group, ids, group)
        touched = _ids(connection, select(schema.annotations.c.drawing_id).where(given))
        changed = {"label": TAKEN_BACK, "counted": False, "revision": schema.annotations.c.revision + 1}
        labels = connection.execute(
            update(schema.annotations).where(given, schema.annotations.c.label != TAKEN_BACK).values(changed)
        ).rowcount
        raised = _by(flags.c.contributor_id, flags.c.address_group, ids, group) & ~flags.c.withdrawn
        flagged = _ids(connection, select(flags.c.drawing_id).where(raised))
        connection.execute(update(flags).where(raised).values(withdrawn=True))
        shut_out = {"trusted": False, "gold_seen": 0, "gold_correct": 0, "nickname": None}
        connection.execute(update(contributors).where(contributors.c.id.in_(ids)).values(shut_out))
        connection.execute(assignments.delete().where(assignments.c.contributor_id.in_(ids)))
        recount(connection, select(drawings.c.id).where(drawings.c.id.in_(touched)))
        for drawing_id in flagged:
            update_visibility(connection, drawing_id)
        store.overwrite_deleted()
    return Undone(len(ids), len(own), labels, len(flagged))


def _by(
    contributor: ColumnElement[int], origin: ColumnElement[str], ids: list[int], group: str | None
) -> ColumnElement[bool]:
    theirs = contributor.in_(ids)
    return theirs if group is None else theirs | (origin == group)


def _ids(connection: Connection, query: Select[int]) -> list[int]:
    return list(connection.execute(query.distinct()).scalars())


def _named(connection: Connection, name: str) -> tuple[str | None, list[int]]:
    """The group, if it is one, and the contributors that `name` stands for."""
    if len(name) < SHORTEST_NAME or not name.isalnum():
        raise NotFound(
            f"invalid name {name[:64]!r}: must be {SHORTEST_NAME} hex digits or more, as `review` prints them"
        )
    groups = set[str]()
    for table in (contributors, drawings, schema.annotations, flags):
        query = select(table.c.address_group).where(table.c.address_group.startswith(name)).distinct()
        groups |= set(connection.execute(query).scalars())
    people = connection.execute(
        select(contributors.c.id).where(contributors.c.key_hash.startswith(name), contributors.c.key_hash != HOUSE)
    )
    found = list(people.scalars())
    if len(groups) + len(found) != 1:
        raise NotFound(f"{len(groups) + len(found)} groups and contributors have a name that begins with {name!r}")
    if not groups:
        return None, found
    group = groups.pop()
    return group, _ids(connection, select(contributors.c.id).where(contributors.c.address_group == group))


def _clusters(store: Store, column: str, most: int) -> list[Cluster]:
    counts: dict[str | int, dict[str, int]] = {}
    days: dict[str | int, list[str]] = {}

    def add(query: Select[tuple[object, ...]]) -> None:
        for row in connection.execute(query).mappings():
            who = row["who"]
            table = counts.setdefault(who, {})
            for name, value in row.items():
                if name in ("first", "last"):
                    days.setdefault(who, []).append(value)
                elif name != "who":
                    table[str(name)] = int(value or 0)

    with store.reading() as connection:
        seen = contributors.c.address_group if column == "address_group" else contributors.c.id
        house = contributors.c.key_hash != HOUSE
        add(
            select(seen.label("who"), func.count().label("keys"), func.sum(contributors.c.gold_seen).label("gold_seen"))
            .add_columns(func.sum(contributors.c.gold_correct).label("gold_correct"))
            .add_columns(func.min(contributors.c.day).label("first"), func.max(contributors.c.day).label("last"))
            .where(house)
            .group_by(seen)
        )
        add(_per(drawings, column, "drawings").where(drawings.c.state != GOLD))
        add(_per(flags, column, "flags").where(~flags.c.withdrawn))
        differs = (drawings.c.state == DONE) & (drawings.c.label != schema.annotations.c.label)
        add(
            _per(schema.annotations, column, "labels")
            .add_columns(func.sum(cast(differs, Integer)).label("against"))
            .add_columns(func.sum(cast(~schema.annotations.c.counted, Integer)).label("uncounted"))
            .join(drawings, drawings.c.id == schema.annotations.c.drawing_id)
            .where(schema.annotations.c.label != TAKEN_BACK)
        )
        names: dict[str | int, str] = {}
        if column == "contributor_id":
            names = dict(connection.execute(select(contributors.c.id, contributors.c.key_hash)).all())
    found = [
        Cluster(
            name=names.get(who, str(who)),
            first_day=min(days[who]),
            last_day=max(days[who]),
            **{name: table.get(name, 0) for name in NUMBERS},
        )
        for who, table in counts.items()
        if who is not None and names.get(who) != HOUSE
    ]
    busy = [each for each in found if each.drawings or each.labels or each.flags]
    return sorted(busy, key=lambda each: (-each.keys, -each.drawings - each.labels - each.flags))[:most]


NUMBERS = ("keys", "drawings", "labels", "against", "uncounted", "gold_seen", "gold_correct", "flags")


def _per(table, column: str, name: str):  # type: ignore[no-untyped-def]
    """Count the rows of a table by who they are from, with their first and last day."""
    who = table.c[column]
    counted = select(who.label("who"), func.count().label(name), func.min(table.c.day).label("first"))
    return counted.add_columns(func.max(table.c.day).label("last")).select_from(table).group_by(who)


def _find(store: Store, uid: str) -> tuple[int, int]:
    query = select(drawings.c.id, drawings.c.prompt).where(drawings.c.uid == uid, drawings.c.state != GOLD)
    with store.reading() as connection:
        row = connection.execute(query).first()
    if row is None:
        raise NotFound(f"no drawing {uid[:64]!r}: `review` lists those that wait")
    return row.id, row.prompt
