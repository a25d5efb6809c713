"""Who labels what, and what becomes of it."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import func, select, update

from demo.challenge.drawings import submissions
from demo.challenge.drawings.contributors import new_key
from demo.challenge.labels import annotating
from demo.challenge.labels.annotating import BadAnnotation
from demo.challenge.store import schema
from demo.challenge.store.database import Store
from tests.support.challenge_people import give, give_gold, label_assigned, label_next, prove, row_of


def test_two_who_agree_with_the_prompt_are_enough(store: Store) -> None:
    uid = give(store, new_key())
    label_next(store, new_key(), 7)
    assert row_of(store, uid) == ("open", None, 1)
    label_next(store, new_key(), 7)
    assert row_of(store, uid) == ("done", 7, 2)
    assert annotating.next_assignment(store, new_key()) is None


def test_a_dissent_asks_up_to_five(store: Store) -> None:
    uid = give(store, new_key())
    for label in (1, 7, 7, 7):
        label_next(store, new_key(), label)
        assert row_of(store, uid)[0] == "open"
    label_next(store, new_key(), 7)
    assert row_of(store, uid) == ("done", 7, 5)


def test_nobody_is_shown_their_own_drawing(store: Store) -> None:
    key = new_key()
    uid = give(store, key)
    assert annotating.next_assignment(store, key) is None
    with pytest.raises(BadAnnotation, match="their own"):
        annotating.annotate(store, key, uid, 7)


def test_nobody_is_shown_a_drawing_twice(store: Store) -> None:
    key = new_key()
    uids = {give(store, new_key()) for _ in range(6)}
    assert {label_next(store, key, 7) for _ in range(6)} == uids
    assert annotating.next_assignment(store, key) is None


def test_an_assignment_shows_the_image_and_nothing_that_gives_the_label_away(store: Store) -> None:
    give(store, new_key())
    assigned = annotating.next_assignment(store, new_key())
    assert assigned is not None
    assert set(vars(assigned)) == {"uid", "image", "ticket"}


def test_an_annotator_keeps_their_drawing_until_they_have_labelled_it(store: Store) -> None:
    fresh, known = new_key(), new_key()
    for _ in range(9):
        give(store, new_key())
    label_next(store, known, 7)
    for key in (fresh, known):
        assert len({annotating.next_assignment(store, key) for _ in range(10)}) == 1


def test_a_label_sent_again_counts_once(store: Store) -> None:
    uid, key = give(store, new_key()), new_key()
    label_next(store, key, 7)
    assert annotating.annotate(store, key, uid, 1).duplicate
    assert row_of(store, uid) == ("open", None, 1)


def test_nobody_chooses_what_they_label(store: Store) -> None:
    uids = [give(store, new_key()) for _ in range(8)]
    fresh, known = new_key(), new_key()
    label_next(store, known, 7)
    for key in (fresh, known):
        assigned = annotating.next_assignment(store, key)
        assert assigned is not None
        other = next(uid for uid in uids if uid != assigned.uid and row_of(store, uid)[2] == 0)
        with pytest.raises(BadAnnotation, match="not assigned to you"):
            annotating.annotate(store, key, other, 7, ticket=assigned.ticket)


@pytest.mark.parametrize("label", [-1, 12, 3.5, "7", None, True])
def test_only_a_digit_or_one_of_two_words_is_a_label(store: Store, label: object) -> None:
    with pytest.raises(BadAnnotation):
        annotating.annotate(store, new_key(), "0" * 32, label)  # type: ignore[arg-type]


def test_a_drawing_taken_back_while_it_is_labelled_is_gone(store: Store) -> None:
    maker, key = new_key(), new_key()
    uid = give(store, maker)
    annotating.next_assignment(store, key)
    submissions.remove(store, maker)
    with pytest.raises(BadAnnotation, match="taken it back"):
        annotating.annotate(store, key, uid, 7)
    assert annotating.next_assignment(store, key) is None


def test_a_drawing_gets_five_labels_at_most_however_many_hold_it(store: Store) -> None:
    uid, keys = give(store, new_key()), [new_key() for _ in range(8)]
    accepted = [label_assigned(store, key, uid, 1) for key in keys]
    assert [one.counted for one in accepted] == [True] * 5 + [False] * 3
    assert row_of(store, uid) == ("done", 1, 5)


def test_a_new_annotator_is_first_measured_on_gold_items(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(annotating, "GOLD_EVERY", 10**9)  # none of them later, by lot
    give_gold(store, number=5)
    uid, good, bad = give(store, new_key()), new_key(), new_key()
    assert uid not in [label_next(store, good, 7) for _ in range(3)]
    assert label_next(store, good, 7) == uid
    for _ in range(5):
        assert label_next(store, bad, 1) != uid
    assert annotating.next_assignment(store, bad) is None
    assert row_of(store, uid) == ("open", None, 1)


def test_losing_trust_takes_every_label_out_of_the_consensus(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    give_gold(store, number=3)
    turncoat, honest = new_key(), new_key()
    for key in (turncoat, honest):
        for _ in range(3):
            label_next(store, key, 7)
    uid = give(store, new_key())
    label_next(store, turncoat, 7)
    label_next(store, honest, 7)
    assert row_of(store, uid) == ("done", 7, 2)
    give_gold(store, number=3)
    monkeypatch.setattr(annotating, "GOLD_EVERY", 1)
    for _ in range(2):
        label_next(store, turncoat, 1)
    assert row_of(store, uid) == ("open", None, 1)


def test_newcomers_weigh_half_until_gold_items_vouch_for_them(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(annotating, "GOLD_EVERY", 10**9)
    give_gold(store, number=6)
    uid = give(store, new_key())
    newcomers = [new_key() for _ in range(4)]
    for number, key in enumerate(newcomers):
        assert row_of(store, uid)[::2] == ("open", number), "three newcomers are not two people"
        prove(store, key)
        assert label_next(store, key, 7) == uid
    assert row_of(store, uid) == ("done", 7, 4)


def test_a_label_weighs_in_full_once_its_annotator_is_established(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(annotating, "GOLD_EVERY", 10**9)
    give_gold(store, number=6)
    uid = give(store, new_key())
    people = [new_key() for _ in range(2)]
    for key in people:
        prove(store, key)
        label_next(store, key, 7)
    assert row_of(store, uid)[0] == "open"
    monkeypatch.setattr(annotating, "GOLD_EVERY", 1)
    for key in people:
        prove(store, key)
    assert row_of(store, uid) == ("done", 7, 2)


def test_a_wrong_key_can_be_taken_back_and_labelled_again(store: Store) -> None:
    uid, key = give(store, new_key()), new_key()
    label_next(store, new_key(), 7)
    label_next(store, key, 7)
    assert row_of(store, uid) == ("done", 7, 2)
    assert annotating.take_back(store, key, uid).uid == uid
    assert row_of(store, uid) == ("open", None, 1)
    assert label_next(store, key, 1) == uid
    assert row_of(store, uid) == ("open", None, 2)
    assert annotating.past_of(store, key)[0].label == 1


def test_only_the_last_label_can_be_taken_back_for_what_others_said_is_shown_of_those_before(store: Store) -> None:
    key, stranger = new_key(), new_key()
    first, second = give(store, new_key()), give(store, new_key())
    order = [label_next(store, key, 7) for _ in range(2)]
    assert set(order) == {first, second}
    for who, uid in ((key, order[0]), (stranger, order[1])):
        with pytest.raises(BadAnnotation, match="gave last"):
            annotating.take_back(store, who, uid)
    annotating.take_back(store, key, order[1])


def test_a_gold_item_taken_back_is_measured_once(store: Store) -> None:
    give_gold(store, number=3)
    key = new_key()
    uid = label_next(store, key, 1)
    annotating.take_back(store, key, uid)
    for _ in range(3):
        label_next(store, key, 7)
    with store.reading() as connection:
        hashed = schema.contributors.c.key_hash == annotating.hash_of(key)
        row = connection.execute(select(schema.contributors).where(hashed)).one()
    assert (row.gold_seen, row.gold_correct, bool(row.trusted)) == (3, 3, True)


def test_an_annotator_sees_afterwards_what_the_others_said(store: Store) -> None:
    uid, key = give(store, new_key()), new_key()
    for label in (1, 7):
        label_next(store, new_key(), label)
    label_next(store, key, 3)
    (past,) = annotating.past_of(store, key)
    assert (past.uid, past.label, past.others, past.prompt, past.known) == (uid, 3, (1, 7), 7, None)
    assert annotating.past_of(store, new_key()) == []


def test_rounds_are_labelled_in_order_and_disagreement_decides_only_inside_one(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(annotating, "AMONG", 1)  # no lot
    maker = new_key()
    uids = [give(store, maker) for _ in range(25)]
    with store.writing() as connection:
        for number, uid in enumerate(uids):
            loud = update(schema.drawings).where(schema.drawings.c.uid == uid).values(disagreement=number % 2)
            connection.execute(loud)
    key = new_key()
    seen = [uids.index(label_next(store, key, 7)) for _ in range(25)]
    order = [((number + 1) // schema.ROUND, -(number % 2)) for number in seen]
    assert order == sorted(order)
    assert Counter(of_round for of_round, _ in order) == {0: 9, 1: 10, 2: 6}


def test_an_annotator_gets_one_of_several_by_lot(store: Store) -> None:
    for _ in range(annotating.AMONG):
        give(store, new_key())
    firsts = {one.uid for _ in range(60) if (one := annotating.next_assignment(store, new_key()))}
    assert len(firsts) == annotating.AMONG, "two who work together cannot aim at a drawing"


def test_what_the_nets_predict_does_not_change_how_often_a_drawing_is_labelled(store: Store) -> None:
    maker = new_key()
    uids = [give(store, maker) for _ in range(20)]
    with store.writing() as connection:
        for number, uid in enumerate(uids):
            at = schema.drawings.c.uid == uid
            connection.execute(update(schema.drawings).where(at).values(disagreement=number / 20))
    for _ in range(2):
        key = new_key()
        while annotating.next_assignment(store, key) is not None:
            label_next(store, key, 7)
    table = schema.drawings.c
    with store.reading() as connection:
        counts = connection.execute(select(table.annotated, func.count()).group_by(table.annotated))
        assert [tuple(row) for row in counts] == [(2, 20)]
