"""What the body of an event may be: checked before Gradio sees it, which reads whatever it is given on its event loop.

A body is an object of bounded depth and size that names its session by a short word, holds as many values as its event
takes, and no address: Gradio would download what a file's description points to, for every component alike. Nor does it
hold what an answer could not be written with: numbers that are none, and halves of characters.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gradio.utils import get_upload_folder

DEEPEST = 24
MOST_VALUES = 60_000  # ten thousand points of four numbers, and their lists
SESSION = re.compile(r"[A-Za-z0-9_-]{1,64}")
HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")
FORM = re.compile(rb"""multipart/form-data;\s*boundary="?[^\s";]{1,70}"?\s*(;|$)""", re.IGNORECASE)  # RFC 2046, 5.1.1
FILE = "gradio.FileData"


class BadBody(ValueError):
    """The body is not that of an event; the message says what is wrong."""


def check_event(body: bytes, events: Mapping[int, int]) -> int | None:
    """The number of the event whose JSON `body` is, None where it names none; raises BadBody for anything else.

    events  how many values each takes, by its number
    """
    if body.count(b",") > MOST_VALUES:  # before it is parsed: a megabyte of numbers becomes thirty in memory
        raise BadBody(f"the body holds more than {MOST_VALUES:,} values")
    try:
        event = json.loads(body, parse_float=_finite, parse_constant=_finite)
    except BadBody:
        raise
    except (ValueError, RecursionError) as error:
        raise BadBody("the body is not JSON, or too deep") from error
    if not isinstance(event, dict):
        raise BadBody("the body is not a JSON object")
    session = event.get("session_hash")
    if session is not None and not (isinstance(session, str) and SESSION.fullmatch(session)):
        raise BadBody("session_hash is 1 to 64 letters, digits, - and _")
    number = event.get("fn_index")
    if number is not None and (isinstance(number, bool) or not isinstance(number, int) or number not in events):
        raise BadBody("fn_index is not the number of an event of this page")
    data = event.get("data")
    if number is not None and not (isinstance(data, list) and len(data) == events[number]):
        raise BadBody("data is not a list of as many values as this event takes")
    _check_values(event)
    return number


def check_form(content_type: bytes) -> None:
    """Raise BadBody unless this is the type of a form with files, whose parts Gradio can tell apart."""
    if not FORM.match(content_type):
        raise BadBody("files are uploaded as multipart/form-data with a boundary of up to 70 characters")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise BadBody("the body holds a number that is infinite or none")
    return number


def _check_values(event: dict[str, Any]) -> None:
    waiting: list[tuple[Any, int]] = [(event, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEEPEST:
            raise BadBody(f"the body is more than {DEEPEST} levels deep")
        if isinstance(value, dict):
            if "path" in value and "meta" in value:
                _check_file(value)
            _check_texts(value)
            parts = list(value.values())
        else:
            parts = value
        _check_texts(parts)
        waiting.extend((part, depth + 1) for part in parts if isinstance(part, dict | list))


def _check_texts(parts: Iterable[Any]) -> None:
    if any(isinstance(part, str) and HALF_A_CHARACTER.search(part) for part in parts):
        raise BadBody("the body holds half a character, which is no text")


def _check_file(value: dict[str, Any]) -> None:
    if not isinstance(value["meta"], dict) or value["meta"].get("_type") != FILE:
        raise BadBody("what describes a file is malformed")
    path = value["path"]
    if not isinstance(path, str) or value.get("is_stream") or not _uploaded(path):
        raise BadBody("a file has to be uploaded first: this server fetches no addresses")


def _uploaded(path: str) -> bool:
    """Whether `path` is what /upload answered: a file in Gradio's own folder."""
    try:
        return Path(path).resolve().is_relative_to(Path(get_upload_folder()).resolve())
    except (OSError, ValueError):  # too long, or with a zero byte in it
        return False
