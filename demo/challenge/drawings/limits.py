"""How much one contributor, and one address group whatever its keys, may do.

Counts live in the store, so that every process sees them, and go when their hour is over.
"""

from __future__ import annotations

import time

from sqlalchemy import Connection, delete, func, select

from demo.challenge.store.database import Store, upsert
from demo.challenge.store.schema import contributors, rates

PER_HOUR = {"draw": 120, "annotate": 600, "retract": 60, "flag": 20, "delete": 600}
GROUP_PER_HOUR = {"draw": 600, "annotate": 6000, "retract": 600, "flag": 40, "delete": 6000}  # a school is one group
NEW_KEYS_PER_DAY = 100  # from one group


class TooMany(Exception):
    """The limit is reached; the message is for the person."""


def count(connection: Connection, kind: str, key_hash: str | None, group: str | None) -> None:
    """Count one `kind` of request for the contributor and the group, as part of the caller's transaction.

    Raises TooMany; what the caller then rolls back was over the limit anyway.
    """
    hour = int(time.time() // 3600)
    for who, limit, whose in ((key_hash, PER_HOUR[kind], "you"), (group, GROUP_PER_HOUR[kind], "your network")):
        if who is not None and _add(connection, who, kind, hour) > limit:
            raise TooMany(f"that is more than {limit} in an hour from {whose}: please go on in the next hour")


def count_new_key(connection: Connection, group: str | None, day: str) -> None:
    """Raises TooMany when the group has brought NEW_KEYS_PER_DAY new keys today."""
    if group is None:
        return
    today = (contributors.c.address_group == group) & (contributors.c.day == day)
    if connection.execute(select(func.count()).select_from(contributors).where(today)).scalar_one() >= NEW_KEYS_PER_DAY:
        raise TooMany(
            f"more than {NEW_KEYS_PER_DAY} new people came from your network today: please come back tomorrow"
        )


def sweep(store: Store) -> None:
    """Throw away the counts of hours that are over."""
    with store.writing() as connection:
        connection.execute(delete(rates).where(rates.c.hour < int(time.time() // 3600)))


def _add(connection: Connection, who: str, kind: str, hour: int) -> int:
    statement = (
        upsert(connection, rates)
        .values(who=who, kind=kind, hour=hour, used=1)
        .on_conflict_do_update(index_elements=["who", "kind", "hour"], set_={"used": rates.c.used + 1})
        .returning(rates.c.used)
    )
    return connection.execute(statement).scalar_one()
