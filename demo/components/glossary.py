"""What the page's terms mean: written once, in glossary.json, and one tap away wherever they stand."""

from __future__ import annotations

import html
import json
import re
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("glossary.json")
MARKED = re.compile(r"\[([^\]|]+)(?:\|([^\]]+))?\]")


@cache
def glossary() -> dict[str, str]:
    """What each term means, in plain words."""
    meanings: dict[str, str] = json.loads(FILE.read_text(encoding="utf-8"))
    return meanings


def with_terms(text: str) -> str:
    """`text` as HTML in which each [term], or [as it is written|term], opens what it means at a tap.

    Raises KeyError for a term that the glossary lacks.
    """
    parts, at = [], 0
    for found in MARKED.finditer(text):
        parts += [html.escape(text[at : found.start()]), _term(found[1], found[2] or found[1])]
        at = found.end()
    return "".join([*parts, html.escape(text[at:])])


def prose(text: str) -> str:
    """`with_terms` as a paragraph of its own."""
    return f'<div class="prose">{with_terms(text)}</div>'


def _term(written: str, term: str) -> str:
    meaning = glossary().get(term) or glossary()[term[:1].lower() + term[1:]]
    return (
        f'<span class="term" tabindex="0" role="button">{html.escape(written)}'
        f'<span role="note">{html.escape(meaning)}</span></span>'
    )
