import numpy as np
import pytest
import torch

import architectures
import checkpoints
from demo import inference as module
from demo.gate import Gate
from demo.inference import Busy, available_nets, predict
from demo.sketchpad.drawing import Drawing

SEVEN = [[[0.28, 0.25], [0.5, 0.22], [0.72, 0.24], [0.5, 0.65], [0.42, 0.85]]]


@pytest.fixture(scope="module")
def seven() -> np.ndarray:
    return Drawing.of(SEVEN).image


def test_an_empty_pad_gives_no_answer():
    assert predict(np.zeros((364, 364, 3), np.uint8), available_nets()) is None


def test_every_net_answers_in_the_order_asked_for(seven):
    nets = available_nets()[::-1]
    predictions = predict(seven, nets)
    assert list(predictions.by_net) == nets
    assert not predictions.failures
    for prediction in predictions.by_net.values():
        assert len(prediction.probabilities) == 10
        assert all(0 <= probability <= 1 for probability in prediction.probabilities)
        assert prediction.digit == int(np.argmax(prediction.probabilities))
        assert prediction.milliseconds > 0


def test_a_net_that_is_removed_while_a_page_shows_it_fails_alone_and_says_so(seven, monkeypatch):
    predict(seven, ["lenet-like", "resnet-ish"])
    names = architectures.names()
    files = [path for path in architectures.FOLDER.glob("*.py") if path.stem != "resnet_ish"]
    monkeypatch.setattr(architectures, "_files", lambda: [(path.stem, path) for path in files if path.stem != "card"])
    assert "resnet-ish" in names and "resnet-ish" not in architectures.names()
    predictions = predict(seven, ["lenet-like", "resnet-ish"])
    assert list(predictions.by_net) == ["lenet-like"]
    assert predictions.failures == {"resnet-ish": "resnet-ish was removed while this page was open"}
    other = predict(seven, ["resnet-ish/mnist-only"])
    assert other.failures == {"resnet-ish/mnist-only": "resnet-ish was removed while this page was open"}
    with pytest.raises(architectures.UnknownNet):
        predict(seven, ["never-here"])


def test_underscores_are_as_good_as_hyphens(seven):
    assert list(predict(seven, ["resnet_ish"]).by_net) == ["resnet-ish"]


def test_what_the_nets_are_fed_follows_the_switches(seven):
    fed = {
        (c, i): predict(seven, ["resnet-ish"], centre=c, ink=i).pixels.tobytes()
        for c in (True, False)
        for i in ("luma", "mask")
    }
    assert len(set(fed.values())) == 4


def test_a_net_that_decodes_draws_the_digit_it_read(seven):
    by_net = predict(seven, available_nets()).by_net.values()
    decoding = [prediction for prediction in by_net if prediction.decodes]
    assert decoding
    for prediction in decoding:
        assert prediction.reconstruction.shape == (28, 28)
        assert 0 <= prediction.reconstruction.min() < prediction.reconstruction.max() <= 1
    assert all(prediction.reconstruction is None for prediction in by_net if not prediction.decodes)


def test_routing_iterations_reach_the_nets_that_route_and_no_other(seven):
    once = predict(seven, available_nets(), routing_iterations=1).by_net
    often = predict(seven, available_nets(), routing_iterations=3).by_net
    for name in available_nets():
        capsules = once[name].answer.capsules
        if capsules is None:
            assert once[name].probabilities == often[name].probabilities
    routed = [
        name
        for name in available_nets()
        if often[name].answer.capsules is not None and often[name].answer.capsules.couplings.shape[0] == 3
    ]
    assert routed
    assert all(once[name].probabilities != often[name].probabilities for name in routed)


def test_a_net_without_weights_is_a_failure_and_the_others_answer(seven, tmp_path, monkeypatch):
    source = checkpoints.find("resnet-ish", checkpoints.manifest.read().entry("resnet-ish"))
    (tmp_path / "resnet-ish.safetensors").write_bytes(source.read_bytes())
    monkeypatch.setenv("CHECKPOINTS_DIR", str(tmp_path))
    monkeypatch.setattr(module, "_failed", {})
    predictions = predict(seven, ["lenet-like", "resnet-ish"])
    assert list(predictions.by_net) == ["resnet-ish"]
    assert "lenet-like" in predictions.failures["lenet-like"]
    assert str(tmp_path) not in predictions.failures["lenet-like"]
    assert available_nets() == ["resnet-ish"]


def test_an_unknown_net_is_refused_with_the_list(seven):
    with pytest.raises(architectures.UnknownNet, match="resnet-ish"):
        predict(seven, ["alexnet"])


def test_whoever_comes_when_all_places_are_taken_is_told_so_at_once(seven, monkeypatch):
    monkeypatch.setattr(module, "_gate", Gate(at_once=1, waiting=0, patience_s=60, live_patience_s=60))
    with module.turn(), pytest.raises(Busy, match="try again"):
        predict(seven, ["resnet-ish"])
    assert predict(seven, ["resnet-ish"]) is not None


def test_whoever_waits_too_long_is_told_so_and_leaves_the_place_free(seven, monkeypatch):
    monkeypatch.setattr(module, "_gate", Gate(at_once=1, waiting=1, patience_s=0.01, live_patience_s=60))
    with module.turn(), pytest.raises(Busy, match="busy for"):
        predict(seven, ["resnet-ish"])
    assert predict(seven, ["resnet-ish"]) is not None


def test_answers_carry_no_graph(seven):
    for prediction in predict(seven, available_nets()).by_net.values():
        assert not prediction.answer.scores.requires_grad
        assert prediction.answer.scores.is_inference() or torch.is_inference_mode_enabled()


def test_a_net_trained_only_one_way_is_asked_in_that_one(monkeypatch):
    pen_only = {"caps-net", "resnet-ish", "resnet-ish/mnist-only"}
    monkeypatch.setattr(module, "_obtainable", lambda net_id, entry: net_id in pen_only)
    assert module.in_training("caps-net", "mnist-only") == "caps-net"
    assert module.in_training("resnet-ish", "mnist-only") == "resnet-ish/mnist-only"
    assert module.in_training("resnet-ish", None) == "resnet-ish"
    assert module.in_training("unknown", "mnist-only") == "unknown/mnist-only"
