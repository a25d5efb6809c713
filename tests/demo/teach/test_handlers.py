"""A lesson as the page asks for it: what is kept, what is not, and what can be taken along."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import gradio as gr
import pytest
import safetensors
from starlette.applications import Starlette
from starlette.testclient import TestClient

import architectures
import checkpoints
from architectures.input.pen import PRESETS
from checkpoints.__main__ import main
from checkpoints.store import manifest
from demo.serving.routes import allowed
from demo.sketchpad.drawing import Drawing
from demo.taught_nets import taught, training_by
from demo.teach import handlers, weights
from demo.teach.handlers import Classroom, order_of
from demo.teach.lesson import Event, Learned, Order
from demo.teach.panel import Asked, TeachPanel
from demo.teach.process import LessonFailed
from demo.teach.process import lesson as real_lesson
from demo.teach.turns import Turns
from demo.teach.weights import folder

NET = "resnet-ish"
ASKED = Asked(PRESETS["hairline"], (NET,), steps=2, digits=20, seed=3)
SEVEN = Drawing.of([[[0.28, 0.25], [0.72, 0.24], [0.42, 0.85]]], PRESETS["hairline"])

pytestmark = pytest.mark.skipif(
    checkpoints.find(f"{NET}/mnist-only", None) is None, reason=f"the weights of {NET} are not here"
)


def visitor() -> Any:
    return SimpleNamespace(session_hash=uuid4().hex)


def classroom(**settings: Any) -> Classroom:
    return Classroom(lambda request: "a network", lambda way, ink: (True, "luma"), Turns(**settings))


def run(room: Classroom, request: Any) -> list[tuple[Any, Any, Any]]:
    return list(room.run(ASKED, SEVEN, "like MNIST", "luma", request))


@pytest.fixture(scope="module")
def lesson() -> tuple[Any, list[tuple[Any, Any, Any]]]:
    """A visitor, and what a whole lesson has shown."""
    request = visitor()
    return request, run(classroom(), request)


@pytest.fixture
def served() -> TestClient:
    return TestClient(Starlette(routes=[weights.route()]))


def test_a_lesson_is_shown_and_its_net_is_the_third_choice(lesson: tuple[Any, list[Any]]) -> None:
    request, shown = lesson
    value = shown[-1][0]
    assert value["state"] == "done" and len(value["wall"]) == 1
    net = value["nets"][0]
    assert net["state"] == "taught" and [step for step, _ in net["curve"]] == [0, 1, 2]
    assert (
        value["sentence"].startswith(("In ", f"{NET} knew", f"{NET} did not learn")) and "of 100" in value["sentence"]
    )
    low, high = (net["figures"]["pen"][1][end] for end in ("low", "high"))
    assert low < net["figures"]["pen"][1]["percent"] < high
    maps = net["map"]
    assert [len(row) for row in maps["after"]["cells"]] == [7] * 6 and 0 < maps["after"]["mean"] <= 100
    assert value["axes"]["pen"] and value["axes"]["earlier"] == []
    training = training_by(request)
    ((value, switch, other),) = [each for each in shown if "choices" in each[1]]
    assert value["state"] == "done" and "map" not in value["nets"][0], "the map comes after the nets"
    assert switch["value"] == training and switch["choices"][-1] == ("taught by you", training)
    assert other["choices"] == switch["choices"] and "value" not in other, "the laboratory stays as it is"
    found = taught.find(f"{NET}/{training}")
    assert found is not None and found.card["steps"] == 2 and found.card["seed"] == 3


def test_a_second_lesson_goes_on_from_the_first(lesson: tuple[Any, list[Any]]) -> None:
    training = training_by(lesson[0])
    order = order_of(Asked(PRESETS["ribbon"], (NET,), 2, 20, 0), training, None)
    assert order.pupils[0].weights is not None
    assert order.earlier == (ASKED.pen,)
    assert order_of(ASKED, training, None).earlier == (), "the same pen is not an earlier one"
    assert order_of(ASKED, training_by(visitor()), None).pupils[0].weights is None


def test_all_means_every_net_that_can_be_taught_the_smallest_first() -> None:
    order = order_of(replace(ASKED, nets=()), training_by(visitor()), None)
    assert order.pupils[0].net_id == f"{NET}/mnist-only" and not order.chosen


def test_the_taught_net_is_a_file_that_add_accepts(
    lesson: tuple[Any, list[Any]], served: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = served.get(f"{lesson[1][-1][0]['weights']}{NET}.safetensors")
    assert file.headers["content-disposition"] == f'attachment; filename="{NET}-taught.safetensors"'
    path = tmp_path / f"{NET}-taught.safetensors"
    path.write_bytes(file.content)
    with safetensors.safe_open(path, "pt") as held:
        card = json.loads(held.metadata()["taught"])
    assert card["net"] == f"{NET}/mnist-only" and card["pen"] == ASKED.pen.to_dict()
    assert {"digits": 20, "steps": 2, "seed": 3}.items() <= card.items() and card["after"]["total"] == 500
    folder = tmp_path / "architectures"
    shutil.copytree(architectures.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(architectures, "FOLDER", folder)
    monkeypatch.setenv("CHECKPOINTS_DIR", str(tmp_path))
    assert main(["add", "my-pen", str(path)]) == 0
    assert "my-pen" in architectures.names() and manifest.read().entry("my-pen") is not None


def test_nobody_gets_nets_by_another_address(lesson: tuple[Any, list[Any]], served: TestClient) -> None:
    own = lesson[1][-1][0]["weights"]
    assert served.head(f"{own}{NET}.safetensors").status_code == 200
    assert served.get(f"{folder(training_by(visitor()))}{NET}.safetensors").status_code == 404
    assert served.get(f"{own}caps-net.safetensors").status_code == 404
    assert allowed("GET", f"/{own}{NET}.safetensors")
    assert not allowed("GET", f"/{own}../{NET}.safetensors") and not allowed("POST", f"/{own}{NET}.safetensors")


def test_a_lesson_that_fails_leaves_the_nets_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    def short(order: Order) -> Iterator[list[Event]]:
        for events in real_lesson(order):
            if any(isinstance(event, Learned) for event in events):
                raise LessonFailed("its process was ended")
            yield events

    monkeypatch.setattr(handlers, "lesson", short)
    request, room = visitor(), classroom()
    value, switch, _ = run(room, request)[-1]
    assert not taught.known(f"{NET}/{training_by(request)}")
    assert "choices" not in switch
    assert value == {"state": "message", "said": "its process was ended"}


def test_who_has_learned_before_a_lesson_fails_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def short(order: Order) -> Iterator[list[Event]]:
        yield from real_lesson(replace(order, pupils=order.pupils[:1]))
        raise LessonFailed("the lesson took too long")

    monkeypatch.setattr(handlers, "lesson", short)
    request = visitor()
    value, switch, _ = list(classroom().run(replace(ASKED, nets=()), SEVEN, "like MNIST", "luma", request))[-1]
    assert taught.known(f"{NET}/{training_by(request)}") and "choices" in switch
    assert value["state"] == "done" and {net["state"] for net in value["nets"]} == {"taught", "passed"}
    others = ", ".join(net["name"] for net in value["nets"] if net["state"] == "passed")
    assert value["sentence"].endswith(f" Then the lesson took too long: {others} did not learn.")


@pytest.mark.parametrize("error", [OSError("no process left"), RuntimeError("no thread left")])
def test_a_lesson_that_cannot_begin_is_told_of(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def none(order: Order) -> Iterator[list[Event]]:
        raise error
        yield []

    monkeypatch.setattr(handlers, "lesson", none)
    assert run(classroom(), visitor())[-1][0] == {"state": "message", "said": str(error)}


def test_a_lesson_that_is_cancelled_as_it_ends_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    request, room = visitor(), classroom()

    def cancelled(order: Order) -> Iterator[list[Event]]:
        for events in real_lesson(order):
            if any(isinstance(event, Learned) for event in events):
                room.cancel(request)
            yield events

    monkeypatch.setattr(handlers, "lesson", cancelled)
    shown = run(room, request)
    assert all(value["state"] == "running" for value, *_ in shown)
    assert not taught.known(f"{NET}/{training_by(request)}")


def test_a_lesson_that_waits_is_cancelled() -> None:
    room, waits = classroom(), visitor()
    running = room.run(ASKED, None, "like MNIST", "luma", visitor())
    next(running)
    waiting = room.run(ASKED, None, "like MNIST", "luma", waits)
    next(waiting)
    room.cancel(waits)
    assert list(waiting) == []
    running.close()


def test_a_cancelled_lesson_gives_its_place_to_the_next() -> None:
    request, room = visitor(), classroom()
    running = room.run(ASKED, None, "like MNIST", "luma", request)
    next(running)
    shown = next(run_ := room.run(ASKED, None, "like MNIST", "luma", visitor()))
    assert "one lesson before yours" in shown[0]["said"]
    running.close()
    assert "draws" in next(run_)[0]["said"]
    run_.close()
    assert not taught.known(f"{NET}/{training_by(request)}")


def test_whoever_has_a_lesson_gets_no_second_one_meanwhile() -> None:
    request, room = visitor(), classroom(ending_s=0)
    running = room.run(ASKED, None, "like MNIST", "luma", request)
    next(running)
    assert "still going on" in run(room, request)[-1][0]["said"]
    running.close()


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("pen", {"widest_px": 1e9}, "This pen cannot draw"),
        ("pen", None, "This pen cannot draw"),
        ("steps", 10_000, "steps must be a number from 1 to 300"),
        ("steps", True, "steps must be"),
        ("digits", 1, "digits must be a number from 20"),
        ("seed", "1", "seed must be"),
        ("nets", ["../x"], "no such net"),
        ("nets", [["resnet-ish"]], "no such net"),
        ("nets", "all", "no such net"),
    ],
)
def test_only_bounded_lessons_are_accepted(field: str, value: Any, says: str) -> None:
    ask = {"pen": PRESETS["ribbon"].to_dict(), "nets": [], "steps": 150, "digits": 400, "seed": 0}
    panel = TeachPanel("draw")
    assert panel.preprocess({"ask": ask}) == Asked(PRESETS["ribbon"], (), 150, 400, 0)
    with pytest.raises(gr.Error, match=says):
        panel.preprocess({"ask": ask | {field: value}})


def test_what_asks_for_nothing_is_no_lesson() -> None:
    assert TeachPanel("draw").preprocess({"state": "done"}) is None
    assert TeachPanel("draw").preprocess("anything") is None
