"""Predictions are computed once, and the scoreboard says no more than the drawings tell."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select, update

import checkpoints
from checkpoints.evaluation.statistics import cluster_bootstrap
from demo.challenge.drawings.contributors import new_key
from demo.challenge.page import views
from demo.challenge.page.handlers import Handlers
from demo.challenge.scoreboard import board, predictions, scoreboard
from demo.challenge.service import Challenge
from demo.challenge.store import schema
from demo.challenge.store.database import Store
from demo.challenge.store.images import image_of
from demo.inference import predict
from tests.bench import filling
from tests.support.challenge_people import give

NETS = {"caps-net": "a" * 64, "resnet-ish": "b" * 64}
WITH_WEIGHTS = [net for net in predictions.nets() if net in ("caps-net", "resnet-ish", "resnet-ish/mnist-only")]


GOLD_ITEMS = 17  # the page's own examples, which every net predicts too


def compared(correct: np.ndarray, contributor: np.ndarray) -> board.Pair:
    """The only pair of two nets, whose columns are in `correct`."""
    worlds = cluster_bootstrap(correct, contributor)
    (pair,) = scoreboard.compare(["a", "b"], correct, worlds, len(np.unique(contributor)))
    return pair


def test_a_difference_that_one_person_makes_is_a_tie() -> None:
    contributor = np.repeat(np.arange(10), 20)
    correct = np.ones((200, 2), bool)
    correct[contributor == 0, 1] = False  # 20 drawings of one hand: McNemar alone would call it a win
    pair = compared(correct, contributor)
    assert pair.p < 0.001
    assert (pair.only_a, pair.only_b, pair.ahead) == (20, 0, None)


def test_a_difference_that_many_people_make_is_not() -> None:
    contributor = np.repeat(np.arange(40), 10)
    correct = np.ones((400, 2), bool)
    correct[::10, 0] = False  # the first drawing of everybody
    pair = compared(correct, contributor)
    assert pair.ahead == "b"
    assert pair.difference[1] < 0


@pytest.mark.parametrize("people", [1, board.FEW_PEOPLE - 1])
def test_of_a_few_contributors_nobody_is_ahead(people: int) -> None:
    """One person's interval has no width: a net that is better on all of their drawings would be ahead for sure."""
    contributor = np.repeat(np.arange(people), 400 // people)
    correct = np.ones((len(contributor), 2), bool)
    correct[::2, 0] = False
    assert compared(correct, contributor).ahead is None


def test_equal_nets_are_tied() -> None:
    one = np.random.default_rng(0).random((300, 1)) < 0.9
    pair = compared(np.hstack([one, one]), np.arange(300))
    assert (pair.p, pair.ahead) == (1.0, None)


def simulated(skill: float, drawings: int = 4000) -> tuple[np.ndarray, dict[int, list[int]]]:
    """Scored drawings and their labels, by annotators who are right with probability `skill` and asked until enough."""
    dice = np.random.default_rng(1)
    rows, labels = [], {}
    for number in range(drawings):
        label = int(dice.integers(10))
        votes: list[scoreboard.quorum.Vote] = []
        while not scoreboard.quorum.is_complete(label, votes):
            said = label if dice.random() < skill else int((label + dice.integers(1, 10)) % 10)
            votes.append(scoreboard.quorum.Vote(said))
        if scoreboard.quorum.plurality(label, votes) is not None:
            rows.append((number, number % 50, label))
            labels[number] = [vote.label for vote in votes]
    kinds = [("id", "i8"), ("contributor", "i8"), ("prompt", "i8")]
    return np.array(rows, dtype=kinds), labels


@pytest.mark.parametrize("skill", [0.85, 0.941, 0.99])
def test_the_line_of_one_person_is_where_one_person_is(skill: float) -> None:
    human = scoreboard.one_person(*simulated(skill))
    assert human.correct / human.total == pytest.approx(skill, abs=0.012)
    assert human.people[0] < human.correct / human.total < human.people[1]


def test_the_line_of_one_person_is_of_the_drawings_that_the_nets_are_scored_on() -> None:
    scored, labels = simulated(0.9, drawings=200)
    human = scoreboard.one_person(scored[:50], labels)
    assert human.total <= 50
    assert scoreboard.one_person(scored[:0], labels) == board.Human()


@pytest.fixture
def filled(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """400 drawings, the first half judged, with predictions of two nets that are correct 19 times in 20."""
    monkeypatch.setattr(predictions, "nets", lambda: NETS)
    filling.fill(store, 400)
    return store


def test_the_board_counts_whole_rounds_and_only_digits_people_agree_on(filled: Store) -> None:
    first = scoreboard.make(filled)
    # 200 are judged; number 200 begins a round whose others wait.
    assert first.counts["in finished rounds"] == first.scored == 199
    assert {row.total for row in first.rows} == {199}
    assert sum(map(sum, first.rows[0].confusion)) == 199
    for part in ("digit", "device", "length", "pen"):
        assert sum(each.total for each in first.slices if each.by == part) == 199
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
    shown = views.scoreboard(made, {}, None, renewing=False)
    assert shown["headline"].endswith("are tied")
    assert shown["caution"].startswith("Too few")
    assert all(net["tied"] for net in shown["nets"])


def test_the_ranking_is_a_table_too(filled: Store) -> None:
    made = scoreboard.make(filled)
    rows = [dict(zip(views.SCORE_HEADER, row, strict=True)) for row in views.score_rows(made)]
    assert [(row["rank"], row["correct"], row["drawings"]) for row in rows] == [
        (row.rank, row.correct, row.total) for row in made.rows
    ]
    assert all(row["wilson_low"] < row["accuracy"] <= row["wilson_high"] for row in rows)
    assert {row["training"] for row in rows} == {"mnist-only" if "/" in row.net else "pen" for row in made.rows}


def test_a_net_that_has_not_read_everything_is_not_ranked(filled: Store) -> None:
    gone = (schema.predictions.c.checkpoint == "b" * 64) & (schema.predictions.c.drawing_id < 4)
    with filled.writing() as connection:
        connection.execute(schema.predictions.delete().where(gone))
    made = scoreboard.make(filled)
    assert [row.net for row in made.rows] == ["caps-net"]
    assert made.behind == {"resnet-ish": 3}


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


def test_a_board_that_took_long_is_not_made_anew_at_each_visit_unless_the_clock_was_ahead() -> None:
    now = board.time.time()
    assert not board.Board(made_at=now, took_s=100).rested
    assert board.Board(made_at=now - 500, took_s=100).rested
    assert board.Board(made_at=now + 1e6, took_s=100).rested, "made while the clock was ahead"


def test_a_new_net_catches_up_by_itself_and_the_page_says_how_far_it_is(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    scoreboard.make_and_keep(filled, {})
    with filled.writing() as connection:  # as if the second net had just been added
        connection.execute(schema.predictions.delete().where(schema.predictions.c.checkpoint == "b" * 64))
    told: list[dict[str, object]] = []
    challenge = Challenge(filled.url.render_as_string(hide_password=False))
    desk = Handlers(challenge)

    def predicted(net: str, fed: np.ndarray) -> np.ndarray:
        told.append(desk.scoreboard()[0])  # somebody looks meanwhile
        return np.tile(np.eye(10, dtype=np.float32)[0], (len(fed), 1))

    monkeypatch.setattr(predictions, "predict_many", predicted)
    first, timer = desk.scoreboard()
    assert first["behind"] == [] or first["behind"][0]["behind"] > 0
    assert timer.active
    challenge.renewal._thread.join(60)  # type: ignore[union-attr]
    total = GOLD_ITEMS + 400 + GOLD_ITEMS  # the first net has not seen the gold items, the second nothing
    assert [shown["progress"] for shown in told][:2] == [(0, total), (GOLD_ITEMS, total)]
    last, timer = desk.scoreboard()
    assert {net["net"] for net in last["nets"]} == set(NETS)
    assert not timer.active
    challenge.close()


def test_a_board_knows_of_every_net_however_many_there_are(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    nets = {f"net-{number}": f"{number:064x}" for number in range(100)}
    states = []
    for names in (list(nets), list(nets)[:-1]):
        monkeypatch.setattr(predictions, "nets", lambda names=names: {name: nets[name] for name in names})
        with filled.reading() as connection:
            states.append(board.state(connection))
    assert states[0] != states[1]


def test_both_trainings_take_part_and_weights_are_known_by_their_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {"caps-net", "caps-net/mnist-only"} <= set(predictions.nets())
    monkeypatch.setenv("CHECKPOINTS_DIR", str(tmp_path))
    weights = checkpoints.find("resnet-ish", None)
    assert weights is None
    (tmp_path / "resnet-ish.mnist-only.safetensors").write_bytes(b"weights")
    assert set(predictions.nets()) == {"resnet-ish/mnist-only"}
    before = predictions.nets()
    (tmp_path / "resnet-ish.mnist-only.safetensors").write_bytes(b"other weights")
    os.utime(tmp_path / "resnet-ish.mnist-only.safetensors")
    assert predictions.nets() != before


def test_an_empty_store_has_an_empty_board(store: Store) -> None:
    made = scoreboard.make(store)
    assert (made.rows, made.scored) == ([], 0)
    assert views.scoreboard(made, {}, None, renewing=False)["headline"] == "No drawing has all its labels yet"


@pytest.mark.skipif(not WITH_WEIGHTS, reason="no trained weights here")
def test_each_answer_is_computed_once_and_again_only_for_new_weights(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = WITH_WEIGHTS[0]
    recorded = {name: predictions.nets()[name]}
    monkeypatch.setattr(predictions, "nets", lambda: recorded)
    for _ in range(5):
        give(store, new_key())
    monkeypatch.setattr(predictions, "BATCH", 2)
    seen: list[tuple[int, int]] = []
    assert predictions.catch_up(store, progress=lambda done, of: seen.append((done, of))) == 5
    assert seen == [(2, 5), (4, 5), (5, 5)]
    assert predictions.catch_up(store) == 0
    recorded[name] = "f" * 64  # other weights under the same name
    assert predictions.catch_up(store, most=3) == 3
    assert predictions.missing(store, "f" * 64) == 2
    with store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(schema.predictions)).scalar_one() == 8


@pytest.mark.skipif(not WITH_WEIGHTS, reason="no trained weights here")
def test_a_net_answers_alone_what_it_answers_in_a_batch(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = {name: predictions.nets()[name] for name in WITH_WEIGHTS}
    monkeypatch.setattr(predictions, "nets", lambda: recorded)
    give(store, new_key())
    predictions.catch_up(store)
    with store.reading() as connection:
        image = image_of(bytes(connection.execute(select(schema.contents.c.image)).scalar_one()))
        rows = connection.execute(select(schema.predictions)).all()
    answers = predict(image, WITH_WEIGHTS)
    assert answers is not None
    alone = {each.checkpoint: each for each in predictions.stored(answers)}
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
    predictions.save(
        store, [(1, predictions.StoredPrediction(net, key, digit, (0.1,) * 10)) for net, key, digit in said]
    )
    with store.reading() as connection:
        assert connection.execute(select(schema.drawings.c.disagreement)).scalar_one() == pytest.approx(1 / 3)
    predictions.save(
        store, [(99, predictions.StoredPrediction("caps-net", "a" * 64, 7, (0.1,) * 10))]
    )  # deleted meanwhile
