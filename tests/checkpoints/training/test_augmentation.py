"""The simulated pen and the other ways in which training images vary."""

import colorsys
import itertools

import pytest
import torch

from architectures.card import Augmentation
from checkpoints.training import augmentation
from checkpoints.training.augmentation import augment, simulated_pen


@pytest.fixture
def rings() -> torch.Tensor:
    """White rings (64, 1, 28, 28), 3 px wide."""
    place = torch.arange(28) - 13.5
    radius = (place**2 + place[:, None] ** 2).sqrt()
    return (1.5 - (radius - 8).abs() + 0.5).clamp(0, 1).expand(64, 1, 28, 28).clone()


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_at_strength_0_the_pen_changes_nothing(rings):
    assert torch.equal(simulated_pen(rings, 0.0, seeded(1)), rings)


def test_the_same_seed_draws_the_same_pen(rings):
    assert torch.equal(simulated_pen(rings, 1.0, seeded(1)), simulated_pen(rings, 1.0, seeded(1)))
    assert not torch.equal(simulated_pen(rings, 1.0, seeded(1)), simulated_pen(rings, 1.0, seeded(2)))


def test_the_pen_changes_more_the_stronger_it_is(rings):
    changes = [float((simulated_pen(rings, s, seeded(1)) - rings).abs().mean()) for s in (0, 0.1, 0.25, 0.5, 0.75, 1)]
    assert changes == sorted(changes)
    assert changes[-1] > 0.05


def test_the_pen_varies_width_and_luma_within_one_image(rings):
    drawn = simulated_pen(rings, 1.0, seeded(1))
    ridge = rings > 0.99
    luma = torch.stack([image[on].quantile(torch.tensor([0.1, 0.9])) for image, on in zip(drawn, ridge, strict=True)])
    assert (luma[:, 1] - luma[:, 0]).median() > 0.15
    assert drawn.max() <= 0.9, "yellow is 226 of 255"
    assert drawn.min() >= 0


def test_the_pen_never_breaks_a_stroke(rings):
    """The thinnest pen leaves some ink at every angle of a ring."""
    thinnest = augmentation._with_width(rings[:1], torch.full_like(rings[:1], -1.2))[0, 0]
    for angle in torch.linspace(0, 6.28, 60):
        row, column = 13.5 + 8 * angle.sin(), 13.5 + 8 * angle.cos()
        patch = thinnest[int(row) - 1 : int(row) + 3, int(column) - 1 : int(column) + 3]
        assert patch.max() > 0.15, float(angle)


def test_thinner_and_thicker_are_what_they_say(rings):
    ink = [
        float(augmentation._with_width(rings[:1], torch.full_like(rings[:1], c)).sum())
        for c in (-1.2, -0.5, 0, 0.5, 1.2)
    ]
    assert ink == sorted(ink)
    assert ink[0] < 0.6 * float(rings[0].sum())
    assert ink[-1] > 1.3 * float(rings[0].sum())


def test_the_luma_of_the_pen_is_that_of_saturated_hues():
    field = augmentation._luma_field(torch.zeros(256, 1, 28, 28), seeded(3))
    lumas = [
        sum(w * c for w, c in zip((0.299, 0.587, 0.114), colorsys.hsv_to_rgb(h / 360, 1, 1), strict=True))
        for h in range(360)
    ]
    assert float(field.min()) == pytest.approx(min(lumas), abs=0.01)
    assert float(field.max()) == pytest.approx(max(lumas), abs=0.01)


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
