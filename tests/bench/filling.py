"""A store full of drawings that nobody drew, for the benchmark and for tests."""

from __future__ import annotations

import json
import random
from typing import Any

from sqlalchemy import insert, text

from architectures.input.pen import PRESETS
from demo.challenge.drawings.contributors import hash_of, today
from demo.challenge.labels.annotating import FIRST_GOLD
from demo.challenge.scoreboard import predictions
from demo.challenge.store import schema
from demo.challenge.store.database import Store
from demo.challenge.store.images import pens_as_json, png_of
from demo.challenge.store.schema import DONE, OPEN, ROUND, contents, contributors, drawings
from demo.draw.examples import examples
from demo.sketchpad.drawing import Drawing

PEOPLE = 500
ACCURACY = 0.95  # share of each net's predictions
BATCH = 2000


def key_of(person: int) -> str:
    """The key of person 1 to PEOPLE."""
    return f"{person:032x}"


def fill(store: Store, number: int) -> None:
    """Enter `number` drawings of PEOPLE people, the first half labelled by two, with predictions of every net."""
    dice = random.Random(0)
    drawn = {digit: [_content(digit, pen) for pen in PRESETS.values()] for digit in range(10)}
    nets = list(predictions.nets().values())
    with store.writing() as connection:
        proved = {"day": today(), "gold_seen": FIRST_GOLD, "gold_correct": FIRST_GOLD, "trusted": True}
        people = [{"id": person, "key_hash": hash_of(key_of(person)), **proved} for person in range(1, PEOPLE + 1)]
        connection.execute(insert(contributors), people)
    for start in range(1, number + 1, BATCH):
        ids = range(start, min(start + BATCH, number + 1))
        pens = {i: dice.randrange(len(PRESETS)) for i in ids}
        labels = [
            {"drawing_id": i, "contributor_id": 1 + (i + step) % PEOPLE, "label": i % 10, "day": today()}
            for i in ids
            if i <= number // 2
            for step in (1, 2)
        ]
        with store.writing() as connection:
            connection.execute(insert(drawings), [_row(i, i <= number // 2, pens[i], dice) for i in ids])
            connection.execute(insert(contents), [{"drawing_id": i, **drawn[i % 10][pens[i]]} for i in ids])
            if labels:
                connection.execute(insert(schema.annotations), labels)
            connection.execute(insert(schema.predictions), [_prediction(i, net, dice) for i in ids for net in nets])
    if not store.is_sqlite:  # PostgreSQL goes on counting where it was, whatever numbers have been entered
        with store.writing() as connection:
            for table in ("contributors", "drawings"):
                last = f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
                connection.execute(text(last))


def _content(digit: int, pen: Any) -> dict[str, Any]:
    """Strokes and image of the page's own example of a digit, drawn with another pen."""
    strokes = next(drawing.strokes for drawing in examples() if drawing.label == digit)
    return {"strokes": json.dumps(strokes), "image": png_of(Drawing.of(strokes, pen).image)}


def _row(number: int, labelled: bool, pen: int, dice: random.Random) -> dict[str, Any]:
    name = list(PRESETS)[pen]
    return {
        "id": number,
        "uid": f"{number:032x}",
        "contributor_id": 1 + number % PEOPLE,
        "prompt": number % 10,
        "day": today(),
        "device": dice.choice(["mouse", "touch"]),
        "app_version": "bench",
        "pen": json.dumps(pens_as_json(PRESETS[name])),
        "pen_name": name,
        "length": dice.uniform(0.5, 5),
        "state": DONE if labelled else OPEN,
        "round": number // ROUND,
        "disagreement": dice.random(),
        "annotated": 2 if labelled else 0,
        "label": number % 10 if labelled else None,
        "confidence": 1.0 if labelled else None,
    }


def _prediction(number: int, net: str, dice: random.Random) -> dict[str, Any]:
    return {
        "drawing_id": number,
        "checkpoint": net,
        "input_version": predictions.input_version(),
        "digit": number % 10 if dice.random() < ACCURACY else dice.randrange(10),
        "probabilities": json.dumps([0.1] * 10),
    }
