"""Connections that waste the server's time: heads and bodies that do not come, answers that nobody takes."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from urllib.parse import urlsplit

import pytest
import uvicorn
from uvicorn.server import ServerState

from demo.serving import bodies, protocol
from tests.support.serving import answers

pytestmark = pytest.mark.slow

PATIENCE_S = 120
MEGABYTE = b"x" * 2**20


@contextmanager
def raw(server: str) -> Iterator[socket.socket]:
    address = urlsplit(server)
    with closing(socket.create_connection((address.hostname, address.port), timeout=PATIENCE_S)) as connection:
        yield connection


def test_a_head_without_end_is_refused(server: str) -> None:
    with raw(server) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n")
        with suppress(OSError):
            for _ in range(100):
                connection.sendall(b"a: " + b"x" * 4000 + b"\r\n")
        with suppress(ConnectionResetError):
            assert connection.recv(100).startswith(b"HTTP/1.1 4") or not connection.recv(1)
    assert answers(server, PATIENCE_S)


@contextmanager
def crowded(server: str, begun: bytes) -> Iterator[list[socket.socket]]:
    """More connections than there may be, each of which has sent `begun` and waits."""
    opened = []
    try:
        for _ in range(protocol.CONNECTIONS + 100):
            connection = socket.create_connection(
                (urlsplit(server).hostname, urlsplit(server).port), timeout=PATIENCE_S
            )
            opened.append(connection)
            connection.sendall(begun)
        yield opened
    finally:
        for connection in opened:
            connection.close()


def test_half_open_requests_lock_nobody_out_and_end_by_themselves(server: str) -> None:
    with crowded(server, b"GET / HTTP/1.1\r\nhost: x\r\n") as halves:
        started = time.monotonic()
        assert answers(server, PATIENCE_S)
        assert time.monotonic() - started < protocol.HEAD_S  # not because they had ended
        assert halves[-1].recv(1) == b""  # within HEAD_S of silence


def test_requests_without_their_bodies_lock_nobody_out(server: str) -> None:
    head = b"POST /gradio_api/run/predict HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{"
    started = time.monotonic()
    with crowded(server, head):
        assert answers(server, PATIENCE_S)
        assert time.monotonic() - started < bodies.ARRIVES_S  # not because they had ended


def test_an_answer_that_is_not_taken_is_the_first_to_make_room() -> None:
    """A real connection whose other end reads nothing; its answer is larger than what the kernel takes."""
    with ThreadPoolExecutor(1) as pool:  # Playwright, once used, keeps a loop running in the tests' own thread
        assert pool.submit(lambda: asyncio.run(answered_to_nobody())).result() == (False, True)


async def answered_to_nobody() -> tuple[bool, bool]:
    """Whether the connection may make room while its answer is made, and while that is not taken."""
    made, asked, made_while = asyncio.Event(), asyncio.Event(), []

    async def app(scope: dict, receive: object, send: Callable[[dict], Awaitable[None]]) -> None:
        asked.set()
        await made.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while True:
            await send({"type": "http.response.body", "body": MEGABYTE, "more_body": True})

    config = uvicorn.Config(app, http=protocol.BoundedProtocol, lifespan="off", log_level="warning")
    config.load()
    state, kept = ServerState(), []

    def one() -> asyncio.Protocol:
        kept.append(protocol.BoundedProtocol(config, state, {}))
        return kept[0]

    listening = await asyncio.get_running_loop().create_server(one, "127.0.0.1", 0)
    _, writer = await asyncio.open_connection(*listening.sockets[0].getsockname(), limit=1)
    writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
    await asked.wait()
    made_while.append(kept[0].idle)
    made.set()
    deadline = time.monotonic() + 30
    while not kept[0].idle and time.monotonic() < deadline:
        await asyncio.sleep(0.01)
    made_while.append(kept[0].idle)
    writer.transport.abort()
    listening.close()
    return made_while[0], made_while[1]


def test_a_body_that_does_not_arrive_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "ARRIVES_S", 0.05)
    with ThreadPoolExecutor(1) as pool:  # Playwright, once used, keeps a loop running in the tests' own thread
        answers = pool.submit(lambda: asyncio.run(asked_slowly())).result()
    assert answers[0]["status"] == 408


async def asked_slowly() -> list[dict]:
    """What BoundedBodies answers to a body that never comes."""
    answers: list[dict] = []

    async def receive() -> dict:
        await asyncio.sleep(60)
        return {"type": "http.request", "body": b"", "more_body": True}

    async def send(message: dict) -> None:
        answers.append(message)

    scope = {"type": "http", "method": "POST", "path": "/gradio_api/run/predict", "headers": []}
    guarded = bodies.BoundedBodies(None)  # type: ignore[arg-type]
    await guarded(scope, receive, send)
    assert guarded.held == 0
    return answers
