"""The question which digit it was: the page learns it from the person, counts who was fooled, and sends it nowhere."""

from __future__ import annotations

from demo.components.panel import Panel


class Chips(Panel):
    """Has no value: it hears the answers as the event `predictions` and tells the person's as the event `label`."""
