"""The pictures that leave the page, looked at pixel by pixel where it matters."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from demo.gallery.pieces import pieces
from demo.pictures_out import panels
from demo.pictures_out.canvas import NETS
from demo.pictures_out.card import headline, share_card
from demo.pictures_out.heat import heat_maps_picture
from demo.pictures_out.saver import nothing, saved
from demo.recognize import Recognition, answering, recognize
from demo.stress_tab.cells import Stress
from demo.stress_tab.grids import GRIDS
from demo.stress_tab.heatmaps import Shown

SWAN = next(piece.drawing for piece in pieces() if "swan" in piece.title)


@pytest.fixture(scope="module")
def recognition() -> Recognition:
    found = recognize(SWAN.picture, answering())
    assert found is not None
    return found


def test_the_share_card_is_1200_by_630_with_the_drawing_and_every_nets_colour(recognition: Recognition) -> None:
    card = np.asarray(share_card(SWAN, recognition))
    assert card.shape == (630, 1200, 3)
    pad = np.asarray(Image.fromarray(SWAN.picture).resize((470, 470)), np.float32)
    np.testing.assert_allclose(card[100:500, 100:480].mean(), pad[30:430, 40:420].mean(), atol=3)
    empty = share_card(SWAN, Recognition(recognition.fed))
    assert not np.array_equal(card, np.asarray(empty))


def test_the_headline_says_whether_the_nets_agree(recognition: Recognition) -> None:
    readings = list(recognition.readings.values())
    assert headline(readings[:1]) == f"It reads {readings[0].digit}"
    assert headline([readings[0], readings[0]]) == f"They all read {readings[0].digit}"
    assert headline([]) == "No net could answer"


def test_the_bars_picture_has_a_bar_as_long_as_the_probability(recognition: Recognition) -> None:
    picture = np.asarray(panels.bars_picture(recognition)).astype(int)
    colour = np.array([int(NETS[0][at : at + 2], 16) for at in (1, 3, 5)])
    reading = next(iter(recognition.readings.values()))
    row = 28 + 60 + round(34 * (reading.digit + 0.5))
    inked = (np.abs(picture[row, 68 : 68 + 174] - colour).sum(axis=1) < 30).sum()
    assert inked == pytest.approx(174 * reading.probabilities[reading.digit], abs=8)


def test_a_net_without_a_decoder_has_no_reconstruction_to_save(recognition: Recognition) -> None:
    plain = next(reading for reading in recognition.readings.values() if not reading.decodes)
    with pytest.raises(ValueError, match="has no decoder"):
        panels.reconstruction_picture(recognition, plain)


def test_heat_maps_are_green_where_a_net_was_right_and_red_where_it_was_wrong() -> None:
    stress = Stress(SWAN, GRIDS["width and size"])
    digits = np.full(stress.shape, 2)
    digits[:, 10:] = 3
    picture = np.asarray(heat_maps_picture(Shown(stress, 2, {"caps-net": (digits, np.ones(stress.shape))}))).astype(int)
    right, wrong = picture[96 + 15, 110 + 15], picture[96 + 15, 110 + 15 * 30 + 15]
    assert right[1] > right[0] and wrong[0] > wrong[1]


def test_a_saved_picture_is_a_png_and_the_same_picture_twice_is_two_values() -> None:
    picture = panels.drawing_picture(SWAN)
    first, second = saved(picture, "drawing"), saved(picture, "drawing")
    assert first["name"] == "drawing.png" and first["at"] != second["at"]
    opened = Image.open(io.BytesIO(base64.b64decode(first["png"])))
    np.testing.assert_array_equal(np.asarray(opened), SWAN.picture)
    assert nothing("why")["png"] == ""
