"""The whole sheet: sixteen dimensions in eleven steps, the paper's figure 4 for one's own drawing."""

from __future__ import annotations

from demo.components.panel import Panel


class Sheet(Panel):
    """Value: what `demo.laboratory.look.sheet_panel` returns."""
