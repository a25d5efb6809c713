import numpy as np
import pytest
import torch

from checkpoints.evaluation.distortions import CURVES, affine, ink_span, overlapping, shift
from tests.support.small_mnist import pattern

SEED = 3


@pytest.fixture(scope="module")
def x():
    random = np.random.default_rng(0)
    images = np.stack([pattern(label % 10, random) for label in range(60)])
    return torch.from_numpy(images).unsqueeze(1).float() / 255


@pytest.fixture
def labels():
    return torch.arange(60) % 10


@pytest.mark.parametrize("name", CURVES)
def test_a_curve_begins_with_the_images_as_they_are(name, x):
    curve = CURVES[name]
    assert torch.equal(curve.apply(x, curve.levels[0], SEED), x)


@pytest.mark.parametrize("name", CURVES)
def test_the_same_seed_gives_the_same_images_and_another_one_others(name, x):
    curve = CURVES[name]
    made = curve.apply(x, curve.levels[-1], SEED)
    assert torch.equal(made, curve.apply(x, curve.levels[-1], SEED))
    assert not torch.equal(made, curve.apply(x, curve.levels[-1], SEED + 1))
    assert made.shape == x.shape and made.dtype == torch.float32
    assert made.min() >= 0 and made.max() <= 1


@pytest.mark.parametrize("name", CURVES)
def test_a_higher_level_is_further_from_the_images(name, x):
    curve = CURVES[name]
    apart = [(curve.apply(x, level, SEED) - x).abs().mean().item() for level in curve.levels]
    assert 0 == apart[0] < apart[1] < apart[2]


def test_an_image_is_moved_the_same_way_at_every_level(x):
    dot = torch.zeros(20, 1, 28, 28)
    dot[:, :, 14, 14] = 1
    near, far = ((shift(dot, px, SEED)[:, 0].nonzero()[:, 1:] - 14) for px in (1, 4))
    assert torch.equal(4 * near, far)
    assert (near.abs().sum(dim=1) == 1).all() and len(near.unique(dim=0)) == 4


def test_affnist_like_digits_keep_their_ink_and_move_about(x):
    small = torch.zeros_like(x)
    small[:, :, 9:19, 9:19] = x[:, :, ::2, ::2][:, :, 2:12, 2:12]
    made = affine(small, SEED)
    assert torch.equal(made, affine(small, SEED)) and not torch.equal(made, affine(small, SEED + 1))
    assert (made.sum((1, 2, 3)) > 0.55 * small.sum((1, 2, 3))).all()  # smallest scales: 0.8 x 0.8
    tops, lefts = (ink_span(made, dim)[0] for dim in (2, 3))
    assert len(tops.unique()) > 8 and len(lefts.unique()) > 8


def test_two_overlapping_digits_are_of_two_classes_and_both_whole(x, labels):
    made = overlapping(x, labels, SEED)
    assert (made.digits[:, 0] != made.digits[:, 1]).all()
    assert torch.equal(made.digits[:, 0], labels)
    ink = made.images.sum((1, 2, 3))
    assert (ink >= x.sum((1, 2, 3)) - 1e-3).all()  # nothing of the first digit left the image
    assert 0.5 < made.overlap.mean() <= 1 and torch.equal(made.images, overlapping(x, labels, SEED).images)


def test_overlapping_digits_need_two_classes(x):
    with pytest.raises(ValueError, match="two classes"):
        overlapping(x, torch.zeros(60, dtype=torch.int64), SEED)
