"""Which digit a person is asked to draw, and the ticket that says so.

The label comes before the drawing: the ticket carries the digit and the key of the submission, signed, so that nobody
chooses their digits and any process of the page can take the drawing in.
"""

from __future__ import annotations

import hashlib
import hmac
import random
import re
import secrets
from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Connection, Select, func, select

from demo.challenge.drawings import limits
from demo.challenge.drawings.contributors import find
from demo.challenge.store.database import Store
from demo.challenge.store.schema import KNOWN, drawings

SECRET = "tickets"  # noqa: S105  the name of the secret, not its value
LATELY = 1000  # drawings of everybody that are balanced: each thousand of them is, and so all are
OFFERED = drawings.c.state != KNOWN


class BadTicket(ValueError):
    """A ticket that this store has not given out."""


@dataclass(frozen=True)
class Ticket:
    """Draw `digit`; the drawing will be known as `uid` (32 hex digits)."""

    digit: int
    uid: str

    def written(self, secret: str) -> str:
        return f"{self.digit}.{self.uid}.{_signature(secret, self.digit, self.uid)}"


def hand_out(store: Store, key: str | None) -> str:
    """A new ticket, as text, for the contributor with this key: the digit they, and then all, have drawn least."""
    secret = limits.shared_secret(store, SECRET)
    with store.reading() as connection:
        person = find(connection, key) if key else None
        digit = least_drawn(connection, person)
    return Ticket(digit, secrets.token_hex(16)).written(secret)


def read(store: Store, text: object) -> Ticket:
    """The ticket written in text. Raises BadTicket unless this store signed it."""
    parts = text.split(".") if isinstance(text, str) and len(text) < 200 else []
    secret = limits.shared_secret(store, SECRET)
    if len(parts) != 3 or not re.fullmatch("[0-9]", parts[0]):
        raise BadTicket("there is no prompt to go with this drawing: reload the page for a new one")
    ticket = Ticket(int(parts[0]), parts[1])
    if not hmac.compare_digest(parts[2].encode(), _signature(secret, ticket.digit, ticket.uid).encode()):
        raise BadTicket("this prompt was not given out here: reload the page for a new one")
    return ticket


def least_drawn(connection: Connection, person: int | None) -> int:
    """A digit 0-9: one this person has drawn least, among those one everybody has drawn least of late, else by lot."""
    asked = select(drawings.c.prompt).where(OFFERED)
    everybody = _drawn(connection, asked.order_by(drawings.c.id.desc()).limit(LATELY))
    own = _drawn(connection, asked.where(drawings.c.contributor_id == person)) if person is not None else everybody
    fewest = min(own[digit] for digit in range(10))
    among = [digit for digit in range(10) if own[digit] == fewest]
    rarest = min(everybody[digit] for digit in among)
    return random.choice([digit for digit in among if everybody[digit] == rarest])


def _drawn(connection: Connection, prompts: Select[int]) -> Counter[int]:
    asked = prompts.subquery().c.prompt
    counted = connection.execute(select(asked, func.count()).group_by(asked))
    return Counter(dict(iter(counted)))


def _signature(secret: str, digit: int, uid: str) -> str:
    return hmac.new(secret.encode(), f"{digit}.{uid}".encode(), hashlib.sha256).hexdigest()[:32]
