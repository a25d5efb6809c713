"""What the server prints: lines of bounded length, without what a terminal would obey.

Gradio prints the traceback of whatever an event fails with, and its text may hold all that a stranger has sent: a
megabyte a request, or the escapes that move a terminal's cursor.
"""

from __future__ import annotations

import re
from typing import Any, TextIO

LONGEST = 1000  # characters of what is printed in one piece
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # all but tab, line feed and carriage return


class ShortLines:
    """A stream that cuts what is written to it; all else is as of the stream behind it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(shortened(text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def shortened(text: str) -> str:
    """The text without control characters, cut where it is longer than LONGEST."""
    if len(text) > LONGEST:
        end = "\n" if text.endswith("\n") else ""
        text = f"{text[:LONGEST]}... ({len(text):,} characters){end}"
    return CONTROL.sub("", text)
