"""From an image to what a net is fed."""

import colorsys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from architectures.input.mnist_like import BadImage, digit_box, ink_mask, mnist_like


def pad(colour=(255, 255, 255), box=(150, 100, 180, 300), side=364) -> np.ndarray:
    """A bar of one colour on a black pad; box is left, top, right, bottom in px."""
    image = np.zeros((side, side, 3), np.uint8)
    left, top, right, bottom = box
    image[top:bottom, left:right] = colour
    return image


def seven(colour=(255, 255, 255), shift=(0, 0)) -> np.ndarray:
    image = Image.new("RGB", (364, 364))
    points = [(x + shift[0], y + shift[1]) for x, y in ((110, 90), (230, 95), (150, 270))]
    ImageDraw.Draw(image).line(points, fill=colour, width=24, joint="curve")
    return np.asarray(image)


def centre_of_mass(x: torch.Tensor) -> tuple[float, float]:
    """(x, y) in pixels, where the centre of the first pixel is 0.5."""
    places = torch.arange(28) + 0.5
    grey = x[0, 0]
    return float((grey.sum(0) * places).sum() / grey.sum()), float((grey.sum(1) * places).sum() / grey.sum())


def extent(x: torch.Tensor, threshold=0.25) -> tuple[int, int]:
    """Width and height in pixels of what is brighter than the threshold."""
    bright = x[0, 0] > threshold
    return int(bright.any(0).sum()), int(bright.any(1).sum())


def test_a_net_is_fed_float32_1_1_28_28_in_zero_to_one():
    for centre in (True, False):
        for ink in ("luma", "mask"):
            x = mnist_like(seven(), centre=centre, ink=ink)
            assert x.shape == (1, 1, 28, 28)
            assert x.dtype == torch.float32
            assert x.min() >= 0 and 0.9 < x.max() <= 1


def test_the_longer_side_of_a_digit_becomes_20_px_and_its_aspect_ratio_stays():
    for box in ((150, 100, 180, 300), (20, 60, 320, 105)):
        width, height = extent(mnist_like(pad(box=box)))
        assert abs(max(width, height) - 20) <= 1
        assert abs(min(width, height) - 3) <= 1


def test_the_centre_of_mass_is_at_the_centre_of_the_field():
    x, y = centre_of_mass(mnist_like(seven()))
    assert abs(x - 14) < 0.1
    assert abs(y - 14) < 0.1


def test_place_and_size_on_the_pad_do_not_matter_when_centred():
    here = mnist_like(seven())
    there = mnist_like(seven(shift=(70, 60)))
    assert (here - there).abs().max() < 0.02
    big = np.asarray(Image.fromarray(seven()).resize((728, 728), Image.Resampling.BILINEAR))
    assert (here - mnist_like(big)).abs().mean() < 0.01


def test_the_whole_pad_is_shrunk_when_as_drawn():
    x = mnist_like(pad(box=(26, 39, 78, 91)), centre=False)  # four by four of the 13 px squares that become one pixel
    assert torch.allclose(x[0, 0, 4:6, 3:5], torch.ones(2, 2))
    assert x.sum() == pytest.approx(16, abs=0.2)
    assert centre_of_mass(x) == pytest.approx((4, 5), abs=0.05)


@pytest.mark.parametrize(("colour", "luma"), [((0, 0, 255), 29), ((255, 255, 0), 226), ((255, 0, 0), 76)])
def test_colour_becomes_grey_by_itu_r_601_luma(colour, luma):
    assert mnist_like(pad(colour)).max() * 255 == pytest.approx(luma, abs=1)


def test_the_ink_mask_is_the_same_for_every_hue():
    masks = [
        mnist_like(seven(tuple(round(255 * c) for c in colorsys.hsv_to_rgb(hue, 1, 1))), ink="mask")
        for hue in np.linspace(0, 1, 7)
    ]
    assert all(torch.equal(mask, masks[0]) for mask in masks)
    assert masks[0].max() > 0.99


