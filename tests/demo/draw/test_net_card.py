from types import SimpleNamespace

import gradio as gr
import pytest

import architectures
from checkpoints.store.manifest import Entry
from demo.draw.net_card import accuracies, net_card, on_tile

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
    assert int(facts["Parameters"].replace(",", "")) > 40_000
    assert len(card["accuracy"]) == 4


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
