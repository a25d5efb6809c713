"""What the body of an event may be: checked before Gradio sees it, which reads whatever it is given on its event loop.

A body is an object of bounded depth and size that names its session by a short word and holds no address: Gradio would
download what a file's description points to, for every component alike.
"""

from __future__ import annotations

import json
import re
from collections.abc import Container
from pathlib import Path
from typing import Any

from gradio.utils import get_upload_folder

DEEPEST = 24
MOST_VALUES = 60_000  # ten thousand points of four numbers, and their lists
SESSION = re.compile(r"[A-Za-z0-9_-]{1,64}")
FILE = "gradio.FileData"


class BadBody(ValueError):
    """The body is not that of an event; the message says what is wrong."""


def check_event(body: bytes, events: Container[int]) -> None:
    """Raise BadBody unless `body` is the JSON of an event; events are the numbers of those that there are."""
    if body.count(b",") > MOST_VALUES:  # before it is parsed: a megabyte of numbers becomes thirty in memory
        raise BadBody(f"the body holds more than {MOST_VALUES:,} values")
    try:
        event = json.loads(body)
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
    _check_values(event)


def _check_values(event: dict[str, Any]) -> None:
    waiting: list[tuple[Any, int]] = [(event, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEEPEST:
            raise BadBody(f"the body is more than {DEEPEST} levels deep")
        if isinstance(value, dict):
            if "path" in value and "meta" in value:
                _check_file(value)
            waiting.extend((part, depth + 1) for part in value.values() if isinstance(part, dict | list))
        else:
            waiting.extend((part, depth + 1) for part in value if isinstance(part, dict | list))


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
