"""Rounds of prompts for "Play five", whose drawings may be submitted afterwards.

    dealt = rounds.deal(store)                  # Round(digits=(3, 1, 4, 9, 5), code="31495.9f…")
    tickets = rounds.tickets(store, code)       # one signed ticket a digit, in order
    rounds.submit(store, key, list(zip(tickets, drawings)), consent=True, device="touch", address="203.0.113.7")
    rounds.by_others(store, 3, key=key)         # what other people drew for a 3

A round's code may travel in a link: it is signed, so that whoever opens it plays the same digits and gets tickets for
them, and nobody gets a ticket for digits that were not dealt here. Each call of `tickets` makes new ones: two people,
or two tabs, never share one. A drawing enters through the ticket of its prompt like any other drawing of the challenge.

All of it raises StoreError when the store does not answer: a round can be played without, and not be submitted.
"""

from __future__ import annotations

import hmac
import random
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from architectures.input.pen import BadPen
from architectures.input.strokes import BadStrokes
from demo.challenge.drawings import limits, prompts
from demo.challenge.drawings.contributors import contributor_id, hash_of
from demo.challenge.drawings.prompts import BadTicket, signature
from demo.challenge.drawings.submissions import BadSubmission, submission
from demo.challenge.drawings.submissions import submit as submit_one
from demo.challenge.store.database import Store
from demo.challenge.store.schema import DONE, contents, drawings, flags
from demo.challenge.store.shared_secrets import shared_secret
from demo.sketchpad.drawing import Drawing

LENGTH = 5  # prompts of a round
SECRET = "rounds"  # noqa: S105  the name of the secret, not its value
NO_CONSENT = "Tick the box first: without it nothing is kept."
NEWEST = 300  # drawings of a digit among which `by_others` chooses
_DIGITS = re.compile(rf"[0-9]{{{LENGTH}}}")


@dataclass(frozen=True)
class Round:
    """The digits to draw, all different, and the signed code that stands for them."""

    digits: tuple[int, ...]
    code: str


@dataclass(frozen=True)
class Result:
    """What became of one drawing: stored, or why not, in words for the person."""

    stored: bool
    problem: str = ""


@dataclass(frozen=True)
class Other:
    """A drawing by somebody else: its key and its image (PNG, 364 x 364)."""

    uid: str
    image: bytes


def deal(store: Store) -> Round:
    """A new round of LENGTH different digits."""
    digits = tuple(random.sample(range(10), LENGTH))
    text = "".join(map(str, digits))
    nonce = secrets.token_hex(4)
    return Round(digits, f"{text}.{nonce}.{_signed(store, text, nonce)}")


def read(store: Store, code: object) -> Round:
    """The round that a code stands for. Raises BadTicket unless this store dealt it."""
    parts = code.split(".") if isinstance(code, str) and len(code) < 200 else []
    if len(parts) != 3 or not _DIGITS.fullmatch(parts[0]):
        raise BadTicket("this round was not dealt here: play it, but it cannot be submitted")
    expected = _signed(store, parts[0], parts[1])
    if not hmac.compare_digest(parts[2].encode(errors="replace"), expected.encode()):
        raise BadTicket("this round was not dealt here: play it, but it cannot be submitted")
    return Round(tuple(map(int, parts[0])), str(code))


def tickets(store: Store, code: object) -> list[str]:
    """A new ticket for each digit of a round, in its order. Raises BadTicket unless this store dealt the round."""
    return [prompts.issue_for(store, digit) for digit in read(store, code).digits]


def submit(
    store: Store,
    key: str,
    drawn: Sequence[tuple[str, Drawing | None]],
    *,
    consent: object,
    device: str = "unknown",
    nickname: str = "",
    address: str | None = None,
) -> list[Result]:
    """Submit the drawings of a round, each with its ticket; what is sent twice is stored once.

    key      of the contributor (`contributor.ensure()` in the page's script)
    drawn    up to LENGTH pairs of ticket and drawing, None for one that was left out
    consent  True and nothing else: the text "true" is no consent

    One that is refused does not keep the others out. Raises BadContributor and StoreError.
    """
    hash_of(key)
    if consent is not True:
        return [Result(False, NO_CONSENT) for _ in drawn]
    results = []
    for text, drawing in drawn[:LENGTH]:
        try:
            ticket = prompts.verify(store, text)
            one = submission(
                drawing.strokes if drawing else [],
                (drawing.pens or drawing.pen) if drawing else [],
                uid=ticket.uid,
                key=key,
                prompt=ticket.digit,
                device=device,
                nickname=nickname,
            )
            submit_one(store, one, address)
            results.append(Result(True))
        except (BadTicket, BadSubmission, BadStrokes, BadPen, limits.TooMany) as error:
            results.append(Result(False, str(error)))
    return results


def by_others(store: Store, digit: int, *, key: str | None = None, number: int = 12) -> list[Other]:
    """Up to `number` drawings that people agree show `digit`, chosen by lot among the newest.

    None that anybody has flagged and the owner has not allowed, and none by the holder of `key`.
    """
    flagged = (flags.c.drawing_id == drawings.c.id) & ~flags.c.withdrawn & ~flags.c.decided
    query = (
        select(drawings.c.id, drawings.c.uid)
        .where(drawings.c.state == DONE, drawings.c.label == digit, ~select(flags.c.id).where(flagged).exists())
        .order_by(drawings.c.id.desc())
        .limit(NEWEST)
    )
    with store.reading() as connection:
        own = contributor_id(connection, key) if key else None
        if own is not None:
            query = query.where(drawings.c.contributor_id != own)
        rows = list(connection.execute(query))
        chosen = {row.id: row.uid for row in random.sample(rows, min(number, len(rows)))}
        images = connection.execute(
            select(contents.c.drawing_id, contents.c.image).where(contents.c.drawing_id.in_(chosen))
        )
        return [Other(chosen[row.drawing_id], bytes(row.image)) for row in images]


def _signed(store: Store, digits: str, nonce: str) -> str:
    return signature(shared_secret(store, SECRET), 0, f"round {digits} {nonce}")[:16]
