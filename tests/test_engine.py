"""ONNX Runtime as an engine: the answers of every net, or a refusal that says why."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import architectures
import checkpoints
from architectures.contract import Answer, Capsules, ask
from checkpoints.engine import Engine, Unfit
from checkpoints.sample_digits import sample_digits
from demo import recognize
from demo.examples import examples

PICTURE = examples()[0].picture


@pytest.mark.parametrize("name", architectures.names())
def test_an_engine_gives_the_answers_of_its_net_to_1e_5(name: str) -> None:
    net = checkpoints.load(name)
    engine = Engine(net, name)
    noise = torch.rand(5, 1, 28, 28, generator=torch.Generator().manual_seed(1))
    for x in torch.cat([sample_digits()[0][50:60], noise, torch.zeros(1, 1, 28, 28)]).split(1):
        with torch.inference_mode():
            ours, theirs = ask(net, x, name), ask(engine, x, name)
        torch.testing.assert_close(theirs.scores, ours.scores, atol=1e-5, rtol=0)
        assert theirs.meaning == ours.meaning
        if ours.capsules is None:
            continue
        assert isinstance(theirs.capsules, Capsules)
        for part in ("poses", "couplings", "votes", "iterations", "prior"):
            torch.testing.assert_close(getattr(theirs.capsules, part), getattr(ours.capsules, part), atol=1e-5, rtol=0)
        assert theirs.capsules.grid == ours.capsules.grid
        assert theirs.capsules.decode is not None
        assert ours.capsules.decode is not None
        with torch.inference_mode():
            drawn = theirs.capsules.decode(theirs.capsules.poses, theirs.digit)
            expected = ours.capsules.decode(ours.capsules.poses, ours.digit)
        torch.testing.assert_close(drawn, expected, atol=1e-5, rtol=0)


class Deciding(nn.Module):
    """A net that takes another way for bright pictures."""

    def forward(self, x: Tensor) -> Tensor:
        scores = x.flatten(1)[:, :10]
        return scores if x.mean() < 0.9 else -scores


class Wavering(nn.Module):
    """A net that answers otherwise each time."""

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(1)[:, :10] + torch.rand(10)


class Unspeakable(nn.Module):
    """A net with an operation that ONNX does not have."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.special.bessel_j0(x.flatten(1)[:, :10])


@pytest.mark.parametrize(
    ("net", "why"),
    [(Deciding(), "by the values of the picture"), (Wavering(), "otherwise"), (Unspeakable(), "no graph")],
)
def test_a_net_that_no_graph_can_stand_for_is_refused_by_name(net: nn.Module, why: str) -> None:
    with pytest.raises(Unfit, match=rf"my-net .*{why}"):
        Engine(net, "my-net")


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which engines have run since the page's nets were warmed up with engines."""
    ran: list[str] = []
    forward = Engine.__call__

    def counted(self: Engine, x: Tensor) -> Answer:
        ran.append(type(self.net).__name__)
        return forward(self, x)

    monkeypatch.setattr(recognize, "_engines", {})
    assert recognize.warm_up(["caps-net", "resnet-ish"], engines=True) == {}
    monkeypatch.setattr(Engine, "__call__", counted)
    return ran


def test_the_page_reads_with_the_engines_what_it_reads_without(engines: list[str]) -> None:
    picture = PICTURE
    found = recognize.recognize(picture, ["caps-net", "resnet-ish"])
    assert sorted(engines) == ["CapsNet", "ResnetIsh"]
    recognize._engines.clear()
    expected = recognize.recognize(picture, ["caps-net", "resnet-ish"])
    assert sorted(engines) == ["CapsNet", "ResnetIsh"]
    assert found is not None
    assert expected is not None
    for net, reading in found.readings.items():
        assert reading.probabilities == pytest.approx(expected.readings[net].probabilities, abs=1e-5)
    decoded, wanted = found.readings["caps-net"].reconstruction, expected.readings["caps-net"].reconstruction
    assert decoded is not None
    np.testing.assert_allclose(decoded, wanted, atol=1e-5)


def test_with_another_number_of_routing_iterations_the_net_itself_answers(engines: list[str]) -> None:
    found = recognize.recognize(PICTURE, ["caps-net"], routing_iterations=1)
    assert engines == []
    assert found is not None
    capsules = found.readings["caps-net"].answer.capsules
    assert capsules is not None
    assert len(capsules.iterations) == 1


def test_an_engine_of_weights_that_were_replaced_answers_no_more(engines: list[str]) -> None:
    checkpoints.held.clear()  # what a new file of weights does to the net in memory
    assert recognize.recognize(PICTURE, ["resnet-ish"]) is not None
    assert engines == []
    assert set(recognize._engines) == {"caps-net"}


def test_a_net_without_a_graph_is_named_at_the_start_and_torch_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> bytes:
        raise Unfit("resnet-ish has no graph (an operation)")

    monkeypatch.setattr(recognize, "_engines", {})
    monkeypatch.setattr("checkpoints.engine.exported", refuse)
    failures = recognize.warm_up(["resnet-ish"], engines=True)
    assert failures == {"resnet-ish": "resnet-ish has no graph (an operation); torch answers for it"}
    found = recognize.recognize(PICTURE, ["resnet-ish"])
    assert found is not None
    assert set(found.readings) == {"resnet-ish"}
