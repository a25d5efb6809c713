"""One drawing: the image the nets see, and beside it the strokes and pens it was drawn with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from architectures.input.pen import PRESETS, Pen, draw
from architectures.input.strokes import PAD_PX, Strokes, check

DEFAULT_PEN = PRESETS["classic"]


@dataclass(frozen=True, eq=False)
class Drawing:
    """An image and how it came about.

    image  uint8 (364, 364, 3) on black: the truth; nets see these pixels
    strokes  points in the unit square, y down (see `architectures.input.strokes`); empty where only the image is known
    pen      of the strokes, or of the last of them when they differ
    pens     one pen for each stroke where they differ, else empty
    label    the digit it shows, in 0-9, or None
    turn     its number among all that its page has sent, or None where nobody counted
    Raises ValueError for an image of another shape or a label that is no digit.
    """

    image: NDArray[np.uint8]
    strokes: Strokes
    pen: Pen = DEFAULT_PEN
    label: int | None = None
    pens: tuple[Pen, ...] = ()
    turn: int | None = None

    def __post_init__(self) -> None:
        expected = (PAD_PX, PAD_PX, 3)
        if self.image.shape != expected or self.image.dtype != np.uint8:
            raise ValueError(f"an image is uint8 {expected}, not {self.image.dtype} {self.image.shape}")
        if self.label is not None and (isinstance(self.label, bool) or self.label not in range(10)):
            raise ValueError(f"a label is a digit 0-9 or None, not {str(self.label)[:40]!r}")
        if self.pens and len(self.pens) != len(self.strokes):
            raise ValueError(f"{len(self.pens)} pens for {len(self.strokes)} strokes; one for each, or none")

    @classmethod
    def of(cls, strokes: Any, pen: Pen | Sequence[Pen] = DEFAULT_PEN, label: int | None = None) -> Drawing:
        """What `strokes` look like drawn with `pen`, or each with its own. Raises BadStrokes or BadPen."""
        strokes = check(strokes)
        image = draw(strokes, pen)
        if isinstance(pen, Pen):
            return cls(image, strokes, pen, label)
        pens = tuple(pen)
        alike = len(set(pens)) <= 1
        return cls(image, strokes, pens[-1] if pens else DEFAULT_PEN, label, () if alike else pens)

    @property
    def empty(self) -> bool:
        """Whether no ink is on the pad."""
        return not self.image.any()

    @property
    def own_pens(self) -> tuple[Pen, ...]:
        """The pen of each stroke."""
        return self.pens or (self.pen,) * len(self.strokes)
