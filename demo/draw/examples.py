"""Drawings to start from: every digit at least once, drawn for this project with its own pens."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from demo.sketchpad.drawing import Drawing
from demo.sketchpad.stroke_file import read_file

FOLDER = Path(__file__).parent


@cache
def examples() -> tuple[Drawing, ...]:
    """All drawings of the stroke files in this folder, in the order of the digits."""
    drawings = [drawing for path in sorted(FOLDER.glob("*.jsonl")) for drawing in read_file(path)]
    return tuple(sorted(drawings, key=lambda drawing: -1 if drawing.label is None else drawing.label))
