"""The process of a lesson, seen from the server: started, listened to, and ended whatever happens."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue

from demo.teach.lesson import Event, Order

ROOT = Path(__file__).parents[2]
SPARE_S = 180.0  # so long a process that nobody has asked for yet waits for its lesson
BEAT_S = 0.25  # how often somebody who listens is given the chance to go
ENDS_WITHIN_S = 15.0  # once all is told; at a low priority on a busy machine


class LessonFailed(RuntimeError):
    """The process has ended before its lesson was over, or took too long; what it has not told is as it was."""


def lesson(order: Order) -> Generator[list[Event], None, None]:
    """The events of a lesson as they come, none or several at a time, at least every BEAT_S.

    The process ends with the iterator, whether it was read to its end or not. Raises LessonFailed.
    """
    process = _spare.take() or _start()
    events: SimpleQueue[Event | None] = SimpleQueue()
    threading.Thread(target=_listen, args=(process, order, events), name="lesson", daemon=True).start()
    until_s = time.monotonic() + order.limit_s
    try:
        while True:
            some, ended = _waiting(events)
            yield some
            if ended:
                break
            if time.monotonic() > until_s:
                raise LessonFailed(f"the lesson took more than {round(order.limit_s)} seconds and was stopped")
        try:
            status = process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired as error:
            raise LessonFailed("the lesson's process could no longer be understood and was stopped") from error
        if status != 0:
            raise LessonFailed("the lesson's process was ended by the system, perhaps because memory is short")
    finally:
        _end(process)


def prepare() -> None:
    """Start the process of the next lesson, which then need not wait for its imports; one that nobody wants ends."""
    _spare.keep()


class _Spare:
    """The one process that waits for the next lesson, if somebody is about to ask for one."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def keep(self) -> None:
        with self._lock:
            if self._process is None or _has_ended(self._process):
                self._process = _start()
                timer = threading.Timer(SPARE_S, self._end, [self._process])
                timer.daemon = True
                timer.start()

    def take(self) -> subprocess.Popen[bytes] | None:
        with self._lock:
            process, self._process = self._process, None
            return None if process is None or _has_ended(process) else process

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        with self._lock:
            if process is not self._process:
                return  # its lesson has begun
            self._process = None
        _end(process)


_spare = _Spare()


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "demo.teach"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        # Threads that wait for each other give up their core: beside a busy server they would only spin on it.
        env={**os.environ, "OMP_WAIT_POLICY": "PASSIVE"},
    )


def _listen(process: subprocess.Popen[bytes], order: Order, events: SimpleQueue[Event | None]) -> None:
    assert process.stdin is not None and process.stdout is not None
    try:
        pickle.dump(order, process.stdin)
        process.stdin.flush()
        while True:
            events.put(pickle.load(process.stdout))  # noqa: S301  from the process that was started here
    except (EOFError, OSError, ValueError, pickle.UnpicklingError):
        pass  # it has ended, or was ended in the middle of an event
    finally:
        events.put(None)


def _waiting(events: SimpleQueue[Event | None]) -> tuple[list[Event], bool]:
    """All events that are there, the first waited for; and whether they were the last."""
    some: list[Event] = []
    try:
        event = events.get(timeout=BEAT_S)
        while event is not None:
            some.append(event)
            event = events.get_nowait()
        return some, True
    except Empty:
        return some, False


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and those it has started, and wait until it is gone."""
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except ProcessLookupError:
        pass
    process.wait()
    _close(process)


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether it has ended by itself; then nothing of it stays open."""
    if process.poll() is None:
        return False
    _close(process)
    return True


def _close(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(OSError):  # what it had not read yet cannot be written any more
                stream.close()
