"""Drawings travel between installations, and nothing comes in unchecked."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from demo.challenge.__main__ import main
from demo.challenge.drawings import contributors, submissions
from demo.challenge.labels import gold
from demo.challenge.store import schema
from demo.challenge.store.database import Store
from demo.challenge.transfer import exchange
from demo.draw.examples import examples
from demo.sketchpad.stroke_file import read_file
from tests.support.challenge_people import give, give_gold, label_next, row_of


@pytest.fixture
def full(store: Store) -> tuple[Store, str, str]:
    """A store with a labelled drawing and an open one; their uids."""
    give_gold(store, number=1)
    key = contributors.new_key()
    settled, waiting = give(store, key), give(store, key, prompt=3)
    with store.writing() as connection:
        connection.execute(schema.drawings.update().where(schema.drawings.c.uid == waiting).values(round=9))
    for _ in range(2):
        other = contributors.new_key()
        while label_next(store, other, 7) != settled:
            pass
    return store, settled, waiting


def test_what_goes_out_comes_in_again_elsewhere(full: tuple[Store, str, str], tmp_path: Path) -> None:
    store, settled, waiting = full
    lines = list(exchange.lines(store))
    elsewhere = Store(str(tmp_path / "elsewhere.db"))
    assert exchange.read(elsewhere, lines) == exchange.Imported(new=2, again=0, deleted=0)
    assert exchange.read(elsewhere, lines) == exchange.Imported(new=0, again=2, deleted=0)
    assert row_of(elsewhere, settled) == row_of(store, settled)
    assert row_of(elsewhere, waiting)[0] == "open"
    images = []
    for each in (store, elsewhere):
        with each.reading() as connection:
            images.append([bytes(png) for png in connection.execute(select(schema.contents.c.image)).scalars()])
    assert set(images[1]) <= set(images[0])
    elsewhere.close()


def test_an_export_is_a_stroke_file_and_leads_to_nobodys_key(full: tuple[Store, str, str], tmp_path: Path) -> None:
    store, _, _ = full
    file = tmp_path / "drawings.jsonl"
    file.write_text("\n".join(exchange.lines(store)))
    assert [drawing.label for drawing in read_file(file)] == [7, None]
    with store.reading() as connection:
        hashes = list(connection.execute(select(schema.contributors.c.key_hash)).scalars())
    assert not [one for one in hashes if one in file.read_text() and one != submissions.HOUSE]


def changed(line: str, **fields: Any) -> str:
    record = json.loads(line)
    for path, value in fields.items():
        table = record["challenge"] if path in record["challenge"] else record
        table[path] = value
    return json.dumps(record)


@pytest.mark.parametrize(
    "fields",
    [
        {"strokes": [[[float("nan"), 0]]]},
        {"strokes": [[["x", "y"]]]},
        {"strokes": []},
        {"strokes": None},
        {"pen": {"thinnest_px": -1}},
        {"pen": {"no such": 1}},
        {"pen": None},
        {"uid": "short"},
        {"uid": 7},
        {"asked": 10},
        {"asked": True},
        {"day": "2999-01-01"},
        {"day": "yesterday"},
        {"device": "toaster"},
        {"maker": "me"},
        {"licence": "mine"},
        {"judgements": [{"judge": "0" * 64, "said": 12, "day": "2026-01-01"}]},
        {"judgements": [{"judge": "0" * 64, "said": 7, "day": "2026-01-01"}] * 2},
        {"judgements": [7]},
        {"challenge": None},
    ],
)
def test_a_wrong_line_is_named_and_nothing_of_the_file_is_taken(fields: dict[str, Any], tmp_path: Path) -> None:
    store = Store(str(tmp_path / "a.db"))
    give(store, contributors.new_key())
    line = next(exchange.lines(store))
    elsewhere = Store(str(tmp_path / "b.db"))
    with pytest.raises(exchange.BadLine, match="line 2"):
        exchange.read(elsewhere, [line, changed(line, **fields)])
    assert list(exchange.lines(elsewhere)) == []
    store.close()
    elsewhere.close()


@pytest.mark.parametrize("line", ["{", "[" * 100_000, "7", "null", '"text"', '{"\ud800": 1}', '{"a": "\ud800"}'])
def test_a_line_that_is_no_drawing_is_refused(line: str, tmp_path: Path) -> None:
    store = Store(str(tmp_path / "a.db"))
    with pytest.raises(exchange.BadLine, match="line 1"):
        exchange.read(store, [line])
    store.close()


@pytest.mark.parametrize(
    ("second", "why"), [(b'{"a": "\xff"}\n', "not UTF-8"), (b'{"app_version": "\\ud800"}\n', "not UTF-8")]
)
def test_bytes_that_are_no_text_are_one_clear_error_for_their_line(second: bytes, why: str, tmp_path: Path) -> None:
    store = Store(str(tmp_path / "a.db"))
    give(store, contributors.new_key())
    first = next(exchange.lines(store)).encode() + b"\n"
    (tmp_path / "in.jsonl").write_bytes(first + second)
    elsewhere = Store(str(tmp_path / "b.db"))
    with pytest.raises(exchange.BadLine, match=f"line 2 is {why}"):
        exchange.read_file(elsewhere, tmp_path / "in.jsonl")
    assert list(exchange.lines(elsewhere)) == []
    store.close()
    elsewhere.close()


def test_an_endless_line_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    with (tmp_path / "in.jsonl").open("wb") as file:
        file.truncate(1_500_000_000)  # of zeros, none of which is on the disk
    store = Store(str(tmp_path / "a.db"))
    tracemalloc.start()
    with pytest.raises(exchange.BadLine, match="line 1 is longer than 4 MB"):
        exchange.read_file(store, tmp_path / "in.jsonl")
    assert tracemalloc.get_traced_memory()[1] < 4 * exchange.LONGEST_LINE
    tracemalloc.stop()
    store.close()


def test_an_import_does_not_bring_back_what_was_deleted_here(store: Store) -> None:
    key = contributors.new_key()
    give(store, key)
    lines = list(exchange.lines(store))
    submissions.remove(store, key)
    assert exchange.read(store, lines) == exchange.Imported(new=0, again=0, deleted=1)


def test_the_examples_become_gold_items_once(store: Store) -> None:
    assert gold.add(store, examples()) == len(examples())
    gold.ensure(store)
    assert gold.add(store, examples()) == 0


def test_the_command_line_reviews_exports_and_imports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    address = str(tmp_path / "a.db")
    store = Store(address)
    uid = give(store, contributors.new_key())
    with store.writing() as connection:
        connection.execute(schema.drawings.update().values(state="hidden"))
    assert main(["--db", address, "review", "--images", str(tmp_path / "flagged")]) == 0
    assert uid in capsys.readouterr().out
    assert (tmp_path / "flagged" / f"{uid}.png").read_bytes().startswith(b"\x89PNG")
    assert main(["--db", address, "review", "--allow", uid]) == 0
    assert row_of(store, uid)[0] == "open"
    assert main(["--db", address, "export", str(tmp_path / "out.jsonl")]) == 0
    assert main(["--db", str(tmp_path / "b.db"), "import", str(tmp_path / "out.jsonl")]) == 0
    assert "1 new drawings" in capsys.readouterr().out
    assert main(["--db", address, "review", "--delete", uid]) == 0
    assert list(exchange.lines(store)) == []
    assert main(["--db", address, "review", "--delete", uid]) == 2
    assert main(["--db", address, "import", str(tmp_path / "none.jsonl")]) == 2
    store.close()
