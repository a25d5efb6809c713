"""Verdicts are computed once, and the scoreboard says no more than the drawings tell."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import func, select, update

import architectures
from demo.challenge.drawings.contributors import new_key
from demo.challenge.page import showing
from demo.challenge.page.desk import Desk
from demo.challenge.scoreboard import board, predictions, scoreboard
from demo.challenge.scoreboard.statistics import by_contributor, compare, interval
from demo.challenge.store import schema
from demo.challenge.store.database import Store
from demo.challenge.store.images import image_of
from demo.inference import predict
from tests.bench import filling
from tests.challenge.test_annotating import give

NETS = {"caps-net": "a" * 64, "resnet-ish": "b" * 64}
WITH_WEIGHTS = [name for name in predictions.nets() if name in ("caps-net", "resnet-ish")]


def test_resampling_people_sees_that_one_hand_is_alike() -> None:
    """Ten people with a hundred drawings each, all right or all wrong: as telling as ten drawings, not a thousand."""
    contributor = np.repeat(np.arange(10), 100)
    right = (contributor < 8)[:, None]
    people, drawings = interval(by_contributor(right, contributor)[:, 0]), board.wilson(800, 1000)
    assert people.high - people.low > 5 * (drawings.high - drawings.low)
    alone = interval(by_contributor(right, np.arange(1000))[:, 0])
    assert (alone.low, alone.high) == pytest.approx((drawings.low, drawings.high), abs=0.005)


def test_a_difference_that_one_person_makes_is_a_tie() -> None:
    contributor = np.repeat(np.arange(10), 20)
    right = np.ones((200, 2), bool)
    right[contributor == 0, 1] = False  # 20 drawings of one hand: McNemar alone would call it a win
    (pair,) = compare(["a", "b"], right, by_contributor(right, contributor))
    assert pair.p < 0.001
    assert (pair.only_a, pair.only_b, pair.ahead) == (20, 0, None)


def test_a_difference_that_many_people_make_is_not() -> None:
    contributor = np.repeat(np.arange(40), 10)
    right = np.ones((400, 2), bool)
    right[::10, 0] = False  # the first drawing of everybody
    (pair,) = compare(["a", "b"], right, by_contributor(right, contributor))
    assert pair.ahead == "b"
    assert pair.difference.high < 0


def test_equal_nets_are_tied() -> None:
    right = np.random.default_rng(0).random((300, 1)) < 0.9
    both = np.hstack([right, right])
    (pair,) = compare(["a", "b"], both, by_contributor(both, np.arange(300)))
    assert (pair.p, pair.ahead) == (1.0, None)
    assert (pair.difference.low, pair.difference.high) == (0.0, 0.0)


@pytest.fixture
def filled(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """400 drawings, the first half judged, with answers of two nets that are right 19 times in 20."""
    monkeypatch.setattr(predictions, "nets", lambda: NETS)
    filling.fill(store, 400)
    return store


def test_the_board_counts_whole_rounds_and_only_digits_people_agree_on(filled: Store) -> None:
    first = scoreboard.make(filled)
    # 200 are judged; number 200 begins a round whose others wait.
    assert first.counts["in finished rounds"] == first.scored == 199
    assert {row.of for row in first.rows} == {199}
    assert sum(map(sum, first.rows[0].confusion)) == 199
    for part in ("digit", "device", "length", "pen"):
        assert sum(each.of for each in first.slices if each.by == part) == 199
    at = schema.drawings.c.id
    with filled.writing() as connection:
        connection.execute(update(schema.drawings).where(at == 5).values(label=None))
        connection.execute(update(schema.drawings).where(at == 6).values(label=schema.UNREADABLE))
        connection.execute(update(schema.drawings).where(at == 15).values(state="open"))
    second = scoreboard.make(filled)
    assert second.scored == 199 - 2 - 10
    assert (second.counts["people disagree"], second.counts["unreadable"]) == (1, 1)


def test_nets_without_a_clear_difference_share_a_rank_and_the_page_says_so(filled: Store) -> None:
    made = scoreboard.make(filled)
    assert [row.rank for row in made.rows] == [1, 1]
    assert made.too_few
    shown = showing.scoreboard(made, True, {})
    assert shown["headline"].endswith("are tied")
    assert shown["caution"].startswith("Too few")
    assert all(net["tied"] for net in shown["nets"])


def test_a_net_that_has_not_read_everything_is_not_ranked(filled: Store) -> None:
    gone = (schema.answers.c.checkpoint == "b" * 64) & (schema.answers.c.drawing_id < 4)
    with filled.writing() as connection:
        connection.execute(schema.answers.delete().where(gone))
    made = scoreboard.make(filled)
    assert [row.net for row in made.rows] == ["caps-net"]
    assert made.catching_up == {"resnet-ish": 3}


def test_the_page_opens_with_the_board_made_last_and_knows_when_it_is_old(filled: Store) -> None:
    assert board.latest(filled) == (board.Board(), False)
    with filled.reading() as connection:
        state = board.state(connection)
    made = scoreboard.make(filled)
    board.keep(filled, made, state)
    assert board.latest(filled) == (made, True)
    with filled.writing() as connection:
        connection.execute(schema.deletions.insert().values(uid="0" * 32))
    assert board.latest(filled) == (made, False)


def test_a_board_that_took_long_is_not_made_anew_at_each_visit(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predictions, "missing", lambda store, checkpoint: 0)
    made = replace(scoreboard.make(filled), took_s=1e6)
    desk = Desk(filled.url.render_as_string(hide_password=False))
    with closing(desk.store):
        board.keep(filled, made, "of something else")
        assert desk.renewed()["fresh"] is False
        board.keep(filled, replace(made, made_at=0.0, took_s=10.0), "of something else")
        assert desk.renewed()["fresh"] is True


def test_an_empty_store_has_an_empty_board(store: Store) -> None:
    made = scoreboard.make(store)
    assert (made.rows, made.scored) == ([], 0)
    assert showing.scoreboard(made, True, {})["headline"] == "No drawing has been judged to the end yet"


@pytest.mark.skipif(not WITH_WEIGHTS, reason="no trained weights here")
def test_each_answer_is_computed_once_and_again_only_for_new_weights(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = WITH_WEIGHTS[0]
    recorded = {name: predictions.nets()[name]}
    monkeypatch.setattr(predictions, "nets", lambda: recorded)
    monkeypatch.setattr(predictions, "BATCH", 2)
    for _ in range(5):
        give(store, new_key())
    seen: list[tuple[int, int]] = []
    assert predictions.catch_up(store, progress=lambda done, of: seen.append((done, of))) == 5
    assert seen == [(2, 5), (4, 5), (5, 5)]
    assert predictions.catch_up(store) == 0
    recorded[name] = "f" * 64  # other weights under the same name
    assert predictions.catch_up(store, most=3) == 3
    assert predictions.missing(store, "f" * 64) == 2
    with store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(schema.answers)).scalar_one() == 8


@pytest.mark.skipif(not WITH_WEIGHTS, reason="no trained weights here")
def test_a_net_answers_alone_what_it_answers_in_a_batch(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = {name: predictions.nets()[name] for name in WITH_WEIGHTS}
    monkeypatch.setattr(predictions, "nets", lambda: recorded)
    give(store, new_key())
    predictions.catch_up(store)
    with store.reading() as connection:
        image = image_of(bytes(connection.execute(select(schema.contents.c.image)).scalar_one()))
        rows = connection.execute(select(schema.answers)).all()
    answers = predict(image, [architectures.shown(name) for name in WITH_WEIGHTS])
    assert answers is not None
    alone = {each.checkpoint: each for each in predictions.verdicts_of(answers)}
    assert {row.checkpoint: row.digit for row in rows} == {key: each.digit for key, each in alone.items()}


def test_a_new_way_of_feeding_the_nets_has_a_new_name(monkeypatch: pytest.MonkeyPatch) -> None:
    before = predictions.input_version()
    predictions.input_version.cache_clear()
    assert predictions.input_version() == before
    predictions.input_version.cache_clear()
    usual = predictions.mnist_like
    monkeypatch.setattr(predictions, "mnist_like", lambda image: usual(image, centre=False))
    assert predictions.input_version() != before
    predictions.input_version.cache_clear()


def test_the_nets_disagreement_is_what_orders_the_judging(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predictions, "nets", lambda: {**NETS, "lenet-like": "c" * 64})
    give(store, new_key())
    said = zip([*NETS, "lenet-like"], [*NETS.values(), "c" * 64], (7, 7, 1), strict=True)
    predictions.save(store, [(1, predictions.Verdict(net, key, digit, (0.1,) * 10)) for net, key, digit in said])
    with store.reading() as connection:
        assert connection.execute(select(schema.drawings.c.disagreement)).scalar_one() == pytest.approx(1 / 3)
    predictions.save(store, [(99, predictions.Verdict("caps-net", "a" * 64, 7, (0.1,) * 10))])  # deleted meanwhile
