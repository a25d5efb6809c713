from types import SimpleNamespace

import gradio as gr
import pytest

import architectures
import checkpoints
from architectures.input.convention import Input
from checkpoints.store.manifest import Entry
from demo.draw.net_card import _curve, accuracies, net_card, on_tile, parameters
from tests.support.own_nets import MLP
from tests.support.own_nets import place as place

MEASURED = {"accuracy": 0.9912, "low": 0.9892, "high": 0.9929}


def entry(**figures) -> Entry:
    return Entry("a.safetensors", "0" * 64, 1, figures=figures)


@pytest.mark.parametrize("name", ["caps-net", "efficient-caps-net", "lenet-like", "resnet-ish"])
def test_the_card_of_a_net_tells_what_it_is_and_where_it_comes_from(name):
    card = net_card(name)
    facts = dict(card["facts"])
    assert card["name"] == name and card["summary"].endswith(".")
    assert card["links"] and all(link["address"].startswith("https://") for link in card["links"])
    assert (
        facts["Published error on MNIST"].split()[0] == f"{architectures.module(name).CARD.published_error_percent:g}"
    )
    assert facts["Is fed"] == "28 x 28, values from 0 to 1"
    net = checkpoints.load(name)
    assert int(facts["Parameters"].replace(",", "")) == sum(one.numel() for one in net.parameters())
    assert len(card["accuracy"]) == 4


def test_the_parameters_of_an_own_net_are_counted_anew_when_its_code_changes(place):
    code = place / "architectures" / "theirs.py"
    code.write_text(MLP)
    assert parameters("theirs") == f"{784 * 32 + 32 + 32 * 10 + 10:,}"
    code.write_text(MLP.replace("32", "64"))
    assert parameters("theirs") == f"{784 * 64 + 64 + 64 * 10 + 10:,}"
    code.write_text("def return_model():\n    return 1 / 0\n")
    assert parameters("theirs").startswith("not counted")


def test_both_trainings_and_both_sets_have_an_interval():
    rows = accuracies(
        entry(sets={"clean": MEASURED, "pen": MEASURED}), entry(sets={"clean": MEASURED, "pen": MEASURED})
    )
    assert [row["text"] for row in rows] == ["99.12 % (98.92 % to 99.29 %)"] * 4


def test_a_figure_that_is_missing_is_said_to_be():
    rows = accuracies(entry(sets={"clean": MEASURED}), None)
    assert [row["text"].startswith("99.12") for row in rows] == [False, False, True, False]
    assert [row["text"] for row in rows if row["low"] is None] == ["not measured"] * 3


def test_a_baseline_measured_beside_its_net_is_found_there():
    rows = accuracies(entry(sets={"clean": MEASURED}, mnist_only={"sets": {"pen": MEASURED}}), None)
    assert [row["low"] for row in rows] == [None, 0.9892, 0.9892, None]


@pytest.mark.parametrize("sent", [None, 3, "nobody", "../manifest"])
def test_a_tile_that_is_none_opens_no_card(sent):
    with pytest.raises(gr.Error, match="no such net"):
        on_tile(SimpleNamespace(net=sent))


def test_the_card_of_a_net_from_elsewhere_says_how_it_is_fed(tmp_path, monkeypatch):
    code = "from architectures.input.convention import Input\nINPUT = Input(channels=3, size=32, invert=True)\n"
    code += "def return_model(): ...\n"
    (tmp_path / "from_elsewhere.py").write_text(code)
    monkeypatch.setattr(architectures, "FOLDER", tmp_path)
    assert dict(net_card("from-elsewhere")["facts"])["Is fed"] == Input(channels=3, size=32, invert=True).words


def test_the_curve_is_of_the_cycle_with_most_records_and_one_record_draws_none():
    earlier = [{"steps": 1, "clean": 0.9, "pen": 0.8}, {"steps": 2, "clean": 0.99, "pen": 0.97}]
    last = [{"step": 3, "validation_accuracy": 0.995, "validation_accuracy_pen": 0.9}]
    curve = _curve(Entry("a.safetensors", "0" * 64, 1, training={"history": last, "after": {"history": earlier}}))
    assert [[round(error, 3) for error in line] for line in curve] == [[0.1, 0.01], [0.2, 0.03]]
    assert _curve(Entry("a.safetensors", "0" * 64, 1, training={"history": last})) == []
    assert [len(line) > 2 for line in net_card("caps-net")["curve"]] == [True, True]
