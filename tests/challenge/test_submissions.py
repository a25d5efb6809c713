"""Drawings come in, once each, and go when their maker says so."""

from __future__ import annotations

import secrets
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select

from architectures.input.pen import PRESETS, draw
from architectures.input.strokes import BadStrokes
from demo.challenge.drawings import contributors, prompts, submissions
from demo.challenge.drawings.submissions import BadSubmission, Submission, submission, submit
from demo.challenge.store import schema
from demo.challenge.store.database import Store
from demo.challenge.store.images import image_of
from tests.support.challenge_stores import SEVEN

WILD = PRESETS["wild"]


def seven(key: str, uid: str | None = None, prompt: int = 7, **more: str) -> Submission:
    return submission(SEVEN, WILD, uid=uid or secrets.token_hex(16), key=key, prompt=prompt, **more)


def number_of(store: Store, table: str) -> int:
    with store.reading() as connection:
        return connection.execute(select(func.count()).select_from(schema.metadata.tables[table])).scalar_one()


def test_a_drawing_is_stored_whole(store: Store) -> None:
    given = seven(contributors.new_key(), device="touch", nickname="Ada")
    receipt = submit(store, given)
    with store.reading() as connection:
        row = connection.execute(select(schema.drawings)).one()
        content = connection.execute(select(schema.contents)).one()
        person = connection.execute(select(schema.contributors)).one()
    assert (row.id, row.uid, row.prompt, row.device) == (receipt.drawing_id, given.uid, 7, "touch")
    assert (row.pen_name, row.state, person.nickname) == ("wild", "open", "Ada")
    assert len(row.day) == 10
    assert np.array_equal(image_of(bytes(content.image)), draw(SEVEN, WILD))


def test_a_request_sent_again_is_one_drawing(store: Store) -> None:
    given = seven(contributors.new_key())
    first, second = submit(store, given), submit(store, given)
    assert (first.duplicate, second.duplicate) == (False, True)
    assert first.drawing_id == second.drawing_id
    assert number_of(store, "drawings") == number_of(store, "contents") == 1


def test_another_person_cannot_take_over_the_key_of_a_submission(store: Store) -> None:
    given = seven(contributors.new_key())
    submit(store, given)
    with pytest.raises(BadSubmission, match="another drawing has that key"):
        submit(store, seven(contributors.new_key(), uid=given.uid))


def test_the_store_keeps_the_hash_of_a_key_and_never_the_key(store: Store) -> None:
    key = contributors.new_key()
    submit(store, seven(key))
    with store.reading() as connection:
        for table in schema.metadata.sorted_tables:
            for row in connection.execute(select(table)):
                assert key not in str(row)


@pytest.mark.parametrize("strokes", [[], [[]], [[[0.5, 0.5]]], None])
def test_an_empty_pad_and_a_dot_are_not_taken(strokes: object) -> None:
    with pytest.raises((BadSubmission, BadStrokes)):
        submission(strokes, WILD, uid="0" * 32, key=contributors.new_key(), prompt=7)


@pytest.mark.parametrize("uid", ["", "x" * 32, "0" * 31, "'; DROP TABLE drawings; --"])
def test_only_a_key_of_32_hex_digits_names_a_submission(uid: str) -> None:
    with pytest.raises(BadSubmission):
        submission(SEVEN, WILD, uid=uid, key=contributors.new_key(), prompt=7)


@pytest.mark.parametrize("key", ["", "x" * 32, "' OR 1=1 --", None, 7])
def test_only_a_key_of_32_hex_digits_names_a_contributor(key: object) -> None:
    with pytest.raises(contributors.BadContributor):
        contributors.hash_of(key)  # type: ignore[arg-type]


def test_nobody_deletes_another_persons_drawing(store: Store) -> None:
    mine, yours = contributors.new_key(), contributors.new_key()
    given = seven(mine)
    submit(store, given)
    submit(store, seven(yours))
    assert submissions.remove(store, yours, [given.uid]) == 0
    assert submissions.remove(store, contributors.new_key(), [given.uid]) == 0
    assert number_of(store, "drawings") == 2
    assert submissions.remove(store, mine, [given.uid]) == 1
    assert number_of(store, "drawings") == number_of(store, "contents") == 1


