"""A scoreboard, and the last one made: the page opens with that one at once, however many drawings there are."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from demo.challenge.scoreboard import predictions
from demo.challenge.store import schema
from demo.challenge.store.database import Store
from demo.challenge.store.schema import deletions, flags, scoreboards

FEW_DRAWINGS = 200  # below this a Wilson interval around 95 % is wider than 6 points
FEW_PEOPLE = 10  # below this resampling people says little, and no net is called ahead of another
KEPT = 5  # scoreboards
REST = 4  # times as long as a scoreboard took to make, none is made: with very many drawings that is seconds

Interval = tuple[float, float]  # low and high end of a 95 % interval


@dataclass(frozen=True)
class Pair:
    """Two nets on the same drawings.

    only_a, only_b  drawings that one predicted correctly and the other did not
    p               McNemar's test, corrected by Holm for the number of pairs
    difference      of the accuracies a - b, by resampling contributors
    ahead           "a", "b", or None: a tie, as far as these drawings can tell
    """

    a: str
    b: str
    only_a: int
    only_b: int
    p: float
    difference: Interval
    ahead: str | None


@dataclass(frozen=True)
class Row:
    """A net's line: rank (equal for ties), how many it had correct, two intervals, and its confusions (10, 10).

    wilson   treats drawings as independent
    people   resamples contributors, and is the one to believe
    """

    net: str
    checkpoint: str
    rank: int
    correct: int
    total: int
    wilson: Interval
    people: Interval
    confusion: list[list[int]]


@dataclass(frozen=True)
class Human:
    """One person's line: of how many drawings the first annotator gave the label that the others give."""

    correct: int = 0
    total: int = 0
    people: Interval = (0.0, 1.0)


@dataclass(frozen=True)
class Slice:
    """One part of the drawings: `by` is "digit", "pen", "device" or "length"; correct by net."""

    by: str
    value: str
    total: int
    correct: dict[str, int]


@dataclass(frozen=True)
class Hard:
    """A drawing that nets mislabel: what people label it, and what each net predicts."""

    uid: str
    label: int
    predicted: dict[str, int]


@dataclass(frozen=True)
class Board:
    """The scoreboard; `counts` says what became of all drawings."""

    rows: list[Row] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    slices: list[Slice] = field(default_factory=list)
    hardest: list[Hard] = field(default_factory=list)
    human: Human = field(default_factory=Human)
    counts: dict[str, int] = field(default_factory=dict)
    behind: dict[str, int] = field(default_factory=dict)  # net -> scored drawings it has yet to predict
    failures: dict[str, str] = field(default_factory=dict)  # net -> why it could not
    contributors: int = 0
    made_at: float = 0.0  # seconds since 1970
    took_s: float = 0.0

    @property
    def scored(self) -> int:
        return self.counts.get("scored", 0)

    @property
    def too_few(self) -> bool:
        return self.scored < FEW_DRAWINGS or self.contributors < FEW_PEOPLE

    @property
    def rested(self) -> bool:
        """True when the next one may be made, so that visitors of the scoreboard do not keep the page from others.

        One that seems to come from the future was made while the clock was ahead, and keeps nobody.
        """
        return not 0 <= time.time() - self.made_at < REST * self.took_s


def latest(store: Store) -> tuple[Board, bool]:
    """The scoreboard made last, and whether it is up to date; an empty one before the first."""
    with store.reading() as connection:
        kept = connection.execute(select(scoreboards).order_by(scoreboards.c.id.desc()).limit(1)).first()
        now = state(connection)
    return (Board(), False) if kept is None else (_from_json(kept.body), kept.state == now)


def keep(store: Store, board: Board, made_of: str) -> None:
    """Make this the latest scoreboard; made_of: `state` before it was begun."""
    with store.writing() as connection:
        number = connection.execute(
            insert(scoreboards)
            .values(made_at=board.made_at, state=made_of, body=json.dumps(asdict(board)))
            .returning(scoreboards.c.id)
        ).scalar_one()
        connection.execute(delete(scoreboards).where(scoreboards.c.id <= number - KEPT))


def state(connection: Connection) -> str:
    """Changes whenever a new scoreboard might differ from the one before; 64 hex digits."""
    tables = (schema.annotations, deletions, flags)
    last = [connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one() for table in tables]
    decided = connection.execute(select(func.count()).where(flags.c.decided | flags.c.withdrawn)).scalar_one()
    revised = connection.execute(select(func.coalesce(func.sum(schema.annotations.c.revision), 0))).scalar_one()
    nets = sorted(predictions.nets().values())
    table = schema.predictions.c
    current = table.checkpoint.in_(nets) & (table.input_version == predictions.input_version())
    predicted = connection.execute(
        select(table.checkpoint, func.count()).where(current).group_by(table.checkpoint).order_by(table.checkpoint)
    )
    parts = [*last, decided, revised, predictions.input_version(), *nets, *map(tuple, predicted)]
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _from_json(body: str) -> Board:
    fields = json.loads(body)
    fields["rows"] = [Row(**_tuples(row, "wilson", "people")) for row in fields["rows"]]
    fields["pairs"] = [Pair(**_tuples(pair, "difference")) for pair in fields["pairs"]]
    fields["slices"] = [Slice(**part) for part in fields["slices"]]
    fields["hardest"] = [Hard(**hard) for hard in fields["hardest"]]
    fields["human"] = Human(**_tuples(fields["human"], "people"))
    return Board(**fields)


def _tuples(fields: dict[str, Any], *names: str) -> dict[str, Any]:
    return {**fields, **{name: tuple(fields[name]) for name in names}}
