"""The pen in Python; that the browser's agrees with it is in test_browser_sketchpad.py."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from architectures.input import inking
from architectures.input.inking import Track
from architectures.input.pen import PRESETS, BadPen, Pen, draw, noise, stamps
from architectures.input.strokes import BadStrokes

ACROSS = [[[0.1, 0.5], [0.9, 0.5]]]
PLAIN = Pen(thinnest_px=20, widest_px=20, colour="#ffffff")


def thickness(image: NDArray[np.uint8], column: int) -> float:
    return float(image[:, column].max(axis=1).sum() / 255)


def test_an_image_is_uint8_on_black_at_any_size() -> None:
    for size in (28, 364, 728):
        image = draw(ACROSS, PLAIN, size_px=size)
        assert image.shape == (size, size, 3)
        assert image.dtype == np.uint8
        assert not image[0].any()
        assert thickness(image, size // 2) == pytest.approx(20 * size / 364, abs=0.6)


def test_a_small_image_needs_half_of_the_stamps_of_a_fine_pen() -> None:
    pen = Pen(thinnest_px=4, widest_px=40, seed=3)
    assert pen.step_px == 0.5
    every, some = (draw(ACROSS, pen, size_px=182, apart_px=apart_px).astype(int) for apart_px in (0, 0.5))
    assert np.abs(every - some).max() > 0, "it is not the same image"
    assert np.abs(every - some).mean() < 1, "but hardly another"
    assert (draw(ACROSS, pen, apart_px=0.5) == draw(ACROSS, pen)).all(), "the whole pad needs them all"
    assert (draw(ACROSS, PLAIN, 182, apart_px=0.5) == draw(ACROSS, PLAIN, 182)).all(), "theirs lie far apart already"


def test_nothing_drawn_is_black() -> None:
    assert not draw([], PLAIN).any()
    assert not draw([[]], PLAIN).any()


def test_classic_sweeps_between_15_and_35_px_and_starts_at_red() -> None:
    drawn = stamps([[0, 0.5], [1, 0.5]], PRESETS["classic"], 0)
    assert 2 * drawn.radii_px.min() == 15
    assert 2 * drawn.radii_px.max() == pytest.approx(35, abs=0.01)
    assert drawn.colours[0].tolist() == [255, 0, 0]
    assert (drawn.colours.max(axis=1) == 255).all()


def test_hue_and_width_come_round_after_their_periods() -> None:
    pen = Pen(width_period_px=100, hue_period_px=200)
    at = np.array([0.0, 100, 200])
    assert pen.widths_px(at, np.ones(3), 0).tolist() == [15, 15, 15]
    assert pen.colours(at, 0).tolist() == [[255, 0, 0], [0, 255, 255], [255, 0, 0]]


def test_steady_white_is_white_and_steady() -> None:
    drawn = stamps([[0, 0.5], [1, 0.5]], PRESETS["steady white"], 0)
    assert set(drawn.radii_px) == {12}
    assert (drawn.colours == 255).all()


def test_stamps_lie_at_most_2_px_apart() -> None:
    for pen in PRESETS.values():
        drawn = stamps([[0.1, 0.1], [0.5, 0.9], [0.9, 0.1]], pen, 0)
        steps = np.sqrt((np.diff(drawn.centres_px, axis=0) ** 2).sum(axis=1))
        assert steps.max() <= 2.0001


def test_how_the_stroke_was_cut_into_points_does_not_matter() -> None:
    """A slow computer reports fewer points of the same movement."""
    many = [[[0.1 + 0.8 * i / 200, 0.5] for i in range(201)]]
    few = [[[0.1 + 0.8 * i / 7, 0.5] for i in range(8)]]
    difference = np.abs(draw(many, PRESETS["wild"]).astype(int) - draw(few, PRESETS["wild"]))
    assert difference.max() <= 1


def test_the_first_part_of_a_stroke_does_not_change_when_it_goes_on() -> None:
    pen = PRESETS["wild"]
    whole = stamps([[0.1, 0.5], [0.5, 0.5], [0.9, 0.5]], pen, 0)
    begun = stamps([[0.1, 0.5], [0.5, 0.5]], pen, 0)
    n = len(begun.radii_px)
    assert np.allclose(whole.radii_px[:n], begun.radii_px)
    assert np.array_equal(whole.colours[:n], begun.colours)


def test_a_curve_passes_through_its_points_and_keeps_its_corners() -> None:
    seven = np.array([[100.0, 100], [250, 100], [150, 300]])
    track = Track.through(seven, np.ones(3), 1.0)
    for point in seven:
        assert np.sqrt(((track.places_px - point) ** 2).sum(axis=1)).min() < 1
    assert track.places_px[:, 0].max() <= 250
    assert (track.places_px[:, 1] >= 100 - 1e-9).all()


def test_eight_points_of_a_circle_make_it_round() -> None:
    angles = np.linspace(0, 2 * np.pi, 9)
    circle = np.stack([182 + 100 * np.cos(angles), 182 + 100 * np.sin(angles)], axis=1)
    radii = np.sqrt(((Track.through(circle, np.ones(9), 1.0).places_px - 182) ** 2).sum(axis=1))
    assert radii.min() > 95  # the chords between them would come as near as 92
    assert radii.max() < 101


def test_one_point_and_a_point_many_times_are_dots() -> None:
    for dot in ([[0.5, 0.5]], [[0.5, 0.5]] * 5):
        image = draw([dot], PLAIN)
        assert thickness(image, 182) == pytest.approx(20, abs=1.1)
        assert image.any(axis=2).sum() == pytest.approx(math.pi * 10.5**2, rel=0.1)


def test_edges_are_anti_aliased() -> None:
    greys = set(np.unique(draw([[[0.1, 0.4], [0.9, 0.6]]], PLAIN)[:, :, 0]))
    assert len(greys) > 20


def test_what_leaves_the_pad_is_cut_off() -> None:
    image = draw([[[-0.5, 0.5], [1.5, 0.5]]], PLAIN)
    assert thickness(image, 0) == pytest.approx(20, abs=0.5)
    assert not draw([[[-0.9, -0.9], [-0.5, -0.8]]], PLAIN).any()


def test_pressure_scales_the_width_when_it_is_on_and_present() -> None:
    light = [[[0.1, 0.5, 0, 0.25], [0.9, 0.5, 100, 0.25]]]
    assert thickness(draw(light, PLAIN), 182) == pytest.approx(20 * (0.3 + 0.7 * 0.5), abs=0.5)
    assert thickness(draw(light, replace(PLAIN, pressure=False)), 182) == pytest.approx(20, abs=0.5)
    assert thickness(draw([[[0.1, 0.5, 0, None], [0.9, 0.5, 9, None]]], PLAIN), 182) == pytest.approx(20, abs=0.5)


def test_jitter_depends_on_seed_and_stroke_and_stays_within_the_pens_widths() -> None:
    pen = replace(PRESETS["classic"], size_jitter=1, colour_jitter=1, seed=1)
    image = draw(ACROSS, pen)
    assert np.array_equal(image, draw(ACROSS, pen))
    assert not np.array_equal(image, draw(ACROSS, replace(pen, seed=2)))
    first, second = (stamps(ACROSS[0], pen, stroke).radii_px for stroke in (0, 1))
    assert not np.array_equal(first, second)
    assert 7.5 <= first.min() <= first.max() <= 17.5
    assert abs(np.diff(first)).max() < 1


def test_noise_is_what_it_has_always_been() -> None:
    """Drawings are kept as strokes and a seed: other numbers would change every one of them."""
    values = noise(7, 3, 1, np.array([0.0, 10, 28, 1000.5]))
    assert values.tolist() == [0.9074337941128761, 0.72145429681973, 0.2695241183973849, 0.36318817600631353]


def test_a_plain_colour_is_that_colour_and_jitter_dims_it() -> None:
    pen = replace(PLAIN, colour="#ff8800")
    assert draw(ACROSS, pen)[182, 182].tolist() == [255, 136, 0]
    dimmed = stamps(ACROSS[0], replace(pen, colour_jitter=1), 0).colours
    assert 127 <= dimmed[:, 0].min() < dimmed[:, 0].max() <= 255


def test_every_stroke_can_have_a_pen_of_its_own() -> None:
    red, blue = replace(PLAIN, colour="#ff0000"), replace(PLAIN, colour="#0000ff")
    image = draw([[[0.1, 0.3], [0.9, 0.3]], [[0.1, 0.7], [0.9, 0.7]]], [red, blue])
    assert image[109, 182].tolist() == [255, 0, 0]
    assert image[255, 182].tolist() == [0, 0, 255]
    with pytest.raises(BadPen, match="1 pens for 2 strokes"):
        draw([[[0, 0]], [[1, 1]]], [red])


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("thinnest_px", math.nan, "thinnest_px is nan"),
        ("thinnest_px", -1, "thinnest_px is -1"),
        ("widest_px", 1e9, "widest_px is 1000000000"),
        ("widest_px", 10**400, "far too large"),
        ("widest_px", 10, "less than thinnest_px"),
        ("width_period_px", 0, "width_period_px is 0"),
        ("hue_period_px", math.inf, "hue_period_px is inf"),
        ("hue_period_px", "fast", "should be a number, not 'fast'"),
        ("size_jitter", 1.5, "size_jitter is 1.5"),
        ("colour_jitter", True, "should be a number"),
        ("colour", "red", "like #ffcc00, not 'red'"),
        ("colour", "#ffffff; background: url(x)", "like #ffcc00"),
        ("colour", 7, "like #ffcc00"),
        ("pressure", "yes", "true or false"),
        ("seed", -1, "seed is -1"),
        ("seed", 1.5, "whole number"),
        ("seed", 2**40, "seed is 1099511627776"),
    ],
)
def test_a_bad_pen_is_refused_by_name(field: str, value: Any, message: str) -> None:
    with pytest.raises(BadPen, match=message):
        Pen.from_dict({field: value})


def test_a_pen_comes_back_from_its_dictionary() -> None:
    for pen in PRESETS.values():
        assert Pen.from_dict(pen.to_dict()) == pen
    assert Pen.from_dict({}) == PRESETS["classic"] == Pen()
    with pytest.raises(BadPen, match="no wdith_px"):
        Pen.from_dict({"wdith_px": 3})
    with pytest.raises(BadPen, match="an object"):
        Pen.from_dict("classic")


def test_a_drawing_that_takes_too_long_is_given_up_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    draw(ACROSS, PLAIN)
    monkeypatch.setattr(inking, "DRAWN_WITHIN_S", 0.0)
    with pytest.raises(BadStrokes, match="fewer or thinner strokes"):
        draw(ACROSS, PLAIN)


def test_the_most_ink_that_is_drawn_takes_a_part_of_the_time_that_there_is() -> None:
    pen = Pen(thinnest_px=1, widest_px=12, size_jitter=1, colour_jitter=1)  # a thin pen has the most stamps
    there_and_back = [[[0.05 + 0.9 * (i % 2), 0.5] for i in range(76)]]
    begun_s = time.thread_time()
    draw(there_and_back, pen)
    assert time.thread_time() - begun_s < inking.DRAWN_WITHIN_S / 2


def test_strokes_are_checked_before_they_are_drawn() -> None:
    with pytest.raises(BadStrokes, match="nan"):
        draw([[[math.nan, 0.5]]], PLAIN)
    with pytest.raises(ValueError, match="cannot be drawn"):
        draw(ACROSS, PLAIN, size_px=10**6)
