"""Nets that raise, exit, hang or answer rubbish: each of them fails alone, on every way that images go to nets."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import architectures
import checkpoints
from demo import inference
from demo.inference import BadAnswer, predict, predict_many, predict_side_by_side
from demo.isolation import Hung, Lanes
from demo.sketchpad.drawing import Drawing
from tests.support.own_nets import place  # noqa: F401  a fixture

NET = """
import sys
import time
from types import SimpleNamespace

import torch
from torch import nn

from architectures.contract import Answer, Capsules


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.last = nn.Linear(784, 10)
        self.tries = 2  # ten images and one are what it is tried with when it is loaded

    def forward(self, x):
        logits = self.last(x.flatten(1))
        self.tries -= 1
        if self.tries < 0:
            {does}
        return logits


def return_model():
    return Net()
"""
HOSTILE = {
    "raises": ("raise RuntimeError('no such thing')", "no such thing"),
    "exits": ("sys.exit(3)", "end the program"),
    "interrupts": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "float8": ("return logits.to(torch.float8_e4m3fn)", "Float8"),
    "rubbish": ("return 'seven'", "returned a str"),
    "nothing": ("return None", "returned a NoneType"),
    "not finite": ("return logits / 0", "NaN or infinite"),
    "bad capsules": (
        "return Answer(logits.sigmoid(), SimpleNamespace(decode=lambda *what: 1 / 0, poses=None))",
        "Zero",
    ),
    "hangs": ("time.sleep(8)", "no answer within"),  # beyond every limit here, and over before its lock is wanted
}
WELL = "resnet-ish"


@pytest.fixture
def seven() -> np.ndarray:
    return Drawing.of([[[0.28, 0.25], [0.5, 0.22], [0.72, 0.24], [0.5, 0.65], [0.42, 0.85]]]).image


@pytest.fixture
def install(place: Path, monkeypatch: pytest.MonkeyPatch):  # noqa: F811
    """install(what its forward pass does) puts a net called hostile beside one that is well; returns its name."""
    monkeypatch.setattr(inference, "PASS_LIMIT_S", 1.0)
    monkeypatch.setattr(inference, "_set_aside", {})
    monkeypatch.setattr(inference, "_failed", {})
    weights = Path(__file__).parents[2] / "checkpoints" / f"{WELL}.safetensors"
    (place / "checkpoints" / weights.name).write_bytes(weights.read_bytes())
    checkpoints.load(WELL)  # both are loaded first, so that a slow disk is not taken for a hang

    def installed(does: str) -> str:
        (place / "architectures" / "hostile.py").write_text(NET.format(does=does))
        torch.manual_seed(0)
        save_file(architectures.build("hostile").state_dict(), place / "checkpoints" / "hostile.safetensors")
        checkpoints.load("hostile")
        return "hostile"

    return installed


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_net_that_misbehaves_fails_alone(kind: str, install, seven: np.ndarray) -> None:
    does, why = HOSTILE[kind]
    hostile = install(does)
    predictions = predict(seven, [hostile, WELL])
    assert predictions is not None
    assert list(predictions.by_net) == [WELL]
    assert hostile in predictions.failures[hostile]
    assert re.search(why, predictions.failures[hostile])


@pytest.mark.parametrize("kind", ["raises", "exits", "rubbish", "float8", "hangs"])
def test_with_many_images_at_once_it_fails_alone_too(kind: str, install) -> None:
    hostile = install(HOSTILE[kind][0])
    by_net, failures = predict_side_by_side([WELL, hostile], torch.zeros(3, 1, 28, 28))
    assert by_net[WELL].shape == (3, 10)
    assert list(failures) == [hostile]
    with pytest.raises(BadAnswer, match=hostile):
        predict_many(hostile, torch.zeros(3, 1, 28, 28))


def test_nobody_waits_twice_for_a_net_that_hangs(install, seven: np.ndarray) -> None:
    hostile = install(HOSTILE["hangs"][0])
    predict(seven, [hostile])
    started = time.monotonic()
    predictions = predict(seven, [hostile, WELL])
    assert time.monotonic() - started < inference.PASS_LIMIT_S
    assert predictions is not None and list(predictions.by_net) == [WELL]
    assert "set aside" in predictions.failures[hostile]


def test_a_net_that_was_late_once_is_asked_again_after_its_rest(install, seven, monkeypatch) -> None:
    hostile = install("time.sleep(0 if hasattr(self, 'late') else 2); self.late = True")
    predictions = predict(seven, [hostile])
    assert predictions is not None and hostile in predictions.failures
    _, hung = inference._set_aside[hostile]
    assert hung.ended.wait(30)
    assert "asked again" in predict(seven, [hostile]).failures[hostile]
    monkeypatch.setitem(inference._set_aside, hostile, (0.0, hung))  # as if it had rested
    assert list(predict(seven, [hostile]).by_net) == [hostile]


def test_a_net_that_is_still_being_loaded_says_so_and_answers_once_it_is_there(install, seven, place) -> None:  # noqa: F811
    slow = install("pass")
    code = place / "architectures" / "hostile.py"
    waiting = f"    while not __import__('pathlib').Path({str(place / 'go')!r}).exists():\n        time.sleep(0.02)\n"
    code.write_text(code.read_text().replace("def return_model():\n", "def return_model():\n" + waiting))
    checkpoints.held.clear()
    checkpoints.load(WELL)
    for _ in range(2):
        predictions = predict(seven, [slow, WELL])
        assert predictions is not None and list(predictions.by_net) == [WELL]
        assert predictions.failures[slow] == f"{slow} is still being loaded: draw on, it will answer then"
    _, hung = inference._set_aside[slow]
    (place / "go").touch()
    assert hung.ended.wait(30)
    assert list(predict(seven, [slow, WELL]).by_net) == [slow, WELL]


def test_weights_that_cannot_be_had_are_told_again_without_a_growing_traceback(install, seven, place) -> None:  # noqa: F811
    hostile = install("pass")
    (place / "checkpoints" / "hostile.safetensors").unlink()
    said = {predict(seven, [hostile]).failures[hostile] for _ in range(3)}
    assert len(said) == 1 and str(place) not in said.pop()
    assert all(isinstance(part, float | type | str) for part in inference._failed[hostile])


def test_a_lane_that_was_given_up_is_replaced() -> None:
    lanes = Lanes(1, "test")
    release = threading.Event()
    [hung] = lanes.run([release.wait], limit_s=0.05)
    assert isinstance(hung, Hung) and not hung.ended.is_set()
    assert lanes.run([lambda: 7], limit_s=30) == [7]
    release.set()
    assert hung.ended.wait(30)


def test_a_call_that_waits_for_its_lane_is_not_taken_for_one_that_hangs() -> None:
    lanes = Lanes(1, "test")
    assert lanes.run([lambda: time.sleep(0.2), lambda: time.sleep(0.2), lambda: 7], limit_s=0.35) == [None, None, 7]


def test_whatever_a_call_raises_is_its_outcome() -> None:
    def leave() -> Iterator[None]:
        raise SystemExit(1)

    outcomes = Lanes(2, "test").run([leave, lambda: 1 / 0, lambda: 7], limit_s=30)
    assert [type(outcome) for outcome in outcomes] == [SystemExit, ZeroDivisionError, int]
