"""What every net read in the drawing that was just handed in."""

from __future__ import annotations

from demo.components.panel import Panel


class Verdicts(Panel):
    """Value: `demo.challenge.showing.verdicts`, or `problem` for a drawing that was not taken."""
