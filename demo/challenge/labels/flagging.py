"""Drawings that should leave the page.

Whoever flags a drawing does not see it again. It leaves the page for everybody when trusted annotators from HIDING
address groups have flagged it, or when the owner says so; once the owner has allowed it, flags change nothing.
"""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from demo.challenge.drawings.contributors import today
from demo.challenge.drawings.submissions import HOUSE
from demo.challenge.labels.quorum import update_drawing
from demo.challenge.store.schema import GOLD, HIDDEN, OPEN, contributors, drawings, flags

FLAG = "flag"  # in place of a label
HIDING = 2


def enter_flag(connection: Connection, drawing_id: int, contributor: int, group: str | None) -> None:
    """Enter a flag as part of the caller's transaction, and hide the drawing if that is the one too many."""
    values = {"drawing_id": drawing_id, "contributor_id": contributor, "day": today(), "address_group": group}
    connection.execute(insert(flags).values(**values, decided=False, withdrawn=False))
    update_visibility(connection, drawing_id)


def update_visibility(connection: Connection, drawing_id: int) -> None:
    """Hide or show a drawing as its flags say."""
    query = (
        select(flags.c.decided, flags.c.contributor_id, flags.c.address_group, contributors.c.trusted)
        .join(contributors, contributors.c.id == flags.c.contributor_id)
        .where(flags.c.drawing_id == drawing_id, ~flags.c.withdrawn)
    )
    rows = list(connection.execute(query))
    by_owner = any(row.contributor_id == owner(connection) for row in rows)
    groups = {row.address_group or row.contributor_id for row in rows if row.trusted}
    hidden = (by_owner or len(groups) >= HIDING) and not any(row.decided for row in rows)
    drawing = connection.execute(select(drawings).where(drawings.c.id == drawing_id)).one()
    at = update(drawings).where(drawings.c.id == drawing_id)
    if hidden and drawing.state not in (GOLD, HIDDEN):
        connection.execute(at.values(state=HIDDEN))
    if not hidden and drawing.state == HIDDEN:
        connection.execute(at.values(state=OPEN))
        update_drawing(connection, drawing_id, drawing.prompt)


def owner(connection: Connection) -> int | None:
    """The contributor that stands for the owner, once they have flagged something or given gold items."""
    return connection.execute(select(contributors.c.id).where(contributors.c.key_hash == HOUSE)).scalar()
