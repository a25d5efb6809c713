"""The pen, under the name that programs outside import it by; it lives in `architectures.input.pen`."""

from architectures.input.pen import PRESETS, BadPen, Pen, draw

__all__ = ["PRESETS", "BadPen", "Pen", "draw"]
