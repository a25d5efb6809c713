"""How many long runs there may be at a time, and one for each person: whoever comes after that is told at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from demo.inference import Busy

MOST_JOBS = 6  # each waits for the others between two batches, so that more would only all take longer
ENDING_S = 30.0  # a run that was cancelled ends with its batch: whoever starts the next one waits so long for it

_running: set[str] = set()
_changed = threading.Condition()


@contextmanager
def job(request: gr.Request | None) -> Iterator[None]:
    """A place for a run of the page that `request` came from; raises Busy when it has one, or when all are taken."""
    person = str(request.session_hash) if request is not None else "nobody"
    with _changed:
        if not _changed.wait_for(lambda: person not in _running, ENDING_S):
            raise Busy("a run of yours is still going on: cancel it, or wait until it is done")
        if len(_running) >= MOST_JOBS:
            raise Busy("many stress tests are running right now: please try again in a minute")
        _running.add(person)
    try:
        yield
    finally:
        with _changed:
            _running.discard(person)
            _changed.notify_all()
