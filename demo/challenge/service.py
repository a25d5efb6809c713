"""The challenge as one thing: its store, opened when somebody first comes, its keeper, and its scoreboard's renewal.

The page makes one `Challenge` and hands it to the tab, and to "Play five", which needs `rounds` alone:

    challenge = Challenge(settings.database)
    challenge.deal_round()                      # see drawings/rounds.py
    await challenge.apart(challenge.deal_round)()

Whatever asks the store runs `apart`, in threads of the challenge's own: a store that is busy, locked or silent keeps
nobody from drawing. Its waits are short, and what comes of them is a StoreError whose message may be shown.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial, wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from demo.challenge.drawings import address_groups, limits, rounds
from demo.challenge.labels import gold
from demo.challenge.scoreboard.renewal import Renewal
from demo.challenge.store.database import Store, StoreBusy, StoreError
from demo.challenge.transfer import keeper
from demo.sketchpad.drawing import Drawing

THREADS = 12  # the store answers in milliseconds; more of them would only wait for each other
WAITING = 200  # requests; whoever comes after that is told at once
OPEN_AGAIN_S = 5.0  # a store that could not be opened is not tried by everybody at once

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger("demo.challenge")


class Challenge:
    """address: of the store; None for the default."""

    def __init__(self, address: str | None) -> None:
        self.address = address
        self._opening = threading.Lock()
        self._store: Store | None = None
        self._failed: tuple[float, str, str] | None = None
        self._keeper: keeper.Keeper | None = None
        self._renewal: Renewal | None = None
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="challenge")
        self._waiting = threading.BoundedSemaphore(WAITING)

    @property
    def store(self) -> Store:
        """The store, opened when first asked for. Raises StoreError, at once when it has just failed."""
        with self._opening:
            if self._store is None:
                self._store = self._open()
            return self._store

    @property
    def renewal(self) -> Renewal:
        """What brings the scoreboard up to date in the background."""
        store = self.store
        with self._opening:
            if self._renewal is None:
                self._renewal = Renewal(store)
            return self._renewal

    @property
    def trouble(self) -> str | None:
        """What people should know about where drawings are kept, or None."""
        return None if self._keeper is None else self._keeper.trouble

    def apart(self, ask: Callable[P, R]) -> Callable[P, Awaitable[R]]:
        """`ask`, run in the challenge's own threads. Raises StoreBusy when too many wait already."""

        @wraps(ask)
        async def run(*arguments: P.args, **settings: P.kwargs) -> R:
            if not self._waiting.acquire(blocking=False):
                raise StoreBusy("very many people are taking part right now: please try again in a moment")
            try:
                call = partial(contextvars.copy_context().run, ask, *arguments, **settings)
                return await asyncio.get_running_loop().run_in_executor(self._threads, call)
            finally:
                self._waiting.release()

        return run

    def deal_round(self) -> rounds.Round:
        """See `rounds.deal`."""
        return rounds.deal(self.store)

    def round_tickets(self, code: object) -> list[str]:
        """See `rounds.tickets`."""
        return rounds.tickets(self.store, code)

    def submit_round(
        self,
        key: str,
        drawn: Sequence[tuple[str, Drawing | None]],
        *,
        consent: object,
        device: str = "unknown",
        nickname: str = "",
        address: str | None = None,
    ) -> list[rounds.Result]:
        """See `rounds.submit`."""
        return rounds.submit(self.store, key, drawn, consent=consent, device=device, nickname=nickname, address=address)

    def drawings_by_others(self, digit: int, *, key: str | None = None, number: int = 12) -> list[rounds.Other]:
        """See `rounds.by_others`."""
        return rounds.by_others(self.store, digit, key=key, number=number)

    def close(self) -> None:
        self._threads.shutdown()
        if self._renewal is not None:
            self._renewal.stop()
        if self._keeper is not None:
            self._keeper.stop()
        if self._store is not None:
            self._store.close()

    def _open(self) -> Store:
        if self._failed is not None and time.monotonic() - self._failed[0] < OPEN_AGAIN_S:
            raise StoreError(*self._failed[1:])  # a new one: an exception raised again and again grows
        try:
            store = Store(self.address)
            gold.ensure(store)
            limits.sweep(store)
            address_groups.forget_old(store)
            repository = keeper.repository()
            if repository is not None and store.is_sqlite:
                folder = Path(tempfile.mkdtemp(prefix="digit-challenge-"))
                self._keeper = keeper.Keeper(store, repository, folder)
                self._keeper.start()
        except StoreError as error:
            log.warning("the store of the challenge cannot be opened: %s (%s)", error, error.detail)
            self._failed = time.monotonic(), str(error), error.detail
            raise
        self._failed = None
        return store
