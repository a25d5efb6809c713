import numpy as np
import pytest

from demo.draw.reconstruction import ADDED, LEFT_OUT, difference, distance, reconstruction, without_decoder
from demo.inference import available_nets, predict
from demo.sketchpad.drawing import Drawing


@pytest.fixture(scope="module")
def predictions():
    return predict(Drawing.of([[[0.3, 0.2], [0.7, 0.2], [0.45, 0.85]]]).image, available_nets())


def test_each_net_with_a_decoder_has_a_row_and_the_others_one_line_together(predictions):
    shown = reconstruction(available_nets(), predictions)
    decoding = [name for name, prediction in predictions.by_net.items() if prediction.decodes]
    assert [row["net"] for row in shown["rows"]] == decoding
    for name in set(predictions.by_net) - set(decoding):
        assert name in shown["note"]


def test_the_caption_names_the_digit_and_how_far_off_it_is(predictions):
    row = reconstruction(available_nets(), predictions)["rows"][0]
    prediction = predictions.by_net[row["net"]]
    off = np.abs(prediction.reconstruction - predictions.pixels).mean()
    assert row["caption"].startswith(f"{row['net']} read {prediction.digit} and drew it {off:.3f} off")
    assert "mean absolute difference" in row["caption"]


def test_a_net_without_a_decoder_says_so_in_one_line(predictions):
    plain = [name for name, prediction in predictions.by_net.items() if not prediction.decodes][:1]
    shown = reconstruction(plain, predictions)
    assert shown["rows"] == []
    assert shown["note"] == without_decoder(plain) != ""


def test_an_empty_pad_gives_a_hint():
    shown = reconstruction(["caps-net"], None)
    assert shown["hint"]
    assert shown["rows"] == []


def test_distance_is_zero_for_equal_images_and_one_for_opposite_ones():
    black, white = np.zeros((28, 28), np.float32), np.ones((28, 28), np.float32)
    assert distance(black, black) == 0
    assert distance(black, white) == 1


def test_the_difference_tells_ink_left_out_from_ink_added():
    fed, drawn = np.zeros((28, 28), np.float32), np.zeros((28, 28), np.float32)
    fed[0, 0] = drawn[1, 1] = 1
    colours = difference(fed, drawn)
    assert colours[0, 0].tolist() == LEFT_OUT.tolist()
    assert colours[1, 1].tolist() == ADDED.tolist()
    assert not colours[2:].any()


@pytest.mark.parametrize(
    ("nets", "begins"),
    [([], ""), (["a"], "a has no decoder"), (["a", "b"], "a and b have no"), (["a", "b", "c"], "a, b and c have")],
)
def test_the_line_about_missing_decoders_is_a_sentence(nets, begins):
    assert without_decoder(nets).startswith(begins)
