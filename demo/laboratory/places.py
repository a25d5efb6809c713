"""How many people may have the decoders draw at a time: the laboratory's share of what `demo.recognize` lets in."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from demo.inference import Busy, turn

PLACES = 8  # far fewer than those of `turn`: whoever draws on the pad finds room beside a crowd at the sliders

_places = threading.BoundedSemaphore(PLACES)


@contextmanager
def place() -> Iterator[None]:
    """One of the PLACES, and a turn of the nets; raises Busy at once when all are taken, or when no turn comes."""
    if not _places.acquire(blocking=False):
        raise Busy("many people are in the laboratory right now: please try again in a moment")
    try:
        with turn():
            yield
    finally:
        _places.release()
