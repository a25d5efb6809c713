"""A scoreboard, and the last one made: the page opens with that one at once, however many drawings there are."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field

from sqlalchemy import Connection, delete, func, insert, select

from checkpoints.evaluation import statistics
from demo.challenge.scoreboard import predictions
from demo.challenge.store.database import Store
from demo.challenge.store.schema import deletions, flags, judgements, scoreboards

FEW_DRAWINGS = 200  # below this a Wilson interval around 95 % is wider than 6 points
FEW_PEOPLE = 10  # below this resampling people says little
KEPT = 5  # scoreboards
REST = 4  # times as long as a scoreboard took to make, none is made: with very many drawings that is seconds


@dataclass(frozen=True)
class Interval:
    """A 95 % interval."""

    low: float
    high: float


def wilson(right: int, of: int) -> Interval:
    """Wilson's score interval of a share at 95 %; the whole of [0, 1] for none of none."""
    return Interval(*statistics.wilson(right, of))


@dataclass(frozen=True)
class Pair:
    """Two nets on the same drawings.

    only_a, only_b  drawings that one read and the other did not
    p               McNemar's test, corrected by Holm for the number of pairs
    difference      of the accuracies a - b, by resampling contributors, at the level at which Holm tests the pair
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
    """A net's line: rank (equal for ties), how many it read right, two intervals, and its confusions (10, 10).

    wilson   treats drawings as independent
    people   resamples contributors, and is the one to believe
    """

    net: str
    checkpoint: str
    rank: int
    right: int
    of: int
    wilson: Interval
    people: Interval
    confusion: list[list[int]]


@dataclass(frozen=True)
class Slice:
    """One part of the drawings: `by` is "digit", "pen", "device" or "length"; right by net."""

    by: str
    value: str
    of: int
    right: dict[str, int]


@dataclass(frozen=True)
class Hard:
    """A drawing that nets misread: what people read in it, and what each net did."""

    uid: str
    label: int
    read: dict[str, int]


@dataclass(frozen=True)
class Board:
    """The scoreboard; `counts` says what became of all drawings, `people_agree` of how many single judgements."""

    rows: list[Row] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    slices: list[Slice] = field(default_factory=list)
    hardest: list[Hard] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    catching_up: dict[str, int] = field(default_factory=dict)  # net -> drawings it has yet to read
    failures: dict[str, str] = field(default_factory=dict)  # net -> why it could not read them
    people_agree: int = 0
    people_judged: int = 0
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
        """True when the next one may be made, so that visitors of the scoreboard do not keep the page from others."""
        return time.time() >= self.made_at + REST * self.took_s


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
    """Changes whenever a new scoreboard might differ from the one before; at most 64 characters."""
    tables = (judgements, deletions, flags)
    last = [connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one() for table in tables]
    decided = connection.execute(select(func.count()).where(flags.c.decided)).scalar_one()
    nets = "".join(sorted(checkpoint[:6] for checkpoint in predictions.nets().values()))
    return ".".join(map(str, [*last, decided, nets]))[:64]


def _from_json(body: str) -> Board:
    fields = json.loads(body)
    fields["rows"] = [
        Row(**{**row, "wilson": Interval(**row["wilson"]), "people": Interval(**row["people"])})
        for row in fields["rows"]
    ]
    fields["pairs"] = [Pair(**{**pair, "difference": Interval(**pair["difference"])}) for pair in fields["pairs"]]
    fields["slices"] = [Slice(**part) for part in fields["slices"]]
    fields["hardest"] = [Hard(**hard) for hard in fields["hardest"]]
    return Board(**fields)
