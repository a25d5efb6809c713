"""The weights of a taught net as a file that `python -m checkpoints add` takes, over plain HTTP.

Gradio keeps what an event answers for as long as the page is open, and some nets have 30 MB. Here a net's file is made
once, kept beside the net and sent from there to whoever asks for it: however slowly somebody reads it, no other waits
for that.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from weakref import WeakKeyDictionary

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from torch import nn

from checkpoints.own_nets.taught import file_of
from checkpoints.store import naming
from demo.taught_nets import PREFIX, Taught, taught

SENT_WITHIN_S = 120.0
CHUNK_BYTES = 2**18


def folder(training: str) -> str:
    """Where the files NAME.safetensors of a visit's taught nets are, relative to the page's address."""
    return f"taught/{training.removeprefix(PREFIX)}/"


def route() -> Route:
    """The route of all taught nets; whoever knows a visit's training, which only its page is told, gets its nets."""
    return Route("/taught/{visit}/{name}.safetensors", _Weights())


class _Weights:
    """Answers with the file, or 404 where there is no such net any more."""

    def __init__(self) -> None:
        self._files: WeakKeyDictionary[nn.Module, bytes] = WeakKeyDictionary()  # each goes with its net
        self._making = asyncio.Lock()  # one at a time

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        name, visit = request.path_params["name"], request.path_params["visit"]
        found = taught.find(naming.id_of(name, PREFIX + visit))
        if found is None:
            await PlainTextResponse("not here any more", status_code=404)(scope, receive, send)
        elif request.method == "HEAD":
            await Response()(scope, receive, send)
        else:
            content = await self._file_of(found)
            headers = {
                "content-disposition": f'attachment; filename="{name}-taught.safetensors"',
                "content-length": str(len(content)),
                "content-encoding": "identity",  # weights do not get smaller, and compressing them takes a second
                "cache-control": "no-store",
            }
            file = StreamingResponse(_chunks(content), headers=headers, media_type="application/octet-stream")
            async with asyncio.timeout(SENT_WITHIN_S):
                await file(scope, receive, send)

    async def _file_of(self, found: Taught) -> bytes:
        async with self._making:
            content = self._files.get(found.net)
            if content is None:
                content = await anyio.to_thread.run_sync(file_of, found.net, found.card)
                self._files[found.net] = content
        return content


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), CHUNK_BYTES):
        yield content[start : start + CHUNK_BYTES]
