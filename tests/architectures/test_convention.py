"""Input conventions: what a net was trained on, made of this project's (B, 1, 28, 28) in [0, 1]."""

import pytest
import torch

from architectures.input import Input
from architectures.input.convention import BadConvention, check_classes

X = torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(0))


def test_an_input_does_what_torchvision_would():
    padded = Input(channels=3, size=32, fit="pad", mean=(0.1, 0.2, 0.3), std=(0.5, 0.5, 2.0))(X)
    assert padded.shape == (4, 3, 32, 32)
    torch.testing.assert_close(padded[:, 2, 2:30, 2:30], (X[:, 0] - 0.3) / 2)
    assert Input(size=14)(X).shape == (4, 1, 14, 14)
    torch.testing.assert_close(Input(invert=True, scale=255)(X), 255 * (1 - X))


def test_an_input_has_the_shape_that_is_declared():
    shapes = {
        (4, 784): Input(flat=True),
        (4, 28, 28): Input(channels=0),
        (4, 28, 28, 1): Input(nhwc=True),
        (4, 32, 32, 3): Input(size=32, channels=3, nhwc=True),
    }
    for shape, way in shapes.items():
        assert way(X).shape == shape and way(X).is_contiguous()
    torch.testing.assert_close(Input(transpose=True, channels=0)(X), X[:, 0].transpose(1, 2))


def test_a_standardised_image_has_mean_0_and_deviation_1_and_an_even_one_is_0():
    images = Input(standardise=True)(X)
    torch.testing.assert_close(images.mean(dim=(1, 2, 3)), torch.zeros(4), atol=1e-5, rtol=0)
    torch.testing.assert_close(images.std(dim=(1, 2, 3), correction=0), torch.ones(4))
    assert not Input(standardise=True)(torch.full((1, 1, 28, 28), 0.5)).any()


@pytest.mark.parametrize(
    "wrong",
    [
        {"channels": -1},
        {"size": 0},
        {"size": 14, "fit": "pad"},
        {"std": 0},
        {"channels": 3, "mean": (0.5, 0.5)},
        {"nhwc": True, "flat": True},
    ],
)
def test_an_input_that_makes_no_sense_is_refused(wrong: dict):
    with pytest.raises(BadConvention, match="invalid"):
        Input(**wrong)


def test_an_input_is_written_as_it_is_read_and_said_in_words():
    way = Input(channels=3, size=32, fit="pad", mean=(0.1, 0.2, 0.3), std=(0.5, 0.5, 0.5), invert=True)
    assert eval(str(way)) == way
    assert str(Input()) == "Input()"
    assert Input(mean=0.1307, std=0.3081).words == "28 x 28, (x - 0.1307) / 0.3081"
    assert way.words == "3 x 32 x 32, padded, black on white, (x - (0.1, 0.2, 0.3)) / (0.5, 0.5, 0.5)"


@pytest.mark.parametrize("wrong", [3, "0123456789", range(9), (0,) * 10, (*range(9), -1)])
def test_classes_that_are_not_ten_outputs_are_refused(wrong: object):
    with pytest.raises(BadConvention, match="invalid CLASSES"):
        check_classes(wrong)
