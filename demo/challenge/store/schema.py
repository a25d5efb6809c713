"""The tables of the challenge as the code uses them; `migrations/` is what creates them.

A test holds the two together. Days are written "2026-11-22"; a drawing carries no finer time.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

UNREADABLE = 10  # a judge's word beside the digits 0 to 9
NOT_A_DIGIT = 11
WORDS = tuple(range(12))

OPEN = "open"  # waits for judges
DONE = "done"  # has all the judgements it will get
HIDDEN = "hidden"  # flagged: off the page until the owner has looked
KNOWN = "known"  # its label is known: it measures the judges and is never scored

ROUND = 10  # drawings that are judged and scored together

metadata = MetaData()

contributors = Table(
    "contributors",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key_hash", String(64), nullable=False, unique=True),  # sha256 of the key, which stays in the browser
    Column("nickname", String(24)),
    Column("day", String(10), nullable=False),
    Column("known_seen", Integer, nullable=False, default=0),  # known drawings judged
    Column("known_right", Integer, nullable=False, default=0),
    Column("trusted", Boolean, nullable=False, default=False),  # only trusted judgements count
)

drawings = Table(
    "drawings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", String(32), nullable=False, unique=True),  # also the key that makes a submission idempotent
    Column("contributor_id", ForeignKey("contributors.id"), nullable=False),
    Column("prompt", SmallInteger, nullable=False),
    Column("day", String(10), nullable=False),
    Column("device", String(8), nullable=False),  # "mouse", "touch", "pen" or "unknown"
    Column("app_version", String(32), nullable=False),
    Column("pen", Text, nullable=False),  # JSON of demo.pen.Pen, the seed with it
    Column("pen_name", String(24), nullable=False),  # a preset's name or "own"
    Column("length", Float, nullable=False),  # of all strokes, in sides of the pad
    Column("state", String(8), nullable=False),
    Column("round", Integer, nullable=False),  # judged and scored together, see judging.py
    Column("disagreement", Float, nullable=False, default=0.0),  # among the nets, in [0, 1]
    Column("judged", SmallInteger, nullable=False, default=0),  # trusted judgements so far
    Column("label", SmallInteger),  # what people settled on: a digit, UNREADABLE or NOT_A_DIGIT
    Column("confidence", Float),  # posterior of the label by Dawid-Skene, in [0, 1]; 1 while not yet aggregated
    Index("drawings_to_judge", "state", "round", text("disagreement DESC")),
    Index("drawings_of_contributor", "contributor_id", "prompt"),
)

contents = Table(
    "contents",
    metadata,
    Column("drawing_id", ForeignKey("drawings.id"), primary_key=True),
    Column("strokes", Text, nullable=False),  # JSON, as demo.strokes reads it
    Column("picture", LargeBinary, key="image", nullable=False),  # PNG, 364 x 364 RGB
)

judgements = Table(
    "judgements",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("drawing_id", ForeignKey("drawings.id"), nullable=False),
    Column("contributor_id", ForeignKey("contributors.id"), nullable=False),
    Column("said", SmallInteger, nullable=False),  # one of WORDS
    Column("day", String(10), nullable=False),
    UniqueConstraint("drawing_id", "contributor_id", name="judged_once"),
    Index("judgements_of_contributor", "contributor_id"),
)

turns = Table(  # what each judge has on the table: nobody chooses what to judge
    "turns",
    metadata,
    Column("contributor_id", ForeignKey("contributors.id"), primary_key=True),
    Column("drawing_id", ForeignKey("drawings.id"), nullable=False),
)

flags = Table(
    "flags",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("drawing_id", ForeignKey("drawings.id"), nullable=False),
    Column("contributor_id", ForeignKey("contributors.id"), nullable=False),
    Column("day", String(10), nullable=False),
    Column("decided", Boolean, nullable=False, default=False),  # the owner has looked
    UniqueConstraint("drawing_id", "contributor_id", name="flagged_once"),
)

deletions = Table(  # so that no copy of the log brings a deleted drawing back
    "deletions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", String(32), nullable=False, unique=True),
)

rates = Table(  # requests in the present hour; see limits.py
    "rates",
    metadata,
    Column("who", String(64), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("hour", Integer, primary_key=True),
    Column("used", Integer, nullable=False),
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", String(64), nullable=False),
)

answers = Table(
    "answers",
    metadata,
    Column("drawing_id", ForeignKey("drawings.id"), primary_key=True),
    Column("checkpoint", String(64), primary_key=True),  # sha256 of the weights
    Column("input_version", String(16), primary_key=True),  # see verdicts.py
    Column("digit", SmallInteger, nullable=False),
    Column("probabilities", Text, nullable=False),  # JSON, ten floats
    Index("answers_of_checkpoint", "checkpoint", "input_version", "drawing_id", "digit"),
)

scoreboards = Table(  # the last ones made: the page opens with one at once
    "scoreboards",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("made_at", Float, nullable=False),  # seconds since 1970
    Column("state", String(64), nullable=False),  # what it was made of: a new one is made when that has changed
    Column("body", Text, nullable=False),
)
