"""Whose lesson it is: one at a time, a few wait and are told their place, and nobody has more than one."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager

from demo.gate import Busy

WAITING = 6  # lessons that may wait: the last of them for a minute or two
PER_HOUR = 40  # lessons of one group of addresses: a school is one group
HOUR_S = 3600.0
ENDING_S = 15.0  # a lesson that was cancelled ends in a moment: whoever asks for the next one waits so long for it


class Turns:
    """The queue of the lessons of this server."""

    def __init__(self, waiting: int = WAITING, per_hour: int = PER_HOUR, ending_s: float = ENDING_S) -> None:
        self.waiting = waiting
        self.per_hour = per_hour
        self.ending_s = ending_s
        self._queue: list[str] = []  # visits; the first has its lesson now
        self._begun: defaultdict[str, deque[float]] = defaultdict(deque)
        self._changed = threading.Condition()

    @contextmanager
    def place(self, visit: str, group: str) -> Iterator[None]:
        """A place in the queue for a visit, from a group of addresses. Raises Busy in words for the person."""
        with self._changed:
            if not self._changed.wait_for(lambda: visit not in self._queue, self.ending_s):
                raise Busy("a lesson of yours is still going on: cancel it, or wait until it is done")
            self._admit(group)
            self._queue.append(visit)
        try:
            yield
        finally:
            with self._changed:
                self._queue.remove(visit)
                self._changed.notify_all()

    def ahead(self, visit: str, wait_s: float) -> int:
        """How many lessons come before that of `visit`, told when its turn comes, and after `wait_s` at the latest."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue[0] == visit, wait_s)
            return self._queue.index(visit)

    def _admit(self, group: str) -> None:
        now = time.monotonic()
        for old in [each for each, begun in self._begun.items() if not begun or now - begun[-1] > HOUR_S]:
            del self._begun[old]
        begun = self._begun[group]
        while begun and now - begun[0] > HOUR_S:
            begun.popleft()
        if len(self._queue) > self.waiting:
            raise Busy("many lessons are waiting already: please try again in a few minutes")
        if len(begun) >= self.per_hour:
            raise Busy(f"your network has had {self.per_hour} lessons within an hour: please come back later")
        begun.append(now)
