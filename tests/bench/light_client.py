"""A light HTTP/1.1 client: one connection kept open, POSTs of JSON, next to no work of its own.

Fifty of them beside the server they measure must not take the cores that it needs.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit


class LightClient:
    """Connects when it has to. Raises OSError or TimeoutError when the server does not answer."""

    def __init__(self, address: str, timeout_s: float = 60.0) -> None:
        place = urlsplit(address)
        self._host, self._port, self._path = place.hostname, place.port, place.path.rstrip("/")
        self._timeout_s = timeout_s
        self._stream: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer to a POST of JSON."""
        return await self._ask("POST", path, body)

    async def get(self, path: str) -> tuple[int, bytes]:
        return await self._ask("GET", path, b"")

    def close(self) -> None:
        if self._stream is not None:
            self._stream[1].close()
            self._stream = None

    async def _ask(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._exchange(method, path, body)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError) as error:
            self.close()
            raise OSError(f"no whole answer to {method} {path}: {error!r}") from error
        except asyncio.CancelledError:
            self.close()
            raise

    async def _exchange(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        if self._stream is None or self._stream[1].is_closing():
            self._stream = await asyncio.open_connection(self._host, self._port, limit=2**20)
        reader, writer = self._stream
        head = f"{method} {self._path}{path} HTTP/1.1\r\nhost: {self._host}:{self._port}\r\n"
        head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        answer = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in answer[1:] if ": " in line)
        status = int(answer[0].split()[1])
        if headers.get("transfer-encoding") == "chunked":
            content = b""
            while size := int(await reader.readline(), 16):
                content += (await reader.readexactly(size + 2))[:-2]
            await reader.readexactly(2)
        else:
            content = await reader.readexactly(int(headers.get("content-length", 0)))
        if headers.get("connection") == "close":
            self.close()
        return status, content


async def config_of(client: LightClient) -> dict[str, Any]:
    status, content = await client.get("/config")
    if status != 200:
        raise OSError(f"/config answered {status}")
    found: dict[str, Any] = json.loads(content)
    return found
