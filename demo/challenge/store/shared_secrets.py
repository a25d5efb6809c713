"""Random secrets that all processes of a store share: they sign tickets and hash addresses."""

from __future__ import annotations

import secrets as random_secrets
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, select

from demo.challenge.store.database import Store, upsert
from demo.challenge.store.schema import secrets

_cache: WeakKeyDictionary[Store, dict[str, str]] = WeakKeyDictionary()  # a secret, once made, stays


def shared_secret(store: Store, name: str) -> str:
    """The secret called `name`, 64 hex digits, made when first asked for."""
    cached = _cache.setdefault(store, {})
    if name not in cached:
        with store.reading() as connection:
            value = _read(connection, name)
        if value is None:
            with store.writing() as connection:
                value = put(connection, name, random_secrets.token_hex(32))
        cached[name] = value
    return cached[name]


def put(connection: Connection, name: str, value: str) -> str:
    """Enter a secret unless there is one; returns the one that holds."""
    values = {"name": name, "value": value}
    connection.execute(upsert(connection, secrets).values(values).on_conflict_do_nothing(index_elements=["name"]))
    return connection.execute(select(secrets.c.value).where(secrets.c.name == name)).scalar_one()


def forget(store: Store) -> None:
    """Read the store's secrets anew: another copy of the journal may have brought them."""
    _cache.pop(store, None)


def _read(connection: Connection, name: str) -> str | None:
    return connection.execute(select(secrets.c.value).where(secrets.c.name == name)).scalar()