def test_colour_never_moves_the_digit():
    """Half yellow, half blue: by luma alone the centre of mass would be in the yellow half."""
    image = pad((255, 255, 0), box=(100, 100, 180, 260))
    image[100:260, 180:260] = (0, 0, 255)
    one_colour = pad((255, 255, 0), box=(100, 100, 260, 260))
    assert np.array_equal(ink_mask(image), ink_mask(one_colour))
    luma, place = mnist_like(image)[0, 0], mnist_like(one_colour, ink="mask")[0, 0]
    torch.testing.assert_close(luma[:, 5:13], place[:, 5:13] * 226 / 255, atol=0.02, rtol=0)
    torch.testing.assert_close(luma[:, 15:23], place[:, 15:23] * 29 / 255, atol=0.02, rtol=0)


def test_shrinking_is_anti_aliased():
    stripes = np.zeros((364, 364, 3), np.uint8)
    stripes[::2] = 255
    x = mnist_like(stripes, centre=False)
    assert torch.allclose(x, torch.full_like(x, 0.5), atol=0.06)


def test_a_digit_whose_mass_lies_to_one_side_stays_inside_the_field():
    image = pad(box=(40, 40, 60, 320))
    image[40:60, 40:320] = 255
    image[40:200, 40:200] = 255
    x = mnist_like(image)
    border = torch.cat([x[0, 0, 0], x[0, 0, -1], x[0, 0, :, 0], x[0, 0, :, -1]])
    assert border.max() < 1
    width, height = extent(x)
    assert width >= 19
    assert height >= 19


GOLDEN = Path(__file__).with_name("golden_mnist_like.npz")  # what the nets of this release were trained and scored on
LOPSIDED = [(40, 40, 60, 320), (40, 40, 320, 60), (40, 40, 200, 200)]  # its mass lies in one corner of its box


def lopsided() -> np.ndarray:
    image = np.zeros((364, 364, 3), np.uint8)
    for left, top, right, bottom in LOPSIDED:
        image[top:bottom, left:right] = (255, 200, 40)
    return image


@pytest.mark.parametrize(
    ("name", "image", "settings"),
    [
        ("seven", seven(), {}),
        ("blue seven, ink mask", seven((0, 0, 255)), {"ink": "mask"}),
        ("yellow seven as drawn", seven((255, 255, 0), shift=(40, 30)), {"centre": False}),
        ("lopsided", lopsided(), {}),
        ("lopsided, turned", np.ascontiguousarray(lopsided()[::-1, ::-1]), {}),
        ("wide image", pad(box=(150, 100, 180, 300))[:310, :250], {"centre": False}),
    ],
)
def test_an_image_becomes_the_same_28_by_28_numbers_as_ever(name, image, settings):
    """Another filter, box or centre would be another question to every net, and every figure would be of that one."""
    with np.load(GOLDEN) as golden:
        expected = golden[name]
    grey = mnist_like(image, **settings).numpy()[0, 0] * 255
    np.testing.assert_allclose(grey, expected, atol=0.51)


def test_the_digit_stays_whole_where_its_mass_would_push_it_out_of_the_field():
    for image in (lopsided(), lopsided()[::-1, ::-1]):
        left, top, side = digit_box(ink_mask(image))
        rows, columns = np.nonzero(image.any(axis=2))
        assert left <= columns.min() and columns.max() + 1 <= left + side
        assert top <= rows.min() and rows.max() + 1 <= top + side


def test_an_image_without_ink_gives_zeros():
    assert not mnist_like(np.zeros((364, 364, 3), np.uint8)).any()
    assert not mnist_like(np.full((50, 50, 3), 10, np.uint8)).any()


@pytest.mark.parametrize("shape", [(1, 1, 3), (5000, 10, 3), (10, 5000, 3), (3, 2, 3)])
def test_odd_sizes_are_fitted_too(shape):
    for centre in (True, False):
        x = mnist_like(np.full(shape, 255, np.uint8), centre=centre)
        assert x.shape == (1, 1, 28, 28)
        assert x.sum() > 0
        assert x.max() <= 1


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((28, 28), np.uint8),
        np.zeros((28, 28, 4), np.uint8),
        np.zeros((28, 28, 3)),
        np.zeros((0, 5, 3), np.uint8),
        "x",
    ],
)
def test_what_is_no_image_is_an_error_that_says_what_it_is(wrong):
    with pytest.raises(BadImage, match="an image is uint8"):
        mnist_like(wrong)
