"""The digit a person is asked for, before they draw."""

from __future__ import annotations

from demo.components.panel import Panel


class Prompt(Panel):
    """Value: `demo.challenge.showing.prompt`."""
