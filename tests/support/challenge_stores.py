"""Real stores for the challenge's tests: a SQLite file, and a PostgreSQL server started from Debian's binaries.

`store` runs a test once on each; `address` gives the address alone, for tests that start processes of their own.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from demo.challenge.store.database import Store
from tests.support.serving import STARTS_WITHIN_S

SEVEN = [[[0.2, 0.2, 0.0], [0.8, 0.2, 200.0], [0.45, 0.85, 500.0]]]


def binaries() -> Path | None:
    """The folder of PostgreSQL's server programs, the newest version when there are several."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Address of a server of our own, without a database's name; the test is skipped where there are no binaries."""
    programs = binaries()
    if programs is None:
        pytest.skip("no PostgreSQL server here: install Debian's package `postgresql`")
    owner = "postgres" if os.getuid() == 0 else None  # the server refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # short: a socket's path has 107 characters at most
    if owner:
        shutil.chown(folder, owner)
    data, log = folder / "data", folder / "log"
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "challenge", "-A", "trust", "-E", "UTF8", "--no-locale"],
        user=owner,
        cwd=folder,
        check=True,
        capture_output=True,
    )
    with log.open("wb") as written:
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses="],
            user=owner,
            cwd=folder,
            stdout=written,
            stderr=written,
        )
    try:
        deadline = time.monotonic() + STARTS_WITHIN_S
        while subprocess.run([programs / "pg_isready", "-h", folder, "-q"], check=False).returncode != 0:
            assert server.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield f"postgresql://challenge@/{{}}?host={folder}"
    finally:
        server.send_signal(2)  # fast shutdown: sessions are ended
        server.wait(timeout=60)
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of an empty database."""
    if request.param == "sqlite":
        yield str(tmp_path / "challenge.db")
        return
    server = request.getfixturevalue("postgresql")
    name = f"t{secrets.token_hex(6)}"
    admin = create_engine(
        server.format("postgres").replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield server.format(name)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    opened = Store(address)
    yield opened
    opened.close()
