"""Routing, seen: how the primary capsules come to agree, iteration by iteration."""

from __future__ import annotations

from demo.components.panel import Panel


class Agreeing(Panel):
    """Value: what `demo.laboratory.look.agreement_panel` returns."""
