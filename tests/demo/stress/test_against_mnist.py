"""What a pen does to MNIST's test digits: counted right, the same each time, and fast enough to play with."""

from __future__ import annotations

import json
import threading
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from architectures.input.mnist_like import mnist_like
from architectures.input.pen import PRESETS, Pen, draw
from checkpoints.evaluation.statistics import wilson
from checkpoints.shipped_digits import test_digits as shipped_test_digits
from demo.inference import Busy, both_trainings, predict_many
from demo.stress import against_mnist as module
from demo.stress import jobs
from demo.stress.against_mnist import AT_A_TIME, PenRun, against_mnist, drawing_of, pen_of
from demo.stress.jobs import MOST_JOBS, cancel, job
from demo.stress.pen_panel import MOST_TILES, pen_panel
from demo.stress.sketching import sketch

HAIRLINE, STEADY = PRESETS["hairline"], PRESETS["steady white"]
NETS = ["resnet-ish/mnist-only", "resnet-ish"]


class Request:
    def __init__(self, session_hash: str, address: str = "192.0.2.1") -> None:
        self.session_hash = session_hash
        self.client = SimpleNamespace(host=address)
        self.headers: dict[str, str] = {}


@pytest.fixture(scope="module")
def run() -> PenRun:
    *_, last = against_mnist(HAIRLINE, NETS, 100)
    return last


def test_every_net_is_there_in_both_trainings() -> None:
    ids = both_trainings()
    assert len(ids) == 8 and {name.split("/")[0] for name in ids} == {name for name in ids if "/" not in name}


def test_each_batch_is_predicted_as_its_digits_alone(run: PenRun) -> None:
    digits = shipped_test_digits(100)
    assert run.done == run.total == 100
    np.testing.assert_array_equal(run.labels, digits.labels)
    for index in (0, AT_A_TIME, 99):
        fed = mnist_like(sketch(digits.strokes[index], pen_of(HAIRLINE, index)))
        for net in NETS:
            assert run.predictions[net][index] == predict_many(net, fed).argmax()


def test_the_accuracy_is_counted_among_the_digits_that_were_asked_with_wilsons_interval(run: PenRun) -> None:
    first = next(against_mnist(HAIRLINE, NETS, 100))
    for so_far, asked in ((first, AT_A_TIME), (run, 100)):
        accuracy = so_far.accuracy(NETS[0])
        correct = int((so_far.predictions[NETS[0]] == so_far.labels)[:asked].sum())
        assert (accuracy.correct, accuracy.total) == (correct, asked)
        assert accuracy.interval == wilson(correct, asked)
    fallen = [index for index in range(100) if any(run.predictions[net][index] != run.labels[index] for net in NETS)]
    assert run.fallen() == fallen and len(fallen) > 0


def test_the_same_pen_gives_the_same_numbers_and_each_digit_a_jitter_of_its_own(run: PenRun) -> None:
    *_, again = against_mnist(HAIRLINE, NETS, 100)
    for net in NETS:
        np.testing.assert_array_equal(run.predictions[net], again.predictions[net])
    assert pen_of(HAIRLINE, 1).seed != pen_of(HAIRLINE, 2).seed


def test_a_digit_of_the_wall_is_put_on_the_pad_as_it_was_predicted(run: PenRun) -> None:
    index = run.fallen()[0]
    drawing = drawing_of(HAIRLINE, index)
    assert drawing.label == run.labels[index]
    small = np.abs(drawing.image[::2, ::2].astype(int) - run.images[index])
    assert small.mean() < 6, "not the digit that was tested"


def test_the_panel_shows_what_was_counted_and_no_more_images_than_it_can_send(run: PenRun) -> None:
    shown = pen_panel(run, {})
    assert json.dumps(shown, allow_nan=False)
    assert [net["id"] for net in shown["nets"]] == NETS
    assert [net["training"] for net in shown["nets"]] == ["mnist-only", "pen"]
    assert shown["fallen"] == len(run.fallen()) and len(shown["wall"]) <= MOST_TILES
    for tile in shown["wall"]:
        assert any(predicted != tile["label"] for predicted in tile["predictions"])


