"""Each net keeps its colour, whichever nets are shown beside it."""

from __future__ import annotations

import architectures

COLOURS = 8  # --net-0 ... --net-7 in theme.css


def colour_of(net: str) -> int:
    """Index of the colour of `net`: its place among all nets there are."""
    return architectures.names().index(architectures.shown(net)) % COLOURS
