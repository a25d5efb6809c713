"""Every capsule's opinion: the ten reconstructions of one drawing."""

from __future__ import annotations

from demo.components.panel import Panel


class Opinions(Panel):
    """Value: what `demo.laboratory.look.opinions_panel` returns."""
