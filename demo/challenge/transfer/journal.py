"""The store as a journal of JSON lines, and back: what the keeper sends to the Hub and rebuilds a store from.

    {"kind": "drawing", "uid", "maker", "nickname", "asked", "known", "strokes", "pen", "device", "app_version", "day"}
    {"kind": "judgement", "uid", "judge", "said", "day"}
    {"kind": "flag", "uid", "judge", "day", "decided"}
    {"kind": "deleted", "uid"}

Makers and judges are the hashes of their keys, so that people can still delete what they gave after a rebuild. That
is why a journal is private; `exchange` is what goes out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, case, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from demo.challenge.drawings.contributors import arrive
from demo.challenge.drawings.submitting import BadSubmission, Submission, enter, erase, submission
from demo.challenge.labels.annotating import trusts
from demo.challenge.labels.settling import settle
from demo.challenge.store.database import Store
from demo.challenge.store.images import pens_from_json
from demo.challenge.store.schema import (
    DONE,
    HIDDEN,
    KNOWN,
    OPEN,
    contents,
    contributors,
    deletions,
    drawings,
    flags,
    judgements,
)

BATCH = 500

Line = dict[str, Any]


@dataclass
class Progress:
    """How much of a store a journal holds: the last number of each table, and the lines that came from elsewhere."""

    last: dict[str, int] = field(default_factory=dict)
    written: set[tuple[Any, ...]] = field(default_factory=set)


def identity(line: Line) -> tuple[Any, ...]:
    """Two lines with the same identity say the same."""
    return line["kind"], line["uid"], line.get("judge"), line.get("decided")


def new_lines(store: Store, progress: Progress) -> list[Line]:
    """What the store holds that the journal does not; `progress` moves on."""
    found: list[Line] = []
    with store.reading() as connection:
        for table, as_line, query in (
            (drawings, _drawing, _drawings()),
            (judgements, _judgement, _said(judgements)),
            (flags, _flag, _said(flags)),
            (deletions, _deletion, select(deletions)),
        ):
            # A flag changes when the owner decides; flags are few, so all of them are looked at each time.
            after = 0 if table is flags else progress.last.get(table.name, 0)
            for row in connection.execute(query.where(table.c.id > after).order_by(table.c.id)):
                progress.last[table.name] = row.id
                line = as_line(row)
                if identity(line) not in progress.written:
                    progress.written.add(identity(line))
                    found.append(line)
    return found


def rebuild(store: Store, lines: Iterable[Line]) -> None:
    """Enter everything that lines tell and the store lacks. What was deleted anywhere is deleted here.

    Raises KeyError, ValueError or StoreError for lines that no journal holds.
    """
    by_kind: dict[str, list[Line]] = {"drawing": [], "judgement": [], "flag": [], "deleted": []}
    for line in lines:
        by_kind[line["kind"]].append(line)
    with store.writing() as connection:
        for line in by_kind["deleted"]:
            _forget(connection, line["uid"])
    for start in range(0, len(by_kind["drawing"]), BATCH):
        ready = [_submission(line) for line in by_kind["drawing"][start : start + BATCH]]
        with store.writing() as connection:
            for drawing in ready:
                try:
                    enter(connection, drawing)
                except BadSubmission:  # deleted, here or in the journal
                    continue
    with store.writing() as connection:
        for line in by_kind["judgement"]:
            _say(connection, line)
        for line in by_kind["flag"]:
            _say(connection, line)
        recount(connection)


def recount(connection: Connection) -> None:
    """Work out anew whom to trust and what each drawing's judgements come to."""
    right = func.sum(case((judgements.c.said == drawings.c.label, 1), else_=0))
    measured = (
        select(judgements.c.contributor_id, func.count().label("seen"), right.label("right"))
        .join(drawings, drawings.c.id == judgements.c.drawing_id)
        .where(drawings.c.state == KNOWN)
        .group_by(judgements.c.contributor_id)
    )
    for row in list(connection.execute(measured)):
        trusted = trusts(connection, row.seen, int(row.right))
        values = {"known_seen": row.seen, "known_right": int(row.right), "trusted": trusted}
        connection.execute(update(contributors).where(contributors.c.id == row.contributor_id).values(values))
    judged = select(judgements.c.drawing_id).distinct()
    again = select(drawings.c.id, drawings.c.prompt).where(
        drawings.c.id.in_(judged), drawings.c.state.in_((OPEN, DONE))
    )
    for row in list(connection.execute(again)):
        settle(connection, row.id, row.prompt)
    waiting = select(flags.c.drawing_id).where(~flags.c.decided)
    looked_at = select(flags.c.drawing_id).where(flags.c.decided)
    hidden = drawings.c.id.in_(waiting) & drawings.c.id.not_in(looked_at) & (drawings.c.state != KNOWN)
    connection.execute(update(drawings).where(hidden).values(state=HIDDEN))


