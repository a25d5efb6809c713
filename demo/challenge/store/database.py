"""The database of the challenge: SQLite in a file by default, PostgreSQL by URL.

Nothing is confirmed before it is on the disk: SQLite runs in WAL mode with synchronous=FULL, and PostgreSQL's own
default is the same promise. Several processes may share one store.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import platformdirs
import psycopg
from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.pool import ConnectionPoolEntry

from demo.challenge import migrations

ADDRESS_VARIABLE = "DIGIT_CHALLENGE_DB"
WAIT_S = 2.0  # for a lock, a connection or an answer, before the store counts as busy and the person is told
SILENT_S = 5.0  # for a database that has accepted a request and says nothing at all
CONNECTIONS = 20  # more than the challenge has threads of its own
MIGRATION_S = 600.0  # once, at the start after an update

log = logging.getLogger("demo.challenge")


BUSY = "the store of the drawings is busy: please try again in a moment"
BUSY_STATES = ("55P03", "40001", "40P01", "53300")  # PostgreSQL: lock, serialisation, deadlock, connections


class StoreError(Exception):
    """The store could not do it, and nothing of it was kept.

    The message may be read by anybody; `detail`, with paths, hosts and the driver's words, is for the owner alone.
    """

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail


class StoreBusy(StoreError):
    """Someone else held the lock for too long; the same request may be sent again."""


class StoreFull(StoreError):
    """The disk, or the share of it that the store may use, is full."""


def default_address() -> str:
    """The address in DIGIT_CHALLENGE_DB, else a file in the user's data folder."""
    return os.environ.get(ADDRESS_VARIABLE) or str(
        Path(platformdirs.user_data_dir("handwritten-digit-challenge", appauthor=False)) / "challenge.db"
    )


def upsert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT of this connection's dialect, with on_conflict_do_nothing and on_conflict_do_update."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def url_of(address: str) -> URL:
    """A path becomes SQLite's URL; `postgresql://` gets the driver this project installs. Raises StoreError."""
    if "://" not in address:
        return URL.create("sqlite", database=str(Path(address).expanduser().resolve()))
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise StoreError("the address of the database is neither a path nor a database URL", address) from error
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(f"the challenge knows SQLite and PostgreSQL, not {url.get_backend_name()}")
    if url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"):
        raise StoreError("a database in memory loses everything: give the path of a file")
    return url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url


class Store:
    """A database brought up to date; `reading` and `writing` are its transactions.

    address  path of a SQLite file, or a database URL; None: `default_address()`
    wait_s   how long to wait for someone else's lock, or for a server, before raising StoreBusy
    """

    def __init__(self, address: str | None = None, wait_s: float = WAIT_S) -> None:
        self.url = url_of(address or default_address())
        self.wait_s = wait_s
        self._turn_to_write = threading.Lock()
        self._must_checkpoint = False
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
        with translated(), self._connected() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self, patience_s: float | None = None) -> Iterator[Connection]:
        """A transaction that is on the disk when the block ends, or has left no trace when it raises.

        patience_s  how long a PostgreSQL server may take, default SILENT_S

        Raises StoreBusy, StoreFull or StoreError in place of the driver's errors.
        """
        with self._one_writer(), translated(), self._connected(patience_s) as connection:
            connection.execution_options(writes=True)
            with connection.begin():
                yield connection
        if self._must_checkpoint:
            self._checkpoint()

    def overwrite_deleted(self) -> None:
        """After the next transaction that writes, nothing of what was deleted is left in the files of SQLite."""
        self._must_checkpoint = self.is_sqlite

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        """SQLite's one writer at a time, among the threads of this process.

        SQLite itself would let each look again every tenth of a second whether the lock happens to be free, which
        keeps some waiting for long; here they queue up. Other processes still meet at SQLite's own lock.
        """
        if not self.is_sqlite:
            yield
            return
        if not self._turn_to_write.acquire(timeout=self.wait_s):
            raise StoreBusy(BUSY, f"others have been writing for {self.wait_s:g} s")
        try:
            yield
        finally:
            self._turn_to_write.release()

    @contextmanager
    def _connected(self, patience_s: float | None = None) -> Iterator[Connection]:
        """A connection; one to a PostgreSQL server that stays silent is hung up: its driver would wait for ever."""
        if self.is_sqlite:
            with self.engine.connect() as connection:
                yield connection
            return
        with self.engine.connect() as connection:
            if not self._is_alive(connection):
                connection.invalidate()  # the server was restarted; the pool makes a new one
            with _hung_up_after(patience_s or SILENT_S, connection):
                yield connection

    def _is_alive(self, connection: Connection) -> bool:
        driver: Any = connection.connection.driver_connection
        try:
            with _hung_up_after(SILENT_S, connection):
                return self.engine.dialect.do_ping(driver)
        except psycopg.Error:
            return False

    def close(self) -> None:
        self.engine.dispose()

    def _bring_up_to_date(self) -> None:
        with self.reading() as connection:
            step = migrations.done(connection)
        if step != len(migrations.STEPS):
            with self.writing(MIGRATION_S) as connection:
                migrations.run(connection)

    def _checkpoint(self) -> None:
        """Copy the log into the file and empty it. A reader may be in the way: then after the next write."""
        try:
            with translated(), self.engine.connect() as connection:
                driver: Any = connection.connection.driver_connection
                blocked, *_ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except StoreError as error:
            log.warning("the log could not be emptied yet: %s (%s)", error, error.detail)
        else:
            self._must_checkpoint = bool(blocked)

    def _sqlite(self) -> Engine:
        if self.url.database:
            try:
                Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreError("there is no folder for the database, and none can be made", str(error)) from error
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
            connect_args={
                "options": f"-c lock_timeout={wait_ms} -c synchronous_commit=on",
                "connect_timeout": max(2, round(self.wait_s)),  # libpq takes 1 for 2
                "keepalives_idle": 10,
                "tcp_user_timeout": int(SILENT_S * 1000),
            },
            pool_size=CONNECTIONS,
            pool_timeout=self.wait_s,
            pool_recycle=300,
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
def _hung_up_after(seconds: float, connection: Connection) -> Iterator[None]:
    """Shut the connection's socket down when the block takes longer, so that the driver's wait ends in an error."""
    driver: Any = connection.connection.driver_connection
    watched = socket.socket(fileno=os.dup(driver.fileno()))  # of our own: no other can take over its number meanwhile
    timer = threading.Timer(seconds, _shut_down, [watched])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        watched.close()


def _shut_down(watched: socket.socket) -> None:
    with suppress(OSError):
        watched.shutdown(socket.SHUT_RDWR)


@contextmanager
def translated() -> Iterator[None]:
    """Say a driver's errors in the store's terms."""
    try:
        yield
    except NoConnection as error:
        raise StoreBusy(BUSY, "no connection was free") from error
    except migrations.NewerStore as error:
        raise StoreError(str(error)) from error
    except DBAPIError as error:
        name = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None) or ""
        text = str(error.orig)
        detail = f"{name or type(error.orig).__name__}: {text}"
        log.warning("the store of the challenge: %s", detail)
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) or name in BUSY_STATES:
            raise StoreBusy(BUSY, detail) from error
        if name.startswith("SQLITE_FULL") or name == "53100" or "o space left" in text:
            raise StoreFull("the store of the drawings is full: nothing was kept", detail) from error
        if error.connection_invalidated or isinstance(error.orig, psycopg.OperationalError):
            raise StoreBusy(
                "the store of the drawings does not answer: please try again in a minute", detail
            ) from error
        raise StoreError("the store of the drawings failed: nothing was kept", detail) from error
