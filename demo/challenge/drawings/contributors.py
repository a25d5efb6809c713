"""People, as far as the challenge knows them: a random key that stays in their browser, and perhaps a nickname."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from datetime import UTC, datetime

from sqlalchemy import Connection, select, update

from demo.challenge.drawings import limits
from demo.challenge.store.database import upsert
from demo.challenge.store.schema import contributors

NICKNAME_LONGEST = 24
_KEY = re.compile(r"[0-9a-f]{32}")


class BadContributor(ValueError):
    """A key or a nickname that cannot be taken; the message is for the person."""


def new_key() -> str:
    """128 random bits, 32 hex digits. Whoever holds it may see and delete what was submitted under it."""
    return secrets.token_hex(16)


def hash_of(key: str) -> str:
    """What the store keeps of a key, 64 hex digits. Raises BadContributor for anything `new_key` cannot make."""
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise BadContributor("invalid contributor's key: must be 32 characters, 0-9 and a-f")
    return hashlib.sha256(key.encode()).hexdigest()


def clean_nickname(text: str | None) -> str | None:
    """One line of at most 24 visible characters, or None; markup stays as typed, for the page shows it as text."""
    visible = "".join(c for c in unicodedata.normalize("NFC", text or "") if unicodedata.category(c)[0] != "C")
    return " ".join(visible.split())[:NICKNAME_LONGEST].strip() or None


def today() -> str:
    return datetime.now(UTC).date().isoformat()


def contributor_id(connection: Connection, key: str) -> int | None:
    """The contributor's number, or None while nothing was submitted or labelled under this key."""
    return connection.execute(select(contributors.c.id).where(contributors.c.key_hash == hash_of(key))).scalar()


def ensure_contributor(
    connection: Connection,
    key_hash: str,
    nickname: str | None = None,
    *,
    trusted: bool = False,
    group: str | None = None,
) -> int:
    """The number of the contributor with this hash, entered when new; a nickname replaces the one before.

    Raises limits.TooMany when the address group has brought too many new keys today.
    """
    query = select(contributors.c.id, contributors.c.nickname).where(contributors.c.key_hash == key_hash)
    row = connection.execute(query).first()
    if row is None:
        day = today()
        limits.count_new_key(connection, group, day)
        values = {"key_hash": key_hash, "nickname": nickname, "day": day, "trusted": trusted, "address_group": group}
        statement = upsert(connection, contributors).values(**values, gold_seen=0, gold_correct=0)
        connection.execute(statement.on_conflict_do_nothing(index_elements=["key_hash"]))
        row = connection.execute(query).one()
    if nickname and nickname != row.nickname:
        connection.execute(update(contributors).where(contributors.c.id == row.id).values(nickname=nickname))
    return row.id
