import gzip
import json

import numpy as np
import pytest

from architectures.input.pen import PRESETS
from architectures.input.strokes import PAD_PX
from checkpoints.evaluation.variants import Answers, Variant
from demo.stress import __main__
from demo.stress.pens import fooled
from demo.stress.pens import text as pens_text
from demo.stress.sets import MARGIN, Way, fed, placed

STROKES = {
    1: [[[0.5, 0.2], [0.5, 0.8]]],
    7: [[[0.3, 0.2], [0.7, 0.2], [0.45, 0.8]]],
    0: [[[0.5 + 0.2 * np.sin(angle), 0.5 - 0.3 * np.cos(angle)] for angle in np.linspace(0, 2 * np.pi, 40)]],
}


@pytest.fixture
def drawings(tmp_path):
    """A stroke file with a one, a seven, a nought and one drawing without a label."""
    records = [{"label": label, "strokes": strokes} for label, strokes in STROKES.items()]
    path = tmp_path / "drawings.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in [*records, {"label": None, "strokes": STROKES[1]}]))
    return path


def test_every_net_is_read_under_every_pen_with_intervals(own_weights, drawings, tmp_path, capsys):
    out = tmp_path / "out.json"
    assert __main__.main([str(drawings), "--json", str(out)]) == 0
    report = json.loads(out.read_text())
    assert report["drawings"] == 3 and report["without_label"] == 1
    seen = {(one["net"], one["pen"], one["input"], one["ink"], one["placement"]) for one in report["results"]}
    assert len(seen) == len(report["results"]) == 2 * len(PRESETS) * 2 * 2 * 2
    assert all(0 <= one["low"] <= one["accuracy"] <= one["high"] <= 1 for one in report["results"])
    plain = [one for one in report["results"] if one["pen"] == "steady white" and one["input"] == "like MNIST"]
    assert all(one["right"] >= 2 for one in plain)  # plain digits by a plain pen: real weights read them
    assert {(one["first"], one["second"]) for one in report["differences"]} == {
        *((pen, "steady white") for pen in PRESETS if pen != "steady white"),
        ("resnet-ish", "resnet-ish/mnist-only"),
    }
    said = capsys.readouterr().out
    assert "like MNIST, luma, on the pad" in said and "wild - steady white" in said


def test_only_the_nets_and_pens_asked_for_are_measured(own_weights, drawings, tmp_path):
    out = tmp_path / "out.json"
    assert __main__.main([str(drawings), "--net", "resnet-ish", "--pen", "wild", "--json", str(out)]) == 0
    report = json.loads(out.read_text())
    assert {(one["net"], one["pen"]) for one in report["results"]} == {("resnet-ish", "wild")}
    assert report["differences"] == []


def test_a_collection_of_samples_packed_by_gzip_is_read_too(own_weights, tmp_path):
    path = tmp_path / "collection.json.gz"
    samples = [{"label": label, "writer": "w", "strokes": strokes} for label, strokes in STROKES.items()]
    path.write_bytes(gzip.compress(json.dumps({"meta": {}, "samples": samples}).encode()))
    assert __main__.main([str(path), "--net", "resnet-ish", "--pen", "classic"]) == 0


@pytest.mark.parametrize(
    ("text", "words", "says"),
    [
        ('{"label": null, "strokes": [[[0.5, 0.5]]]}', [], "nothing can be scored"),
        ("not json", [], "line 1"),
        ('{"label": 12, "strokes": []}', [], "label should be 0-9"),
        ('{"label": 1, "strokes": [[[0.5, 0.5]]]}', ["--margin", "0.7"], "--margin 0.7"),
        ('{"label": 1, "strokes": [[[0.5, 0.5]]]}', ["--net", "nobody"], "no net called 'nobody'"),
    ],
)
def test_what_cannot_be_measured_is_said_and_exits_with_two(text, words, says, own_weights, tmp_path, capsys):
    path = tmp_path / "bad.jsonl"
    path.write_text(text)
    assert __main__.main([str(path), *words]) == 2
    assert says in capsys.readouterr().err


def test_a_missing_file_is_named(capsys):
    assert __main__.main(["nowhere.jsonl"]) == 2
    assert "nowhere.jsonl" in capsys.readouterr().err


def test_a_drawing_that_lies_on_the_pad_stays_where_it_is():
    assert placed(STROKES[7], "on the pad", widest_px=46) == STROKES[7]


def test_a_drawing_whose_ink_would_leave_the_pad_is_fitted_in_and_keeps_its_shape():
    touching = [[[0.0, 0.3, 5.0, 0.5], [1.0, 0.3, 9.0, 0.5], [0.5, 0.7, 11.0, 0.5]]]
    ((a, b, c),) = placed(touching, "on the pad", widest_px=46)
    assert (a[0], b[0]) == pytest.approx((MARGIN, 1 - MARGIN))
    assert (c[1] - a[1]) / (b[0] - a[0]) == pytest.approx(0.4) and (a[1] + c[1]) / 2 == pytest.approx(0.5)
    assert a[2:] == [5.0, 0.5]
    assert placed(touching, "as given", widest_px=46) == touching


