"""The scoreboard is brought up to date in the background: a new net predicts everything that was ever submitted."""

from __future__ import annotations

import logging
import threading
import time

from demo.challenge.scoreboard import board, predictions, scoreboard
from demo.challenge.store.database import Store, StoreError
from demo.inference import Busy, NetFailed

CHUNK = 64  # predictions between two pauses
RETRY_S = 60.0  # a net that could not predict is asked again after this
PAUSE_S = 2.0  # after the nets were busy with those who draw
LONGEST_REST_S = 30.0

log = logging.getLogger("demo.challenge")


class Renewal:
    """Renews the scoreboard of a store when asked to `start`; one thread at a time, which goes on until it is done.

    progress  (predictions computed, of how many) while nets catch up, else None
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.progress: tuple[int, int] | None = None
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()
        self._failed_at = -RETRY_S  # by the clock of time.monotonic

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Begin, unless it has begun or has just failed; nobody waits for it."""
        with self._lock:
            rested = time.monotonic() - self._failed_at >= RETRY_S
            if rested and not self.running and not self._stopped.is_set():
                self._thread = threading.Thread(target=self._run, name="scoreboard", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            latest, fresh = board.latest(self.store)
            if fresh and not latest.behind:
                return
            if not latest.rested:
                self._stopped.wait(min(LONGEST_REST_S, board.REST * latest.took_s))
            failures = self._catch_up()
            if not self._stopped.is_set():
                scoreboard.make_and_keep(self.store, failures)
            if failures:
                self._failed_at = time.monotonic()
        except StoreError as error:
            self._failed_at = time.monotonic()
            log.warning("the scoreboard was not renewed: %s (%s)", error, error.detail)
        finally:
            self.progress = None

    def _catch_up(self) -> dict[str, str]:
        """Chunk by chunk, resting as long as each took, so that whoever draws goes first; returns why nets failed."""
        failures = {}
        lacking = {net: predictions.missing(self.store, sha256) for net, sha256 in predictions.nets().items()}
        done, total = 0, sum(lacking.values())
        for net, missing in lacking.items():
            left = missing
            while left > 0 and not self._stopped.is_set():
                self.progress = done, total
                started = time.monotonic()
                try:
                    computed = predictions.catch_up(self.store, [net], most=min(CHUNK, left))
                except Busy:
                    self._stopped.wait(PAUSE_S)
                    continue
                except NetFailed as error:
                    log.warning("%s cannot take part in the scoreboard: %s", net, error)
                    failures[net] = scoreboard.FAILED
                    break
                if not computed:
                    break
                done, left = done + computed, left - computed
                self._stopped.wait(time.monotonic() - started)
        return failures
