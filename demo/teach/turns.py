"""Whose lesson it is: one at a time, a few wait and are told their place, and nobody has more than one."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from demo.gate import Busy

WAITING = 6  # lessons that may wait: the last of them for a minute or two
OF_A_GROUP = 3  # places that one group of addresses may hold: the others come in between
PER_HOUR = 40  # lessons of one group of addresses: a school is one group
HOUR_S = 3600.0
ENDING_S = 15.0  # a lesson that was cancelled ends in a moment: whoever asks for the next one waits so long for it


@dataclass(frozen=True)
class Place:
    """Of a lesson in the queue, its own or not yet; `panel` is where on the page it was asked for."""

    visit: str
    group: str
    panel: str
    cancelled: threading.Event = field(default_factory=threading.Event)


class Turns:
    """The queue of the lessons of this server."""

    def __init__(self, waiting: int = WAITING, per_hour: int = PER_HOUR, ending_s: float = ENDING_S) -> None:
        self.waiting = waiting
        self.per_hour = per_hour
        self.ending_s = ending_s
        self._queue: list[Place] = []  # the first has its lesson now
        self._waiting: set[str] = set()  # visits that wait for the end of a lesson of theirs
        self._begun: defaultdict[str, deque[float]] = defaultdict(deque)
        self._changed = threading.Condition()

    @contextmanager
    def place(self, visit: str, group: str, panel: str = "") -> Iterator[threading.Event]:
        """A place in the queue for a visit, from a group of addresses; gives what is set once the lesson is cancelled.

        Raises Busy in words for the person.
        """
        place = Place(visit, group, panel)
        with self._changed:
            self._await_own_end(visit)
            self._admit(group)
            self._queue.append(place)
        try:
            yield place.cancelled
        finally:
            with self._changed:
                self._queue.remove(place)
                self._changed.notify_all()

    def cancel(self, visit: str, panel: str = "") -> None:
        """Let the lesson that the visit has asked for there, if there is one, end with what it does just now.

        Gradio's own `cancels` forgets a lesson only once the server has answered, and drops without a word what is
        cancelled before that.
        """
        with self._changed:
            for place in self._queue:
                if (place.visit, place.panel) == (visit, panel):
                    place.cancelled.set()

    def ahead(self, visit: str, wait_s: float) -> int:
        """How many lessons come before that of `visit`, told when its turn comes, and after `wait_s` at the latest."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue[0].visit == visit, wait_s)
            return [place.visit for place in self._queue].index(visit)

    def _await_own_end(self, visit: str) -> None:
        """Wait, with `_changed` held, until the visit has no lesson; raises Busy when that takes too long."""
        yours = "a lesson of yours is still going on: cancel it, or wait until it is done"
        if visit in self._waiting:
            raise Busy(yours)
        self._waiting.add(visit)
        try:
            if not self._changed.wait_for(lambda: all(place.visit != visit for place in self._queue), self.ending_s):
                raise Busy(yours)
        finally:
            self._waiting.remove(visit)

    def _admit(self, group: str) -> None:
        now = time.monotonic()
        for old in [each for each, begun in self._begun.items() if not begun or now - begun[-1] > HOUR_S]:
            del self._begun[old]
        begun = self._begun[group]
        while begun and now - begun[0] > HOUR_S:
            begun.popleft()
        if len(self._queue) > self.waiting:
            raise Busy("many lessons are waiting already: please try again in a few minutes")
        if sum(place.group == group for place in self._queue) >= OF_A_GROUP:
            raise Busy(f"{OF_A_GROUP} lessons from your network are not over yet: please try again when one is done")
        if len(begun) >= self.per_hour:
            raise Busy(f"your network has had {self.per_hour} lessons within an hour: please come back later")
        begun.append(now)
