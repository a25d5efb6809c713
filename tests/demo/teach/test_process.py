"""The process of a lesson: what it teaches, that it ends whatever happens, and that the same lesson is the same net."""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

import checkpoints
from architectures.input.pen import PRESETS
from checkpoints.shipped_digits import training_digits
from checkpoints.training.teaching import Lesson, drawn_by, teach
from demo.teach import process
from demo.teach.lesson import Drawn, Event, Learned, Mapped, Order, Passed, Pupil, Step, give
from demo.teach.process import ROOT, LessonFailed, lesson

BASE = "resnet-ish/mnist-only"
PEN = PRESETS["hairline"]
OWN = np.zeros((1, 1, 28, 28), np.float32)
OWN[..., 5:23, 13:16] = 1
ORDER = Order(PEN, (Pupil(BASE),), digits=40, steps=3, own=OWN, tested=100)
NEVER_S = 60.0


pytestmark = pytest.mark.skipif(checkpoints.find(BASE, None) is None, reason=f"the weights of {BASE} are not here")


@pytest.fixture(scope="module")
def told() -> list[Event]:
    """What a whole lesson tells."""
    return events(ORDER)


@pytest.fixture(scope="module")
def learned(told: list[Event]) -> Learned:
    assert isinstance(told[-1], Mapped) and isinstance(told[-2], Learned)
    return told[-2]


def events(order: Order) -> list[Event]:
    return [event for some in lesson(order) for event in some]


def last(order: Order) -> Event:
    """What is told last of a lesson itself, before the maps."""
    return [event for event in events(order) if not isinstance(event, Mapped)][-1]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[subprocess.Popen[bytes]]]:
    """The processes that lessons have started."""
    every: list[subprocess.Popen[bytes]] = []
    original = subprocess.Popen

    def popen(*arguments: object, **settings: object) -> subprocess.Popen[bytes]:
        every.append(original(*arguments, **settings))  # type: ignore[call-overload]
        return every[-1]

    monkeypatch.setattr(process.subprocess, "Popen", popen)
    yield every


def gone(group: int) -> bool:
    """Whether nobody is left of a process group within a while."""
    until_s = time.monotonic() + NEVER_S
    while time.monotonic() < until_s:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_a_lesson_draws_teaches_and_tells_what_it_did(told: list[Event], learned: Learned) -> None:
    drawn = [event for event in told if isinstance(event, Drawn)]
    assert sum(len(event.tiles) for event in drawn) == 40
    assert all(event.tiles.any(axis=(1, 2, 3)).all() for event in drawn), "every tile shows ink"
    steps = [event for event in told if isinstance(event, Step)]
    assert [event.step for event in steps] == [0, 1, 2, 3]
    assert all(event.own is not None and event.own[0] == 1 for event in steps[:1]), "a bar is a one"
    assert learned.before["total"] == learned.after["total"] == 100
    assert learned.after["pen"] - learned.before["pen"] == len(learned.gained) - len(learned.lost)
    assert all(after == label != before for label, before, after, _ in learned.gained)


def test_the_same_lesson_makes_the_same_net_as_that_of_the_command(learned: Learned) -> None:
    again = last(ORDER)
    assert isinstance(again, Learned)
    for key, value in learned.weights.items():
        assert np.array_equal(value, again.weights[key]), key
    drawings = drawn_by(PEN, training_digits(40))
    *_, taught = teach(checkpoints.load(BASE), Lesson(PEN, digits=40, steps=3), drawings)
    for key, tensor in taught.state_dict().items():
        assert torch.allclose(tensor, torch.from_numpy(learned.weights[key]), atol=1e-5), key


def test_a_second_pen_is_taught_on_top_and_the_first_is_looked_at_again(learned: Learned) -> None:
    told = last(replace(ORDER, pen=PRESETS["ribbon"], pupils=(Pupil(BASE, learned.weights),), earlier=(PEN,)))
    assert isinstance(told, Learned)
    assert len(told.earlier) == 1 and all(0 < correct <= 100 for correct in told.earlier[0])


def test_a_net_of_answers_alone_says_that_it_cannot_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork")

    class Answers(torch.nn.Module):
        """As a file of ONNX is loaded: without parameters."""

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.zeros(len(x), 10)

    monkeypatch.setattr(checkpoints, "load", lambda net_id, **settings: Answers())
    told: list[Event] = []
    give(ORDER, told.append)
    assert isinstance(told[-1], Passed) and "this net cannot learn" in told[-1].why


