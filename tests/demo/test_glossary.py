"""Every term that stands in a text of the page is in the glossary, and nothing of it can become HTML."""

from __future__ import annotations

from pathlib import Path

import pytest

import demo
from demo.components.glossary import MARKED, glossary, with_terms


def test_a_marked_term_opens_its_meaning() -> None:
    shown = with_terms("Its [pose] & [votes|routing]")
    assert shown.startswith("Its <span") and "&amp;" in shown and ">votes<" in shown
    assert glossary()["pose"].split(".")[0] in shown and glossary()["routing"].split(".")[0] in shown


def test_a_term_that_nobody_explained_is_an_error() -> None:
    with pytest.raises(KeyError):
        with_terms("a [neologism]")


def test_every_meaning_is_a_sentence_or_more() -> None:
    for term, meaning in glossary().items():
        assert meaning[0].isupper() or meaning[0].isdigit(), term
        assert meaning.endswith(".") and len(meaning) > 40, term
        assert not MARKED.search(meaning), term
    assert (Path(demo.__file__).parent / "components" / "glossary.json").is_file()
