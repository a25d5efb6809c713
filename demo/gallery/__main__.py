"""`python -m demo.gallery`: draw the gallery again, from figures to stroke file."""

from __future__ import annotations

from demo.drawing import Drawing
from demo.gallery import five_to_nine, zero_to_four  # noqa: F401  importing them draws them
from demo.gallery.figure import DRAWN
from demo.gallery.pieces import FILE, Piece, written


def drawn() -> list[Piece]:
    """Every figure as a piece, by digit."""
    figures = sorted((figure() for figure in DRAWN), key=lambda figure: figure.label)
    return [Piece(one.title, Drawing.of(one.strokes(), one.pens(), one.label)) for one in figures]


if __name__ == "__main__":
    FILE.write_text(written(drawn()), encoding="utf-8")
    print(f"{len(drawn())} drawings written to {FILE}")