def test_weights_that_are_no_numbers_leave_the_net_as_it_was(learned: Learned) -> None:
    broken = {
        key: value if value.dtype.kind != "f" else np.asarray(value * np.nan) for key, value in learned.weights.items()
    }
    told = last(replace(ORDER, pupils=(Pupil(BASE, broken),)))
    assert isinstance(told, Passed) and "NaN" in told.why


def test_a_net_that_fails_leaves_the_others_their_lesson() -> None:
    told = events(replace(ORDER, pupils=(Pupil("no-such-net"), Pupil(BASE))))
    passed = [event for event in told if isinstance(event, Passed)]
    assert [event.net_id for event in passed] == ["no-such-net"]
    assert [event.net_id for event in told if isinstance(event, Learned | Mapped)] == [BASE, BASE]


def test_a_net_that_would_end_the_program_leaves_the_others_their_lesson(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork")  # this process has threads
    told: list[Event] = []
    load = checkpoints.load

    def leaving(net_id: str, **settings: object) -> torch.nn.Module:
        return sys.exit() if net_id == "leaves" else load(net_id)

    monkeypatch.setattr(checkpoints, "load", leaving)
    give(replace(ORDER, pupils=(Pupil("leaves"), Pupil(BASE)), steps=1), told.append)
    assert [event.net_id for event in told if isinstance(event, Passed)] == ["leaves"]
    assert any(isinstance(event, Learned) for event in told)


def test_a_net_that_cannot_learn_in_time_is_passed_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork")
    told: list[Event] = []
    give(replace(ORDER, chosen=True, steps=10**7), told.append)
    assert isinstance(told[-1], Passed) and "and the lesson has" in told[-1].why


def test_a_process_that_ends_at_once_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process.sys, "executable", shutil.which("false"))
    weights = {"large": np.zeros(2**22, np.uint8)}
    with pytest.raises(LessonFailed, match="ended by the system"):
        list(lesson(replace(ORDER, pupils=(Pupil(BASE, weights),))))


def test_a_killed_process_is_told_of(started: list[subprocess.Popen[bytes]]) -> None:
    running = lesson(ORDER)
    with pytest.raises(LessonFailed, match="ended by the system"):
        for some in running:
            if some:
                os.kill(started[0].pid, signal.SIGKILL)
    assert gone(started[0].pid)


def test_a_lesson_that_nobody_listens_to_ends_with_all_that_it_started(started: list[subprocess.Popen[bytes]]) -> None:
    running = lesson(ORDER)
    next(some for some in running if some)
    running.close()
    assert gone(started[0].pid)


def test_a_process_that_waits_takes_the_next_lesson(started: list[subprocess.Popen[bytes]]) -> None:
    process.prepare()
    process.prepare()
    assert len(started) == 1, "one is enough"
    assert isinstance(last(ORDER), Learned)
    assert len(started) == 1
    assert gone(started[0].pid)


def test_a_process_that_nobody_wants_ends(
    started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "SPARE_S", 0.1)
    process.prepare()
    assert gone(started[0].pid)
    monkeypatch.setattr(process, "SPARE_S", 60.0)
    process.prepare()
    assert len(started) == 2, "and makes room for another"
    started[1].kill()
    started[1].wait()
    next(some for some in lesson(ORDER) if some)
    assert len(started) == 3, "one that has ended is not asked"
    assert started[1].stdin and started[1].stdin.closed and started[1].stdout and started[1].stdout.closed


def test_a_lesson_that_takes_too_long_is_stopped(started: list[subprocess.Popen[bytes]]) -> None:
    with pytest.raises(LessonFailed, match="more than 0 seconds"):
        list(lesson(replace(ORDER, limit_s=0.1)))
    assert gone(started[0].pid)


def test_a_lesson_ends_with_its_server() -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "demo.teach"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert child.stdin is not None
    pickle.dump(Order(PEN, (Pupil(BASE),), steps=100_000), child.stdin)
    child.stdin.close()
    assert child.wait(NEVER_S) != 0
    assert gone(child.pid)
