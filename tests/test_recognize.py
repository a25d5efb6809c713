import threading

import numpy as np
import pytest
import torch

import architectures
import checkpoints
from demo import recognize as module
from demo.drawing import Drawing
from demo.recognize import Busy, answering, recognize

SEVEN = [[[0.28, 0.25], [0.5, 0.22], [0.72, 0.24], [0.5, 0.65], [0.42, 0.85]]]


@pytest.fixture(scope="module")
def seven() -> np.ndarray:
    return Drawing.of(SEVEN).picture


def test_an_empty_pad_gives_no_answer():
    assert recognize(np.zeros((364, 364, 3), np.uint8), answering()) is None


def test_every_net_answers_in_the_order_asked_for(seven):
    nets = answering()[::-1]
    recognition = recognize(seven, nets)
    assert list(recognition.readings) == nets
    assert not recognition.failures
    for reading in recognition.readings.values():
        assert len(reading.probabilities) == 10
        assert all(0 <= probability <= 1 for probability in reading.probabilities)
        assert reading.digit == int(np.argmax(reading.probabilities))
        assert reading.milliseconds > 0


def test_underscores_are_as_good_as_hyphens(seven):
    assert list(recognize(seven, ["resnet_ish"]).readings) == ["resnet-ish"]


def test_what_the_nets_are_fed_follows_the_switches(seven):
    fed = {
        (c, i): recognize(seven, ["resnet-ish"], centre=c, ink=i).pixels.tobytes()
        for c in (True, False)
        for i in ("luma", "mask")
    }
    assert len(set(fed.values())) == 4


def test_a_net_that_decodes_draws_the_digit_it_read(seven):
    readings = recognize(seven, answering()).readings.values()
    decoding = [reading for reading in readings if reading.decodes]
    assert decoding
    for reading in decoding:
        assert reading.reconstruction.shape == (28, 28)
        assert 0 <= reading.reconstruction.min() < reading.reconstruction.max() <= 1
    assert all(reading.reconstruction is None for reading in readings if not reading.decodes)


def test_routing_iterations_reach_the_nets_that_route_and_no_other(seven):
    once = recognize(seven, answering(), routing_iterations=1).readings
    often = recognize(seven, answering(), routing_iterations=3).readings
    for name in answering():
        capsules = once[name].answer.capsules
        if capsules is None:
            assert once[name].probabilities == often[name].probabilities
    routed = [
        name
        for name in answering()
        if often[name].answer.capsules is not None and often[name].answer.capsules.couplings.shape[0] == 3
    ]
    assert routed
    assert all(once[name].probabilities != often[name].probabilities for name in routed)


def test_a_net_without_weights_is_a_failure_and_the_others_answer(seven, tmp_path, monkeypatch):
    source = checkpoints.find("resnet-ish", checkpoints.manifest.read().entry("resnet-ish"))
    (tmp_path / "resnet-ish.safetensors").write_bytes(source.read_bytes())
    monkeypatch.setenv("CHECKPOINTS_DIR", str(tmp_path))
    monkeypatch.setattr(module, "_failed", {})
    recognition = recognize(seven, ["lenet-like", "resnet-ish"])
    assert list(recognition.readings) == ["resnet-ish"]
    assert "lenet-like" in recognition.failures["lenet-like"]
    assert str(tmp_path) not in recognition.failures["lenet-like"]
    assert answering() == ["resnet-ish"]


def test_an_unknown_net_is_refused_with_the_list(seven):
    with pytest.raises(architectures.UnknownNet, match="resnet-ish"):
        recognize(seven, ["alexnet"])


def test_whoever_comes_when_all_places_are_taken_is_told_so_at_once(seven, monkeypatch):
    monkeypatch.setattr(module, "_places", threading.BoundedSemaphore(1))
    with module.turn(), pytest.raises(Busy, match="try again"):
        recognize(seven, ["resnet-ish"])
    assert recognize(seven, ["resnet-ish"]) is not None


def test_whoever_waits_too_long_is_told_so_and_leaves_the_place_free(seven, monkeypatch):
    monkeypatch.setattr(module, "_running", threading.BoundedSemaphore(1))
    monkeypatch.setattr(module, "PATIENCE_S", 0.01)
    with module.turn(), pytest.raises(Busy, match="busy for"):
        recognize(seven, ["resnet-ish"])
    assert recognize(seven, ["resnet-ish"]) is not None


def test_answers_carry_no_graph(seven):
    for reading in recognize(seven, answering()).readings.values():
        assert not reading.answer.scores.requires_grad
        assert reading.answer.scores.is_inference() or torch.is_inference_mode_enabled()
