"""The images that leave the page, looked at pixel by pixel where it matters."""

from __future__ import annotations

import base64
import csv
import io
import json

import numpy as np
import pytest
from PIL import Image

from demo.components.png import DARK, LIGHT, NETS
from demo.components.saver import nothing, saved
from demo.components.trainings import MNIST_ONLY
from demo.draw import exports
from demo.draw.answering import LIKE_MNIST, LUMA
from demo.draw.save_buttons import Seen, _numbers, _reader, _table
from demo.draw.share_card import share_card, training_of
from demo.gallery.pieces import pieces
from demo.inference import Predictions, available_nets, predict
from demo.stress.cells import Stress
from demo.stress.exports import heat_maps_image
from demo.stress.grids import GRIDS
from demo.stress.heatmaps import Shown

SWAN = next(piece.drawing for piece in pieces() if "swan" in piece.title)


@pytest.fixture(scope="module")
def predictions() -> Predictions:
    found = predict(SWAN.image, available_nets())
    assert found is not None
    return found


def test_the_share_card_is_1200_by_630_with_the_drawing_and_every_nets_colour(predictions: Predictions) -> None:
    card = np.asarray(share_card(SWAN, predictions))
    assert card.shape == (630, 1200, 3)
    pad = np.asarray(Image.fromarray(SWAN.image).resize((470, 470)), np.float32)
    np.testing.assert_allclose(card[100:500, 100:480].mean(), pad[30:430, 40:420].mean(), atol=3)
    empty = share_card(SWAN, Predictions(predictions.fed))
    assert not np.array_equal(card, np.asarray(empty))


def test_the_card_is_in_the_theme_of_the_page_and_bears_its_address(predictions: Predictions) -> None:
    dark, light = np.asarray(share_card(SWAN, predictions)), np.asarray(share_card(SWAN, predictions, LIGHT))
    assert dark[5, 5].mean() < 40 and light[5, 5].mean() > 240
    with_address = np.asarray(share_card(SWAN, predictions, address="digits.example"))
    changed = np.argwhere((with_address != dark).any(axis=2))
    assert changed[:, 0].min() > 560, "the address stands in the last line, and nothing else changes with it"


def test_how_the_page_is_seen_is_checked_like_anything_from_a_browser() -> None:
    assert Seen.of({"dark": False, "address": "digits.example/page"}) == Seen(LIGHT, "digits.example/page")
    for rubbish in (None, "dark", {"address": 3}, {"address": "a\nb"}):
        assert Seen.of(rubbish) == Seen(DARK, "")
    assert len(Seen.of({"address": "a" * 1000}).address) == 100


def test_the_card_says_how_the_nets_were_trained(predictions: Predictions) -> None:
    assert training_of(list(predictions.by_net.values())) == "trained with the pen"
    assert training_of([]) == ""


def test_the_bars_image_has_a_bar_as_long_as_the_probability(predictions: Predictions) -> None:
    image = np.asarray(exports.bars_image(predictions)).astype(int)
    colour = np.array([int(NETS[0][at : at + 2], 16) for at in (1, 3, 5)])
    prediction = next(iter(predictions.by_net.values()))
    row = 28 + 60 + round(34 * (prediction.digit + 0.5))
    inked = (np.abs(image[row, 68 : 68 + 174] - colour).sum(axis=1) < 30).sum()
    assert inked == pytest.approx(174 * prediction.probabilities[prediction.digit], abs=8)


def test_the_numbers_behind_the_bars_are_what_the_nets_answered() -> None:
    made = {}
    for name, make in (("csv", _table), ("json", _numbers)):
        file = _reader(make)(SWAN, "all", MNIST_ONLY, LIKE_MNIST, LUMA)
        assert file["name"] == f"bars.{name}"
        made[name] = base64.b64decode(file["data"]).decode()
    numbers = json.loads(made["json"])
    found = predict(SWAN.image, available_nets(MNIST_ONLY))
    assert found is not None and list(numbers) == list(found.by_net)
    rows = list(csv.DictReader(io.StringIO(made["csv"])))
    assert len(rows) == 10 * len(numbers)
    for row in rows:
        told = numbers[f"{row['net']}/{row['training']}"]
        prediction = found.by_net[f"{row['net']}/{row['training']}"]
        assert float(row["probability"]) == told["probabilities"][int(row["digit"])]
        assert told["probabilities"] == pytest.approx(prediction.probabilities, abs=1e-5)
        assert (row["predicted"] == "1") == (int(row["digit"]) == prediction.digit == told["digit"])
        assert row["meaning"] == told["meaning"] == prediction.meaning
    assert _reader(_table)(None, "all", MNIST_ONLY, LIKE_MNIST, LUMA)["data"] == ""


def test_a_net_without_a_decoder_has_no_reconstruction_to_save(predictions: Predictions) -> None:
    plain = next(prediction for prediction in predictions.by_net.values() if not prediction.decodes)
    with pytest.raises(ValueError, match="has no decoder"):
        exports.reconstruction_image(predictions, plain)


def test_heat_maps_are_green_where_a_net_was_right_and_red_where_it_was_wrong() -> None:
    stress = Stress(SWAN, GRIDS["width and size"])
    digits = np.full(stress.shape, 2)
    digits[:, 10:] = 3
    image = np.asarray(heat_maps_image(Shown(stress, 2, {"caps-net": (digits, np.ones(stress.shape))}))).astype(int)
    right, wrong = image[96 + 15, 110 + 15], image[96 + 15, 110 + 15 * 30 + 15]
    assert right[1] > right[0] and wrong[0] > wrong[1]


def test_a_saved_image_is_a_png_and_the_same_image_twice_is_two_values() -> None:
    image = exports.drawing_image(SWAN)
    first, second = saved(image, "drawing"), saved(image, "drawing")
    assert first["name"] == "drawing.png" and first["at"] != second["at"]
    opened = Image.open(io.BytesIO(base64.b64decode(first["data"])))
    np.testing.assert_array_equal(np.asarray(opened), SWAN.image)
    assert nothing("why")["data"] == ""
