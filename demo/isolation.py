"""Threads on which nets run. Whatever a net does there, it does to itself: raising, `sys.exit`, or never coming back.

A lane is a thread. One that a call does not return to within its time is given up and a new one takes its place: a
thread cannot be stopped from outside, but nobody has to wait for it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Hung(TimeoutError):
    """The call did not come back within its time; it may still do so."""

    def __init__(self, call: Call, limit_s: float) -> None:
        super().__init__(f"no answer within {limit_s:g} s")
        self.ended = call.ended


class Call(Generic[T]):
    """A function that waits for a lane, runs there, and ends with a value or an error."""

    def __init__(self, function: Callable[[], T]) -> None:
        self.function = function
        self.begun = threading.Event()
        self.ended = threading.Event()
        self.begun_s = 0.0
        self.given_up = False
        self.value: T | None = None
        self.error: BaseException | None = None

    def run(self) -> None:
        self.begun_s = time.monotonic()
        self.begun.set()
        try:
            self.value = self.function()
        except BaseException as error:  # a net may raise anything, and SystemExit would end the lane without a word
            self.error = error.with_traceback(None)  # frames hold images and nets
        self.ended.set()


class Lanes:
    """So many calls run together; the others wait for a lane. The threads do not keep the process from ending."""

    def __init__(self, count: int, name: str) -> None:
        self._count = count
        self._name = name
        self._waiting: SimpleQueue[Call] = SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0

    def run(self, functions: Sequence[Callable[[], T]], limit_s: float) -> list[T | BaseException]:
        """The value of each function, or what it raised; Hung for one that took longer than limit_s on its lane."""
        with self._lock:
            while self._threads < self._count:
                self._open()
        calls = [Call[T](function) for function in functions]
        for call in calls:
            self._waiting.put(call)
        return [self._outcome(call, limit_s) for call in calls]

    def _outcome(self, call: Call[Any], limit_s: float) -> Any:
        call.begun.wait()
        if not call.ended.wait(max(0.0, call.begun_s + limit_s - time.monotonic())):
            with self._lock:
                if not call.ended.is_set():
                    call.given_up = True
                    self._threads -= 1
                    self._open()
                    return Hung(call, limit_s)
        return call.value if call.error is None else call.error

    def _open(self) -> None:
        self._threads += 1
        threading.Thread(target=self._serve, name=self._name, daemon=True).start()

    def _serve(self) -> None:
        while True:
            call = self._waiting.get()
            call.run()
            with self._lock:
                if call.given_up:
                    return
            del call  # or an idle lane would hold the last answer
