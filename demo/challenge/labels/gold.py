"""Gold items: drawings whose label is known. They measure the annotators and are never scored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import select

from demo.challenge.drawings.submissions import Submission, enter, submission
from demo.challenge.store.database import Store
from demo.challenge.store.images import pens_as_json
from demo.challenge.store.schema import GOLD, drawings
from demo.sketchpad.drawing import Drawing
from demo.sketchpad.stroke_file import read_file

EXAMPLES = Path(__file__).parents[2] / "draw" / "digits.jsonl"  # the page's own


def add(store: Store, labelled: Iterable[Drawing]) -> int:
    """Add drawings with their labels; one that is there already stays one. Returns how many are new.

    Raises BadSubmission for a drawing without a label or without strokes.
    """
    items = [_item(drawing) for drawing in labelled]
    with store.writing() as connection:
        return sum(not enter(connection, item).duplicate for item in items)


def ensure(store: Store) -> None:
    """Give a store without gold items the page's own examples."""
    with store.reading() as connection:
        if connection.execute(select(drawings.c.id).where(drawings.c.state == GOLD).limit(1)).first():
            return
    add(store, [drawing for drawing in read_file(EXAMPLES) if drawing.label is not None and drawing.strokes])


def _item(drawing: Drawing) -> Submission:
    pens = drawing.pens or drawing.pen
    written = json.dumps([drawing.label, drawing.strokes, pens_as_json(pens)], sort_keys=True)
    return submission(
        drawing.strokes,
        pens,
        uid=hashlib.sha256(written.encode()).hexdigest()[:32],
        key=None,
        prompt=-1 if drawing.label is None else drawing.label,
    )
