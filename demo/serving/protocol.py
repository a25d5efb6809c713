"""HTTP/1.1 on one connection, with an end to everything: the head, the silence, the number of connections.

h11 bounds what it keeps of an unfinished head; httptools, uvicorn's faster choice, keeps all that comes. What is
bounded here is time: a head has to arrive, and what is sent has to be taken. When all connections are in use, the one
for which nothing has been done for longest makes room, so that requests that stay half a request, and answers that are
taken drop by drop, lock nobody out.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from demo.serving.routes import API, HEARTBEAT

HEAD_BYTES = 32 * 2**10
HEAD_S = 10.0  # from the first moment of a connection, or the first byte of its next request, to the head's end
STALLED_S = 30.0  # so long may what is sent wait to be taken
CONNECTIONS = 1000

FULL = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class BoundedProtocol(H11Protocol):
    """For `uvicorn.Config(http=...)`."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.idle_since = time.monotonic()
        self._head: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None

    @property
    def idle(self) -> bool:
        """Whether no answer is being made here.

        None has been asked for, or not in full, or it waits to be taken, or it is a page's heartbeat.
        """
        if self.cycle is None or self.cycle.response_complete or self.cycle.more_body or self._stalled is not None:
            return True
        return bool(self.scope["path"].startswith(f"{API}/{HEARTBEAT}"))

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS and not self._make_room():
            transport.write(FULL)
            transport.close()
            return
        self._head = self.loop.call_later(HEAD_S, transport.abort)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._head = _cancelled(self._head)
        elif self._head is None and self.timeout_keep_alive_task is None and not self.transport.is_closing():
            self._head = self.loop.call_later(HEAD_S, self.transport.abort)

    def on_response_complete(self) -> None:
        self.idle_since = time.monotonic()
        super().on_response_complete()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._stalled = _cancelled(self._stalled)
        self._stalled = self.loop.call_later(STALLED_S, self.transport.abort)  # close() waits for all to be taken

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stalled = _cancelled(self._stalled)
        self._stalled = self.loop.call_later(STALLED_S, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stalled = _cancelled(self._stalled)

    def connection_lost(self, exc: Exception | None) -> None:
        self._head = _cancelled(self._head)
        self._stalled = _cancelled(self._stalled)
        super().connection_lost(exc)

    def _make_room(self) -> bool:
        others = [other for other in self.connections if isinstance(other, BoundedProtocol) and other is not self]
        oldest = min((other for other in others if other.idle), key=lambda other: other.idle_since, default=None)
        if oldest is None:
            return False
        self.connections.discard(oldest)
        oldest.transport.abort()
        return True


def _cancelled(timer: asyncio.TimerHandle | None) -> asyncio.TimerHandle | None:
    """Stop the timer, if there is one; None, for the place it was kept in."""
    if timer is not None:
        timer.cancel()
    return None
