"""Bodies of requests: bounded in size, in time and together, and read whole before anything looks at them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Container, Mapping

import anyio
import anyio.to_thread
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from demo.serving.routes import API, FOR_PROGRAMS, refuse
from demo.serving.screening import BadBody, check_event, check_form

EVENT_BYTES = 1_000_000  # what the pad sends is below 600 kB: an image of pure noise is 540 kB
IMAGE_BYTES = 4 * 2**20  # /classify and uploads
HELD_BYTES = 128 * 2**20  # of all bodies that are being read together
ARRIVES_S = 30.0
DISCARDED_BYTES = 64 * 2**20  # of a body too large, so much is read and thrown away before hanging up
DISCARDING_S = 10.0
PARSED_HERE_BYTES = 100_000  # a larger body is checked on a thread: to parse it takes longer than to change threads
UPLOADS_BYTES = 256 * 2**20  # on the disk at a time: Gradio deletes what is older than that
UPLOADS_S = 3600.0

SCREENED = (f"{API}/run/", f"{API}/call/", f"{API}/queue/join", f"{API}/cancel", f"{API}/reset")
UPLOAD, CLASSIFY = f"{API}/upload", f"{API}/classify"
PROGRAMS_QUEUED = 32  # events of Gradio's queue at which programs wait no longer: the other half is the page's own


class BoundedBodies:
    """Reads the body and hands it on in one piece, or answers 400, 408, 413, 429 or 503 in words.

    events    how many values each of the page's events takes, by its number; others there are not
    programs  the numbers of those that are for programs
    queued    how many events wait in Gradio's queue now
    """

    def __init__(
        self,
        app: ASGIApp,
        events: Mapping[int, int] | None = None,
        programs: Container[int] = (),
        queued: Callable[[], int] = lambda: 0,
    ) -> None:
        self.app = app
        self.events = events or {}
        self.programs = programs
        self.queued = queued
        self.held = 0
        self.uploads = Uploads()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("POST", "PUT", "PATCH"):
            await self.app(scope, receive, send)
            return
        path = scope["path"].rstrip("/")
        largest = IMAGE_BYTES if path in FOR_PROGRAMS else EVENT_BYTES
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > largest:
            await refuse_large(receive, send, largest)
            return
        if path == UPLOAD and not self.uploads.room():
            await refuse(send, 429, "many files were uploaded within this hour: send a data URL", retry_after="600")
            return
        body = bytearray()
        try:
            with anyio.fail_after(ARRIVES_S):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return
                    part = message.get("body", b"")
                    self.held += len(part)
                    body += part
                    if len(body) > largest or self.held > HELD_BYTES or not message.get("more_body"):
                        break
            if len(body) > largest:
                await refuse_large(receive, send, largest)
            elif self.held > HELD_BYTES:
                await refuse(send, 503, "the server is reading too much at once; please try again", retry_after="5")
            else:
                await self._checked(path, bytes(body), scope, receive, send)
        except TimeoutError:
            await refuse(send, 408, f"the body did not arrive within {ARRIVES_S:g} s", connection="close")
        finally:
            self.held -= len(body)

    async def _checked(self, path: str, body: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        if path.startswith(SCREENED):
            try:
                if len(body) < PARSED_HERE_BYTES:
                    number = check_event(body, self.events)
                else:
                    number = await anyio.to_thread.run_sync(check_event, body, self.events)
            except BadBody as error:
                await refuse(send, 400, str(error))
                return
            if (path in FOR_PROGRAMS or number in self.programs) and self.queued() >= PROGRAMS_QUEUED:
                await refuse(send, 503, f"many images are waiting: try again, or POST to {CLASSIFY}", retry_after="5")
                return
        if path == UPLOAD:
            try:
                check_form(dict(scope["headers"]).get(b"content-type", b""))
            except BadBody as error:
                await refuse(send, 400, str(error))
                return
            self.uploads.note(len(body))
        await self.app(scope, whole(body, receive), send)


class Uploads:
    """How much has been uploaded within the hour for which it lies on the disk."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._noted: deque[tuple[float, int]] = deque()

    def room(self) -> bool:
        while self._noted and self._noted[0][0] < self._clock() - UPLOADS_S:
            self._noted.popleft()
        return sum(size for _, size in self._noted) < UPLOADS_BYTES

    def note(self, size: int) -> None:
        self._noted.append((self._clock(), size + 4096))


def whole(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives `body` in one piece, and then what the connection does."""
    given = False

    async def once() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once


async def refuse_large(receive: Receive, send: Send, largest: int) -> None:
    """Answer 413, and read on for a while: a client that is still sending could not see the answer otherwise."""
    error = f"the body is larger than {largest:,} bytes, which is the most that is read here"
    sent: list[Message] = []

    async def keep(message: Message) -> None:
        sent.append(message)

    await refuse(keep, 413, error, connection="close")
    await send(sent[0])
    await send({**sent[1], "more_body": True})
    discarded = 0
    with anyio.move_on_after(DISCARDING_S):
        while discarded < DISCARDED_BYTES:
            message = await receive()
            discarded += len(message.get("body", b""))
            if not message.get("more_body"):
                break
    await send({"type": "http.response.body", "body": b""})
