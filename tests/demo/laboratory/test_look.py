"""What the laboratory shows of a drawing, and what a crowd in it is told."""

from __future__ import annotations

import csv
import gc
import io
import json
import threading
import weakref
from base64 import b64decode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import numpy as np
import pytest

import checkpoints
from checkpoints.store.naming import MNIST_ONLY
from demo import capsules, inference
from demo.capsules import capsule_nets
from demo.components.trainings import PEN
from demo.inference import Busy, available_nets, predict
from demo.laboratory import look, panels
from demo.laboratory.exports import EXPORTS, save_decoded, save_table
from demo.laboratory.look import PLACES, look_of, place
from demo.laboratory.sliders import Posed, sliders
from demo.laboratory.tab import LIKE_MNIST, fingerprint, looked, opened, turned
from demo.sketchpad.drawing import Drawing

SEVEN = Drawing.of([[[0.28, 0.25], [0.5, 0.22], [0.72, 0.24], [0.5, 0.65], [0.42, 0.85]]])
ONE = Drawing.of([[[0.5, 0.2], [0.5, 0.8]]])
PANELS = 7


def choices(net: str = "caps-net", training: str = PEN, digit: int | None = None) -> tuple[object, ...]:
    return net, training, LIKE_MNIST, "luma", digit


def posed_of(drawing: Drawing, **where: object) -> Posed:
    shown = sliders(look_of(drawing, *choices())) | where
    return Posed(*(shown[key] for key in ("net", "digit", "values", "low", "high", "start", "end", "moved")))


@pytest.fixture(scope="module")
def posed() -> Posed:
    return posed_of(SEVEN)


@contextmanager
def crowd() -> Iterator[None]:
    """Everybody's place in the laboratory is taken, and nobody's turn."""
    with ExitStack() as taken:
        for _ in range(PLACES):
            assert look._places.acquire(blocking=False)
            taken.callback(look._places.release)
        yield


@pytest.mark.parametrize("training", [PEN, MNIST_ONLY])
def test_every_capsule_net_fills_every_panel_in_both_trainings(training: str) -> None:
    names = capsule_nets(None if training == PEN else training)
    assert {name.split("/")[0] for name in names} == {"caps-net", "efficient-caps-net"}
    for name in names:
        shown = looked(SEVEN, *choices(name.split("/")[0], training))
        assert len(shown) == PANELS and all(shown), name
        assert shown[0]["net"] == name and not shown[0]["hint"]
        assert json.dumps(shown, allow_nan=False)


def test_a_net_that_the_cache_lets_go_is_freed() -> None:
    look_of(SEVEN, *choices("efficient-caps-net", MNIST_ONLY)).opinions  # noqa: B018
    net = weakref.ref(inference.net_of("efficient-caps-net/mnist-only"))
    assert net() is not None
    checkpoints.held.clear()
    gc.collect()
    assert net() is None


def test_a_net_without_capsules_is_refused_in_words() -> None:
    shown = looked(SEVEN, *choices("resnet-ish"))
    assert "without capsules" in shown[0]["hint"] and shown[1:] == [None] * (PANELS - 1)
    with pytest.raises(capsules.NoCapsules, match="no decoder"):
        capsules.decode("resnet-ish", np.zeros((1, 16), np.float32), np.array([0]))


def test_an_empty_pad_is_offered_something_to_begin_with() -> None:
    shown = looked(None, *choices())
    assert shown[0]["empty"] and "empty" in shown[0]["hint"]


def test_a_new_drawing_returns_to_the_longest_capsule_and_the_same_one_keeps_the_choice() -> None:
    _, kept, seen, stage, *_ = opened(SEVEN, *choices(digit=3), fingerprint(SEVEN))
    assert (kept, stage["digit"]) == (3, 3)
    _, kept, new, stage, *_ = opened(ONE, *choices(digit=3), seen)
    assert kept is None and new != seen and stage["digit"] == stage["longest"]


def test_the_switches_of_the_input_reach_the_net() -> None:
    usual = look_of(SEVEN, *choices())
    drawn = look_of(SEVEN, "caps-net", PEN, "as drawn", "ink mask", None)
    assert not np.array_equal(usual.view.fed, drawn.view.fed) and drawn.view.fed.max() == 1
    assert "Every ink became white" in panels.saw(drawn)["lines"][1]


