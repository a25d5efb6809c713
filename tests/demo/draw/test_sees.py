import base64
import io

import numpy as np
import torch
from PIL import Image

from demo.components.data_url import data_url, grey
from demo.draw.sees import sees
from demo.inference import Predictions


def pixels_of(url: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))))


def test_the_image_shown_is_the_one_the_nets_were_fed():
    fed = torch.rand(1, 1, 28, 28)
    shown = pixels_of(sees(Predictions(fed))["image"])
    assert np.array_equal(shown, np.round(fed.numpy()[0, 0] * 255).astype(np.uint8))


def test_the_caption_counts_the_ink():
    fed = torch.zeros(1, 1, 28, 28)
    fed[0, 0, 4:6, 4:9] = 0.5
    assert sees(Predictions(fed))["caption"] == "10 of 784 pixels, mean grey 0.50 of 1"


def test_an_empty_pad_gives_a_hint_and_no_image():
    shown = sees(None)
    assert shown["hint"]
    assert shown["image"] == ""


def test_a_data_url_holds_every_pixel_of_a_colour_image():
    image = np.arange(28 * 28 * 3, dtype=np.uint8).reshape(28, 28, 3)
    assert np.array_equal(pixels_of(data_url(image)), image)


def test_grey_covers_the_whole_range():
    assert grey(np.array([[0, 0.5, 1, 1.2]], np.float32)).tolist() == [[0, 128, 255, 255]]
