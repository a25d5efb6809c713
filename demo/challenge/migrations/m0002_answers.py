"""What the nets said, and the two slices of the scoreboard that are measured rather than told: pen and length."""

import json
import math
from itertools import pairwise

from sqlalchemy import Connection, text

STATEMENTS = (
    """CREATE TABLE answers (
        drawing_id INTEGER NOT NULL REFERENCES drawings (id),
        checkpoint VARCHAR(64) NOT NULL,
        input_version VARCHAR(16) NOT NULL,
        digit SMALLINT NOT NULL,
        probabilities TEXT NOT NULL,
        PRIMARY KEY (drawing_id, checkpoint, input_version))""",
    "CREATE INDEX answers_of_checkpoint ON answers (checkpoint, input_version, drawing_id, digit)",
    "ALTER TABLE drawings ADD COLUMN pen_name VARCHAR(24) NOT NULL DEFAULT 'own'",
    "ALTER TABLE drawings ADD COLUMN length FLOAT NOT NULL DEFAULT 0",
)


def migrate(connection: Connection) -> None:
    for statement in STATEMENTS:
        connection.execute(text(statement))
    ids = connection.execute(text("SELECT drawing_id FROM contents")).scalars().all()
    for drawing_id in ids:
        strokes = connection.execute(
            text("SELECT strokes FROM contents WHERE drawing_id = :id"), {"id": drawing_id}
        ).scalar_one()
        connection.execute(
            text("UPDATE drawings SET length = :length WHERE id = :id"),
            {"id": drawing_id, "length": _length(json.loads(strokes))},
        )


def _length(strokes: list[list[list[float]]]) -> float:
    # A copy of what submitting.py measures: a step must not change when the program does.
    return sum(math.dist(a[:2], b[:2]) for stroke in strokes for a, b in pairwise(stroke))
