"""What was confirmed is never lost: real processes, killed, crowded, locked out and out of room."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select, text

from demo.challenge.drawings.submissions import submit
from demo.challenge.service import THREADS, Challenge
from demo.challenge.store import database, schema
from demo.challenge.store.database import WAIT_S, Store, StoreBusy, StoreError, StoreFull
from tests.support.challenge_writer import ENDLESS, given, uid_of

pytestmark = pytest.mark.slow

WRITER = Path(__file__).parents[1] / "support" / "challenge_writer.py"
ROOT = WRITER.parents[2]


def writers(address: str, number: int | str, *names: str) -> list[subprocess.Popen[str]]:
    """Processes that each hand in `number` drawings, or go on until they are killed; all are about to begin."""
    processes = [
        subprocess.Popen(
            [sys.executable, WRITER, address, str(number), name],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in names
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    return processes


def confirmed(process: subprocess.Popen[str]) -> set[str]:
    """Everything that the process has confirmed, or confirms until it ends."""
    assert process.stdout is not None
    lines = process.stdout.read().split("\n")
    process.stdout.close()
    return {line for line in lines if len(line) == 32}


def stored(store: Store) -> set[str]:
    """The drawings that are in the store whole."""
    query = (
        select(schema.drawings.c.uid)
        .join(schema.contents, schema.contents.c.drawing_id == schema.drawings.c.id)
        .join(schema.contributors, schema.contributors.c.id == schema.drawings.c.contributor_id)
    )
    with store.reading() as connection:
        whole = set(connection.execute(query).scalars())
        assert len(whole) == connection.execute(select(func.count()).select_from(schema.drawings)).scalar_one()
    return whole


@pytest.mark.parametrize("after", [1, 30, 100])
def test_nothing_confirmed_is_lost_when_the_process_is_killed(address: str, after: int) -> None:
    [process] = writers(address, ENDLESS, "killed")
    assert process.stdout is not None
    seen = {process.stdout.readline().strip() for _ in range(after)}
    process.kill()
    seen |= confirmed(process)
    assert process.wait(60) == -signal.SIGKILL
    assert len(seen) >= after, "it was killed in the middle"
    store = Store(address)
    kept = stored(store)
    assert seen <= kept
    assert len(kept - seen) <= 1, "at most the one that was being confirmed"
    again = submit(store, given("killed", 0))
    assert again.duplicate, "what was confirmed is known when the request is sent again"
    if store.is_sqlite:
        with store.reading() as connection:
            assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
    store.close()


def test_two_processes_write_at_once_and_neither_loses_anything(address: str) -> None:
    Store(address).close()
    processes = writers(address, 60, "one", "two")
    seen = [confirmed(process) for process in processes]
    assert [process.wait(60) for process in processes] == [0, 0]
    store = Store(address)
    assert stored(store) == seen[0] | seen[1]
    assert len(stored(store)) == 120
    with store.reading() as connection:
        numbers = list(connection.execute(select(schema.drawings.c.id)).scalars())
    assert len(set(numbers)) == 120
    store.close()


def test_many_threads_sending_one_drawing_store_it_once(store: Store) -> None:
    receipts = []
    threads = [threading.Thread(target=lambda: receipts.append(submit(store, given("same", 1)))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receipts) == 8
    assert sum(not receipt.duplicate for receipt in receipts) == 1
    assert stored(store) == {uid_of("same", 1)}


def test_a_locked_store_says_so_and_takes_the_same_drawing_later(address: str) -> None:
    store = Store(address, wait_s=0.3)
    submit(store, given("locked", 0))
    other = Store(address)
    with other.writing() as connection:
        if store.is_sqlite:
            connection.execute(text("SELECT 1"))  # BEGIN IMMEDIATE holds the only lock for writers
        else:
            connection.execute(text("LOCK TABLE drawings IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(StoreBusy):
            submit(store, given("locked", 1))
        if store.is_sqlite:
            assert stored(store) == {uid_of("locked", 0)}, "readers need not wait"
    assert not submit(store, given("locked", 1)).duplicate
    assert stored(store) == {uid_of("locked", 0), uid_of("locked", 1)}
    other.close()
    store.close()


def test_a_server_that_falls_silent_is_told_within_its_time_and_answers_again_later(
    postgresql: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr(database, "SILENT_S", 2.0)  # a server that does answer needs less, on a busy machine too
    store = Store(postgresql.format("postgres"))
    request.addfinalizer(store.close)
    sessions = []

    def stop_this(connection: Connection) -> None:
        sessions.append(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
        os.kill(sessions[-1], signal.SIGSTOP)

    try:
        with pytest.raises(StoreBusy, match="does not answer"), store.reading() as connection:
            stop_this(connection)
            connection.execute(text("SELECT 1"))
        with store.reading() as connection:
            sessions.append(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
        os.kill(sessions[-1], signal.SIGSTOP)  # between two requests: another connection takes its place
        submit(store, given("silent", 0))
    finally:
        for session in sessions:
            os.kill(session, signal.SIGCONT)
    assert stored(store) == {uid_of("silent", 0)}


def test_what_strangers_are_told_names_no_host_port_driver_or_path(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts, and never says a word
        port = silent.getsockname()[1]
        started = time.monotonic()
        with pytest.raises(StoreBusy) as caught:
            Store(f"postgresql://ada:secret@127.0.0.1:{port}/digits")
        assert time.monotonic() - started < 20
    with pytest.raises(StoreBusy) as refused:
        Store(f"postgresql://ada:secret@127.0.0.1:{port}/digits")
    (tmp_path / "file").write_text("no database" * 500)
    with pytest.raises(StoreError) as broken:
        Store(str(tmp_path / "file"))
    for error in (caught.value, refused.value, broken.value):
        assert error.detail, "the owner is told more"
        for word in ("127.0.0.1", str(port), "ada", "secret", "psycopg", "sqlite", str(tmp_path), "file"):
            assert word not in str(error).lower()


def test_a_locked_store_keeps_nobody_from_drawing(tmp_path: Path) -> None:
    """More requests than the challenge has threads wait for the lock; the threads of the page stay free."""
    challenge = Challenge(str(tmp_path / "challenge.db"))
    store = challenge.store
    blocked = sqlite3.connect(tmp_path / "challenge.db", isolation_level=None)
    blocked.execute("BEGIN IMMEDIATE")

    async def crowd() -> list[object]:
        ask = challenge.apart(lambda number: submit(store, given("crowd", number)))
        asked = [asyncio.ensure_future(ask(number)) for number in range(THREADS * 2)]
        await asyncio.sleep(0)
        started = time.monotonic()
        await asyncio.to_thread(lambda: None)  # what a drawing takes: a thread of the page's
        assert time.monotonic() - started < 1
        return await asyncio.gather(*asked, return_exceptions=True)

    started = time.monotonic()
    with ThreadPoolExecutor(1) as apart:  # this thread has Playwright's loop when a browser has run before
        told = apart.submit(lambda: asyncio.run(crowd())).result()
    assert all(isinstance(each, StoreBusy) for each in told)
    assert time.monotonic() - started < 6 * WAIT_S
    blocked.execute("ROLLBACK")
    blocked.close()
    assert not submit(store, given("crowd", 0)).duplicate
    challenge.close()


def test_a_store_at_its_quota_refuses_and_keeps_what_it_has(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "quota.db"))

    def limit(connection: sqlite3.Connection, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages + 20}").fetchone()

    with store.reading() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
    store.close()
    from sqlalchemy import event

    event.listen(store.engine, "connect", limit)
    kept = fill(store, "quota")
    event.remove(store.engine, "connect", limit)
    store.close()
    assert stored(store) == kept
    assert not submit(store, given("quota", len(kept))).duplicate, "with room again, the refused one is taken"
    store.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB, where we may mount one."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = os.getuid() == 0 and (
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True, check=False
        ).returncode
        == 0
    )
    if not mounted:
        pytest.skip("only root can mount a small file system")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_refuses_and_keeps_what_it_has(small_disk: Path) -> None:
    store = Store(str(small_disk / "full.db"))
    kept = fill(store, "full")
    store.close()
    copy = sqlite3.connect(f"file:{small_disk / 'full.db'}?mode=ro", uri=True)
    assert {row[0] for row in copy.execute("SELECT uid FROM drawings")} == kept
    assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    copy.close()


def fill(store: Store, name: str) -> set[str]:
    """Hand in until there is no room; returns what was confirmed."""
    kept: set[str] = set()
    with pytest.raises(StoreFull):
        for i in range(2000):
            submit(store, given(name, i))
            kept.add(uid_of(name, i))
    assert kept
    return kept


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="no folder for the database"):
        Store(str(tmp_path / "file" / "challenge.db"))


def test_a_database_in_memory_is_refused() -> None:
    with pytest.raises(StoreError, match="loses everything"):
        Store("sqlite://")
