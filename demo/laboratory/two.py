"""Two digits at once: the two longest capsules, each drawn in its own ink."""

from __future__ import annotations

from demo.components.panel import Panel


class Two(Panel):
    """Value: what `demo.laboratory.look.two_panel` returns."""
