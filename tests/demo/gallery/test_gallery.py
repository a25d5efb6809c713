"""The gallery's file, its figures, and the predictions on its wall."""

from __future__ import annotations

import csv
import io
import json
from base64 import b64decode

import gradio as gr
import numpy as np
import pytest

from demo import inference
from demo.gallery.pieces import FILE, pieces
from demo.gallery.tab import prompted, save_numbers, save_table
from demo.gallery.wall import HEADER, images, wall
from demo.inference import both_trainings, predict
from demo.sketchpad.stroke_file import read_file


def test_the_gallery_has_more_than_twenty_drawings_and_every_digit() -> None:
    assert len(pieces()) >= 20
    assert {piece.label for piece in pieces()} == set(range(10))
    assert len({piece.title for piece in pieces()}) == len(pieces())


def test_any_reader_of_stroke_files_reads_the_gallery() -> None:
    labels = [drawing.label for drawing in read_file(FILE)]
    assert labels == [piece.label for piece in pieces()]


def test_no_drawing_leaves_the_pad() -> None:
    for piece in pieces():
        xy = np.array([point[:2] for stroke in piece.drawing.strokes for point in stroke], dtype=float)
        assert xy.min() > 0.01 and xy.max() < 0.99, piece.title


def test_the_wall_shows_what_every_net_predicts_in_both_trainings() -> None:
    shown = wall()
    assert [net["id"] for net in shown["nets"]] == both_trainings()
    assert [net["id"] for net in images()["nets"]] == both_trainings(), "there is room for them before they come"
    first = predict(pieces()[0].drawing.image, both_trainings())
    assert first is not None
    for net in shown["nets"]:
        assert net["predictions"][0]["digit"] == first.by_net[net["id"]].digit
        pairs = zip(net["predictions"], pieces(), strict=True)
        assert net["correct"] == sum(one["digit"] == piece.label for one, piece in pairs)
    alone, with_pen = (
        sum(net["correct"] for net in shown["nets"] if net["training"] == training)
        for training in ("mnist-only", "pen")
    )
    assert alone != with_pen


def test_a_net_that_fails_is_named_and_the_others_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    real = inference.net_of

    def broken(net_id: str) -> object:
        if net_id == "lenet-like":
            raise RuntimeError("out of ink")
        return real(net_id)

    monkeypatch.setattr(inference, "net_of", broken)
    shown = wall()
    assert [net["id"] for net in shown["nets"]] == [net for net in both_trainings() if net != "lenet-like"]
    (reason,) = shown["failures"]
    assert reason.startswith("lenet-like") and "out of ink" in reason


def test_the_predictions_are_saved_as_a_table_and_as_json() -> None:
    header, *lines = csv.reader(io.StringIO(b64decode(save_table()["data"]).decode()))
    assert tuple(header) == HEADER and len(lines) == len(pieces()) * len(both_trainings())
    records = json.loads(b64decode(save_numbers()["data"]))
    assert [str(record["prediction"]) for record in records] == [line[4] for line in lines]
    by_net = {net["id"]: net["correct"] for net in wall()["nets"]}
    mine = [line for line in lines if (line[2], line[3]) == ("caps-net", "mnist-only")]
    assert sum(int(line[-1]) for line in mine) == by_net["caps-net/mnist-only"]


def test_a_prompt_that_the_page_cannot_have_shown_is_refused() -> None:
    class Event:
        digit = 12

    with pytest.raises(gr.Error):
        prompted(Event())  # type: ignore[arg-type]
