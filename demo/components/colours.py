"""Colours of the nets: the same one for a net in every tab, whichever nets are shown beside it."""

from __future__ import annotations

import architectures
from checkpoints.store import naming

COLOURS = 8  # --net-0 ... --net-7 in theme.css


def colour_of(net_id: str) -> int:
    """Index of the colour of a net, in whichever training: its place among all nets there are; after them all for one
    that was removed while a page still shows it."""
    name, _ = naming.split(net_id)
    names = architectures.names()
    return (names.index(name) if name in names else len(names)) % COLOURS
