"""The store as a journal of JSON lines, and back: what the keeper sends to the Hub and rebuilds a store from.

    {"kind": "drawing", "uid", "maker", "nickname", "asked", "known", "strokes", "pen", "device", "app_version", "day",
     "group"}
    {"kind": "judgement", "uid", "judge", "said", "day", "group", "counted", "revision"}
    {"kind": "flag", "uid", "judge", "day", "decided", "group", "withdrawn"}
    {"kind": "deleted", "uid"}
    {"kind": "secret", "name", "value"}

Makers and annotators are the hashes of their keys, so that people can still delete what they submitted after a rebuild;
the secret of the address groups goes along, so that one network stays one group. That is why a journal is private;
`exchange` is what goes out. Lines from before a field was added lack it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, case, func, insert, select, update

from demo.challenge.drawings import address_groups, prompts
from demo.challenge.drawings.contributors import ensure_contributor
from demo.challenge.drawings.submissions import BadSubmission, Submission, enter, erase, submission
from demo.challenge.labels.annotating import recount, trusts
from demo.challenge.labels.flagging import update_visibility
from demo.challenge.store import schema
from demo.challenge.store.database import Store, upsert
from demo.challenge.store.images import pens_from_json
from demo.challenge.store.schema import (
    GOLD,
    LABELS,
    contents,
    contributors,
    deletions,
    drawings,
    flags,
    secrets,
)
from demo.challenge.store.shared_secrets import forget, put

BATCH = 500
SECRETS = (address_groups.SECRET, prompts.SECRET, "export")

Line = dict[str, Any]


@dataclass(frozen=True)
class Progress:
    """How much of a store a journal holds: the last number of each table, and the identities of its lines."""

    last: dict[str, int] = field(default_factory=dict)
    written: frozenset[tuple[Any, ...]] = frozenset()

    def and_these(self, lines: Iterable[Line]) -> Progress:
        return replace(self, written=self.written | {identity(line) for line in lines})


def identity(line: Line) -> tuple[Any, ...]:
    """Two lines with the same identity say the same."""
    if line["kind"] == "secret":
        return "secret", line["name"]
    changes = line.get("decided"), line.get("withdrawn") or False, line.get("revision") or 0
    return line["kind"], line["uid"], line.get("judge"), *changes


def new_lines(store: Store, progress: Progress) -> tuple[list[Line], Progress]:
    """What the store holds that the journal does not, and the progress once the journal holds it too."""
    lines: list[Line] = []
    last, written = dict(progress.last), set[tuple[Any, ...]]()

    def add(line: Line) -> None:
        key = identity(line)
        if key not in progress.written and key not in written:
            written.add(key)
            lines.append(line)

    with store.reading() as connection:
        for row in connection.execute(select(secrets).where(secrets.c.name.in_(SECRETS))):
            add({"kind": "secret", "name": row.name, "value": row.value})
        for table, as_line, query in (
            (drawings, _drawing, _drawings()),
            (schema.annotations, _annotation, _about(schema.annotations)),
            (flags, _flag, _about(flags)),
            (deletions, _deletion, select(deletions)),
        ):
            new = table.c.id > last.get(table.name, 0)
            if table is schema.annotations:
                new |= schema.annotations.c.revision > 0  # changed since; few, so all of them are looked at each time
            if table is flags:
                new |= flags.c.decided | flags.c.withdrawn
            for row in connection.execute(query.where(new).order_by(table.c.id)):
                last[table.name] = max(last.get(table.name, 0), row.id)
                add(as_line(row))
    return lines, Progress(last, progress.written | written)


def rebuild(store: Store, lines: Iterable[Line]) -> None:
    """Enter everything that lines tell and the store lacks. What was deleted anywhere is deleted here.

    Raises KeyError, ValueError or StoreError for lines that no journal holds.
    """
    by_kind: dict[str, list[Line]] = {"drawing": [], "judgement": [], "flag": [], "deleted": [], "secret": []}
    for line in lines:
        by_kind[line["kind"]].append(line)
    with store.writing() as connection:
        for line in by_kind["secret"]:
            _put_secret(connection, line)
        for line in by_kind["deleted"]:
            _forget(connection, line["uid"])
    forget(store)
    for start in range(0, len(by_kind["drawing"]), BATCH):
        ready = [_submission(line) for line in by_kind["drawing"][start : start + BATCH]]
        with store.writing() as connection:
            for drawing in ready:
                try:
                    enter(connection, drawing)
                except BadSubmission:  # deleted, here or in the journal
                    continue
    with store.writing() as connection:
        for line in sorted(by_kind["judgement"], key=lambda line: line.get("revision") or 0):
            _put_annotation(connection, line)
        for line in by_kind["flag"]:
            _put_flag(connection, line)
        _recount(connection)


def _recount(connection: Connection) -> None:
    """Work out anew whom to trust and what each drawing's labels come to."""
    correct = func.sum(case((schema.annotations.c.label == drawings.c.label, 1), else_=0))
    measured = (
        select(schema.annotations.c.contributor_id, func.count().label("seen"), correct.label("correct"))
        .join(drawings, drawings.c.id == schema.annotations.c.drawing_id)
        .where(drawings.c.state == GOLD, schema.annotations.c.label.in_(LABELS))
        .group_by(schema.annotations.c.contributor_id)
    )
    for row in list(connection.execute(measured)):
        trusted = trusts(connection, row.seen, int(row.correct))
        values = {"gold_seen": row.seen, "gold_correct": int(row.correct), "trusted": trusted}
        connection.execute(update(contributors).where(contributors.c.id == row.contributor_id).values(values))
    recount(connection, select(schema.annotations.c.drawing_id).distinct())
    for drawing_id in list(connection.execute(select(flags.c.drawing_id).distinct()).scalars()):
        update_visibility(connection, drawing_id)