def test_each_opinion_is_drawn_at_the_length_of_the_longest_capsule() -> None:
    seen = look_of(SEVEN, *choices())
    lengths, longest = seen.view.lengths, float(seen.view.lengths.max())
    for opinion in seen.opinions:
        pose = seen.view.poses[opinion.digit] * (longest / lengths[opinion.digit])
        assert np.linalg.norm(pose) == pytest.approx(longest, rel=1e-4)
        alone = capsules.decode(seen.net, pose[None].astype(np.float32), np.array([opinion.digit]))[0]
        np.testing.assert_allclose(opinion.image, alone, atol=1e-5)
        off = np.linalg.norm(alone - seen.view.fed) / np.linalg.norm(seen.view.fed)
        assert opinion.difference == pytest.approx(float(off), rel=1e-4)
    images = np.stack([opinion.image for opinion in seen.opinions])
    assert np.abs(images[1] - images[8]).max() > 0.5, "ten equal smudges"
    np.testing.assert_allclose(images[seen.view.digit], seen.reconstruction, atol=1e-5)


def test_the_middle_of_a_sweep_is_where_the_slider_stands(posed: Posed) -> None:
    image, strip = panels.images_of(posed)
    np.testing.assert_array_equal(strip[:, 5 * 29 : 5 * 29 + 28], image)
    ends = posed_of(SEVEN, start=posed.low, end=posed.high)
    _, wide = panels.images_of(ends)
    np.testing.assert_array_equal(wide[:, 5 * 29 : 5 * 29 + 28], image)
    assert np.abs(wide[:, :28].astype(int) - image).max() > 20


@pytest.mark.parametrize("name", EXPORTS)
def test_the_numbers_behind_each_step_are_saved_as_a_table(name: str) -> None:
    seen = look_of(SEVEN, *choices())
    file = save_table(name, seen)
    header, *rows = csv.reader(io.StringIO(b64decode(file["data"]).decode()))
    assert file["name"] == f"{name}-caps-net-{seen.digit}.csv" and rows
    assert all(len(row) == len(header) for row in rows)
    if name == "opinions":
        assert [float(row[1]) for row in rows] == pytest.approx(seen.view.lengths.tolist(), rel=1e-5)
    if name == "routing":
        couplings = [float(row[4]) for row in rows if row[0] == "1"]
        assert len(couplings) == 1152 and couplings == pytest.approx([0.1] * 1152)
    if name == "saw":
        assert np.array(rows, float) == pytest.approx(seen.view.fed, abs=1e-4)


def test_a_slider_moved_in_a_crowd_says_busy_and_keeps_the_images(posed: Posed) -> None:
    with crowd():
        shown = turned(posed)
        assert list(shown) == ["kept"] and "try again" in shown["kept"]
    assert turned(posed)["decoded"].startswith("data:image/png")


def test_a_look_and_a_saved_image_in_a_crowd_say_busy_too(posed: Posed) -> None:
    with crowd():
        assert "try again" in looked(SEVEN, *choices())[0]["hint"]
        assert "try again" in save_decoded(posed)["hint"] and not save_decoded(posed)["data"]
    assert save_decoded(posed)["data"]


def test_a_full_laboratory_leaves_the_nets_to_those_who_draw() -> None:
    assert PLACES < inference.AT_ONCE + inference.WAITING
    with crowd():
        assert predict(SEVEN.image, available_nets()[:1]) is not None


def test_sliders_decode_only_as_many_at_a_time_as_the_nets_let_in(
    posed: Posed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More people than there are turns: they decode one after another, and no more than AT_ONCE together."""
    together, most, lock, decoder = 0, 0, threading.Lock(), capsules._decoder
    full = threading.Event()

    def counted(net_id: str) -> object:
        nonlocal together, most
        with lock:
            together += 1
            most = max(most, together)
            if together == inference.AT_ONCE:
                full.set()
        full.wait(60)
        try:
            return decoder(net_id)
        finally:
            with lock:
                together -= 1

    monkeypatch.setattr(capsules, "_decoder", counted)
    monkeypatch.setattr(inference, "PATIENCE_S", 60)
    shown: list[dict[str, str]] = []
    threads = [threading.Thread(target=lambda: shown.append(turned(posed))) for _ in range(PLACES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert most == inference.AT_ONCE
    assert len(shown) == PLACES and all("decoded" in one for one in shown)


def test_a_place_is_free_again_whatever_went_wrong() -> None:
    for _ in range(PLACES + 1):
        with pytest.raises(Busy, match="nobody"), place():
            raise Busy("nobody answers")
        with pytest.raises(ZeroDivisionError), place():
            raise ZeroDivisionError
    with place():
        pass
