"""The database of the challenge: SQLite in a file by default, PostgreSQL by URL.

Nothing is confirmed before it is on the disk: SQLite runs in WAL mode with synchronous=FULL, and PostgreSQL's own
default is the same promise. Several processes may share one store.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import platformdirs
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.pool import ConnectionPoolEntry

from demo.challenge import migrations

ADDRESS_VARIABLE = "DIGIT_CHALLENGE_DB"
WAIT_S = 10.0  # for a lock before the store counts as busy
CONNECTIONS = 40  # as many as Gradio has worker threads


class StoreError(Exception):
    """The store could not do it, and nothing of it was kept."""


class StoreBusy(StoreError):
    """Someone else held the lock for too long; the same request may be sent again."""


class StoreFull(StoreError):
    """The disk, or the share of it that the store may use, is full."""


def default_address() -> str:
    """The address in DIGIT_CHALLENGE_DB, else a file in the user's data folder."""
    return os.environ.get(ADDRESS_VARIABLE) or str(
        Path(platformdirs.user_data_dir("handwritten-digit-challenge", appauthor=False)) / "challenge.db"
    )


def url_of(address: str) -> URL:
    """A path becomes SQLite's URL; `postgresql://` gets the driver this project installs. Raises StoreError."""
    if "://" not in address:
        return URL.create("sqlite", database=str(Path(address).expanduser().resolve()))
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise StoreError(f"{address!r} is neither a path nor a database URL") from error
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(f"the challenge knows SQLite and PostgreSQL, not {url.get_backend_name()}")
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        raise StoreError("a database in memory loses everything: give the path of a file")
    return url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url


class Store:
    """A database brought up to date; `reading` and `writing` are its transactions.

    address  path of a SQLite file, or a database URL; None: `default_address()`
    wait_s   how long to wait for someone else's lock before raising StoreBusy
    """

    def __init__(self, address: str | None = None, wait_s: float = WAIT_S) -> None:
        self.url = url_of(address or default_address())
        self.wait_s = wait_s
        self._writing = threading.Lock()
        self.engine = self._sqlite() if self.is_sqlite else self._postgresql()
        try:
            self._bring_up_to_date()
        except StoreError:
            self.close()
            raise

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads: one view of the store, waiting for no writer."""
        with translated(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is on the disk when the block ends, or has left no trace when it raises.

        Raises StoreBusy, StoreFull or StoreError in place of the driver's errors.
        """
        with self._turn(), translated(), self.engine.connect() as connection:
            connection.execution_options(writes=True)
            with connection.begin():
                yield connection

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """SQLite's one writer at a time, among the threads of this process.

        SQLite itself would let each look again every tenth of a second whether the lock happens to be free, which
        keeps some waiting for long; here they queue up. Other processes still meet at SQLite's own lock.
        """
        if not self.is_sqlite:
            yield
            return
        if not self._writing.acquire(timeout=self.wait_s):
            raise StoreBusy(f"the store is busy (others have been writing for {self.wait_s:g} s)")
        try:
            yield
        finally:
            self._writing.release()

    def close(self) -> None:
        self.engine.dispose()

    def _bring_up_to_date(self) -> None:
        with self.reading() as connection:
            step = migrations.done(connection)
        if step != len(migrations.STEPS):
            with self.writing() as connection:
                migrations.run(connection)

    def _sqlite(self) -> Engine:
        if self.url.database:
            try:
                Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreError(f"no folder for the database {self.url.database}: {error}") from error
        engine = create_engine(
            self.url, connect_args={"timeout": self.wait_s}, pool_size=CONNECTIONS, pool_timeout=self.wait_s
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    def _postgresql(self) -> Engine:
        wait_ms = int(self.wait_s * 1000)
        return create_engine(
            self.url,
            connect_args={"options": f"-c lock_timeout={wait_ms} -c synchronous_commit=on", "connect_timeout": 10},
            pool_size=CONNECTIONS,
            pool_timeout=self.wait_s,
            pool_pre_ping=True,
        )


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    driver: Any = connection
    driver.isolation_level = None  # the driver's own BEGIN comes too late; see _begin_sqlite
    driver.execute("PRAGMA journal_mode = WAL").fetchone()
    driver.execute("PRAGMA synchronous = FULL")
    driver.execute("PRAGMA foreign_keys = ON")
    driver.execute("PRAGMA secure_delete = ON")  # what a person deletes is overwritten


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock first: upgrading a read lock half-way fails at once, whatever the time-out.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")


@contextmanager
def translated() -> Iterator[None]:
    """Say a driver's errors in the store's terms."""
    try:
        yield
    except NoConnection as error:
        raise StoreBusy("the store has no connection free") from error
    except migrations.NewerStore as error:
        raise StoreError(str(error)) from error
    except DBAPIError as error:
        name = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None) or ""
        text = str(error.orig)
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) or name in ("55P03", "40001", "40P01", "53300"):
            raise StoreBusy(f"the store is busy ({text})") from error
        if name.startswith("SQLITE_FULL") or name == "53100" or "o space left" in text:
            raise StoreFull(f"the store has no room left ({text})") from error
        raise StoreError(f"the store failed ({name or type(error.orig).__name__}: {text})") from error
