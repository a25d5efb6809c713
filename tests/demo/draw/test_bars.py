import torch

import architectures
from architectures.contract import Answer, Capsules
from demo.components.colours import COLOURS, colour_of
from demo.draw.bars import bars
from demo.draw.verdict import verdict
from demo.inference import Prediction, Predictions

SCORES = torch.tensor([[0.0, 0, 0, 0, 0, 0, 0, 6, 0, 0]])
LENGTHS = torch.tensor([[0.1, 0.2, 0.05, 0.05, 0.05, 0.05, 0.05, 0.912, 0.05, 0.05]])


def prediction_of(net: str, scores: torch.Tensor, *, capsules: bool = False) -> Prediction:
    nothing = torch.zeros(0)
    held = Capsules(nothing, nothing, nothing, nothing) if capsules else None
    return Prediction(net, Answer(scores, held), 1.0)


def predictions() -> Predictions:
    by_net = {
        "caps-net": prediction_of("caps-net", LENGTHS, capsules=True),
        "resnet-ish/mnist-only": prediction_of("resnet-ish/mnist-only", SCORES),
    }
    return Predictions(torch.ones(1, 1, 28, 28), by_net, {"lenet-like": "no weights"})


def test_an_empty_pad_gives_no_bars():
    assert all("shares" not in column for column in bars(["resnet-ish"], None)["nets"])


def test_the_chart_says_softmax_or_capsule_lengths_and_writes_each_in_its_way():
    capsules, softmax = bars(["caps-net", "resnet-ish/mnist-only"], predictions())["nets"]
    assert capsules["caption"] == "capsule lengths"
    assert capsules["values"][7] == "0.912"
    assert softmax["caption"] == "softmax"
    assert softmax["values"][7] == "97.8 %"
    assert softmax["name"] == "resnet-ish"


def test_bars_are_as_long_as_the_probabilities_and_stay_in_the_order_of_digits():
    column = bars(["caps-net"], predictions())["nets"][0]
    assert column["shares"] == [round(float(value), 4) for value in LENGTHS[0]]
    assert column["digit"] == 7


def test_a_net_that_cannot_answer_has_no_bars():
    assert "shares" not in bars(["lenet-like"], predictions())["nets"][0]


def test_a_net_that_was_removed_meanwhile_still_has_a_colour_and_a_tile_that_says_why():
    gone = Predictions(torch.ones(1, 1, 28, 28), {}, {"my-mlp": "my-mlp was removed while this page was open"})
    assert 0 <= bars(["my-mlp"], gone)["nets"][0]["colour"] < COLOURS
    assert verdict(["my-mlp"], gone, "pen")["nets"][0]["failure"].startswith("my-mlp was removed")


def test_a_net_keeps_its_colour_whatever_stands_beside_it_and_in_both_trainings():
    alone = bars(["resnet-ish/mnist-only"], None)["nets"][0]["colour"]
    among = bars(architectures.names(), None)["nets"][architectures.names().index("resnet-ish")]["colour"]
    assert alone == among == colour_of("resnet_ish")
    assert len({colour_of(net) for net in architectures.names()[:8]}) == len(architectures.names()[:8])
