"""Whose turn it is: a few run, some wait, and of those who wait whoever has finished drawing goes first."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Busy(RuntimeError):
    """Too many images at once: this one was not looked at."""


class Gate:
    """`at_once` run together and `waiting` more wait, at most `patience_s`.

    Live requests, made while a stroke is still being drawn, are the first that a crowd goes without. They wait for a
    turn that nobody else wants, at most `live_patience_s`; then they are refused, which nobody has to be told. A page
    has one of them under way at a time, so that this wait is also what slows it down.
    """

    def __init__(self, at_once: int, waiting: int, patience_s: float, live_patience_s: float) -> None:
        self.at_once = at_once
        self.waiting = waiting
        self.patience_s = patience_s
        self.live_patience_s = live_patience_s
        self._running = 0
        self._final: deque[threading.Event] = deque()
        self._live: deque[threading.Event] = deque()
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, *, live: bool = False) -> Iterator[None]:
        """Wait for a turn; raises Busy. Whoever has one must not wait for another meanwhile."""
        self._enter(live)
        try:
            yield
        finally:
            self._leave()

    def _enter(self, live: bool) -> None:
        queue = self._live if live else self._final
        mine = threading.Event()
        with self._lock:
            if self._running < self.at_once:
                self._running += 1
                return
            if len(queue) >= self.waiting:
                raise Busy("many people are drawing right now and the nets are busy; please try again")
            queue.append(mine)
        patience_s = self.live_patience_s if live else self.patience_s
        if mine.wait(patience_s):
            return
        with self._lock:
            if mine.is_set():  # it came at the last moment
                return
            queue.remove(mine)
        raise Busy(f"the nets were busy for {patience_s:g} s; please try again")

    def _leave(self) -> None:
        with self._lock:
            following = self._final.popleft() if self._final else self._live.pop() if self._live else None
            if following is None:
                self._running -= 1
            else:
                following.set()  # the turn goes on to whoever waits
