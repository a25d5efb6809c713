"""People who draw without a pause: `python -m tests.bench.drawing` asks the real app as the pad's script does.

Each draws a stroke, sends what there is of it (`input`) as fast as answers come, at most every LIVE_S, lifts the pen,
sends the whole (`release`), and draws the next. What counts is the wait for the answer to the whole drawing: every one
comes, while the answers on the way are what a crowd goes without.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from demo.draw.examples import examples
from demo.sketchpad.drawing import Drawing
from demo.sketchpad.payload import image_url
from tests.bench.crowd import handlers
from tests.bench.light_client import LightClient, config_of

LIVE_S = 0.08  # as the pad's script
STROKE_S = 1.0
PARTS = 4  # images of one drawing on the way, which repeat
REACH_S = 1.0  # p95 of the answers to whole drawings


@dataclass
class Waited:
    """Seconds that answers took, and what came instead of answers to whole drawings."""

    live: list[float] = field(default_factory=list)
    final: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def p95_s(self) -> float:
        return sorted(self.final)[max(0, -(-len(self.final) * 95 // 100) - 1)]


def drawing_crowd(address: str, people: int, seconds: float) -> Waited:
    """So many people draw for so long."""
    with ThreadPoolExecutor(1) as pool:  # Playwright, once used, keeps a loop running in the tests' own thread
        return pool.submit(lambda: asyncio.run(_crowd(address, people, seconds))).result()


async def _crowd(address: str, people: int, seconds: float) -> Waited:
    waited = Waited()
    first = LightClient(address)
    config = await config_of(first)
    await draw(Pad(address, config, first), Waited(), 0)  # the first to come wakes the nets
    first.close()
    pages = [Pad(address, config) for _ in range(people)]
    await asyncio.gather(*(draw(page, Waited(), 0) for page in pages))  # a page's first event opens its session
    until = time.monotonic() + seconds
    await asyncio.gather(*(_person(page, waited, until, number) for number, page in enumerate(pages)))
    for page in pages:
        page.close()
    return waited


class Pad:
    """One person's page: what the pad's events take beside the drawing is as the page has it when it opens."""

    def __init__(self, address: str, config: dict[str, Any], client: LightClient | None = None) -> None:
        self.client, self.final_client = client or LightClient(address), client or LightClient(address)
        self.session = secrets.token_hex(5)
        self.turn = 0
        self._handlers = {event: handlers(config)["pad", event] for event in ("input", "release")}
        values = {component["id"]: component["props"].get("value") for component in config["components"]}
        dependencies = {dependency["id"]: dependency for dependency in config["dependencies"]}
        self._others = {
            event: [values[each] for each in dependencies[fn]["inputs"][1:]] for event, fn in self._handlers.items()
        }

    def close(self) -> None:
        self.client.close()
        self.final_client.close()

    async def send(self, event: str, payload: dict[str, Any]) -> tuple[int, bytes]:
        self.turn += 1
        data = [{**payload, "turn": self.turn}, *self._others[event]]
        body = {"data": data, "fn_index": self._handlers[event], "session_hash": self.session}
        client = self.client if event == "input" else self.final_client
        return await client.post("/gradio_api/run/predict", json.dumps(body).encode())


async def _person(page: Pad, waited: Waited, until: float, number: int) -> None:
    while time.monotonic() < until:
        await draw(page, waited, number)
        number += 1


async def draw(page: Pad, waited: Waited, number: int) -> None:
    """One drawing, and the answers to it."""
    parts = payloads()[number % len(payloads())]
    following = asyncio.create_task(_follow(page, waited, parts))
    await asyncio.sleep(STROKE_S)
    following.cancel()  # the page no longer waits for it
    await asyncio.wait([following])
    started = time.perf_counter()
    try:
        status, answer = await page.send("release", parts[-1])
    except OSError as error:
        waited.refused.append(str(error))
        return
    if status != 200 or b"problem" in answer:
        waited.refused.append(f"{status}: {answer[:200]!r}")
    else:
        waited.final.append(time.perf_counter() - started)


async def _follow(page: Pad, waited: Waited, parts: list[dict[str, Any]]) -> None:
    number = 0
    while True:
        started = time.perf_counter()
        try:
            status, _ = await page.send("input", parts[number % PARTS])
        except OSError:
            return  # the answer to the whole drawing will tell
        if status == 200:
            waited.live.append(time.perf_counter() - started)
        number += 1
        await asyncio.sleep(max(0.0, LIVE_S - (time.perf_counter() - started)))


@cache
def payloads() -> list[list[dict[str, Any]]]:
    """For each example what the pad sends on the way, and at last the whole."""
    return [
        [_payload(Drawing.of(_begun(drawing, part / PARTS), drawing.pen)) for part in range(1, PARTS + 1)]
        for drawing in list(examples())[:6]
        if drawing.strokes
    ]


def _begun(drawing: Drawing, share: float) -> list[Any]:
    return [stroke[: max(2, round(len(stroke) * share))] for stroke in drawing.strokes]


def _payload(drawing: Drawing) -> dict[str, Any]:
    pen = json.dumps(drawing.pen.to_dict())
    return {"image": image_url(drawing.image), "strokes": json.dumps(drawing.strokes), "pen": pen}


def main(arguments: Sequence[str] | None = None) -> int:
    from tests.bench.page import app

    parser = argparse.ArgumentParser(prog="python -m tests.bench.drawing", description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=50, metavar="N", help="people drawing at once (50)")
    parser.add_argument("--seconds", type=float, default=20, metavar="S", help="for so long (20)")
    parser.add_argument("--address", metavar="URL", help="a server that runs already (default: one of its own)")
    options = parser.parse_args(arguments)
    if options.address:
        waited = drawing_crowd(options.address, options.people, options.seconds)
    else:
        with tempfile.TemporaryDirectory() as folder, app(Path(folder)) as (address, *_):
            waited = drawing_crowd(address, options.people, options.seconds)
    print(f"{options.people} people, {options.seconds:g} s: {len(waited.final)} whole drawings answered, ", end="")
    print(f"median {statistics.median(waited.final):.2f} s, p95 {waited.p95_s:.2f} s, {len(waited.refused)} refused; ")
    print(f"{len(waited.live)} answers on the way, {len(waited.live) / options.seconds:.0f} a second")
    for why in waited.refused[:5]:
        print(why, file=sys.stderr)
    return 0 if not waited.refused and waited.p95_s < REACH_S else 1


if __name__ == "__main__":
    sys.exit(main())
