"""Strokes from rasters: whole, in a hand's order, and covering what they were traced from."""

import dataclasses

import numpy as np
import pytest

from architectures.input.mnist_like import mnist_like
from architectures.input.pen import PRESETS, draw
from checkpoints.shipped_digits import training_digits
from checkpoints.training.skeleton import thin
from checkpoints.training.tracing import OVERLAP_FROM, plain_pen, trace


def raster(strokes, width_px=30.0) -> np.ndarray:
    """A digit (28, 28) with a margin of 4 px, as MNIST has it, from strokes in the unit square."""
    grown = [[[0.2 + 0.6 * x, 0.15 + 0.7 * y] for x, y in stroke] for stroke in strokes]
    return (mnist_like(draw(grown, plain_pen(width_px)))[0, 0].numpy() * 255).round().astype(np.uint8)


def ring(start=0.0) -> list[list[float]]:
    angles = start + np.linspace(0, 2 * np.pi, 40)
    return np.stack([0.5 + 0.4 * np.sin(angles), 0.5 - 0.5 * np.cos(angles)], axis=1).tolist()


def test_a_line_is_one_stroke_from_the_top_down():
    traced = trace(raster([[[0.7, 0.0], [0.3, 1.0]]]))
    assert len(traced.strokes) == 1
    stroke = traced.strokes[0]
    assert stroke[0, 1] < 0.3 < 0.7 < stroke[-1, 1]
    assert (np.diff(stroke[:, 1]) > 0).all()


def test_a_ring_is_one_closed_stroke_that_begins_at_the_top():
    (stroke,) = trace(raster([ring(2.0)])).strokes
    np.testing.assert_allclose(stroke[0], stroke[-1], atol=0.02)
    assert stroke[0, 1] == pytest.approx(stroke[:, 1].min(), abs=0.01)


def test_a_cross_is_two_strokes_that_run_straight_on():
    strokes = trace(raster([[[0.1, 0.1], [0.9, 0.9]], [[0.9, 0.1], [0.1, 0.9]]])).strokes
    assert len(strokes) == 2
    for stroke in strokes:
        assert np.hypot(*(stroke[-1] - stroke[0])) > 0.6


def test_an_eight_is_drawn_through_its_crossing():
    t = np.linspace(0, 2 * np.pi, 60)
    eight = np.stack([0.5 + 0.35 * np.sin(2 * t), 0.5 - 0.5 * np.cos(t)], axis=1).tolist()
    traced = trace(raster([eight], 20))
    assert traced.overlap > 0.85
    assert len(traced.strokes) <= 2


def test_nothing_has_no_strokes():
    assert trace(np.zeros((28, 28), np.uint8)).strokes == []


def test_what_cannot_be_drawn_by_a_pen_of_one_width_stays_a_raster():
    wedge = np.zeros((28, 28), np.uint8)
    wedge[4:24, 4:24] = 255 * np.tri(20, dtype=np.uint8)
    traced = trace(wedge)
    assert traced.strokes == []
    assert traced.overlap < OVERLAP_FROM


def test_tracing_is_deterministic():
    image = training_digits(10).images[8].numpy()
    first, second = trace(image), trace(image)
    assert all((a == b).all() for a, b in zip(first.strokes, second.strokes, strict=True))


def test_digits_drawn_again_by_a_plain_pen_look_like_themselves():
    digits = training_digits(100)
    for image, strokes, width_px in zip(digits.images.numpy(), digits.strokes, digits.widths_px.tolist(), strict=True):
        again = draw(strokes, plain_pen(width_px), 112)[..., 0].reshape(28, 4, 28, 4).mean(axis=(1, 3)) > 127
        ink = image > 127
        assert 2 * (again & ink).sum() / (again.sum() + ink.sum()) > 0.7


def test_a_thinned_shape_keeps_its_topology_and_is_one_pixel_thin():
    place = np.arange(60) - 29.5
    radius = np.hypot(place, place[:, None])
    skeleton = thin((radius > 12) & (radius < 24))
    assert (radius[skeleton] > 12).all() and (radius[skeleton] < 24).all()
    assert not (skeleton[1:, 1:] & skeleton[:-1, 1:] & skeleton[1:, :-1] & skeleton[:-1, :-1]).any()
    assert skeleton[30].sum() == 2 and skeleton[:, 30].sum() == 2


def test_every_preset_draws_traced_digits():
    strokes = training_digits(10).strokes[5]
    for pen in PRESETS.values():
        assert draw(strokes, dataclasses.replace(pen, seed=3), 112).any()