def test_whoever_stops_asking_stops_the_nets(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    real = module.predict_in_turn
    monkeypatch.setattr(module, "predict_in_turn", lambda *what: asked.append(1) or real(*what))
    running = against_mnist(STEADY, NETS[:1])
    next(running)
    running.close()
    assert len(asked) == 1


@pytest.mark.parametrize("name", ["steady white", "wild", "hairline"])
def test_a_sketch_costs_no_accuracy(name: str) -> None:
    """Drawn in a hurry or as the pad draws: what is fed is nearly the same, and so are the predictions."""
    digits = shipped_test_digits(100)
    pens = [pen_of(PRESETS[name], index) for index in range(100)]
    exact = torch.cat([mnist_like(draw(strokes, pen)) for strokes, pen in zip(digits.strokes, pens, strict=True)])
    hurried = torch.cat([mnist_like(sketch(strokes, pen)) for strokes, pen in zip(digits.strokes, pens, strict=True)])
    assert float((exact - hurried).abs().mean()) < 0.006
    assert abs(float((exact - hurried).mean())) < 0.003, "lighter or darker than the pad draws"
    for net in NETS:
        predicted = [predict_many(net, x).argmax(axis=1) for x in (exact, hurried)]
        assert (predicted[0] == predicted[1]).mean() >= 0.92
        correct = [float((one == digits.labels.numpy()).mean()) for one in predicted]
        assert abs(correct[0] - correct[1]) <= 0.05


def test_what_leaves_the_pad_is_cut_off_and_a_dot_is_a_dot() -> None:
    edge = sketch([[[0.0, 0.0], [1.0, 0.0]]], Pen(thinnest_px=40, widest_px=40, colour="#ffffff"))
    assert edge.shape == (182, 182, 3) and edge[:9].min() == 255 and not edge[12:].any()
    dot = sketch([[[0.5, 0.5]]], Pen(thinnest_px=20, widest_px=20, colour="#ffffff", pressure=False))
    assert abs(int((dot[..., 0] > 0).sum()) - np.pi * 25) < 12


def test_whoever_cancelled_a_run_waits_for_its_end_and_not_in_vain() -> None:
    first, begun = job(Request("me"), "pen"), threading.Event()  # type: ignore[arg-type]
    first.__enter__()

    def second() -> None:
        with job(Request("me"), "pen"):  # type: ignore[arg-type]
            begun.set()

    thread = threading.Thread(target=second)
    thread.start()
    assert not begun.wait(0.1)
    first.__exit__(None, None, None)
    assert begun.wait(30)
    thread.join(10)


def test_a_person_has_one_run_at_a_time_and_all_together_only_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "ENDING_S", 0.01)
    held = [job(Request(str(at), f"192.0.{at}.1"), "pen") for at in range(MOST_JOBS)]  # type: ignore[arg-type]
    for one in held:
        one.__enter__()
    try:
        with pytest.raises(Busy, match="yours"), job(Request("0", "192.0.0.1"), "pen"):  # type: ignore[arg-type]
            pass
        with pytest.raises(Busy, match="many stress tests"), job(Request("another", "198.51.100.1"), "pen"):  # type: ignore[arg-type]
            pass
    finally:
        for one in held:
            one.__exit__(None, None, None)
    with job(Request("another"), "pen"):  # type: ignore[arg-type]
        pass


def test_a_program_that_calls_itself_many_pages_has_two_runs_and_leaves_the_others_to_everybody_else() -> None:
    held = [job(Request(f"page {at}", f"2001:db8::{at}"), "pen") for at in range(2)]  # type: ignore[arg-type]
    for one in held:
        one.__enter__()
    try:
        with pytest.raises(Busy, match="your network"), job(Request("a third", "2001:db8::9"), "pen"):  # type: ignore[arg-type]
            pass
        with job(Request("a neighbour", "2001:db8:0:1::1"), "pen"):  # type: ignore[arg-type]
            pass
    finally:
        for one in held:
            one.__exit__(None, None, None)


def test_requests_of_one_network_do_not_pile_up_behind_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "ENDING_S", 30)
    first = job(Request("page"), "pen")  # type: ignore[arg-type]
    first.__enter__()
    refused: list[str] = []

    def wait() -> None:
        try:
            with job(Request("page"), "pen"):  # type: ignore[arg-type]
                pass
        except Busy as error:
            refused.append(str(error))

    threads = [threading.Thread(target=wait) for _ in range(5)]
    for thread in threads:
        thread.start()
    while sum(thread.is_alive() for thread in threads) > jobs.OF_A_NETWORK:
        threading.Event().wait(0.01)
    assert len(refused) == 3
    first.__exit__(None, None, None)
    for thread in threads:
        thread.join(30)
    assert len(refused) == 3


def test_only_a_run_of_that_kind_and_person_is_cancelled() -> None:
    with job(Request("me"), "pen") as mine, job(Request("another"), "pen") as theirs:  # type: ignore[arg-type]
        cancel(Request("me"), "stress")  # type: ignore[arg-type]
        assert not mine.cancelled.is_set()
        cancel(Request("me"), "pen")  # type: ignore[arg-type]
        assert mine.cancelled.is_set() and not theirs.cancelled.is_set()
    cancel(Request("me"), "pen")  # type: ignore[arg-type]
    with job(Request("me"), "pen") as next_one:  # type: ignore[arg-type]
        assert not next_one.cancelled.is_set(), "what comes after the end cancels nothing"
