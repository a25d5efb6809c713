"""Pose sweeps and the ten opinions, on a real capsule net."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

import architectures
from architectures.contract import Answer, ask
from demo.laboratory.poses import (
    OWN_STEP,
    STEPS,
    Range,
    decoded,
    opinions,
    papers_range,
    sheet,
    steps,
    sweep,
    two_longest,
)


@pytest.fixture(scope="module")
def x() -> Tensor:
    """An image with a slanted bar on it."""
    x = torch.zeros(1, 1, 28, 28)
    for row in range(5, 23):
        x[0, 0, row, 18 - row // 3 : 21 - row // 3] = 1
    return x


@pytest.fixture(scope="module")
def answer(x: Tensor) -> Answer:
    torch.manual_seed(0)
    with torch.inference_mode():
        return ask(architectures.build("caps-net").eval(), x)


def test_a_sweep_has_eleven_even_steps_each_way_around_the_drawings_own_value() -> None:
    assert steps(0.1, -0.4, 0.2) == pytest.approx([-0.4, -0.3, -0.2, -0.1, 0.0, 0.1, 0.12, 0.14, 0.16, 0.18, 0.2])


def test_a_sweep_changes_one_dimension_and_no_other() -> None:
    own = torch.randn(16, generator=torch.Generator().manual_seed(1))
    poses = sweep(own, 5, papers_range(own))
    assert poses.shape == (STEPS, 16)
    others = [dimension for dimension in range(16) if dimension != 5]
    assert torch.equal(poses[:, others], own[others].expand(STEPS, -1))
    middle = float(own[5])
    assert poses[:, 5].tolist() == pytest.approx(steps(middle, middle - 0.25, middle + 0.25))


@torch.inference_mode()
def test_the_middle_of_every_row_of_the_sheet_is_the_reconstruction(answer: Answer) -> None:
    assert answer.capsules is not None and answer.capsules.decode is not None
    digit = int(answer.digit)
    own = answer.capsules.poses[0, digit]
    reconstruction = answer.capsules.decode(answer.capsules.poses, answer.digit)[0, 0]
    images = decoded(sheet(own, papers_range(own)).flatten(0, 1), digit, answer.capsules.decode).unflatten(0, (16, 11))
    for row in images:
        torch.testing.assert_close(row[OWN_STEP], reconstruction, rtol=0, atol=1e-6)
        assert not torch.allclose(row[0], row[-1], atol=1e-7)


def test_a_range_grows_to_hold_a_drawing_that_no_training_image_is_like() -> None:
    usual = Range(torch.tensor([-0.1, -0.1, -0.1]), torch.tensor([0.1, 0.1, 0.1]))
    wider = usual.around(torch.tensor([0.3, 0.0, -0.2]))
    assert wider.low.tolist() == pytest.approx([-0.1, -0.1, -0.2])
    assert wider.high.tolist() == pytest.approx([0.3, 0.1, 0.1])


@torch.inference_mode()
def test_each_opinion_is_what_the_decoder_draws_with_only_that_capsule(answer: Answer, x: Tensor) -> None:
    assert answer.capsules is not None and answer.capsules.decode is not None
    found = opinions(answer.capsules.poses[0], answer.scores[0], x[0, 0], answer.capsules.decode)
    assert [opinion.digit for opinion in found] == list(range(10))
    for opinion in found:
        alone = decoded(answer.capsules.poses[0, opinion.digit][None], opinion.digit, answer.capsules.decode)[0]
        torch.testing.assert_close(opinion.image, alone, rtol=0, atol=1e-6)
        assert opinion.length == pytest.approx(float(answer.scores[0, opinion.digit]))
        assert opinion.distance == pytest.approx(float((alone - x[0, 0]).square().sum().sqrt()), rel=1e-5)


def test_the_two_longest_capsules_come_longest_first() -> None:
    assert two_longest(torch.tensor([0.1, 0.7, 0.2, 0.0, 0.0, 0.0, 0.0, 0.9, 0.3, 0.0])) == (7, 1)
