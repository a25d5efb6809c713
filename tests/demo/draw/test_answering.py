"""The answer that stays is the one to the last image, however the requests overlap."""

from dataclasses import replace
from types import SimpleNamespace

import gradio as gr
import pytest

from demo.components.trainings import MNIST_ONLY, PEN
from demo.draw import answering as module
from demo.draw.answering import LIKE_MNIST, LUMA, Turns, answer, answer_other, chosen, follow
from demo.inference import Busy, Overtaken, predict
from demo.sketchpad.drawing import Drawing

SEVEN = Drawing.of([[[0.28, 0.25], [0.5, 0.22], [0.72, 0.24], [0.5, 0.65], [0.42, 0.85]]])
HOW = ("resnet-ish", MNIST_ONLY, LIKE_MNIST, LUMA)


@pytest.fixture
def page(monkeypatch):
    monkeypatch.setattr(module, "_turns", Turns())
    return SimpleNamespace(session_hash="a page")


def number(turn: int) -> Drawing:
    return replace(SEVEN, turn=turn)


def unchanged(shown) -> bool:
    return list(shown) == [gr.skip()] * 4


def test_an_image_is_answered_while_it_is_the_newest(page):
    for turn in (1, 2, 2):
        assert not unchanged(answer(number(turn), *HOW, page))


def test_an_older_image_is_not_answered_any_more(page):
    answer(number(5), *HOW, page)
    assert unchanged(answer(number(4), *HOW, page))
    assert not unchanged(answer(number(4), *HOW, SimpleNamespace(session_hash="another page")))


def test_an_image_overtaken_while_it_is_read_changes_nothing(page, monkeypatch):
    def slow(*asked, **settings):
        found = predict(*asked, **settings)
        module._turns.take("a page", 9)
        return found

    monkeypatch.setattr(module, "predict", slow)
    assert unchanged(answer(number(8), *HOW, page))


def test_nets_are_spared_an_image_that_nobody_waits_for():
    with pytest.raises(Overtaken):
        predict(SEVEN.image, ["lenet-like", "resnet-ish"], wanted=lambda: False)


def test_an_emptied_pad_overtakes_what_was_sent_before_and_not_what_comes_after(page):
    answer(number(3), *HOW, page)
    for _ in range(3):
        assert not unchanged(answer(None, *HOW, page))
    assert unchanged(answer(number(3), *HOW, page))
    assert not unchanged(answer(number(4), *HOW, page))


def test_an_image_asked_about_already_is_not_read_again_while_the_stroke_goes_on(page):
    assert not unchanged(follow(number(1), *HOW, page))
    assert not unchanged(answer(number(2), *HOW, page))
    assert unchanged(follow(number(2), *HOW, page))
    assert not unchanged(follow(number(3), *HOW, page))


def test_an_image_that_nobody_numbered_is_always_answered(page):
    answer(number(7), *HOW, page)
    assert not unchanged(answer(SEVEN, *HOW, page))
    assert not unchanged(follow(SEVEN, *HOW, page))


def test_the_pages_that_came_last_are_remembered():
    turns = Turns(pages=2)
    for name in ("first", "second", "third"):
        turns.take(name, 5)
    assert [turns.newest(name, 4) for name in ("first", "second", "third")] == [True, False, False]


def test_the_switch_stands_for_other_weights_of_the_same_nets():
    alone, with_pen = chosen("all", MNIST_ONLY), chosen("all", PEN)
    assert alone == [f"{net}/mnist-only" for net in with_pen]
    assert chosen("resnet-ish", MNIST_ONLY) == ["resnet-ish/mnist-only"]


def test_a_net_without_a_baseline_answers_in_the_training_it_has(monkeypatch):
    monkeypatch.setattr(module, "in_training", lambda name, training: name)
    assert chosen("resnet-ish", MNIST_ONLY) == ["resnet-ish"]


def test_the_other_training_is_asked_in_an_event_of_its_own(page):
    tiles = answer(number(1), *HOW, page)[0]
    line = answer_other(number(1), *HOW, page)
    assert (tiles["training"], line["training"]) == (MNIST_ONLY, PEN)
    assert [net["id"] for net in tiles["nets"]] == ["resnet-ish/mnist-only"]
    assert [net["id"] for net in line["nets"]] == ["resnet-ish"]
    assert line["line"] == "Trained with the pen,"
    assert line["sentence"].startswith("it reads ")
    assert tiles["turn"] == line["turn"] == 1


def test_nothing_is_said_of_another_training_where_there_is_none(page, monkeypatch):
    monkeypatch.setattr(module, "in_training", lambda name, training: name)
    assert answer_other(number(1), *HOW, page) == gr.skip()
    assert answer_other(None, *HOW, page) == gr.skip()


def test_nets_that_are_busy_are_said_to_be_and_the_tiles_stay(page, monkeypatch):
    def busy(*_asked, **_settings):
        raise Busy("the nets are busy")

    monkeypatch.setattr(module, "predict", busy)
    verdict, *others = answer(number(1), *HOW, page)
    assert verdict == {"problem": "the nets are busy"}
    assert others == [gr.skip()] * 3
    assert answer_other(number(1), *HOW, page) == gr.skip()


def test_no_choice_of_a_net_and_no_choice_of_the_ink_stand_for_the_usual_ones(page):
    assert chosen(None, MNIST_ONLY) == chosen("all", MNIST_ONLY)
    shown = answer(number(1), None, MNIST_ONLY, None, None, page)
    assert not unchanged(shown)
