"""The table of what lessons teach: its command, on drawings with labels."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

import checkpoints
from checkpoints.shipped_digits import test_digits as shipped_digits
from demo.teach import table
from demo.teach.table import digits_of, main

NET = "resnet-ish"


@pytest.fixture
def drawings(tmp_path: Path) -> Path:
    """A stroke file of twenty of MNIST's test digits, and a drawing without label."""
    digits = shipped_digits(20)
    lines = [
        {"label": int(label), "strokes": strokes} for label, strokes in zip(digits.labels, digits.strokes, strict=True)
    ]
    path = tmp_path / "digits.jsonl"
    path.write_text("\n".join(map(json.dumps, [*lines, {"label": None, "strokes": digits.strokes[0]}])))
    return path


@pytest.mark.skipif(checkpoints.find(f"{NET}/mnist-only", None) is None, reason=f"the weights of {NET} are not here")
def test_the_table_tells_what_a_lesson_has_changed(
    drawings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "Lesson", lambda pen: replace(LESSON, pen=pen))
    page = tmp_path / "pens.md"
    page.write_text("# Pens\n\n<!-- lessons -->\nold\n<!-- /lessons -->\n\nafter\n")
    assert main([str(drawings), "--net", NET, "--pen", "plain blue", "hairline", "--markdown", str(page)]) == 0
    text = capsys.readouterr().out
    assert "on 20 drawings (digits.jsonl)" in text and "40 steps on 60 digits" in text
    blue = next(line for line in text.splitlines() if line.startswith("| plain blue"))
    before, after = map(float, re.findall(r"([\d.]+) → \*\*([\d.]+)", blue)[0])
    assert before > 50 > after, "blue ink is nearly black, and soon learned"
    assert "| `hairline` |" in text
    assert "old" not in page.read_text() and text.strip() in page.read_text() and page.read_text().endswith("after\n")


LESSON = table.Lesson(table.PENS["plain blue"], digits=60, steps=40)


def test_without_a_file_the_digits_that_ship_are_asked() -> None:
    digits = digits_of([])
    assert len(digits.labels) == 500 and digits.source == "test digits of MNIST, traced"


def test_a_file_without_labels_or_a_page_that_is_not_there_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps({"label": None, "strokes": [[[0.1, 0.1], [0.9, 0.9]]]}))
    assert main([str(path)]) == 2
    assert "has both strokes and a label" in capsys.readouterr().err
    assert main(["--markdown", str(tmp_path / "none.md")]) == 2
    assert "none.md not found: --markdown must be a page that there is" in capsys.readouterr().err
