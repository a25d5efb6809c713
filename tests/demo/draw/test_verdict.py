import pytest
import torch

from demo.components.trainings import MNIST_ONLY, PEN
from demo.draw.sentence import other_sentence, sentence
from demo.draw.verdict import HINT, other_verdict, problem, verdict, written
from demo.inference import Predictions
from tests.demo.draw.test_bars import LENGTHS, SCORES, prediction_of


def predictions() -> Predictions:
    by_net = {
        "caps-net/mnist-only": prediction_of("caps-net/mnist-only", LENGTHS, capsules=True),
        "my-net": prediction_of("my-net", SCORES),
    }
    return Predictions(torch.ones(1, 1, 28, 28), by_net, {"lenet-like/mnist-only": "no weights"})


@pytest.fixture(autouse=True)
def own_net(monkeypatch):
    monkeypatch.setattr("demo.draw.verdict.colour_of", lambda net_id: 0)


@pytest.mark.parametrize(
    ("digits", "said"),
    [
        ([], "No net could answer"),
        ([7], "It reads 7"),
        ([7, 7], "Both read 7"),
        ([7, 7, 7, 7], "All four read 7"),
        ([1, 1, 7, 7], "Two say 1, two say 7"),
        ([7, 1, 7, 7], "Three say 7, one says 1"),
        ([2, 5, 6, 6], "Two say 6, one 2, one 5"),
        ([1, 2], "One says 1, one says 2"),
        ([1, 2, 5, 7], "No two agree: 1, 2, 5, 7"),
    ],
)
def test_the_nets_are_summed_up_in_one_sentence(digits, said):
    assert sentence(digits) == said


def test_the_line_says_what_the_other_training_reads():
    assert other_sentence(PEN, [7, 7, 7, 7]) == ("Trained with the pen,", "all four read 7.")
    assert other_sentence(MNIST_ONLY, [1, 7]) == ("Trained on MNIST alone,", "one says 1, one says 7.")


def test_an_empty_pad_is_asked_for_a_digit_and_no_net_guesses():
    shown = verdict(["resnet-ish"], None, PEN)
    assert shown["empty"] and shown["sentence"] == HINT
    assert all("digit" not in tile for tile in shown["nets"])


def test_a_tile_has_digit_name_and_how_sure_the_net_is():
    tile = verdict(["caps-net/mnist-only"], predictions(), MNIST_ONLY, 3)["nets"][0]
    assert (tile["name"], tile["digit"], tile["value"], tile["then"]) == ("caps-net", 7, "0.912", 1)
    assert tile["spoken"] == "caps-net reads 7, capsule length 0.912"
    assert tile["note"] == ""


def test_a_net_with_one_training_says_so_in_the_other_and_is_left_out_of_the_line():
    ids = ["caps-net/mnist-only", "my-net"]
    assert verdict(ids, predictions(), MNIST_ONLY)["nets"][1]["note"] == "only trained with the pen"
    assert verdict(ids, predictions(), PEN)["nets"][0]["note"] == "only trained on MNIST alone"
    assert [net["id"] for net in other_verdict(ids, predictions(), PEN)["nets"]] == ["my-net"]


def test_a_net_that_cannot_answer_says_why():
    tile = verdict(["lenet-like/mnist-only"], predictions(), MNIST_ONLY)["nets"][0]
    assert tile["failure"] == "no weights"
    assert "digit" not in tile


def test_a_problem_leaves_the_tiles_alone():
    assert problem("the nets are busy") == {"problem": "the nets are busy"}


def test_what_rounds_to_everything_is_written_so():
    assert written(prediction_of("resnet-ish", SCORES), 1.0) == "100.0 %"
