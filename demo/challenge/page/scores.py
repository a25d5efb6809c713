"""The scoreboard: nets with their intervals, the human line, ties as ties, slices, confusions, the hardest drawings."""

from __future__ import annotations

from demo.components.panel import Panel


class Scores(Panel):
    """Value: `demo.challenge.showing.scoreboard`."""
