"""Which digit a person is asked to draw, and the ticket that says so.

The label comes before the drawing: the ticket carries the digit and the key of the submission, signed, so that any
process of the page can take the drawing in and nobody makes a prompt up.

Nobody waits for the digit they want either. Who has submitted n drawings is offered two digits, chosen by a keyed hash
of who they are and of n: asking again, reloading and fresh keys offer the same two until something is submitted.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Connection, Select, func, select

from demo.challenge.drawings import address_groups
from demo.challenge.drawings.contributors import contributor_id, today
from demo.challenge.store.database import Store
from demo.challenge.store.schema import GOLD, drawings
from demo.challenge.store.shared_secrets import shared_secret

SECRET = "tickets"  # noqa: S105  the name of the secret, not its value
LATELY = 1000  # drawings of everybody that are balanced: each thousand of them is, and so all are
PROMPTED = drawings.c.state != GOLD


class BadTicket(ValueError):
    """A ticket that this store has not issued."""


@dataclass(frozen=True)
class Ticket:
    """Draw `digit`; the drawing will be known as `uid` (32 hex digits)."""

    digit: int
    uid: str

    def signed(self, secret: str) -> str:
        return f"{self.digit}.{self.uid}.{signature(secret, self.digit, self.uid)}"


def issue(store: Store, key: str | None, address: str | None = None, *, other_than: int | None = None) -> str:
    """A new ticket, as text, for the contributor with this key, or for whoever comes from this address.

    other_than  the digit of the two that this person would rather not draw
    """
    secret = shared_secret(store, SECRET)
    group = address_groups.group_of(store, address)
    with store.reading() as connection:
        first, second = choices(connection, secret, key, group)
    return issue_for(store, second if other_than == first else first)


def issue_for(store: Store, digit: int) -> str:
    """A new ticket for a digit that this program has chosen."""
    return Ticket(digit, secrets.token_hex(16)).signed(shared_secret(store, SECRET))


def verify(store: Store, text: object) -> Ticket:
    """The ticket written in text. Raises BadTicket unless this store signed it."""
    parts = text.split(".") if isinstance(text, str) and len(text) < 200 else []
    secret = shared_secret(store, SECRET)
    if len(parts) != 3 or not re.fullmatch("[0-9]", parts[0]):
        raise BadTicket("there is no prompt to go with this drawing: reload the page for a new one")
    ticket = Ticket(int(parts[0]), parts[1])
    expected = signature(secret, ticket.digit, ticket.uid)
    if not hmac.compare_digest(parts[2].encode(errors="replace"), expected.encode()):
        raise BadTicket("this prompt was not issued here: reload the page for a new one")
    return ticket


def choices(connection: Connection, secret: str, key: str | None, group: str | None) -> tuple[int, int]:
    """The two digits for this person: of those they have drawn least, before those that all have drawn too often."""
    person = contributor_id(connection, key) if key else None
    prompts = select(drawings.c.prompt).where(PROMPTED)
    everybody = _counts(connection, prompts.order_by(drawings.c.id.desc()).limit(LATELY))
    if person is not None:
        own = _counts(connection, prompts.where(drawings.c.contributor_id == person))
        who, submitted = f"contributor {person}", own.total()
    else:
        from_group = (drawings.c.address_group == group) & (drawings.c.day == today())
        submitted = connection.execute(select(func.count()).select_from(drawings).where(from_group)).scalar_one()
        own, who = Counter[int](), f"group {group}"
    usual = everybody.total() / 10

    def order(digit: int) -> tuple[int, bool, str]:
        return own[digit], everybody[digit] > usual, signature(secret, digit, f"{who} {submitted}")

    first, second, *_ = sorted(range(10), key=order)
    return first, second


def signature(secret: str, digit: int, text: str) -> str:
    return hmac.new(secret.encode(), f"{digit}.{text}".encode(errors="replace"), hashlib.sha256).hexdigest()[:32]


def _counts(connection: Connection, prompts: Select[int]) -> Counter[int]:
    prompt = prompts.subquery().c.prompt
    rows = connection.execute(select(prompt, func.count()).group_by(prompt))
    return Counter(dict(iter(rows)))
