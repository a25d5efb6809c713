"""A drawing: image, strokes, pens and label belong together."""

from __future__ import annotations

import numpy as np
import pytest

from architectures.input.pen import PRESETS, draw
from architectures.input.strokes import BadStrokes
from demo.sketchpad.drawing import Drawing

LINE = [[[0.2, 0.5], [0.8, 0.5]]]
BLACK = np.zeros((364, 364, 3), dtype=np.uint8)


def test_a_drawing_of_strokes_has_their_image() -> None:
    drawing = Drawing.of(LINE, PRESETS["wild"], label=1)
    assert np.array_equal(drawing.image, draw(LINE, PRESETS["wild"]))
    assert (drawing.strokes, drawing.pen, drawing.label) == (LINE, PRESETS["wild"], 1)
    assert not drawing.empty


def test_pens_are_kept_only_where_they_differ() -> None:
    two = [*LINE, [[0.5, 0.2], [0.5, 0.8]]]
    alike = Drawing.of(two, [PRESETS["wild"]] * 2)
    mixed = Drawing.of(two, [PRESETS["wild"], PRESETS["classic"]])
    assert (alike.pens, alike.own_pens) == ((), (PRESETS["wild"],) * 2)
    assert mixed.own_pens == (PRESETS["wild"], PRESETS["classic"])
    assert mixed.pen == PRESETS["classic"]


def test_a_pad_without_ink_is_empty() -> None:
    assert Drawing(BLACK, []).empty
    assert Drawing.of([]).empty
    assert Drawing.of([[[-0.9, -0.9]]]).empty  # a stroke beside the pad


@pytest.mark.parametrize("image", [BLACK[:28, :28], BLACK[:, :, 0], BLACK.astype(float)])
def test_an_image_of_another_shape_or_kind_is_refused(image: np.ndarray) -> None:
    with pytest.raises(ValueError, match="an image is uint8"):
        Drawing(image, [])


@pytest.mark.parametrize("label", [10, -1, 1.5, True, "3"])
def test_a_label_that_is_no_digit_is_refused(label: object) -> None:
    with pytest.raises(ValueError, match="a label is a digit"):
        Drawing(BLACK, [], label=label)  # type: ignore[arg-type]


def test_pens_and_strokes_go_together() -> None:
    with pytest.raises(ValueError, match="1 pens for 0 strokes"):
        Drawing(BLACK, [], pens=(PRESETS["wild"],))
    with pytest.raises(BadStrokes):
        Drawing.of([[[9, 9]]])
