"""The gallery's file, its figures, and the verdicts on its wall."""

from __future__ import annotations

import numpy as np

from demo.gallery.pieces import FILE, pieces
from demo.gallery.wall import wall
from demo.inference import available_nets, predict
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


def test_the_wall_says_what_the_nets_say_of_each_drawing() -> None:
    shown = wall()
    assert [net["name"] for net in shown["nets"]] == available_nets()
    first = predict(pieces()[0].drawing.image, available_nets())
    assert first is not None
    for net in shown["nets"]:
        assert net["verdicts"][0]["digit"] == first.by_net[net["name"]].digit
        right = [verdict["digit"] == piece.label for verdict, piece in zip(net["verdicts"], pieces(), strict=True)]
        assert net["right"] == sum(right)