def test_a_small_drawing_at_the_edge_keeps_its_size():
    ((a, b),) = placed([[[0.0, 0.0], [0.2, 0.2]]], "on the pad", widest_px=46)
    assert b[0] - a[0] == pytest.approx(0.2) and a[0] == pytest.approx(0.4)


def test_each_drawing_has_jitter_of_its_own_and_the_same_each_time():
    way = Way("wild", "like MNIST", "luma", "on the pad")
    slightly_other = [[[x + 0.001, y] for x, y in stroke] for stroke in STROKES[1]]

    def inputs(drawings):
        return dict(fed(drawings, {"wild": PRESETS["wild"]}, MARGIN, lambda: None))[way]

    first = inputs([STROKES[1], slightly_other])
    assert first.shape == (2, 1, 28, 28) and first.equal(inputs([STROKES[1], slightly_other]))
    assert (first[0] - first[1]).abs().max() > 0.2


def test_the_place_in_the_file_does_not_decide_what_the_pen_does():
    way = Way("wild", "as drawn", "luma", "on the pad")
    pens = {"wild": PRESETS["wild"]}
    forward = dict(fed([STROKES[1], STROKES[7]], pens, MARGIN, lambda: None))[way]
    backward = dict(fed([STROKES[7], STROKES[1]], pens, MARGIN, lambda: None))[way]
    assert forward.equal(backward.flip(0))


def test_luma_and_mask_differ_for_a_rainbow_but_hardly_for_a_white_pen():
    pens = {name: PRESETS[name] for name in ("classic", "steady white")}
    x = dict(fed([STROKES[7]], pens, MARGIN, lambda: None))
    apart = {
        pen: (x[Way(pen, "like MNIST", "luma", "on the pad")] - x[Way(pen, "like MNIST", "mask", "on the pad")])
        .abs()
        .max()
        for pen in pens
    }
    assert apart["classic"] > 0.3 > apart["steady white"]
    assert PAD_PX == 364


def test_the_table_of_the_pens_counts_any_some_and_each(own_weights, drawings, tmp_path, capsys):
    out, page = tmp_path / "out.json", tmp_path / "pens.md"
    page.write_text("# Pens\n\nbefore\n\n<!-- pens -->\nold\n<!-- /pens -->\n\nafter\n")
    words = ["--pens", str(drawings), str(drawings), "--json", str(out), "--markdown", str(page)]
    assert __main__.main(words) == 0
    report = json.loads(out.read_text())
    assert report["drawings"] == 6
    assert {(row["pen"], row["input"], row["training"]) for row in report["rows"]} == {
        (pen, given, training)
        for pen in PRESETS
        for given in ("like MNIST", "as drawn")
        for training in (None, "mnist-only")
    }
    for row in report["rows"]:
        assert row["any"]["wrong"] == row["resnet-ish"]["wrong"] and row["some"]["wrong"] == 0  # one net alone
    text = page.read_text()
    assert text.startswith("# Pens\n\nbefore") and text.endswith("after\n") and "old" not in text
    assert "| pen | trained on MNIST alone: any | some | resnet-ish | trained with the pen: any |" in text
    assert capsys.readouterr().out.strip() in text


def test_some_but_not_all_is_what_nets_disagree_about():
    class Fixed:
        def __init__(self, net, digits):
            self.variant, self.sha256, self.digits = Variant(net), "0" * 64, np.array(digits)

        def read(self, x):
            return Answers(np.eye(10)[self.digits], "softmax")

    labels = np.array([1, 1, 1, 1])
    readers = [Fixed("resnet-ish", [1, 2, 2, 2]), Fixed("lenet-like", [1, 1, 2, 2])]
    report = fooled([STROKES[1]] * 4, labels, {"classic": PRESETS["classic"]}, readers)
    row = report["rows"][0]
    assert [row[key]["wrong"] for key in ("any", "some", "resnet-ish", "lenet-like")] == [3, 1, 3, 2]
    assert "**75.0** (30.1-95.4) | 25.0 | 75.0 | 50.0 |" in pens_text(report, "four")


def test_without_a_file_the_digits_that_ship_are_drawn(own_weights, capsys):
    assert __main__.main(["--pens", "--net", "resnet-ish", "--pen", "hairline"]) == 0
    assert "500 drawings (test digits of MNIST, traced)" in capsys.readouterr().out


def test_a_file_is_needed_where_no_table_of_the_pens_is_asked_for(capsys):
    assert __main__.main([]) == 2
    assert "name one stroke file, or --pens" in capsys.readouterr().err
