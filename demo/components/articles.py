"""A digit with its article, in the page's sentences: "a 7", and "an 8"."""

from __future__ import annotations


def a_digit(digit: int) -> str:
    """ "a 0" ... "a 7", "an 8", "a 9"."""
    return f"an {digit}" if digit == 8 else f"a {digit}"
