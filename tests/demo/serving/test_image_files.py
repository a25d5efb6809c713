import base64
import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from architectures.input.mnist_like import ink_mask
from demo.serving.image_files import BadImageFile, from_bytes, from_data_url, ground_of
from tests.support.png_bomb import png_bomb


def digit(
    mode: str = "RGB", ground: object = "black", ink: object = "white", size: tuple[int, int] = (60, 80)
) -> Image.Image:
    image = Image.new(mode, size, ground)
    ImageDraw.Draw(image).line([(30, 10), (30, 70)], fill=ink, width=8)
    return image


def content(image: Image.Image, kind: str = "PNG", **settings: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **settings)
    return file.getvalue()


def inked(image: np.ndarray) -> tuple[bool, bool]:
    """Whether there is ink in the middle of the line, and at the left edge."""
    mask = ink_mask(image)
    return bool(mask[mask.shape[0] // 2, mask.shape[1] // 2]), bool(mask[:, 0].any())


def test_an_image_of_this_project_is_read_bit_by_bit():
    image = digit(ink=(40, 90, 200))
    assert np.array_equal(from_bytes(content(image)), np.asarray(image))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP"])
def test_dark_ink_on_light_paper_becomes_light_ink_on_black(kind):
    assert inked(from_bytes(content(digit(ground="white", ink="black"), kind))) == (True, False)


def test_grey_paper_becomes_black():
    image = from_bytes(content(digit("L", 190, 30)))
    assert inked(image) == (True, False)
    assert ground_of(image).tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("mode", "ground", "ink"),
    [("L", 0, 255), ("1", 0, 1), ("LA", (0, 255), (255, 255)), ("CMYK", (0, 0, 0, 255), (0, 0, 0, 0))],
)
def test_other_modes_than_rgb_are_read(mode, ground, ink):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert inked(from_bytes(content(digit(mode, ground, ink), kind))) == (True, False)


def test_sixteen_bit_grey_is_scaled_and_not_clipped():
    deep = Image.fromarray(np.asarray(digit("L", 0, 255), np.uint16) * 128)
    image = from_bytes(content(deep))
    assert 120 <= image.max() <= 130


@pytest.mark.parametrize("ink", [(255, 255, 255, 255), (0, 0, 0, 255), (255, 60, 60, 255)])
def test_ink_on_a_transparent_ground_is_seen_whatever_its_colour(ink):
    assert inked(from_bytes(content(digit("RGBA", (0, 0, 0, 0), ink)))) == (True, False)


def test_a_photograph_is_turned_as_its_exif_says():
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned by a quarter
    lying = digit(size=(100, 60))
    image = from_bytes(content(lying, "JPEG", exif=exif))
    assert image.shape[:2] == (100, 60)


def test_a_large_image_is_reduced():
    assert max(from_bytes(content(Image.new("RGB", (2400, 1600)), "JPEG")).shape) == 1024


def test_a_data_url_is_read():
    url = "data:image/png;base64," + base64.b64encode(content(digit())).decode()
    assert from_data_url(url).shape == (80, 60, 3)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (b"", "not a whole"),
        (b"<svg onload=alert(1)>", "not a whole"),
        (content(digit())[:-40], "not a whole"),
        (content(digit())[:60], "not a whole"),
        (content(Image.new("RGB", (1, 1))), "1x1; each side needs at least 8"),
        (content(Image.new("RGB", (5000, 10))), "5000x10; one side may be at most 10 times"),
        (png_bomb(), "more than 4,000,000 pixels"),
        (png_bomb(9_000, 9_000), "more than 4,000,000 pixels"),
    ],
)
def test_what_is_no_usable_image_is_refused_with_the_reason(what, said):
    with pytest.raises(BadImageFile, match=said):
        from_bytes(what)


@pytest.mark.parametrize(
    "text", ["", "/etc/passwd", "https://example.org/7.png", "data:text/html;base64,PGI+", "data:image/png;base64,%%%"]
)
def test_text_that_is_no_data_url_of_an_image_is_refused(text):
    with pytest.raises(BadImageFile, match="data URL"):
        from_data_url(text)
