"""The tables of the challenge as the code uses them; `migrations/` is what creates them.

A test holds the two together. Days are written "2026-11-22"; a drawing carries no finer time. An address group is the
keyed hash of the network that something came from, see drawings/address_groups.py; None where nobody knows.
"""

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

UNREADABLE = 10  # a label beside the digits 0 to 9
NOT_A_DIGIT = 11
LABELS = tuple(range(12))
TAKEN_BACK = -1  # in place of the label of an annotation that its annotator, or the owner, has undone

OPEN = "open"  # waits for annotators
DONE = "done"  # has all the labels it will get
HIDDEN = "hidden"  # flagged: off the page until the owner has looked
GOLD = "gold"  # its label is known: it measures the annotators and is never scored

ROUND = 10  # drawings that are annotated and scored together

metadata = MetaData()

contributors = Table(
    "contributors",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key_hash", String(64), nullable=False, unique=True),  # sha256 of the key, which stays in the browser
    Column("nickname", String(24)),
    Column("day", String(10), nullable=False),
    Column("gold_seen", Integer, nullable=False, default=0),  # gold items annotated
    Column("gold_correct", Integer, nullable=False, default=0),
    Column("trusted", Boolean, nullable=False, default=False),  # only trusted labels count
    Column("address_group", String(32)),  # that the key was first used from
    Index("contributors_of_group", "address_group", "day"),
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
    Column("pen", Text, nullable=False),  # JSON of a Pen, the seed with it
    Column("pen_name", String(24), nullable=False),  # a preset's name or "own"
    Column("length", Float, nullable=False),  # of all strokes, in sides of the pad
    Column("state", String(8), nullable=False),
    Column("round", Integer, nullable=False),  # annotated and scored together, see labels/annotating.py
    Column("disagreement", Float, nullable=False, default=0.0),  # among the nets, in [0, 1]
    Column("annotated", SmallInteger, nullable=False, default=0),  # labels that count so far
    Column("label", SmallInteger),  # the consensus: a digit, UNREADABLE or NOT_A_DIGIT
    Column("confidence", Float),  # posterior of the label by Dawid-Skene, in [0, 1]; 1 while not yet aggregated
    Column("address_group", String(32)),
    Index("drawings_to_annotate", "state", "round", text("disagreement DESC")),
    Index("drawings_of_contributor", "contributor_id", "prompt"),
    Index("drawings_of_group", "address_group", "day"),
)

contents = Table(
    "contents",
    metadata,
    Column("drawing_id", ForeignKey("drawings.id"), primary_key=True),
    Column("strokes", Text, nullable=False),  # JSON, as architectures.input.strokes checks it
    Column("image", LargeBinary, nullable=False),  # PNG, 364 x 364 RGB
)

annotations = Table(
    "annotations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("drawing_id", ForeignKey("drawings.id"), nullable=False),
    Column("contributor_id", ForeignKey("contributors.id"), nullable=False),
    Column("label", SmallInteger, nullable=False),  # one of LABELS, or TAKEN_BACK
    Column("day", String(10), nullable=False),
    Column("address_group", String(32)),
    Column("counted", Boolean, nullable=False, default=True),  # one a group and drawing, none of the drawer's group
    Column("revision", SmallInteger, nullable=False, default=0),  # times it was changed
    UniqueConstraint("drawing_id", "contributor_id", name="judged_once"),
    Index("annotations_of_contributor", "contributor_id"),
    Index("annotations_of_group", "address_group"),
)

assignments = Table(  # the drawing that each annotator has to label: nobody chooses theirs
    "assignments",
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
    Column("address_group", String(32)),
    Column("withdrawn", Boolean, nullable=False, default=False),  # undone by the owner
    UniqueConstraint("drawing_id", "contributor_id", name="flagged_once"),
)

deletions = Table(  # so that no copy of the log brings a deleted drawing back
    "deletions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", String(32), nullable=False, unique=True),
)

rates = Table(  # requests in the present hour; see drawings/limits.py
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

predictions = Table(
    "predictions",
    metadata,
    Column("drawing_id", ForeignKey("drawings.id"), primary_key=True),
    Column("checkpoint", String(64), primary_key=True),  # sha256 of the weights
    Column("input_version", String(16), primary_key=True),  # see scoreboard/predictions.py
    Column("digit", SmallInteger, nullable=False),
    Column("probabilities", Text, nullable=False),  # JSON, ten floats
    Index("predictions_of_checkpoint", "checkpoint", "input_version", "drawing_id", "digit"),
)

scoreboards = Table(  # the last ones made: the page opens with one at once
    "scoreboards",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("made_at", Float, nullable=False),  # seconds since 1970
    Column("state", String(64), nullable=False),  # what it was made of: a new one is made when that has changed
    Column("body", Text, nullable=False),
)
