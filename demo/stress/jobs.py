"""How many long runs there may be at a time, for each page and each network: whoever comes after that is told at once.

A page names itself, so that a program could call itself a hundred pages; a network is what one connection commands, as
the challenge counts it.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import gradio as gr

from demo.challenge.drawings.address_groups import network_of
from demo.challenge.page.handlers import address_of
from demo.inference import Busy

MOST_JOBS = 6  # each waits for the others between two batches, so that more would only all take longer
OF_A_NETWORK = 2  # that run, and as many that wait for a run of the same page to end
ENDING_S = 30.0  # a run that was cancelled ends with its batch: whoever starts the next one waits so long for it


@dataclass(frozen=True)
class Job:
    """A run of one `kind`; it looks after every batch whether it was cancelled meanwhile."""

    kind: str
    network: str
    cancelled: threading.Event = field(default_factory=threading.Event)


_running: dict[str, Job] = {}  # by page
_waiting: Counter[str] = Counter()  # network -> how many of its requests wait
_changed = threading.Condition()


@contextmanager
def job(request: gr.Request | None, kind: str) -> Iterator[Job]:
    """A place for a run of the page that `request` came from.

    Raises Busy when the page has a run that does not end, when its network has two, or when all places are taken.
    """
    page = _page(request)
    begun = Job(kind, network_of(address_of(request)) if request is not None else "nowhere")
    with _changed:
        _await_own_end(page, begun.network)
        if sum(other.network == begun.network for other in _running.values()) >= OF_A_NETWORK:
            raise Busy(f"{OF_A_NETWORK} runs from your network are still going on: please try again when one is done")
        if len(_running) >= MOST_JOBS:
            raise Busy("many stress tests are running right now: please try again in a minute")
        _running[page] = begun
    try:
        yield begun
    finally:
        with _changed:
            del _running[page]
            _changed.notify_all()


def cancel(request: gr.Request | None, kind: str) -> None:
    """Let the run of that kind, if the page has one, end with its batch.

    Gradio's own `cancels` forgets a run only once the server has answered, and drops without a word what is started
    before that.
    """
    with _changed:
        running = _running.get(_page(request))
        if running is not None and running.kind == kind:
            running.cancelled.set()


def _await_own_end(page: str, network: str) -> None:
    """Wait, with `_changed` held, until the page has no run; raises Busy when that takes too long."""
    yours = "a run of yours is still going on: cancel it, or wait until it is done"
    if page not in _running:
        return
    if _waiting[network] >= OF_A_NETWORK:
        raise Busy(yours)
    _waiting[network] += 1
    try:
        if not _changed.wait_for(lambda: page not in _running, ENDING_S):
            raise Busy(yours)
    finally:
        _waiting[network] -= 1
        if not _waiting[network]:
            del _waiting[network]


def _page(request: gr.Request | None) -> str:
    return str(request.session_hash) if request is not None else "nobody"