def _drawings() -> Any:
    return (
        select(drawings, contents.c.strokes, contributors.c.key_hash, contributors.c.nickname)
        .join(contents, contents.c.drawing_id == drawings.c.id)
        .join(contributors, contributors.c.id == drawings.c.contributor_id)
    )


def _said(table: Any) -> Any:
    return (
        select(table, drawings.c.uid, contributors.c.key_hash)
        .join(drawings, drawings.c.id == table.c.drawing_id)
        .join(contributors, contributors.c.id == table.c.contributor_id)
    )


def _drawing(row: Any) -> Line:
    return {
        "kind": "drawing",
        "uid": row.uid,
        "maker": row.key_hash,
        "nickname": row.nickname,
        "asked": row.prompt,
        "known": row.state == KNOWN,
        "strokes": json.loads(row.strokes),
        "pen": json.loads(row.pen),
        "device": row.device,
        "app_version": row.app_version,
        "day": row.day,
    }


def _judgement(row: Any) -> Line:
    return {"kind": "judgement", "uid": row.uid, "judge": row.key_hash, "said": row.said, "day": row.day}


def _flag(row: Any) -> Line:
    return {"kind": "flag", "uid": row.uid, "judge": row.key_hash, "day": row.day, "decided": bool(row.decided)}


def _deletion(row: Any) -> Line:
    return {"kind": "deleted", "uid": row.uid}


def _submission(line: Line) -> Submission:
    drawn = submission(
        line["strokes"],
        pens_from_json(line["pen"]),
        uid=line["uid"],
        key=None,
        prompt=line["asked"],
        device=line["device"],
        nickname=line["nickname"] or "",
        app_version=line["app_version"],
    )
    return drawn.given(maker=line["maker"], day=line["day"], known=line["known"])


def _forget(connection: Connection, uid: str) -> None:
    there = connection.execute(select(drawings.c.id).where(drawings.c.uid == uid)).scalar()
    if there is not None:
        erase(connection, there, uid)
    elif not connection.execute(select(deletions.c.id).where(deletions.c.uid == uid)).first():
        connection.execute(insert(deletions).values(uid=uid))


def _say(connection: Connection, line: Line) -> None:
    """Enter a judgement or a flag, once, of a drawing that is still there."""
    drawing = connection.execute(select(drawings.c.id).where(drawings.c.uid == line["uid"])).scalar()
    if drawing is None:
        return
    upsert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    who = {"drawing_id": drawing, "contributor_id": arrive(connection, line["judge"]), "day": line["day"]}
    if line["kind"] == "judgement":
        connection.execute(upsert(judgements).values(**who, said=line["said"]).on_conflict_do_nothing())
        return
    statement = upsert(flags).values(**who, decided=line["decided"])
    if line["decided"]:
        decided = {"decided": True}
        statement = statement.on_conflict_do_update(index_elements=["drawing_id", "contributor_id"], set_=decided)
    else:
        statement = statement.on_conflict_do_nothing()
    connection.execute(statement)