def _drawings() -> Any:
    return (
        select(drawings, contents.c.strokes, contributors.c.key_hash, contributors.c.nickname)
        .join(contents, contents.c.drawing_id == drawings.c.id)
        .join(contributors, contributors.c.id == drawings.c.contributor_id)
    )


def _about(table: Any) -> Any:
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
        "known": row.state == GOLD,
        "strokes": json.loads(row.strokes),
        "pen": json.loads(row.pen),
        "device": row.device,
        "app_version": row.app_version,
        "day": row.day,
        "group": row.address_group,
    }


def _annotation(row: Any) -> Line:
    return {
        "kind": "judgement",
        "uid": row.uid,
        "judge": row.key_hash,
        "said": row.label,
        "day": row.day,
        "group": row.address_group,
        "counted": bool(row.counted),
        "revision": row.revision,
    }


def _flag(row: Any) -> Line:
    return {
        "kind": "flag",
        "uid": row.uid,
        "judge": row.key_hash,
        "day": row.day,
        "decided": bool(row.decided),
        "group": row.address_group,
        "withdrawn": bool(row.withdrawn),
    }


def _deletion(row: Any) -> Line:
    return {"kind": "deleted", "uid": row.uid}


def _submission(line: Line) -> Submission:
    drawing = submission(
        line["strokes"],
        pens_from_json(line["pen"]),
        uid=line["uid"],
        key=None,
        prompt=line["asked"],
        device=line["device"],
        nickname=line["nickname"] or "",
        app_version=line["app_version"],
    )
    return drawing.of(maker=line["maker"], day=line["day"], gold=line["known"], group=line.get("group"))


def _put_secret(connection: Connection, line: Line) -> None:
    """The journal's secret holds: what it hashed is in the journal too."""
    if put(connection, line["name"], line["value"]) != line["value"]:
        at = secrets.c.name == line["name"]
        connection.execute(update(secrets).where(at).values(value=line["value"]))


def _forget(connection: Connection, uid: str) -> None:
    drawing_id = connection.execute(select(drawings.c.id).where(drawings.c.uid == uid)).scalar()
    if drawing_id is not None:
        erase(connection, drawing_id, uid)
    elif not connection.execute(select(deletions.c.id).where(deletions.c.uid == uid)).first():
        connection.execute(insert(deletions).values(uid=uid))


def _from(connection: Connection, line: Line) -> dict[str, Any] | None:
    """What an annotation and a flag have in common; None where the drawing is gone."""
    drawing_id = connection.execute(select(drawings.c.id).where(drawings.c.uid == line["uid"])).scalar()
    if drawing_id is None:
        return None
    contributor = ensure_contributor(connection, line["judge"])
    return {
        "drawing_id": drawing_id,
        "contributor_id": contributor,
        "day": line["day"],
        "address_group": line.get("group"),
    }


def _put_annotation(connection: Connection, line: Line) -> None:
    """Enter an annotation, or what it was changed to: the later revision holds."""
    values = _from(connection, line)
    if values is None:
        return
    revision = line.get("revision") or 0
    changing = {"label": line["said"], "counted": line.get("counted", True), "revision": revision}
    connection.execute(
        upsert(connection, schema.annotations)
        .values(**values, **changing)
        .on_conflict_do_update(
            index_elements=["drawing_id", "contributor_id"],
            set_=changing,
            where=schema.annotations.c.revision < revision,
        )
    )


def _put_flag(connection: Connection, line: Line) -> None:
    values = _from(connection, line)
    if values is None:
        return
    changed = {name: True for name in ("decided", "withdrawn") if line.get(name)}
    statement = upsert(connection, flags).values(**{**values, "decided": False, "withdrawn": False, **changed})
    keys = ["drawing_id", "contributor_id"]
    if changed:
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))
    else:
        connection.execute(statement.on_conflict_do_nothing(index_elements=keys))
