"""The ways in which training images vary."""

import itertools

import pytest
import torch

from architectures.card import Augmentation
from checkpoints.training.augmentation import augment


@pytest.fixture
def rings() -> torch.Tensor:
    """White rings (64, 1, 28, 28), 3 px wide."""
    place = torch.arange(28) - 13.5
    radius = (place**2 + place[:, None] ** 2).sqrt()
    return (1.5 - (radius - 8).abs() + 0.5).clamp(0, 1).expand(64, 1, 28, 28).clone()


def test_augmented_images_stay_images_and_each_has_a_warp_of_its_own(rings):
    torch.manual_seed(0)
    varied = augment(rings, Augmentation())
    assert varied.shape == rings.shape
    assert varied.min() >= 0
    assert varied.max() <= 1
    assert torch.isfinite(varied).all()
    for one, other in itertools.pairwise(varied):
        assert not torch.equal(one, other)


def test_without_any_warp_nothing_changes(rings):
    still = Augmentation(rotation_deg=0, shear_deg=0, zoom=0, shift_px=0, elastic_px=0)
    torch.testing.assert_close(augment(rings, still, strength=0.0), rings, atol=1e-5, rtol=0)


def test_a_warp_of_no_strength_leaves_its_image_alone(rings):
    torch.manual_seed(0)
    strength = torch.tensor([0.0, 1.0]).repeat(32)
    change = (augment(rings, Augmentation(), strength) - rings).abs().amax(dim=(1, 2, 3))
    assert change[0::2].max() < 1e-5
    assert change[1::2].min() > 0.05


def test_a_digit_moves_no_further_than_the_largest_shift(rings):
    torch.manual_seed(0)
    shifted = augment(rings, Augmentation(rotation_deg=0, shear_deg=0, zoom=0, shift_px=3, elastic_px=0))
    place = torch.arange(28.0) - 13.5
    mass = shifted[:, 0].sum(dim=(1, 2))
    across = (shifted[:, 0].sum(dim=1) * place).sum(dim=1) / mass
    assert across.abs().max() <= 3.2
    assert across.abs().max() > 2


def test_the_same_seed_warps_the_same_way(rings):
    varied = []
    for _ in range(2):
        torch.manual_seed(5)
        varied.append(augment(rings, Augmentation()))
    assert torch.equal(*varied)
