"""Drawings for training: what the page would feed of them, over the whole brush panel, and the same in MNIST's grey."""

import collections
import dataclasses

import numpy as np
import pytest

from architectures.input.mnist_like import mnist_like
from architectures.input.pen import PRESETS, draw
from checkpoints.shipped_digits import training_digits
from checkpoints.training import living_pen
from checkpoints.training.living_pen import drawing, fed, random_pen
from checkpoints.training.tracing import Traced, plain_pen
from checkpoints.training.variation import Variation, raster_on_pad, reshaped


@pytest.fixture(scope="module")
def digits() -> list[tuple[Traced, np.ndarray, int]]:
    held = training_digits(40)
    traced = [
        Traced([np.array(stroke) for stroke in strokes], float(width_px), 1.0)
        for strokes, width_px in zip(held.strokes, held.widths_px, strict=True)
    ]
    return list(zip(traced, held.images.numpy(), held.labels.tolist(), strict=True))


def test_a_drawing_is_what_the_page_feeds_of_it(digits):
    """The pad's own size, its own pen, its own two ways in, in 255ths."""
    digit, raster, label = digits[3]
    pen = dataclasses.replace(PRESETS["ribbon"], seed=11)
    given = drawing(digit, raster, label, (0, 5), pen=pen)
    strokes, _ = reshaped(digit.strokes, label, np.random.default_rng([0, 5, living_pen.STROKES]))
    placed, _ = Variation.random(np.random.default_rng([0, 5, living_pen.POSE])).onto_pad(strokes)
    random = np.random.default_rng([0, 5, living_pen.PEN])
    strokes = [s[::-1] if random.random() < living_pen.BACKWARDS else s for s in placed]
    image = draw([stroke.tolist() for stroke in strokes], pen)
    assert image.shape == (364, 364, 3)
    for way, centre in enumerate((True, False)):
        x = mnist_like(image, centre=centre)[0, 0].numpy()
        assert np.abs(given[way] / 255 - x).max() <= 0.5 / 255 + 1e-6


def test_half_the_pads_size_changes_next_to_nothing(digits):
    for number, (digit, raster, label) in enumerate(digits[:10]):
        whole = drawing(digit, raster, label, (1, number)).astype(int)
        half = drawing(digit, raster, label, (1, number), size_px=182).astype(int)
        assert np.abs(whole - half).mean() < 2


def test_a_seed_gives_the_same_drawing_and_another_seed_another(digits):
    digit, raster, label = digits[2]
    assert (drawing(digit, raster, label, (1, 2)) == drawing(digit, raster, label, (1, 2))).all()
    assert (drawing(digit, raster, label, (1, 2)) != drawing(digit, raster, label, (1, 3))).any()


def test_the_baselines_drawing_lies_where_the_pens_does(digits):
    """The middles of the ink of both, as drawn, which differ only as far as a raster has thick and thin parts."""
    pen = PRESETS["steady white"]
    place = np.arange(28) + 0.5
    apart = []
    for number, (digit, raster, label) in enumerate(digits):
        pair = [drawing(digit, raster, label, (2, number), pen=pen, grey=grey)[1] / 255 for grey in (False, True)]
        middles = [[(p.sum(axis=a) * place).sum() / p.sum() for a in (0, 1)] for p in pair]
        apart.append(np.abs(np.subtract(*middles)).max())
    assert np.median(apart) < 0.8
    assert np.quantile(apart, 0.9) < 2


def test_a_digit_without_strokes_is_its_raster_either_way(digits):
    raster = digits[0][1]
    for grey in (False, True):
        assert (drawing(Traced(), raster, 0, (0, 0), grey=grey) == raster).all()


