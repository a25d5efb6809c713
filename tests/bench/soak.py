"""The real app under everything at once: `python -m tests.bench.soak` (loopback only, and its database is deleted).

People draw and give drawings to the challenge, others connect slowly, send too much, or try what must not work; the
process is killed without warning every minute and started again; the database refuses writes now and then, or is locked
by another writer. In the end every drawing that a page called given has to be in the store.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import httpx

from demo.serving.bodies import EVENT_BYTES, IMAGE_BYTES
from demo.serving.ports import free_port
from tests.bench import crowd
from tests.bench.drawing import Pad, Waited, draw
from tests.bench.light_client import LightClient, config_of

ROOT = Path(__file__).parents[2]
STARTS_WITHIN_S = 180
SAMPLED_S = 0.5
TOGETHER = 50
SHARES = {"drawing": 0.5, "giving": 0.16, "slow": 0.1, "oversized": 0.12, "hostile": 0.12}
INJECTED_EVERY_S, INJECTED_FOR_S = 20.0, 3.0
UNEXPECTED = re.compile(r"[a-z]+: 5(?!03)\d\d")  # 503 says: busy, come again

FILE = {"meta": {"_type": "gradio.FileData"}}
OVERSIZED = {
    "an event of 2 MB": ("/gradio_api/run/predict", b'{"data": ["' + b"x" * 2 * EVENT_BYTES + b'"]}'),
    "a call of 5 MB": ("/gradio_api/call/classify", b'{"data": ["' + b"x" * (IMAGE_BYTES + 2**20) + b'"]}'),
    "numbers": ("/gradio_api/run/predict", b'{"data": [[' + b"1," * 400_000 + b"1]]}"),
    "depth": ("/gradio_api/run/predict", b'{"data": ' + b"[" * 200_000),
    "depth for /classify": ("/gradio_api/classify", b'{"picture": ' + b"[" * 200_000),
}
HOSTILE = {
    "an address": ("/gradio_api/run/predict", {"data": [{"path": "http://127.0.0.1:1/", **FILE}], "fn_index": 0}),
    "a session without end": ("/gradio_api/run/predict", {"data": [], "fn_index": 0, "session_hash": "x" * 100_000}),
    "a route of Gradio's": ("/gradio_api/process_recording", {}),
    "no event": ("/gradio_api/run/predict", {"data": [], "fn_index": 10**9, "session_hash": "s"}),
    "no image": ("/gradio_api/classify", {"picture": "data:image/png;base64,AAAA", "net": "all"}),
    "no net": ("/gradio_api/classify", {"picture": "data:image/png;base64,AAAA", "net": "../../etc/passwd"}),
    "other types": ("/gradio_api/queue/join", {"data": {"a": 1}, "fn_index": "x"}),
}


@dataclass
class Report:
    """What happened.

    answers    by "what: status", or "what: no answer" while the server was down
    peak_mb    the largest resident memory of a server process
    peak_files the most files and connections it had open
    """

    answers: Counter[str] = field(default_factory=Counter)
    waited: Waited = field(default_factory=Waited)
    given: crowd.Seen = field(default_factory=crowd.Seen)
    kills: int = 0
    injected: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    peak_mb: float = 0.0
    peak_files: int = 0

    @property
    def unexpected(self) -> dict[str, int]:
        return {what: count for what, count in self.answers.items() if UNEXPECTED.fullmatch(what)}

    def lines(self) -> Iterator[str]:
        drawn = self.answers["drawing: 200"]
        yield f"requests: {sum(self.answers.values()):,}, and {sum(map(len, self.given.seconds.values())):,} of givers"
        for what, count in sorted(self.answers.items()):
            yield f"  {what}: {count:,}"
        p95 = f", p95 {self.waited.p95_s:.2f} s" if self.waited.final else ""
        yield f"whole drawings answered: {len(self.waited.final):,}{p95}; on the way: {drawn:,}"
        yield f"kills without warning: {self.kills}; injected: {dict(self.injected)}"
        yield f"drawings confirmed: {len(self.given.confirmed)}; lost confirmations: {self.lost}"
        yield f"refusals and failures told to givers: {len(self.given.errors)}"
        yield f"peak memory: {self.peak_mb:.0f} MB; most open files: {self.peak_files}"


class Server:
    """The app on one port, killed and started again; its memory and files are looked at all the while."""

    def __init__(self, folder: Path, report: Report) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.database = folder / "soak.sqlite"
        self._log = folder / "log.txt"
        self._report = report
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "app.py", "--port", str(self.port), "--db", f"sqlite:///{self.database}"]
        environment = {**os.environ, "FORWARDED_ALLOW_IPS": "127.0.0.1"}  # givers come from networks of their own
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + STARTS_WITHIN_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"the app did not start:\n{self._log.read_text(errors='replace')[-3000:]}")
            time.sleep(0.1)

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def sample(self) -> None:
        assert self._process is not None
        with suppress(OSError, StopIteration):  # it has just been killed
            place = Path(f"/proc/{self._process.pid}")
            lines = (place / "status").read_text().splitlines()
            resident = next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024
            self._report.peak_mb = max(self._report.peak_mb, resident)
            self._report.peak_files = max(self._report.peak_files, len(list((place / "fd").iterdir())))

    def _answers(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", "/config")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()


def soak(seconds: float, kill_every_s: float, clients: int = TOGETHER) -> Report:
    """Let `clients` at a server for so long, killing it every so often; the report of what they met."""
    report = Report()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        server = Server(Path(folder), report)
        server.start()
        try:
            with watched(server, seconds, kill_every_s, report):
                asyncio.run(_clients(server.address, seconds, clients, report))
        finally:
            server.kill()
        report.lost = len(report.given.confirmed - stored(server.database))
    return report


def stored(database: Path) -> set[str]:
    """The drawings whose content is in the store."""
    connection = sqlite3.connect(database)
    rows = connection.execute("SELECT uid FROM drawings JOIN contents ON contents.drawing_id = drawings.id").fetchall()
    connection.close()
    return {uid for (uid,) in rows}


@contextmanager
def watched(server: Server, seconds: float, kill_every_s: float, report: Report) -> Iterator[None]:
    """Threads that sample, kill and inject for as long as the block lasts, which may be a little after `seconds`."""
    over = threading.Event()

    def sampling() -> None:
        while not over.wait(SAMPLED_S):
            server.sample()

    def killing() -> None:
        until = time.monotonic() + seconds - 1
        while not over.wait(kill_every_s) and time.monotonic() < until:
            server.kill()
            report.kills += 1
            server.start()

    def injecting() -> None:
        kinds = [("writes refused", refuse_writes), ("locked", lock)]
        while not over.wait(min(INJECTED_EVERY_S, seconds / 4)):
            what, inject = kinds[sum(report.injected.values()) % len(kinds)]
            with suppress(sqlite3.Error):  # the store was busy itself, or is not there yet
                inject(server.database, over)
                report.injected[what] += 1

    threads = [threading.Thread(target=each) for each in (sampling, killing, injecting)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def refuse_writes(database: Path, over: threading.Event) -> None:
    """Every new drawing is refused by the database itself for a while."""
    connection = sqlite3.connect(database, timeout=5, isolation_level=None)
    try:
        connection.execute(
            "CREATE TRIGGER soak BEFORE INSERT ON drawings BEGIN SELECT RAISE(ABORT, 'injected write error'); END"
        )
        over.wait(INJECTED_FOR_S)
        connection.execute("DROP TRIGGER soak")
    finally:
        connection.close()


def lock(database: Path, over: threading.Event) -> None:
    """Another writer holds the database for a while."""
    connection = sqlite3.connect(database, timeout=5, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        over.wait(INJECTED_FOR_S)
        connection.execute("ROLLBACK")
    finally:
        connection.close()


async def _clients(address: str, seconds: float, clients: int, report: Report) -> None:
    until = time.monotonic() + seconds
    first = LightClient(address)
    config = await config_of(first)
    first.close()
    kinds: dict[str, Callable[[int], Awaitable[None]]] = {
        "drawing": lambda number: _drawing(address, config, until, number, report),
        "giving": lambda number: _giving(address, config, until, number, report),
        "slow": lambda number: _slow(address, until, number, report),
        "oversized": lambda number: _sending(address, "oversized", _bodies(OVERSIZED), until, number, report),
        "hostile": lambda number: _sending(address, "hostile", _bodies(HOSTILE), until, number, report),
    }
    numbers = {kind: max(1, round(share * clients)) for kind, share in SHARES.items()}
    await asyncio.gather(*(kinds[kind](number) for kind, count in numbers.items() for number in range(count)))


def _bodies(attempts: dict[str, tuple[str, Any]]) -> list[tuple[str, bytes]]:
    return [(path, body if isinstance(body, bytes) else json.dumps(body).encode()) for path, body in attempts.values()]


async def _drawing(address: str, config: dict[str, Any], until: float, number: int, report: Report) -> None:
    while time.monotonic() < until:
        page = Pad(address, config)
        with suppress(OSError):
            while time.monotonic() < until:
                before = len(report.waited.final), len(report.waited.live)
                await draw(page, report.waited, number)
                report.answers["drawing: 200"] += len(report.waited.live) - before[1]
                answered = len(report.waited.final) > before[0]
                report.answers[f"drawing, whole: {'answered' if answered else 'no answer'}"] += 1
                if not answered:
                    break
        page.close()
        await asyncio.sleep(1)


async def _giving(address: str, config: dict[str, Any], until: float, number: int, report: Report) -> None:
    while time.monotonic() < until:
        async with httpx.AsyncClient(base_url=address, timeout=60) as client:
            try:
                await crowd._person(crowd.Page(client, config, number), report.given, until, number)
            except httpx.HTTPError:
                report.answers["giving: no answer"] += 1
            except (KeyError, IndexError, TypeError, AttributeError):  # the page has told a problem instead
                report.answers["giving: told a problem"] += 1
        await asyncio.sleep(1)


async def _slow(address: str, until: float, number: int, report: Report) -> None:
    """Half a head, half a body, or an answer that is not read; each until the server hangs up, or for a while."""
    place = httpx.URL(address)
    begun = [
        b"GET / HTTP/1.1\r\nhost: x\r\n",
        b"POST /gradio_api/run/predict HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n{",
        b"GET /config HTTP/1.1\r\nhost: x\r\n\r\n" * 20,
    ]
    while time.monotonic() < until:
        try:
            reader, writer = await asyncio.open_connection(place.host, place.port)
            writer.write(begun[number % len(begun)])
            number += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(reader.read(10), min(45, max(1, until - time.monotonic())))
            await asyncio.sleep(min(5, max(0, until - time.monotonic())))
            writer.close()
            report.answers["slow: given up"] += 1
        except OSError:
            report.answers["slow: no answer"] += 1
            await asyncio.sleep(1)


async def _sending(
    address: str, kind: str, bodies: list[tuple[str, bytes]], until: float, number: int, report: Report
) -> None:
    dice = random.Random(number)
    client = LightClient(address)
    while time.monotonic() < until:
        path, body = dice.choice(bodies)
        try:
            status, _ = await client.post(path, body)
            report.answers[f"{kind}: {status}"] += 1
        except OSError:
            report.answers[f"{kind}: no answer"] += 1
        await asyncio.sleep(dice.uniform(0.2, 1.0))
    client.close()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30, metavar="M", help="how long (30)")
    parser.add_argument("--clients", type=int, default=TOGETHER, metavar="N", help=f"all kinds together ({TOGETHER})")
    parser.add_argument("--kill-every", type=float, default=60, metavar="S", help="seconds between kills (60)")
    options = parser.parse_args(arguments)
    load = os.getloadavg()[0]
    report = soak(options.minutes * 60, options.kill_every, options.clients)
    print("\n".join(report.lines()))
    if load > 0.5:
        print(f"The machine was not quiet (load average {load:.1f} at the start).")
    return 1 if report.lost or report.unexpected else 0


if __name__ == "__main__":
    sys.exit(main())
