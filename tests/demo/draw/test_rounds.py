"""The game's rules, and what it answers to a browser, or to anyone who speaks for one."""

from __future__ import annotations

import asyncio
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from architectures.contract import ask
from architectures.input.pen import PRESETS, Pen
from demo.draw.rounds import game as module
from demo.draw.rounds.game import Game
from demo.draw.rounds.scoring import LENGTH, PENS, deal_pens, score
from demo.gallery.pieces import images_by_digit
from demo.inference import Prediction, Predictions
from demo.sketchpad.drawing import Drawing
from demo.sketchpad.payload import drawing_from

SEVEN = Drawing.of([[[0.25, 0.25], [0.72, 0.25], [0.45, 0.8]]], PRESETS["steady white"])
NOBODY: Any = SimpleNamespace(session_hash="x", client=None, headers={})


def predictions(**digits: int) -> Predictions:
    """Predictions of nets by name; `_alone` at the end of a name stands for the training on MNIST alone."""
    by_net = {}
    for name, digit in digits.items():
        net_id = name.replace("_alone", "/mnist-only")
        scores = torch.nn.functional.one_hot(torch.tensor([digit]), 10).float()
        by_net[net_id] = Prediction(
            net_id, ask(lambda _, scores=scores: scores, torch.zeros(1, 1, 28, 28), net_id), 1.0
        )
    return Predictions(torch.zeros(1, 1, 28, 28), by_net)


def play(game: Game, asked: Any, drawing: Drawing | None = None) -> dict[str, Any]:
    asks = game.play(json.dumps(asked) if not isinstance(asked, str) else asked, drawing, NOBODY)
    with ThreadPoolExecutor(1) as apart:  # where no other loop runs: Playwright's does in this one
        return apart.submit(asyncio.run, asks).result()


@pytest.fixture(scope="module")
def game() -> Game:
    return Game(None, images_by_digit(), lambda request: None)


def test_a_net_trained_on_mnist_alone_is_worth_one_point_and_one_that_knows_the_pen_three() -> None:
    scored = score(predictions(a_alone=1, b_alone=7, a=2, b=7), 7)
    assert (scored.points, scored.nobody) == (1 + 3, False)
    assert set(scored.fooled) == {"a/mnist-only", "a"}


def test_a_drawing_that_no_net_reads_is_worth_nothing() -> None:
    scored = score(predictions(a_alone=1, a=2), 7)
    assert (scored.points, scored.nobody) == (0, True)


def test_a_drawing_that_all_nets_read_is_worth_nothing() -> None:
    assert score(predictions(a_alone=7, a=7), 7).points == 0


def test_the_pens_are_dealt_from_the_hairline_to_steady_white_each_with_jitter_of_its_own() -> None:
    assert (PENS[0], PENS[-1], len(PENS)) == ("hairline", "steady white", LENGTH)
    first, second = deal_pens(1), deal_pens(2)
    assert [pen.widest_px for pen in first] == [PRESETS[name].widest_px for name in PENS]
    assert [pen.seed for pen in first] != [pen.seed for pen in second]


def test_a_deal_names_five_different_digits_and_pens_that_can_be_drawn_with(game: Game) -> None:
    dealt = play(game, {"id": 3, "act": "deal"})
    assert dealt["id"] == 3
    assert len(set(dealt["digits"])) == LENGTH
    assert len([Pen.from_dict(pen) for pen in dealt["pens"]]) == LENGTH
    assert dealt["code"] is None, "without a store nothing can be given"


@pytest.mark.parametrize(
    "asked",
    [
        "[" * 100_000,
        {"act": ["deal"]},
        {"act": {"deal": 1}},
        {"id": 10**400, "act": "score", "digit": 10**400},
        ["deal"],
        "7",
        "NaN",
    ],
)
def test_what_is_no_part_of_a_game_is_told(game: Game, asked: Any) -> None:
    answer = play(game, asked)
    assert answer["id"] is None and answer["problem"]


