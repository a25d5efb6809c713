"""The tab of the stress test: the digit it begins with, which drawing the maps are of, and what is saved."""

from __future__ import annotations

import csv
import io
from base64 import b64decode

import gradio as gr
import numpy as np
import pytest

from architectures.input.pen import PRESETS
from checkpoints.store.naming import MNIST_ONLY
from demo.sketchpad.drawing import Drawing
from demo.sketchpad.payload import payload_of
from demo.stress.cells import Stress, answered
from demo.stress.grids import COLUMNS, GRIDS, HUES, ROWS, WIDTHS
from demo.stress.heatmaps import HeatMaps, Shown, cell_of, heat_maps
from demo.stress.tab import HERE, agreed_digit, opened, save_maps, save_table, subject_of

SEVEN = [[[0.28, 0.25], [0.5, 0.22], [0.72, 0.24], [0.62, 0.45], [0.5, 0.65], [0.42, 0.85]]]
NETS = ["resnet-ish/mnist-only", "resnet-ish"]


@pytest.fixture(scope="module")
def seven() -> Drawing:
    return Drawing.of(SEVEN, PRESETS["classic"])


@pytest.fixture(scope="module")
def shown(seven: Drawing) -> Shown:
    stress = Stress(seven, GRIDS["width and hue start"])
    *_, last = answered(stress, NETS)
    value = heat_maps(stress, 7, last)
    checked = HeatMaps(files=HERE / "heatmaps", render=False).preprocess(value)
    assert checked is not None
    return checked


def test_the_default_grid_begins_at_two_pixels_and_at_blue_and_breaks_something(shown: Shown) -> None:
    assert (WIDTHS[0], HUES[0]) == (2, 240) and len(set(HUES)) == COLUMNS
    assert next(iter(GRIDS)) == shown.stress.grid.name
    alone, with_pen = (shown.maps[net][0] == 7 for net in NETS)
    assert alone.mean() < 0.9 and with_pen.mean() > alone.mean()


def test_the_digit_on_which_most_nets_agree_is_chosen_before_anybody_says_so(seven: Drawing) -> None:
    assert agreed_digit(seven) == 7
    digit, about, key = opened(seven, None, None, None)
    assert digit == "7" and about["image"] and not about["tested"]
    again, _, _ = opened(seven, None, "3", key)
    assert not isinstance(again, str), "what a person chose for this drawing stays"
    labelled = Drawing.of(SEVEN, PRESETS["classic"], 1)
    assert opened(labelled, None, None, None)[0] == "1"


def test_the_page_says_of_which_drawing_the_maps_are_and_when_it_has_changed(seven: Drawing, shown: Shown) -> None:
    same = subject_of(seven, shown.stress.drawing, 7)
    assert same["tested"] and not same["changed"]
    wider = Drawing.of(SEVEN, PRESETS["steady white"])
    assert subject_of(wider, shown.stress.drawing, 7)["changed"]
    assert subject_of(None, shown.stress.drawing, 7)["changed"]
    assert subject_of(None, None)["empty"]


def test_a_cell_is_shown_as_it_is_drawn_with_what_every_net_predicted(shown: Shown) -> None:
    view = cell_of(shown, 0, 3)
    assert view["where"] == [["pen width", "2 px"], ["hue the pen starts with", "294°"]]
    assert view["image"].startswith("data:image/png") and view["input"].startswith("data:image/png")
    assert [net["training"] for net in view["nets"]] == ["mnist-only", "pen"]
    for net, net_id in zip(view["nets"], NETS, strict=True):
        assert net["digit"] == shown.maps[net_id][0][0, 3]


def test_every_map_is_saved_as_a_table_and_as_an_image(shown: Shown) -> None:
    header, *rows = csv.reader(io.StringIO(b64decode(save_table(shown)["data"]).decode()))
    assert len(rows) == len(NETS) * ROWS * COLUMNS
    line = dict(zip(header, rows[0], strict=True))
    assert (line["net"], line["training"], line["digit"]) == ("resnet-ish", MNIST_ONLY, "7")
    assert (float(line["down"]), float(line["across"])) == (2, 240)
    correct = np.array([int(row[-1]) for row in rows]).reshape(len(NETS), ROWS, COLUMNS)
    np.testing.assert_array_equal(correct[1], shown.maps[NETS[1]][0] == 7)
    assert save_maps(shown)["name"] == "stress-test.png"
    assert save_table(None)["hint"] and not save_table(None)["data"]


def test_maps_that_the_panel_cannot_have_sent_are_refused(shown: Shown) -> None:
    panel = HeatMaps(files=HERE / "heatmaps", render=False)
    digits = [1] * ROWS * COLUMNS
    sound = {"id": "resnet-ish", "digits": digits, "strengths": [0.5] * len(digits)}
    value = {"subject": payload_of(shown.stress.drawing), "grid": shown.stress.grid.name, "digit": 7}
    assert panel.preprocess(value | {"maps": [sound]}) is not None
    for broken in ({"id": "nobody"}, {"id": "resnet-ish/elsewhere"}, {"digits": [1]}, {"strengths": [2.0] * 200}):
        with pytest.raises(gr.Error):
            panel.preprocess(value | {"maps": [sound | broken]})