def test_digits_stand_anywhere_on_the_pad_from_a_third_of_it_to_all_of_it(digits):
    boxes = []
    for seed in range(300):
        placed, _ = Variation.random(np.random.default_rng(seed)).onto_pad(digits[seed % 40][0].strokes)
        points = np.concatenate(placed)
        boxes.append([*points.min(axis=0), *points.max(axis=0)])
    boxes = np.array(boxes)
    assert boxes.min() >= -1e-9 and boxes.max() <= 1 + 1e-9
    sizes = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    assert sizes.min() < 0.4 and sizes.max() > 0.99
    assert (sizes > 0.85).mean() > 0.35
    room = 1 - sizes > 0.4
    assert boxes[room, 0].min() < 0.05 and boxes[room, 2].max() > 0.95


def test_the_inverse_of_a_variation_leads_back(digits):
    strokes = digits[8][0].strokes
    placed, back = Variation.random(np.random.default_rng(4)).onto_pad(strokes)
    for there, here in zip(placed, strokes, strict=True):
        np.testing.assert_allclose(back(there), here, atol=1e-3)


def test_a_raster_moved_by_nothing_is_itself(digits):
    raster = digits[8][1]
    again = raster_on_pad(raster, lambda points: points, 28)
    assert np.abs(again.astype(int) - raster).max() <= 1


def test_pens_cover_the_brush_panel_and_every_preset():
    random = np.random.default_rng(0)
    pens = [random_pen(random) for _ in range(2_000)]
    thinnest = np.array([pen.thinnest_px for pen in pens])
    assert thinnest.min() < 3.5 and thinnest.max() > 25
    assert max(pen.widest_px for pen in pens) == living_pen.WIDEST_PX
    keys = ("thinnest_px", "widest_px", "width_period_px", "hue_period_px", "size_jitter", "colour_jitter", "colour")
    known = {tuple(getattr(pen, key) for key in keys): name for name, pen in PRESETS.items()}
    counts = collections.Counter(known.get(tuple(getattr(pen, key) for key in keys), "free") for pen in pens)
    for name, share in living_pen.SHARES.items():
        if name in PRESETS:
            assert abs(counts[name] / len(pens) - share) < 0.03, name
    assert len({pen.seed for pen in pens}) == len(pens)


def test_ones_get_flags_and_feet_zeros_and_sevens_a_slash_and_nines_a_hook(digits):
    for label, kinds in ((1, 3), (0, 1), (7, 1), (9, 1)):
        digit = next(d for d, _, known in digits if known == label and len(d.strokes) == 1)
        added = [reshaped(digit.strokes, label, np.random.default_rng(seed))[1] for seed in range(300)]
        share = np.mean([bool(new) for new in added])
        assert 0.05 < share < 0.6, label
        assert len({len(new) for new in added if new}) <= kinds
    digit = digits[4][0]
    assert all(not reshaped(digit.strokes, 4, np.random.default_rng(seed))[1] for seed in range(50))


def test_a_flag_leads_into_the_stem_from_the_lower_left():
    stem = np.linspace([0.5, 0.1], [0.5, 0.9], 20)
    for seed in range(100):
        strokes, new = reshaped([stem], 1, np.random.default_rng(seed))
        if new and len(strokes[0]) > 20:
            start = strokes[0][0]
            assert start[0] < 0.5 and 0.1 < start[1] < 0.9
            np.testing.assert_allclose(strokes[0][-20:], stem)
            return
    raise AssertionError("no one had a flag")


def test_added_parts_are_in_the_baselines_drawing_too(digits):
    digit, raster, _ = next(d for d in digits if d[2] == 0)
    slashed = next(s for s in range(200) if reshaped(digit.strokes, 0, np.random.default_rng([s, 1]))[1])
    plain = Traced(digit.strokes, digit.width_px)
    with_slash = drawing(plain, raster, 0, (slashed,), grey=True)
    without = drawing(plain, raster, 3, (slashed,), grey=True)  # as a three it gets no slash
    assert with_slash[0].astype(int).sum() > 1.05 * without[0].astype(int).sum()


def test_a_plain_pens_line_is_as_wide_as_it_says():
    image = draw([[[0.2, 0.5], [0.8, 0.5]]], plain_pen(26))
    assert (image[:, 182, 0] > 127).sum() == pytest.approx(26, abs=1)
    assert fed(image).shape == (2, 28, 28)