def test_a_deleted_drawing_does_not_come_back(store: Store) -> None:
    key = contributors.new_key()
    given = seven(key)
    submit(store, given)
    assert submissions.remove(store, key) == 1
    with pytest.raises(BadSubmission, match="has been deleted"):
        submit(store, given)
    assert number_of(store, "drawings") == 0


def test_what_is_deleted_is_overwritten_in_every_file_of_the_store(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "a.db"))
    key = contributors.new_key()
    strokes = [[[0.123456789, 0.2, 0.0], [0.8, 0.2, 200.0], [0.987654321, 0.85, 500.0]]]
    given = submission(strokes, WILD, uid="d" * 32, key=key, prompt=7, nickname="Zebedee")
    submit(store, given)
    marks = (b"0.987654321", b"Zebedee", given.image[60:120])

    def on_disk() -> list[bytes]:
        files = b"".join(path.read_bytes() for path in tmp_path.glob("a.db*"))
        return [mark for mark in marks if mark in files]

    assert on_disk() == list(marks)
    assert submissions.remove(store, key) == 1
    assert on_disk() == []
    store.close()


def test_a_reader_delays_the_overwriting_and_the_next_write_catches_up(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "a.db"), wait_s=0.2)
    key = contributors.new_key()
    submit(store, seven(key, nickname="Zebedee"))
    with store.reading() as reader:
        reader.execute(select(schema.drawings)).all()  # holds a view of the log
        assert submissions.remove(store, key) == 1
    submit(store, seven(contributors.new_key()))
    assert b"Zebedee" not in b"".join(path.read_bytes() for path in tmp_path.glob("a.db*"))
    store.close()


def test_a_person_sees_what_they_gave_and_nothing_else(store: Store) -> None:
    mine, yours = contributors.new_key(), contributors.new_key()
    given = seven(mine)
    submit(store, given)
    submit(store, seven(yours))
    with store.reading() as connection:
        assert [row.uid for row in submissions.drawings_of(connection, mine)] == [given.uid]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ada   Lovelace ", "Ada Lovelace"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"[:24]),
        ("\u202eevil\x00\n", "evil"),
        ("   ", None),
        ("x" * 100, "x" * 24),
    ],
)
def test_a_nickname_is_one_short_visible_line(typed: str, kept: str | None) -> None:
    assert contributors.clean_nickname(typed) == kept


@pytest.mark.parametrize("asking", range(3))
def test_asking_again_offers_the_same_two_digits_until_something_is_submitted(store: Store, asking: int) -> None:
    """Whoever waits for a digit, with the button, by reloading or with fresh keys, waits for ever."""
    someone = contributors.new_key()
    submit(store, seven(someone))

    def ask(other_than: int | None = None) -> int:
        key = (someone, None, contributors.new_key())[asking]
        address = "203.0.113.7" if asking else "198.51.100.7"
        return prompts.verify(store, prompts.issue(store, key, address, other_than=other_than)).digit

    offered = {ask()}
    for _ in range(20):
        offered.add(ask(other_than=ask()))
        offered.add(ask())
    assert len(offered) == 2


def test_prompts_come_out_balanced(store: Store) -> None:
    key = contributors.new_key()
    for _ in range(20):
        ticket = prompts.verify(store, prompts.issue(store, key))
        submit(store, seven(key, uid=ticket.uid, prompt=ticket.digit))
    with store.reading() as connection:
        rows = connection.execute(select(schema.drawings.c.prompt, func.count()).group_by(schema.drawings.c.prompt))
        assert dict(rows.all()) == dict.fromkeys(range(10), 2)


def test_a_ticket_cannot_be_changed_or_made_up(store: Store) -> None:
    ticket = prompts.issue(store, None)
    digit, uid, signature = ticket.split(".")
    changed = f"{(int(digit) + 1) % 10}.{uid}.{signature}"
    for text in (changed, f"{digit}.{'0' * 32}.{signature}", "", None, 7, "7", "a.b.c", ticket + ".x", "\ud800.b.c"):
        with pytest.raises(prompts.BadTicket):
            prompts.verify(store, text)
    assert prompts.verify(store, ticket).uid == uid


def test_every_process_reads_the_tickets_of_the_others(store: Store, address: str) -> None:
    other = Store(address)
    ticket = prompts.issue(other, None)
    assert prompts.verify(store, ticket).uid == ticket.split(".")[1]
    other.close()
