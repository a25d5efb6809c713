"""Who goes first at the nets, and who is turned away."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from demo.gate import Busy, Gate


def until(condition: Callable[[], bool]) -> None:
    waited = threading.Event()
    for _ in range(3000):
        if condition():
            return
        waited.wait(0.01)
    pytest.fail("it did not come to that")


def test_finished_drawings_go_before_those_that_are_still_drawn() -> None:
    gate = Gate(at_once=1, waiting=10, patience_s=60, live_patience_s=60)
    went: list[str] = []

    def ask(name: str, live: bool) -> None:
        with gate.turn(live=live):
            went.append(name)

    with ThreadPoolExecutor(4) as pool:
        with gate.turn():
            asked: list[Future[None]] = []
            for number, (name, live) in enumerate([("live", True), ("first", False), ("second", False)], start=1):
                asked.append(pool.submit(ask, name, live))
                until(lambda number=number: len(gate._live) + len(gate._final) == number)
        for one in asked:
            one.result(60)
    assert went == ["first", "second", "live"]


def test_of_live_drawings_the_newest_goes_first() -> None:
    gate = Gate(at_once=1, waiting=10, patience_s=60, live_patience_s=60)
    went: list[int] = []

    def ask(number: int) -> None:
        with gate.turn(live=True):
            went.append(number)

    with ThreadPoolExecutor(4) as pool, gate.turn():
        for number in (1, 2, 3):
            pool.submit(ask, number)
            until(lambda number=number: len(gate._live) == number)
    assert went == [3, 2, 1]


def test_a_live_drawing_gives_up_while_a_finished_one_still_waits() -> None:
    gate = Gate(at_once=1, waiting=10, patience_s=60, live_patience_s=0.01)
    with gate.turn(), pytest.raises(Busy), gate.turn(live=True):
        pass
    with ThreadPoolExecutor(1) as pool, gate.turn():
        final = pool.submit(lambda: gate.turn().__enter__())
        until(lambda: len(gate._final) == 1)
        assert not final.done()
    assert not gate._live and not gate._final


def test_whoever_comes_to_a_full_queue_is_told_so_at_once() -> None:
    gate = Gate(at_once=1, waiting=0, patience_s=60, live_patience_s=60)
    with gate.turn(), pytest.raises(Busy, match="try again"), gate.turn():
        pass


@pytest.mark.parametrize("live", [False, True])
def test_a_turn_comes_back_whatever_happens_in_it(live: bool) -> None:
    gate = Gate(at_once=1, waiting=0, patience_s=60, live_patience_s=60)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), gate.turn(live=live):
            raise ZeroDivisionError
    with gate.turn():
        pass
