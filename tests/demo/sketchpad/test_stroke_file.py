"""Checks of strokes, and stroke files."""

from __future__ import annotations

import gzip
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from architectures.input.pen import PRESETS
from demo.draw.examples import examples
from demo.sketchpad.drawing import Drawing
from demo.sketchpad.stroke_file import BadStrokes, check, read_file, write_file

SAMPLES = sorted((Path(__file__).parents[3] / ".." / "shared" / "strokes").glob("*.json.gz"))


def test_points_may_have_time_and_pressure_or_not() -> None:
    strokes = [[[0, 1]], [(0.5, 0.5, 12)], [[0.5, 0.5, None, 0.25], [0.25, 0.25, 3, None]], []]
    assert check(strokes) == [[[0.0, 1.0]], [[0.5, 0.5, 12.0]], [[0.5, 0.5, None, 0.25], [0.25, 0.25, 3.0, None]]]
    assert check(np.array([[[0.5, 0.5], [0.25, 0.75]]])) == [[[0.5, 0.5], [0.25, 0.75]]]


@pytest.mark.parametrize(
    ("strokes", "message"),
    [
        (None, "list of strokes, not nothing"),
        ("[[0, 0]]", "not a str"),
        ({"0": []}, "not a dict"),
        ([3], "stroke 0 should be a list of points"),
        ([[3]], "stroke 0, point 0 should be"),
        ([[[0.5]]], "has 1 numbers"),
        ([[[0, 0, 0, 0, 0]]], "has 5 numbers"),
        ([[[0, 0]], [[0, 0], [math.nan, 0]]], "stroke 1, point 1: x is nan"),
        ([[[0, math.inf]]], "y is inf"),
        ([[[0, 1e9]]], r"y is 1e\+09; it should lie in \[-1, 2\]"),
        ([[[0, 10**400]]], "far too large"),
        ([[["0.5", 0]]], "should be a number, not a str"),
        ([[[True, 0]]], "should be a number, not a bool"),
        ([[[None, 0]]], "should be a number, not nothing"),
        ([[[0, 0, -1]]], "time in ms is -1"),
        ([[[0, 0, math.nan]]], "time in ms is nan"),
        ([[[0, 0, 0, 1.5]]], "pressure is 1.5"),
        ([[[0, 0]]] * 401, "401 strokes; a drawing has at most 400"),
        ([[[0.5, 0.5]] * 10**6], "1,000,000 points; a drawing has at most 20,000"),
        ([[[0, 0], [1, 1]] * 100], "px of travel|pen travels"),
    ],
)
def test_what_is_no_stroke_is_refused_with_its_place(strokes: Any, message: str) -> None:
    with pytest.raises(BadStrokes, match=message):
        check(strokes)


def test_a_file_comes_back_as_it_was_written(tmp_path: Path) -> None:
    strokes = [[[0.123456, 0.5, 10.4, 0.55555], [0.75, 0.5, 90, 1]], [[0.5, 0.25]]]
    mixed = Drawing.of(strokes, [PRESETS["wild"], PRESETS["steady white"]], label=7)
    plain = Drawing.of([[[0.5, 0.5, None, 0.5]]], PRESETS["classic"])
    write_file(tmp_path / "drawings.jsonl", [mixed, plain])
    first, second = read_file(tmp_path / "drawings.jsonl")
    assert first.strokes == [[[0.1235, 0.5, 10, 0.556], [0.75, 0.5, 90, 1]], [[0.5, 0.25]]]
    assert (first.label, first.pen, first.pens) == (7, PRESETS["steady white"], mixed.pens)
    assert (second.label, second.pen, second.pens) == (None, PRESETS["classic"], ())
    assert np.array_equal(second.image, plain.image)


def test_a_file_may_leave_out_pen_label_and_times(tmp_path: Path) -> None:
    path = tmp_path / "bare.jsonl"
    path.write_text(
        '{"strokes": [[[0.1, 0.1], [0.9, 0.9]]]}\n\n{"label": 3, "strokes": [[[0, 0]]], "pen": {"seed": 5}}\n'
    )
    bare, other = read_file(path, pen=PRESETS["steady white"])
    assert bare.pen == PRESETS["steady white"]
    assert bare.label is None
    assert (other.label, other.pen.seed) == (3, 5)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 2: not JSON"),
        ("[]", "line 2: a drawing should be an object with strokes"),
        ('{"label": 12, "strokes": []}', "line 2: label should be 0-9"),
        ('{"label": true, "strokes": []}', "line 2: label should be 0-9"),
        ('{"strokes": [[[NaN, 0]]]}', "line 2: stroke 0, point 0: x is nan"),
        ('{"strokes": [], "pen": {"thinnest_px": -4}}', "line 2: thinnest_px is -4"),
        ('{"strokes": [[[0, 0]]], "pens": []}', "line 2: 0 pens for 1 strokes"),
        ("[" * 100_000, "line 2: not JSON"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"strokes": []}\n' + line + "\n")
    with pytest.raises(BadStrokes, match=message) as error:
        read_file(path)
    assert str(path) in str(error.value)


def test_a_collection_is_read_gzipped_or_not(tmp_path: Path) -> None:
    collection = {"meta": {"name": "two"}, "samples": [{"label": 4, "writer": "w", "strokes": [[[0, 0], [1, 1]]]}] * 2}
    (tmp_path / "two.json").write_text(json.dumps(collection, indent=1))
    (tmp_path / "two.json.gz").write_bytes(gzip.compress(json.dumps(collection).encode()))
    for name in ("two.json", "two.json.gz"):
        assert [drawing.label for drawing in read_file(tmp_path / name)] == [4, 4]


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "cut.json.gz").write_bytes(gzip.compress(b"{}" * 1000)[:-20])
    (tmp_path / "odd.jsonl").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "none.json").write_text('{"meta": {}, "samples": 3}')
    with pytest.raises(BadStrokes, match="broken gzip"):
        read_file(tmp_path / "cut.json.gz")
    with pytest.raises(BadStrokes, match="not UTF-8"):
        read_file(tmp_path / "odd.jsonl")
    with pytest.raises(BadStrokes, match="samples"):
        read_file(tmp_path / "none.json")
    with pytest.raises(FileNotFoundError):
        read_file(tmp_path / "nowhere.jsonl")


@pytest.mark.skipif(not SAMPLES, reason="the sample drawings are not here")
def test_the_sample_drawings_load() -> None:
    drawings = read_file(SAMPLES[0], pen=PRESETS["steady white"])
    assert len(drawings) >= 100
    assert {drawing.label for drawing in drawings} == set(range(10))
    assert not any(drawing.empty for drawing in drawings)


def test_the_examples_show_every_digit_with_times_and_several_pens() -> None:
    assert {drawing.label for drawing in examples()} == set(range(10))
    assert len({drawing.pen for drawing in examples()}) >= 4
    for drawing in examples():
        assert not drawing.empty
        times = [point[2] for stroke in drawing.strokes for point in stroke]
        assert times == sorted(times)
        edge = np.concatenate([drawing.image[0], drawing.image[-1], drawing.image[:, 0], drawing.image[:, -1]])
        assert not edge.any()
