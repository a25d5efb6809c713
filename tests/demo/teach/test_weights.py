"""The files of taught nets over a real connection: nobody waits for somebody else who reads slowly."""

from __future__ import annotations

import asyncio
import gc
import weakref
from concurrent.futures import ThreadPoolExecutor

import safetensors.torch
import torch
import uvicorn
from starlette.applications import Starlette
from torch import nn

from demo.serving.ports import listen
from demo.taught_nets import PREFIX, Taught, taught
from demo.teach import weights
from demo.teach.weights import folder

TRAINING = f"{PREFIX}0123456789abcdef"
NET_ID = f"resnet-ish/{TRAINING}"
READERS = 20
ENDS_WITHIN_S = 60


def large() -> Taught:
    """A net whose file is larger than what a kernel takes for a connection that is not read."""
    return Taught(nn.Linear(2000, 5000), {}, ())


def test_readers_who_do_not_read_on_keep_nobody_from_the_weights_of_a_net() -> None:
    net = large()
    taught.put(NET_ID, net)
    with ThreadPoolExecutor(1) as pool:  # Playwright, once used, keeps a loop running in the tests' own thread
        content = pool.submit(lambda: asyncio.run(asyncio.wait_for(read_beside_slow_ones(), ENDS_WITHIN_S))).result()
    assert torch.equal(safetensors.torch.load(content)["weight"], net.net.weight)


async def read_beside_slow_ones() -> bytes:
    """The body of an answer to somebody who comes after many who read nothing of theirs but its beginning."""
    listening = listen("127.0.0.1", None)
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=[weights.route()]), log_level="warning", lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    asked = f"GET /{folder(TRAINING)}resnet-ish.safetensors HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    writers = []
    try:
        for _ in range(READERS):
            reader, writer = await asyncio.open_connection(*listening.getsockname(), limit=1)
            writers.append(writer)
            writer.write(asked.encode())
            assert await reader.read(15) == b"HTTP/1.1 200 OK"
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        writers.append(writer)
        writer.write(asked.encode())
        return (await reader.read()).partition(b"\r\n\r\n")[2]
    finally:
        for writer in writers:
            writer.transport.abort()
        server.should_exit = True
        await serving
        listening.close()


def test_a_file_goes_with_its_net() -> None:
    route = weights.route().app
    net = large()
    with ThreadPoolExecutor(1) as pool:  # where no other loop runs: Playwright's may do so here
        content = pool.submit(asyncio.run, route._file_of(net)).result()
        assert pool.submit(asyncio.run, route._file_of(net)).result() is content, "it is made once"
    held = weakref.ref(net.net)
    del net
    gc.collect()
    assert held() is None and not route._files
