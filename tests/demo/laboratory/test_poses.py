"""Sweeps of a pose and the ranges of its sliders."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from checkpoints.poses import measured
from demo.laboratory.poses import OWN_STEP, STEPS, Range, papers_range, sheet, spread, steps, sweep


@pytest.fixture
def own() -> np.ndarray:
    return np.random.default_rng(1).normal(size=16).astype(np.float32)


def test_a_sweep_has_eleven_even_steps_each_way_around_the_drawings_own_value() -> None:
    assert steps(0.1, -0.4, 0.2) == pytest.approx([-0.4, -0.3, -0.2, -0.1, 0.0, 0.1, 0.12, 0.14, 0.16, 0.18, 0.2])


def test_a_sweep_changes_one_dimension_and_no_other(own: np.ndarray) -> None:
    poses = sweep(own, 5, papers_range(own))
    assert poses.shape == (STEPS, 16)
    others = [dimension for dimension in range(16) if dimension != 5]
    np.testing.assert_array_equal(poses[:, others], np.repeat(own[None, others], STEPS, axis=0))
    middle = float(own[5])
    assert poses[:, 5].tolist() == pytest.approx(steps(middle, middle - 0.25, middle + 0.25))


def test_the_middle_of_every_row_of_the_sheet_is_the_drawings_own_pose(own: np.ndarray) -> None:
    for row in sheet(own, papers_range(own)):
        np.testing.assert_array_equal(row[OWN_STEP], own)
        assert not np.array_equal(row[0], row[-1])


def test_a_range_grows_to_hold_a_drawing_that_no_training_image_is_like() -> None:
    usual = Range(np.array([-0.1, -0.1, -0.1]), np.array([0.1, 0.1, 0.1]))
    wider = usual.around(np.array([0.3, 0.0, -0.2]))
    assert wider.low.tolist() == pytest.approx([-0.1, -0.1, -0.2])
    assert wider.high.tolist() == pytest.approx([0.3, 0.1, 0.1])


def test_the_knobs_follow_the_directions_that_were_measured_of_these_weights(
    own: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights, change = np.zeros(16), np.zeros(16)
    weights[3], change[3], change[4] = 2.0, 0.5, 0.25
    thickness = measured.Direction(
        "thickness", "px", 0.94, 3.0, 0.5, -20.0, 20.0, 1.0, weights.tolist(), change.tolist()
    )
    digit = measured.DigitPoses(
        100, [0.0] * 16, [[-1.0, -0.5, -0.2, 0.0, 0.2, 0.5, 1.0]] * 16, {"width": [0.1] * 16}, [thickness]
    )
    poses = measured.Poses("caps-net", "0" * 64, 1000, 2, 0, list(measured.PERCENTS), [digit] * 10)
    monkeypatch.setattr(measured, "read", lambda net: poses if net == "caps-net" else None)
    (knob,) = spread("caps-net", 4, own).knobs
    assert (knob.name, knob.less, knob.more, knob.r) == ("thickness", "thin", "thick", 0.94)
    assert knob.own == pytest.approx(1 + 2 * own[3])
    moved = own + (knob.own + 1 - knob.own) * knob.vector
    assert thickness.value(moved.tolist()) == pytest.approx(knob.own + 1), "one unit more of what it is called"
    beyond = replace(thickness, low=knob.own + 1, high=knob.own + 2)
    monkeypatch.setattr(measured, "read", lambda _: replace(poses, digits=[replace(digit, directions=[beyond])] * 10))
    (knob,) = spread("caps-net", 4, own).knobs
    assert knob.low == pytest.approx(knob.own), "the drawing's own value lies on the slider"
    monkeypatch.undo()
    assert spread("lenet-like", 4, own).knobs == []


def test_each_training_of_a_net_has_poses_of_its_own() -> None:
    assert measured.path_of("caps-net").name == "caps-net.poses.json"
    assert measured.path_of("caps-net/mnist-only").name == "caps-net.mnist-only.poses.json"
