"""The weights of a taught net as a file that `python -m checkpoints add` takes, over plain HTTP: one file at a time.

Gradio keeps what an event answers for as long as the page is open, and some nets have 30 MB.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from checkpoints.own_nets.taught import file_of
from checkpoints.store import naming
from demo.taught_nets import PREFIX, Taught, taught

TURN_WITHIN_S = 20.0
SENT_WITHIN_S = 120.0
CHUNK_BYTES = 2**18


def folder(training: str) -> str:
    """Where the files NAME.safetensors of a visit's taught nets are, relative to the page's address."""
    return f"taught/{training.removeprefix(PREFIX)}/"


def route() -> Route:
    """The route of all taught nets; whoever knows a visit's training, which only its page is told, gets its nets."""
    return Route("/taught/{visit}/{name}.safetensors", _Weights())


class _Weights:
    """Answers with the file, 404 where there is no such net any more, or 503 where its turn does not come."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        name, visit = request.path_params["name"], request.path_params["visit"]
        found = taught.find(naming.id_of(name, PREFIX + visit))
        if found is None:
            await PlainTextResponse("not here any more", status_code=404)(scope, receive, send)
        elif request.method == "HEAD":
            await Response()(scope, receive, send)
        else:
            await self._send(name, found, scope, receive, send)

    async def _send(self, name: str, found: Taught, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(TURN_WITHIN_S):
                await self._turn.acquire()
        except TimeoutError:
            await PlainTextResponse("please try again", 503, {"retry-after": "20"})(scope, receive, send)
            return
        try:
            async with asyncio.timeout(SENT_WITHIN_S):
                content = await anyio.to_thread.run_sync(file_of, found.net, found.card)
                headers = {
                    "content-disposition": f'attachment; filename="{name}-taught.safetensors"',
                    "content-length": str(len(content)),
                    "content-encoding": "identity",  # weights do not get smaller, and compressing them takes a second
                    "cache-control": "no-store",
                }
                file = StreamingResponse(_chunks(content), headers=headers, media_type="application/octet-stream")
                await file(scope, receive, send)
        finally:
            self._turn.release()


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), CHUNK_BYTES):
        yield content[start : start + CHUNK_BYTES]
