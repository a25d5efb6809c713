"""Taught nets in memory: bounded, known by their visit, and asked like any other net."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import architectures
import checkpoints
from checkpoints.errors import MissingWeights
from checkpoints.store.memory import size_of
from demo import inference
from demo.components.trainings import MNIST_ONLY, PEN, note_on, shown_id, training_of, training_switch
from demo.serving.classify import classify
from demo.taught_nets import Taught, TaughtNets, is_taught, taught, training_by

CARD = {"net": "resnet-ish/mnist-only"}


def net() -> Taught:
    return Taught(architectures.build("resnet-ish").eval(), CARD, (CARD,))


@pytest.fixture
def training() -> str:
    return training_by(SimpleNamespace(session_hash=np.random.default_rng().bytes(8).hex()))  # type: ignore[arg-type]


def test_those_taught_longest_ago_leave_and_their_visitors_are_told() -> None:
    nets = TaughtNets(limit_bytes=2 * size_of(net().net))
    for number in range(3):
        nets.put(f"resnet-ish/taught:{number}", net())
    assert nets.find("resnet-ish/taught:0") is None and nets.known("resnet-ish/taught:0")
    with pytest.raises(MissingWeights, match="your taught resnet-ish had to make room"):
        nets.load("resnet-ish/taught:0")
    assert nets.load("resnet-ish/taught:2")
    with pytest.raises(MissingWeights, match="was not taught"):
        nets.load("resnet-ish/taught:9")


def test_a_net_larger_than_the_limit_is_not_kept() -> None:
    nets = TaughtNets(limit_bytes=1000)
    with pytest.raises(MissingWeights, match="too large"):
        nets.put("resnet-ish/taught:0", net())
    assert not nets.known("resnet-ish/taught:0")


def test_a_taught_net_answers_on_the_page_and_over_http_and_to_nobody_else(training: str) -> None:
    taught.put(f"resnet-ish/{training}", net())
    image = np.zeros((364, 364, 3), np.uint8)
    image[100:260, 170:190] = 255
    assert inference.available_nets(training) == [f"resnet-ish/{training}"]
    assert inference.in_training("resnet-ish", training) == f"resnet-ish/{training}"
    found = inference.predict(image, [f"resnet-ish/{training}"])
    assert found is not None and list(found.by_net) == [f"resnet-ish/{training}"]
    assert list(classify(image, f"all/{training}")) == [f"resnet-ish/{training}"]
    stranger = inference.predict(image, [f"resnet-ish/taught:{'0' * 16}"])
    assert stranger is not None and "was not taught" in next(iter(stranger.failures.values()))


def test_a_net_that_was_not_taught_stands_there_as_it_was(training: str) -> None:
    assert inference.in_training("lenet-like", training) in (
        "lenet-like/mnist-only",
        "lenet-like",
        f"lenet-like/{training}",
    )
    assert inference.in_training("lenet-like", training) != f"lenet-like/{training}"
    assert note_on("mnist-only", training) == "not taught"
    assert note_on(training, training) == ""


def test_the_switch_takes_what_it_offers_and_nothing_else(training: str) -> None:
    switch = training_switch("switch")
    assert switch.preprocess(PEN) == PEN
    assert switch.preprocess(training) == training == training_of(training)
    assert switch.preprocess("taught:../../etc") == MNIST_ONLY
    assert switch.preprocess(["pen"]) == MNIST_ONLY


def test_a_visit_is_not_to_be_guessed_from_its_training(training: str) -> None:
    assert is_taught(training)
    assert training_by(SimpleNamespace(session_hash="abc")) != training  # type: ignore[arg-type]
    assert "abc" not in training_by(SimpleNamespace(session_hash="abc"))  # type: ignore[arg-type]


def test_a_training_that_somebody_made_up_is_refused_and_leaves_nothing_behind() -> None:
    made_up = "resnet-ish/" + "m" * 5000
    seven = np.zeros((364, 364, 3), np.uint8)
    seven[100:260, 170:190] = 255
    for ask in (
        lambda: inference.predict(seven, [made_up]),
        lambda: inference.predict_many(made_up, np.zeros((1, 1, 28, 28), np.float32)),
    ):
        with pytest.raises(architectures.UnknownNet, match="no training of resnet-ish called 'm") as refused:
            ask()
        assert len(str(refused.value)) < 200
    assert not [key for key in (*checkpoints._loading, *inference._failed, *inference._set_aside) if "mmm" in key]


def test_the_key_of_a_visit_is_not_shown_to_others(training: str) -> None:
    assert shown_id(f"caps-net/{training}") == "caps-net, taught by you"
    assert shown_id("caps-net/mnist-only") == "caps-net/mnist-only" and shown_id("caps-net") == "caps-net"
