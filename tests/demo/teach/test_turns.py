"""The queue of the lessons."""

from __future__ import annotations

import threading

import pytest

from demo.gate import Busy
from demo.teach.turns import Turns


def test_lessons_come_one_after_the_other_and_are_told_their_place() -> None:
    turns = Turns()
    with turns.place("first", "a"):
        assert turns.ahead("first", 0) == 0
        with turns.place("second", "b"), turns.place("third", "c"):
            assert turns.ahead("second", 0) == 1
            assert turns.ahead("third", 0) == 2
        with turns.place("fourth", "d"):
            assert turns.ahead("fourth", 0) == 1, "whoever has gone is not waited for"


def test_whoever_waits_is_told_when_the_turn_comes() -> None:
    turns, ahead = Turns(), []
    with turns.place("second", "b"):
        pass
    first = turns.place("first", "a")
    first.__enter__()

    def wait() -> None:
        with turns.place("second", "b"):
            joined.set()
            ahead.append(turns.ahead("second", 60))

    joined = threading.Event()
    waiting = threading.Thread(target=wait)
    waiting.start()
    joined.wait()
    first.__exit__(None, None, None)
    waiting.join(30)
    assert ahead == [0]


def test_nobody_has_two_lessons_and_the_queue_is_short() -> None:
    turns = Turns(waiting=1, ending_s=0)
    with turns.place("one", "a"):
        with pytest.raises(Busy, match="a lesson of yours"), turns.place("one", "a"):
            pass
        with turns.place("two", "a"), pytest.raises(Busy, match="many lessons are waiting"), turns.place("three", "a"):
            pass


def test_a_group_of_addresses_leaves_places_to_the_others() -> None:
    turns = Turns()
    with turns.place("one", "a"), turns.place("two", "a"), turns.place("three", "a"):
        with pytest.raises(Busy, match="3 lessons from your network"), turns.place("four", "a"):
            pass
        with turns.place("four", "b"):
            assert turns.ahead("four", 0) == 3


def test_a_visit_waits_once_for_the_end_of_its_lesson() -> None:
    turns = Turns(ending_s=60)
    first = turns.place("one", "a")
    first.__enter__()

    def wait() -> None:
        with turns.place("one", "a"):
            pass

    waiting = threading.Thread(target=wait)
    waiting.start()
    while not turns._waiting:
        pass
    with pytest.raises(Busy, match="a lesson of yours"), turns.place("one", "a"):
        pass
    first.__exit__(None, None, None)
    waiting.join(30)
    assert not waiting.is_alive()


def test_a_lesson_is_cancelled_by_its_own_panel_of_its_own_visit() -> None:
    turns = Turns()
    with turns.place("one", "a", "draw") as cancelled:
        turns.cancel("two", "draw")
        turns.cancel("one", "stress")
        assert not cancelled.is_set()
        turns.cancel("one", "draw")
        assert cancelled.is_set()
    turns.cancel("one", "draw")


def test_a_group_of_addresses_has_so_many_lessons_an_hour() -> None:
    turns = Turns(per_hour=2)
    for visit in ("one", "two"):
        with turns.place(visit, "a network"):
            pass
    with pytest.raises(Busy, match="2 lessons within an hour"), turns.place("three", "a network"):
        pass
    with turns.place("three", "another network"):
        pass


def test_a_refused_lesson_of_a_new_network_leaves_the_queue_to_the_next_one() -> None:
    turns = Turns(waiting=0)
    with turns.place("one", "a"), pytest.raises(Busy), turns.place("two", "a network that was never here"):
        pass
    with turns.place("three", "a"):
        assert turns.ahead("three", 0) == 0
