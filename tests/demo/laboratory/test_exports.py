"""The laboratory's panels as files: each shows what its panel shows, pixel by pixel where it matters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from demo.components.data_url import grey
from demo.gallery.pieces import pieces
from demo.laboratory import exports as images
from demo.laboratory import shades
from demo.laboratory.look import Look, look_into
from demo.laboratory.panels import images_of, iterations, sheet_tiles, two_images
from demo.laboratory.sliders import Posed, sliders

SWAN = next(piece.drawing for piece in pieces() if "swan" in piece.title)
TOP, EDGE = images.HEAD, images.EDGE


@pytest.fixture(scope="module")
def look() -> Look:
    return look_into(SWAN.image, "caps-net")


def cut(image: Image.Image, left: float, top: float, pixels: NDArray[np.uint8], width: float) -> NDArray[np.float64]:
    """What `image` shows in the place of `pixels`, shrunk to their size: alike, but for the rounded corners."""
    height = width * pixels.shape[0] / pixels.shape[1]
    part = image.crop((round(left), round(top), round(left + width), round(top + height)))
    return np.asarray(part.resize(pixels.shape[1::-1], Image.Resampling.BOX), float)


def alike(seen: NDArray[np.float64], pixels: NDArray[np.uint8]) -> None:
    coloured = pixels if pixels.ndim == 3 else pixels[..., None].repeat(3, axis=2)
    off = np.abs(seen - coloured)
    assert off.mean() < 3 and np.median(off) <= 2


def test_what_the_net_saw_is_saved_beside_the_drawing(look: Look) -> None:
    image = images.saw_image(look)
    fed = grey(look.view.fed)
    alike(cut(image, 2 * EDGE + images.SIDE, TOP, fed, images.SIDE), fed)


def test_the_sheet_is_saved_with_all_its_rows(look: Look) -> None:
    tiles = sheet_tiles(look)
    image = images.sheet_image(look)
    assert image.size[1] > 16 * 28 * 3
    alike(cut(image, 150, TOP, tiles, tiles.shape[1] * 3), tiles)


def test_the_opinions_are_saved_with_the_input_and_every_digits_reconstruction(look: Look) -> None:
    image = images.opinions_image(look)
    side, step, row = images.OPINION, images.OPINION + images.GAP, images.OPINION + 84
    alike(cut(image, EDGE, TOP, grey(look.view.fed), side), grey(look.view.fed))
    assert len(look.opinions) == 10
    for opinion in look.opinions:
        left, top = EDGE + step * (1 + opinion.digit % 5), TOP + row * (opinion.digit // 5)
        pixels = grey(opinion.image)
        alike(cut(image, left, top, pixels, side), pixels)


def test_the_two_digits_are_saved_in_their_inks(look: Look) -> None:
    image = images.two_image(look)
    inked, over = two_images(look)
    second, third = 2 * EDGE + images.SIDE, 3 * EDGE + 2 * images.SIDE
    for left, pixels, other in ((second, inked, over), (third, over, inked)):
        seen = cut(image, left, TOP, pixels, images.SIDE)
        alike(seen, pixels)
        assert np.abs(seen - pixels).mean() < np.abs(seen - other).mean()
    for at, ink in enumerate((shades.FIRST_INK, shades.SECOND_INK)):
        dot = image.getpixel((second + 6, TOP + images.SIDE + 30 + 28 * at - 6))
        assert dot == tuple(int(ink[i : i + 2], 16) for i in (1, 3, 5)), look.two_longest[at]


def test_the_routing_is_saved_with_a_row_for_each_iteration(look: Look) -> None:
    image = images.routing_image(look)
    run, _ = iterations(look)
    assert len(run) == 5
    assert image.size[1] > 5 * images.VOTES
    second = 2 * EDGE + images.BARS
    for at, one in enumerate(run):
        top = TOP + 26 + (images.VOTES + 52) * at
        alike(cut(image, second, top, one.votes, images.VOTES), one.votes)
        width = images.VOTES * one.maps.shape[1] / one.maps.shape[0]
        alike(cut(image, second + images.VOTES + EDGE, top, one.maps, width), one.maps)


def test_the_decoded_digit_is_saved_where_the_sliders_stand(look: Look) -> None:
    shown = sliders(look)
    own = Posed(*(shown[key] for key in ("net", "digit", "values", "low", "high", "start", "end", "moved")))
    turned = replace(own, values=[*own.values[:4], own.low[4], *own.values[5:]], moved="number 5")
    seen = [np.asarray(images.decoded_image(posed)) for posed in (own, turned)]
    assert not np.array_equal(*seen)
    np.testing.assert_allclose(images_of(own)[0].astype(int), grey(look.reconstruction).astype(int), atol=1)
    pixels, _ = images_of(turned)
    alike(cut(Image.fromarray(seen[1]), EDGE, TOP, pixels, images.SIDE), pixels)
