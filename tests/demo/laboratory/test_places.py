"""A crowd in the laboratory is told so, and leaves the pad to those who draw."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from demo import inference as inference
from demo.inference import Busy, available_nets, predict
from demo.laboratory import decoded, places
from demo.laboratory.asked import LONGEST, looked_into
from demo.laboratory.nets import with_capsules
from demo.laboratory.places import PLACES, place
from demo.laboratory.saving import save_decoded
from demo.laboratory.sliders import Posed, sliders
from demo.laboratory.tab import looked, turned
from demo.sketchpad.drawing import Drawing

SEVEN = Drawing.of([[[0.28, 0.25], [0.5, 0.22], [0.72, 0.24], [0.5, 0.65], [0.42, 0.85]]])
PANELS = 6


@pytest.fixture(scope="module")
def posed() -> Posed:
    shown = sliders(looked_into(SEVEN, with_capsules()[0], LONGEST))
    return Posed(shown["net"], shown["digit"], shown["values"], shown["low"], shown["high"], 0)


@contextmanager
def crowd() -> Iterator[None]:
    """Everybody's place in the laboratory is taken, and nobody's turn."""
    with ExitStack() as taken:
        for _ in range(PLACES):
            assert places._places.acquire(blocking=False)
            taken.callback(places._places.release)
        yield


def test_every_net_with_capsules_fills_every_panel() -> None:
    assert with_capsules()
    for net in with_capsules():
        shown = looked(SEVEN, net, LONGEST)
        assert len(shown) == PANELS
        assert "hint" not in shown[0] or not shown[0]["hint"], shown[0]
        assert all(shown), net


def test_a_slider_moved_in_a_crowd_says_busy_and_keeps_the_images(posed: Posed) -> None:
    with crowd():
        shown = turned(posed)
        assert list(shown) == ["kept"] and "try again" in shown["kept"]
    assert turned(posed)["decoded"].startswith("data:image/png")


def test_a_look_and_a_saved_image_in_a_crowd_say_busy_too(posed: Posed) -> None:
    with crowd():
        assert "try again" in looked(SEVEN, posed.net, LONGEST)[0]["hint"]
        assert "try again" in save_decoded(posed)["hint"] and not save_decoded(posed)["png"]
    assert save_decoded(posed)["png"]


def test_a_full_laboratory_leaves_the_nets_to_those_who_draw() -> None:
    assert PLACES < inference.AT_ONCE + inference.WAITING
    with crowd():
        assert predict(SEVEN.image, available_nets()[:1]) is not None


def test_sliders_decode_only_as_many_at_a_time_as_the_nets_let_in(
    posed: Posed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More people than there are turns: they decode one after another, and no more than AT_ONCE together."""
    together, most, lock, decode = 0, 0, threading.Lock(), decoded.decoded
    full = threading.Event()

    def counted(*arguments: object) -> object:
        nonlocal together, most
        with lock:
            together += 1
            most = max(most, together)
            if together == inference.AT_ONCE:
                full.set()
        full.wait(60)
        try:
            return decode(*arguments)  # type: ignore[arg-type]
        finally:
            with lock:
                together -= 1

    monkeypatch.setattr(decoded, "decoded", counted)
    monkeypatch.setattr(inference, "PATIENCE_S", 60)
    shown: list[dict[str, str]] = []
    threads = [threading.Thread(target=lambda: shown.append(turned(posed))) for _ in range(PLACES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert most == inference.AT_ONCE
    assert len(shown) == PLACES and all("decoded" in one for one in shown)


def test_a_place_is_free_again_whatever_went_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inference, "PATIENCE_S", 0.01)
    monkeypatch.setattr(inference, "_running", threading.BoundedSemaphore(1))
    for _ in range(PLACES + 1):
        with inference.turn(), pytest.raises(Busy, match="busy for"), place():
            pass
        with pytest.raises(ZeroDivisionError), place():
            raise ZeroDivisionError
    with place():
        pass
