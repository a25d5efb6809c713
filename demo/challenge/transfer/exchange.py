"""Drawings out and in as JSON lines, so that sets travel between installations.

A line is a line of a stroke file (demo/strokes.py) with a table "challenge" beside it:

    {"label": 7, "strokes": [...], "pen": {...}, "challenge": {"uid", "asked", "day", "device", "app_version",
     "maker", "licence": "CC0-1.0", "judgements": [{"judge", "said", "day"}, ...]}}

`label` is what people settled on, null while they have not or when it is no digit. Makers and judges go by pseudonyms
that lead back to no key, the same in every export of a store. Images are drawn again from strokes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import insert, select

from architectures.input.pen import BadPen
from architectures.input.strokes import BadStrokes
from demo.challenge.drawings import limits
from demo.challenge.drawings.contributors import arrive, today
from demo.challenge.drawings.submitting import DEVICES, BadSubmission, Submission, enter, submission
from demo.challenge.labels.settling import MOST, settle
from demo.challenge.store.database import Store
from demo.challenge.store.images import pens_from_json
from demo.challenge.store.schema import DONE, OPEN, WORDS, contents, contributors, drawings, judgements

LICENCE = "CC0-1.0"
BATCH = 200  # drawings in one transaction of an import
LONGEST_LINE = 4 * 2**20
_PSEUDONYM = re.compile(r"[0-9a-f]{64}")


class BadLine(ValueError):
    """A line that cannot be imported; the message says what is wrong with it."""


@dataclass(frozen=True)
class Imported:
    """new drawings were entered, again were there already, deleted had been deleted here and stay so."""

    new: int
    again: int
    deleted: int


@dataclass(frozen=True)
class Judged:
    judge: str
    said: int
    day: str


def lines(store: Store) -> Iterator[str]:
    """Every drawing that is neither flagged nor known, as one line of JSON without its end."""
    salt = limits.shared_secret(store, "export")
    after = 0
    while True:
        with store.reading() as connection:
            rows = list(
                connection.execute(
                    select(drawings, contents.c.strokes, contributors.c.key_hash)
                    .join(contents, contents.c.drawing_id == drawings.c.id)
                    .join(contributors, contributors.c.id == drawings.c.contributor_id)
                    .where(drawings.c.id > after, drawings.c.state.in_((OPEN, DONE)))
                    .order_by(drawings.c.id)
                    .limit(BATCH)
                )
            )
            said: dict[int, list[dict[str, Any]]] = {}
            query = (
                select(judgements, contributors.c.key_hash)
                .join(contributors, contributors.c.id == judgements.c.contributor_id)
                .where(judgements.c.drawing_id.in_([row.id for row in rows]), contributors.c.trusted)
                .order_by(judgements.c.id)
            )
            for row in connection.execute(query):
                one = {"judge": _pseudonym(salt, row.key_hash), "said": row.said, "day": row.day}
                said.setdefault(row.drawing_id, []).append(one)
        if not rows:
            return
        for row in rows:
            yield json.dumps(_as_line(row, said.get(row.id, []), salt), separators=(",", ":"))
        after = rows[-1].id


def read(store: Store, given: Iterable[str]) -> Imported:
    """Enter drawings from lines; all of it is checked before any of it is entered.

    Judgements come along and count as those of people here; a drawing that is here already is left as it is.
    Raises BadLine naming the line, and StoreError.
    """
    checked = [_checked(number, line) for number, line in enumerate(given, start=1) if line.strip()]
    new = again = deleted = 0
    for start in range(0, len(checked), BATCH):
        with store.writing() as connection:
            for drawing, said in checked[start : start + BATCH]:
                try:
                    receipt = enter(connection, drawing)
                except BadSubmission:
                    deleted += 1
                    continue
                again += receipt.again
                new += not receipt.again
                if receipt.again:
                    continue
                for one in said:
                    judge = arrive(connection, one.judge, trusted=True)
                    connection.execute(
                        insert(judgements).values(
                            drawing_id=receipt.drawing_id, contributor_id=judge, said=one.said, day=one.day
                        )
                    )
                settle(connection, receipt.drawing_id, drawing.prompt)
    return Imported(new, again, deleted)


def _as_line(row: Any, said: list[dict[str, Any]], salt: str) -> dict[str, Any]:
    pens = json.loads(row.pen)
    line = {
        "label": row.label if row.label is not None and row.label < 10 else None,
        "strokes": json.loads(row.strokes),
        "pen": pens[-1] if isinstance(pens, list) else pens,
    }
    if isinstance(pens, list):
        line["pens"] = pens
    line["challenge"] = {
        "uid": row.uid,
        "asked": row.prompt,
        "day": row.day,
        "device": row.device,
        "app_version": row.app_version,
        "maker": _pseudonym(salt, row.key_hash),
        "licence": LICENCE,
        "judgements": said,
    }
    return line


def _pseudonym(salt: str, key_hash: str) -> str:
    return hashlib.sha256(f"{salt}{key_hash}".encode()).hexdigest()


def _checked(number: int, line: str) -> tuple[Submission, list[Judged]]:
    where = f"line {number}"
    if len(line) > LONGEST_LINE:
        raise BadLine(f"{where} is longer than {LONGEST_LINE // 2**20} MB")
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadLine(f"{where} is not JSON ({error})") from error
    about = record.get("challenge") if isinstance(record, dict) else None
    if not isinstance(about, dict):
        raise BadLine(f'{where} has no table "challenge": it is no drawing of a challenge')
    try:
        asked = _of(about, "asked", int)
        if about.get("licence") != LICENCE:
            raise BadLine(f"the licence is {about.get('licence')!r}; only {LICENCE} can be taken in")
        drawing = submission(
            record.get("strokes"),
            pens_from_json(record.get("pens") or record.get("pen")),
            uid=_of(about, "uid", str),
            key=None,
            prompt=asked,
            device=_one_of(about, "device", DEVICES),
            app_version=_of(about, "app_version", str),
        )
        said = [_judged(one) for one in _of(about, "judgements", list)]
        if len(said) > MOST or len({one.judge for one in said}) < len(said):
            raise BadLine(f"a drawing has up to {MOST} judgements, each of another judge")
        maker, day = _hash(about, "maker"), _day(about)
        if maker in {one.judge for one in said}:
            raise BadLine("the maker is among the judges")
    except (BadLine, BadSubmission, BadStrokes, BadPen) as error:
        raise BadLine(f"{where}: {error}") from error
    return drawing.given(maker=maker, day=day), said


def _judged(one: Any) -> Judged:
    if not isinstance(one, dict):
        raise BadLine("a judgement is a table with judge, said and day")
    said = _of(one, "said", int)
    if said not in WORDS:
        raise BadLine(f"a judge says 0 to {WORDS[-1]}, not {said}")
    return Judged(_hash(one, "judge"), said, _day(one))


def _of(table: dict[str, Any], name: str, kind: type) -> Any:
    value = table.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise BadLine(f"{name} should be {kind.__name__}, not {str(value)[:40]!r}")
    return value


def _one_of(table: dict[str, Any], name: str, choices: tuple[str, ...]) -> str:
    value = _of(table, name, str)
    if value not in choices:
        raise BadLine(f"{name} is one of {', '.join(choices)}, not {value[:40]!r}")
    return value


def _hash(table: dict[str, Any], name: str) -> str:
    value = _of(table, name, str)
    if not _PSEUDONYM.fullmatch(value):
        raise BadLine(f"{name} should be 64 hex digits, not {value[:40]!r}")
    return value


def _day(table: dict[str, Any]) -> str:
    value = _of(table, "day", str)
    try:
        sound = date.fromisoformat(value).isoformat() == value and value <= today()
    except ValueError:
        sound = False
    if not sound:
        raise BadLine(f"day should be a day until today such as 2026-11-22, not {value[:40]!r}")
    return value
