"""The capsule laboratory: a tab that looks inside any net whose answer has capsules."""

from demo.laboratory.tab import tab

__all__ = ["tab"]