def test_the_drawings_of_a_game_are_drawn_apart_from_the_servers_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second or more of drawing there would let everybody wait."""
    drawn_on, loops = [], []

    async def tickets(code: object) -> list[str]:
        loops.append(threading.get_ident())
        return []

    def noted(payload: Any) -> Any:
        drawn_on.append(threading.get_ident())
        return drawing_from(payload)

    monkeypatch.setattr(module, "drawing_from", noted)
    kept: Any = SimpleNamespace(apart=lambda ask: ask, round_tickets=tickets)
    sent = {"strokes": SEVEN.strokes, "pen": SEVEN.pen.to_dict()}
    play(Game(kept, {}, lambda request: None), {"act": "give", "drawings": [sent], "code": "x"})
    assert len(drawn_on) == len(loops) == 1
    assert drawn_on[0] != loops[0]


def test_all_nets_of_both_trainings_are_asked_and_the_points_follow_from_what_they_predict(game: Game) -> None:
    outcome = play(game, {"id": 1, "act": "score", "digit": 7}, SEVEN)
    trainings = {net["alone"] for net in outcome["nets"]}
    assert trainings == {True, False}
    worth = sum((1 if net["alone"] else 3) for net in outcome["nets"] if net["digit"] != 7)
    nobody = all(net["digit"] != 7 for net in outcome["nets"])
    assert outcome["points"] == (0 if nobody else worth)


def test_an_empty_pad_is_worth_nothing_and_says_so(game: Game) -> None:
    assert play(game, {"id": 1, "act": "score", "digit": 7}) == {
        "id": 1,
        "points": 0,
        "nobody": False,
        "empty": True,
        "nets": [],
    }


def test_where_nobody_has_drawn_a_digit_the_gallery_shows_some(game: Game) -> None:
    answer = play(game, {"id": 1, "act": "others", "digits": [3, 5]})
    assert [each["from"] for each in answer["others"]] == ["the gallery"] * 2
    assert all(url.startswith("data:image/png") for each in answer["others"] for url in each["images"])


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ("null", "no part of the game"),
        ("[]", "no part of the game"),
        ("{", "Expecting"),
        ({"act": "__init__"}, "no part of the game"),
        ({"act": "score", "digit": 12}, "a digit should be 0 to 9"),
        ({"act": "score", "digit": True}, "a digit should be 0 to 9"),
        ({"act": "others", "digits": [1] * 6}, "a list of five"),
        ({"act": "others", "digits": ["<b>"]}, "a digit should be 0 to 9"),
        ({"act": "give", "drawings": []}, "keeps no drawings"),
    ],
)
def test_what_is_no_part_of_a_game_is_refused_in_words(game: Game, asked: Any, problem: str) -> None:
    assert problem in play(game, asked)["problem"]


class Store:
    """The challenge as the game sees it, keeping what it is given."""

    def __init__(self) -> None:
        self.stored: list[Any] = []

    def apart(self, ask: Any) -> Any:
        async def run(*arguments: Any, **settings: Any) -> Any:
            return ask(*arguments, **settings)

        return run

    def deal_round(self) -> Any:
        return SimpleNamespace(digits=(1, 2, 3, 4, 5), code="12345.code")

    def round_tickets(self, code: object) -> list[str]:
        return [f"{code}/{i}" for i in range(5)]

    def submit_round(self, key: str, drawn: Any, **settings: Any) -> list[Any]:
        self.stored.append((key, list(drawn), settings))
        return [SimpleNamespace(stored=drawing is not None, problem="") for _, drawing in drawn]

    def drawings_by_others(self, digit: int, **settings: Any) -> list[Any]:
        return []


def test_drawings_are_given_with_their_tickets_and_consent_goes_on_as_it_came() -> None:
    store = Store()
    game = Game(store, {}, lambda request: "203.0.113.7")
    code = play(game, {"act": "deal"})["code"]
    sent = [{"strokes": SEVEN.strokes, "pen": SEVEN.pen.to_dict()}, None]
    asked = {"act": "give", "code": code, "drawings": sent, "consent": "true", "key": "k", "device": "touch"}
    answer = play(game, asked)
    ((key, drawn, settings),) = store.stored
    assert (key, [ticket for ticket, _ in drawn]) == ("k", ["12345.code/0", "12345.code/1"])
    assert np.array_equal(drawn[0][1].image, SEVEN.image)
    assert settings == {"consent": "true", "device": "touch", "address": "203.0.113.7"}
    assert [one["stored"] for one in answer["given"]] == [True, False]
    play(game, {**asked, "tickets": answer["tickets"]})
    assert [ticket for ticket, _ in store.stored[1][1]] == [ticket for ticket, _ in drawn], "sent again, stored once"


def test_a_drawing_that_is_none_is_not_given() -> None:
    store = Store()
    asked = {"act": "give", "code": "c", "drawings": [{"strokes": [[["x", 0]]]}], "consent": True, "key": "k"}
    assert "stroke 0, point 0" in play(Game(store, {}, lambda request: None), asked)["problem"]
    assert store.stored == []
