"""A round of five: dealt, played from a link, and submitted like any other drawing."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from demo.challenge.drawings import prompts, rounds
from demo.challenge.drawings.contributors import BadContributor, new_key
from demo.challenge.drawings.prompts import BadTicket
from demo.challenge.labels import review
from demo.challenge.store import schema
from demo.challenge.store.database import Store
from demo.sketchpad.drawing import Drawing
from tests.support.challenge_people import give, label_next
from tests.support.challenge_stores import SEVEN


def test_a_dealt_round_is_submitted_with_its_prompts(store: Store) -> None:
    dealt, key = rounds.deal(store), new_key()
    assert len(set(dealt.digits)) == rounds.LENGTH
    drawn = [(ticket, Drawing.of(SEVEN)) for ticket in rounds.tickets(store, dealt.code)]
    for _ in range(2):  # sent twice, stored once
        results = rounds.submit(store, key, drawn, consent=True, device="touch", address="203.0.113.7")
        assert [result.stored for result in results] == [True] * rounds.LENGTH
    with store.reading() as connection:
        rows = connection.execute(select(schema.drawings).order_by(schema.drawings.c.id)).all()
    assert tuple(row.prompt for row in rows) == dealt.digits
    assert {row.device for row in rows} == {"touch"}


def test_whoever_opens_the_link_plays_the_same_digits_under_other_tickets(store: Store) -> None:
    dealt = rounds.deal(store)
    assert rounds.read(store, dealt.code) == dealt
    one, other = rounds.tickets(store, dealt.code), rounds.tickets(store, dealt.code)
    assert not set(one) & set(other)
    assert [prompts.verify(store, ticket).digit for ticket in one + other] == list(dealt.digits) * 2


def test_nobody_gets_tickets_for_digits_that_were_not_dealt(store: Store) -> None:
    dealt = rounds.deal(store)
    digits, nonce, signature = dealt.code.split(".")
    forged = f"77777.{nonce}.{signature}"
    for code in (forged, f"{digits}.{nonce[::-1]}x.{signature}", "", None, 7, "7.7.7", "\ud800.a.b", dealt.code + ".x"):
        with pytest.raises(BadTicket):
            rounds.tickets(store, code)


@pytest.mark.parametrize("consent", ["true", "false", 1, None])
def test_a_round_is_kept_with_consent_alone(store: Store, consent: object) -> None:
    tickets = rounds.tickets(store, rounds.deal(store).code)
    results = rounds.submit(store, new_key(), [(tickets[0], Drawing.of(SEVEN))], consent=consent)
    assert not results[0].stored
    with store.reading() as connection:
        assert connection.execute(select(schema.drawings)).all() == []


def test_a_drawing_that_is_refused_does_not_keep_the_others_out(store: Store) -> None:
    tickets = rounds.tickets(store, rounds.deal(store).code)
    drawn = [(tickets[0], None), ("7.forged.ticket", Drawing.of(SEVEN)), (tickets[2], Drawing.of(SEVEN))]
    results = rounds.submit(store, new_key(), drawn, consent=True)
    assert [result.stored for result in results] == [False, False, True]
    assert all(result.problem for result in results[:2])
    with pytest.raises(BadContributor):
        rounds.submit(store, "nobody", drawn, consent=True)


def test_what_others_drew_is_labelled_not_flagged_and_not_ones_own(store: Store) -> None:
    maker = new_key()
    uids = [give(store, maker) for _ in range(3)]
    for _ in range(2):
        key = new_key()
        for _ in uids:
            label_next(store, key, 7)
    waiting = give(store, maker)
    review.hide(store, uids[0])
    found = {other.uid for other in rounds.by_others(store, 7)}
    assert found == set(uids[1:])
    assert waiting not in found
    assert rounds.by_others(store, 7, key=maker) == rounds.by_others(store, 3) == []
    assert len(rounds.by_others(store, 7, key=new_key(), number=1)) == 1
    review.allow(store, uids[0])
    assert len(rounds.by_others(store, 7)) == 3
