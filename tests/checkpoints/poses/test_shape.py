"""Measurements of images whose width, slant, thickness and place are known beforehand."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from checkpoints.poses.describing import correlation, shifted
from checkpoints.poses.shape import MEASUREMENTS, measure


def bar(top: int = 4, bottom: int = 24, left: int = 12, right: int = 15, lean: float = 0.0) -> Tensor:
    """A bar (1, 1, 28, 28); lean moves each row right by so many pixels for each row up."""
    x = torch.zeros(1, 1, 28, 28)
    for row in range(top, bottom):
        moved = round(lean * (14 - row))
        x[0, 0, row, left + moved : right + moved] = 1
    return x


def value(x: Tensor, name: str) -> float:
    return float(measure(x)[name][0])


def test_every_measurement_has_a_unit_and_one_number_an_image() -> None:
    measured = measure(torch.cat([bar(), bar(lean=0.5)]))
    assert set(measured) == set(MEASUREMENTS)
    assert all(values.shape == (2,) for values in measured.values())


def test_width_is_that_of_the_box_around_the_ink() -> None:
    assert value(bar(left=10, right=17), "width") == 7
    assert value(torch.zeros(1, 1, 28, 28), "width") == 0


def test_slant_is_positive_for_a_digit_that_leans_to_the_right() -> None:
    assert value(bar(), "slant") == pytest.approx(0, abs=1e-5)
    assert value(bar(lean=0.5), "slant") == pytest.approx(0.5, abs=0.03)
    assert value(bar(lean=-0.25), "slant") == pytest.approx(-0.25, abs=0.03)


def test_thickness_is_about_that_of_the_bar() -> None:
    for thick in (2, 3, 4):
        assert value(bar(left=12, right=12 + thick), "thickness") == pytest.approx(thick, rel=0.2)


def test_area_counts_full_ink_and_shift_is_from_the_middle() -> None:
    assert value(bar(), "area") == pytest.approx(60)
    assert value(bar(left=14, right=17), "shift right") == pytest.approx(1.5)
    assert value(bar(top=6, bottom=26), "shift down") == pytest.approx(2)


def test_a_shift_moves_the_ink_and_keeps_all_of_it() -> None:
    x = bar().repeat(50, 1, 1, 1)
    moved = shifted(x, 2, torch.Generator().manual_seed(0))
    assert torch.equal(moved.sum(dim=(1, 2, 3)), x.sum(dim=(1, 2, 3)))
    places = set(measure(moved)["shift right"].round(decimals=2).tolist())
    assert len(places) == 5


def test_correlation_is_pearsons_r() -> None:
    generator = torch.Generator().manual_seed(0)
    a, noise = (torch.randn(2000, 2, generator=generator).double() for _ in range(2))
    b = torch.stack([3 * a[:, 0], a[:, 1] + noise[:, 1], torch.full((2000,), 5.0).double()], dim=1)
    r = correlation(a, b)
    assert float(r[0, 0]) == pytest.approx(1)
    assert float(r[1, 1]) == pytest.approx(float(torch.corrcoef(torch.stack([a[:, 1], b[:, 1]]))[0, 1]))
    assert r[:, 2].tolist() == [0, 0]
