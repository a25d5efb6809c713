"""The digits that ship with the project are whole, balanced, small, and what the tracing makes of them."""

import numpy as np
import pytest
import torch

from architectures.input.pen import PRESETS, draw
from checkpoints import shipped_digits
from checkpoints.errors import Refused
from checkpoints.shipped_digits import training_digits
from checkpoints.training.tracing import trace


@pytest.mark.parametrize(("digits", "count"), [(training_digits, 1_000), (shipped_digits.test_digits, 500)])
def test_every_ten_digits_are_one_of_each_class(digits, count):
    whole = digits()
    assert len(whole) == count == len(whole.strokes) == len(whole.images) == len(whole.widths_px)
    assert torch.equal(whole.labels, torch.arange(10).repeat(count // 10))
    assert torch.equal(digits(400).labels, whole.labels[:400])


def test_they_are_under_half_a_megabyte():
    assert shipped_digits.FILE.stat().st_size < 500_000


def test_their_strokes_are_those_that_tracing_their_rasters_gives():
    digits = training_digits(20)
    for image, strokes, width_px in zip(digits.images.numpy(), digits.strokes, digits.widths_px, strict=True):
        traced = trace(image)
        assert traced.width_px == pytest.approx(float(width_px), abs=0.01)
        for shipped, again in zip(strokes, traced.strokes, strict=True):
            np.testing.assert_allclose(shipped, again, atol=2e-5)


def test_every_one_can_be_drawn_with_the_living_pen():
    digits = training_digits(50)
    for strokes in digits.strokes:
        assert draw(strokes, PRESETS["classic"], 91).any()
    assert digits.x.shape == (50, 1, 28, 28)
    assert float(digits.x.max()) == 1.0


def test_no_test_digit_is_a_training_digit():
    training = {image.tobytes() for image in training_digits().images.numpy()}
    assert not any(image.tobytes() in training for image in shipped_digits.test_digits().images.numpy())


def test_a_damaged_file_is_refused(tmp_path, monkeypatch):
    damaged = tmp_path / "digits.npz"
    damaged.write_bytes(shipped_digits.FILE.read_bytes()[:-1])
    monkeypatch.setattr(shipped_digits, "FILE", damaged)
    shipped_digits._read.cache_clear()
    try:
        with pytest.raises(Refused, match="damaged"):
            training_digits()
    finally:
        shipped_digits._read.cache_clear()


def test_a_count_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="must be from 1 to 500"):
        shipped_digits.test_digits(501)
