"""Append-only steps from an empty database to the present one.

A step that has been released is never edited: the next change is a new file at the end of STEPS. Each step runs in
the transaction that records it, so a crash leaves a database before or after it, never between.
"""

from __future__ import annotations

from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, func, insert, inspect, select, text

from demo.challenge.migrations import (
    m0001_drawings,
    m0002_answers,
    m0003_scoreboards,
    m0004_field_words,
    m0005_address_groups,
)

STEPS = (m0001_drawings, m0002_answers, m0003_scoreboards, m0004_field_words, m0005_address_groups)
LOCK = 7_364_028  # any number, the same in every process

_steps_done = Table(
    "migrations",
    MetaData(),
    Column("number", Integer, primary_key=True),
    Column("name", String(64), nullable=False),
)


class NewerStore(RuntimeError):
    """The database was written by a later version of this program."""


def run(connection: Connection, up_to: int = len(STEPS)) -> None:
    """Bring the database behind `connection` to step `up_to`; the caller commits. Raises NewerStore."""
    if connection.dialect.name == "postgresql":  # SQLite's writer already holds the only lock
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    already = done(connection)
    if already > len(STEPS):
        raise NewerStore(f"the database is at step {already}, this program knows {len(STEPS)}: update the program")
    if not inspect(connection).has_table(_steps_done.name):
        _steps_done.create(connection)
    for number, step in enumerate(STEPS[:up_to], start=1):
        if number > already:
            step.migrate(connection)
            connection.execute(insert(_steps_done).values(number=number, name=step.__name__.rpartition(".")[2]))


def done(connection: Connection) -> int:
    """The last step that this database has been through; 0 for an empty one."""
    if not inspect(connection).has_table(_steps_done.name):
        return 0
    return connection.execute(select(func.coalesce(func.max(_steps_done.c.number), 0))).scalar_one()
