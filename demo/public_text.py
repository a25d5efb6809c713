"""Errors as anybody may read them: without the places of this machine, error numbers, or what a terminal would obey."""

from __future__ import annotations

import re

LONGEST = 400  # characters
PATH = re.compile(r"(?<![\w/:.\\])(?:[A-Za-z]:)?(?:[/\\][\w.@+~-]+){2,}")
NUMBER = re.compile(r"\[(?:Errno|WinError) -?\d+\] ")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def public_text(error: object) -> str:
    """What `error` says, for strangers: of a path only its last two parts, addresses of the web as they are."""
    text = CONTROL.sub("", NUMBER.sub("", str(error)))
    text = PATH.sub(lambda found: _end_of(found.group()), text)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def _end_of(path: str) -> str:
    return "/".join(re.split(r"[/\\]", path)[-2:])
