"""Drawings whose label is known: they measure the judges and are never scored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from sqlalchemy import select

from demo.challenge.drawings.submitting import Submission, enter, submission
from demo.challenge.store.database import Store
from demo.challenge.store.images import pens_as_json
from demo.challenge.store.schema import KNOWN, drawings
from demo.sketchpad.drawing import Drawing


def add(store: Store, known: Iterable[Drawing]) -> int:
    """Add drawings with their labels; one that is there already stays one. Returns how many are new.

    Raises BadSubmission for a drawing without a label or without strokes.
    """
    ready = [_known(drawing) for drawing in known]
    with store.writing() as connection:
        return sum(not enter(connection, each).again for each in ready)


def ensure(store: Store) -> None:
    """Give a store without known drawings the page's own examples."""
    from demo.draw.examples import examples  # drawing them takes a moment, and only an empty store needs them

    with store.reading() as connection:
        if connection.execute(select(drawings.c.id).where(drawings.c.state == KNOWN).limit(1)).first():
            return
    add(store, [drawing for drawing in examples() if drawing.label is not None and drawing.strokes])


def _known(drawing: Drawing) -> Submission:
    pens = drawing.pens or drawing.pen
    written = json.dumps([drawing.label, drawing.strokes, pens_as_json(pens)], sort_keys=True)
    return submission(
        drawing.strokes,
        pens,
        uid=hashlib.sha256(written.encode()).hexdigest()[:32],
        key=None,
        prompt=-1 if drawing.label is None else drawing.label,
    )
