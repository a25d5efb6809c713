"""Drawings out and in as JSON lines, so that sets travel between installations.

A line is a line of a stroke file (demo/sketchpad/stroke_file.py) with a table "challenge" beside it:

    {"label": 7, "strokes": [...], "pen": {...}, "challenge": {"uid", "asked", "day", "device", "app_version",
     "maker", "licence": "CC0-1.0", "judgements": [{"judge", "said", "day"}, ...]}}

`label` is the consensus, null while there is none or when it is no digit; `judgements` are the labels that count.
Makers and annotators go by pseudonyms that lead back to no key, the same in every export of a store, and no address
group goes out. Images are drawn again from strokes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from architectures.input.pen import BadPen
from architectures.input.strokes import BadStrokes
from demo.challenge.drawings.contributors import ensure_contributor, today
from demo.challenge.drawings.submissions import DEVICES, BadSubmission, Submission, enter, submission
from demo.challenge.labels.quorum import MOST, update_drawing
from demo.challenge.store import schema
from demo.challenge.store.database import Store
from demo.challenge.store.images import pens_from_json
from demo.challenge.store.schema import DONE, LABELS, OPEN, contents, contributors, drawings
from demo.challenge.store.shared_secrets import shared_secret

LICENCE = "CC0-1.0"
BATCH = 200  # drawings in one transaction of an import
LONGEST_LINE = 4 * 2**20  # bytes
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
class Labelled:
    annotator: str
    label: int
    day: str


def lines(store: Store) -> Iterator[str]:
    """Every drawing that is neither hidden nor gold, as one line of JSON without its end."""
    salt = shared_secret(store, "export")
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
            labels: dict[int, list[dict[str, Any]]] = {}
            query = (
                select(schema.annotations, contributors.c.key_hash)
                .join(contributors, contributors.c.id == schema.annotations.c.contributor_id)
                .where(schema.annotations.c.drawing_id.in_([row.id for row in rows]))
                .where(contributors.c.trusted, schema.annotations.c.counted, schema.annotations.c.label.in_(LABELS))
                .order_by(schema.annotations.c.id)
            )
            for row in connection.execute(query):
                one = {"judge": _pseudonym(salt, row.key_hash), "said": row.label, "day": row.day}
                labels.setdefault(row.drawing_id, []).append(one)
        if not rows:
            return
        for row in rows:
            yield json.dumps(_as_line(row, labels.get(row.id, []), salt), separators=(",", ":"))
        after = rows[-1].id


def read_file(store: Store, path: Path) -> Imported:
    """Enter the drawings in a file of lines; all of it is checked before any of it is entered.

    No more of a line than LONGEST_LINE is ever in memory. Raises BadLine naming the line, OSError and StoreError.
    """
    with path.open("rb") as file:
        for number, line in bounded_lines(file):
            _checked(number, line)
        file.seek(0)
        return _enter(store, (_checked(number, line) for number, line in bounded_lines(file)))


def read(store: Store, given: Iterable[str]) -> Imported:
    """Enter drawings from lines; all of them are checked before any is entered. Raises BadLine and StoreError.

    Labels come along and count as those of people here; a drawing that is here already is left as it is.
    """
    checked = [_checked(number, line) for number, line in enumerate(given, start=1) if line.strip()]
    return _enter(store, checked)


def bounded_lines(file: Any) -> Iterator[tuple[int, bytes]]:
    """Number and content of each line of a binary file that is not blank, none longer than LONGEST_LINE is read."""
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise BadLine(f"line {number} is longer than {LONGEST_LINE // 2**20} MB")
        if line.strip():
            yield number, line


def _enter(store: Store, checked: Iterable[tuple[Submission, list[Labelled]]]) -> Imported:
    new = again = deleted = 0
    for batch in _batches(checked):
        with store.writing() as connection:
            for drawing, labels in batch:
                try:
                    receipt = enter(connection, drawing)
                except BadSubmission:
                    deleted += 1
                    continue
                again += receipt.duplicate
                new += not receipt.duplicate
                if receipt.duplicate:
                    continue
                for one in labels:
                    annotator = ensure_contributor(connection, one.annotator, trusted=True)
                    values = {"drawing_id": receipt.drawing_id, "contributor_id": annotator}
                    connection.execute(insert(schema.annotations).values(**values, label=one.label, day=one.day))
                update_drawing(connection, receipt.drawing_id, drawing.prompt)
    return Imported(new, again, deleted)


def _batches(checked: Iterable[tuple[Submission, list[Labelled]]]) -> Iterator[list[tuple[Submission, list[Labelled]]]]:
    iterator = iter(checked)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def _as_line(row: Any, labels: list[dict[str, Any]], salt: str) -> dict[str, Any]:
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
        "judgements": labels,
    }
    return line


def _pseudonym(salt: str, key_hash: str) -> str:
    return hashlib.sha256(f"{salt}{key_hash}".encode()).hexdigest()


def _checked(number: int, line: str | bytes) -> tuple[Submission, list[Labelled]]:
    where = f"line {number}"
    if len(line) > LONGEST_LINE:
        raise BadLine(f"{where} is longer than {LONGEST_LINE // 2**20} MB")
    try:
        text = line.decode() if isinstance(line, bytes) else line
        record = json.loads(text)
        json.dumps(record, ensure_ascii=False).encode()  # half a surrogate pair is JSON, but no text
    except (UnicodeDecodeError, UnicodeEncodeError) as error:
        raise BadLine(f"{where} is not UTF-8 text ({error.reason})") from error
    except (ValueError, RecursionError) as error:
        raise BadLine(f"{where} is not JSON ({error})") from error
    about = record.get("challenge") if isinstance(record, dict) else None
    if not isinstance(about, dict):
        raise BadLine(f'{where} has no table "challenge": it is no drawing of a challenge')
    try:
        prompt = _of(about, "asked", int)
        if about.get("licence") != LICENCE:
            raise BadLine(f"invalid licence {str(about.get('licence'))[:40]!r}: must be {LICENCE}")
        drawing = submission(
            record.get("strokes"),
            pens_from_json(record.get("pens") or record.get("pen")),
            uid=_of(about, "uid", str),
            key=None,
            prompt=prompt,
            device=_one_of(about, "device", DEVICES),
            app_version=_of(about, "app_version", str),
        )
        labels = [_labelled(one) for one in _of(about, "judgements", list)]
        if len(labels) > MOST or len({one.annotator for one in labels}) < len(labels):
            raise BadLine(f"invalid judgements: must be up to {MOST}, each of another judge")
        maker, day = _hash(about, "maker"), _day(about)
        if maker in {one.annotator for one in labels}:
            raise BadLine("the maker is among the judges")
    except (BadLine, BadSubmission, BadStrokes, BadPen) as error:
        raise BadLine(f"{where}: {error}") from error
    return drawing.of(maker=maker, day=day), labels


def _labelled(one: Any) -> Labelled:
    if not isinstance(one, dict):
        raise BadLine("a judgement is a table with judge, said and day")
    label = _of(one, "said", int)
    if label not in LABELS:
        raise BadLine(f"invalid label {label}: must be 0 to {LABELS[-1]}")
    return Labelled(_hash(one, "judge"), label, _day(one))


def _of(table: dict[str, Any], name: str, kind: type) -> Any:
    value = table.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise BadLine(f"invalid {name} {str(value)[:40]!r}: must be {kind.__name__}")
    return value


def _one_of(table: dict[str, Any], name: str, choices: tuple[str, ...]) -> str:
    value = _of(table, name, str)
    if value not in choices:
        raise BadLine(f"invalid {name} {value[:40]!r}: must be one of {', '.join(choices)}")
    return value


def _hash(table: dict[str, Any], name: str) -> str:
    value = _of(table, name, str)
    if not _PSEUDONYM.fullmatch(value):
        raise BadLine(f"invalid {name} {value[:40]!r}: must be 64 hex digits")
    return value


def _day(table: dict[str, Any]) -> str:
    value = _of(table, "day", str)
    try:
        sound = date.fromisoformat(value).isoformat() == value and value <= today()
    except ValueError:
        sound = False
    if not sound:
        raise BadLine(f"invalid day {value[:40]!r}: must be a day until today, such as 2026-11-22")
    return value
