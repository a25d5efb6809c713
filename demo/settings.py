"""What the person who starts the page chooses for it."""

from __future__ import annotations

from dataclasses import dataclass

ALL = "all"


@dataclass(frozen=True)
class Settings:
    """Passed whole from the command line to the page and its tabs.

    net       the net selected when the page opens, or "all"
    hub_repo  "user/name" on the Hugging Face Hub where missing weights are fetched from; None: where the manifest says
    database  URL of the database of drawings; None: the file of its own that the challenge keeps
    """

    net: str = ALL
    hub_repo: str | None = None
    database: str | None = None
