"""How much one person, and one address, may do in an hour.

Counts live in the store, so that every process sees them. An address is never stored: it is counted under a keyed hash
whose key is thrown away, with the counts, by the first request after the hour is over.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets as random_secrets
import time
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from demo.challenge.store.database import Store
from demo.challenge.store.schema import rates, secrets

PER_HOUR = {"draw": 120, "judge": 600, "flag": 20, "delete": 600}
_known: WeakKeyDictionary[Store, dict[str, str]] = WeakKeyDictionary()  # secrets that have been read once: they stay
CROWD = 20  # a school or a company shares one address: it may do what 20 people may


class TooMany(Exception):
    """The limit for this hour is reached; the message is for the person."""


def count(connection: Connection, kind: str, key_hash: str | None, address: str | None) -> None:
    """Count one `kind` of request for the contributor and the address, as part of the caller's transaction.

    Raises TooMany; what the caller then rolls back was over the limit anyway.
    """
    hour = int(time.time() // 3600)
    pairs = [(key_hash, PER_HOUR[kind], "you"), (address, PER_HOUR[kind] * CROWD, "your network")]
    for who, limit, whose in pairs:
        if who is None:
            continue
        name = who if whose == "you" else _hidden(connection, who, hour)
        if _add(connection, name, kind, hour) > limit:
            raise TooMany(f"that is more than {limit} in an hour from {whose}: please go on in the next hour")


def shared_secret(store: Store, name: str) -> str:
    """A random secret that all processes of this store share, made when first asked for; 64 hex digits."""
    known = _known.setdefault(store, {})
    if name not in known:
        with store.reading() as connection:
            found = _secret(connection, name)
        if found is None:
            with store.writing() as connection:
                found = _make_secret(connection, name)
        known[name] = found
    return known[name]


def sweep(store: Store) -> None:
    """Throw away the counts, and the keys of the hashes, of hours that are over."""
    hour = int(time.time() // 3600)
    with store.writing() as connection:
        _sweep(connection, hour)


def _hidden(connection: Connection, address: str, hour: int) -> str:
    name = f"address {hour}"
    key = _secret(connection, name)
    if key is None:
        _sweep(connection, hour)
        key = _make_secret(connection, name)
    return hmac.new(key.encode(), address.encode(), hashlib.sha256).hexdigest()


def _secret(connection: Connection, name: str) -> str | None:
    return connection.execute(select(secrets.c.value).where(secrets.c.name == name)).scalar()


def _make_secret(connection: Connection, name: str) -> str:
    upsert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    values = {"name": name, "value": random_secrets.token_hex(32)}
    connection.execute(upsert(secrets).values(values).on_conflict_do_nothing(index_elements=["name"]))
    return connection.execute(select(secrets.c.value).where(secrets.c.name == name)).scalar_one()


def _sweep(connection: Connection, hour: int) -> None:
    connection.execute(delete(rates).where(rates.c.hour < hour))
    connection.execute(delete(secrets).where(secrets.c.name.like("address %"), secrets.c.name != f"address {hour}"))


def _add(connection: Connection, who: str, kind: str, hour: int) -> int:
    upsert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = (
        upsert(rates)
        .values(who=who, kind=kind, hour=hour, used=1)
        .on_conflict_do_update(index_elements=["who", "kind", "hour"], set_={"used": rates.c.used + 1})
        .returning(rates.c.used)
    )
    return connection.execute(statement).scalar_one()
