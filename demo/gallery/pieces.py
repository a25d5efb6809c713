"""The gallery's drawings, read from its stroke file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from demo.sketchpad.drawing import Drawing
from demo.sketchpad.stroke_file import from_record, to_record

FILE = Path(__file__).with_name("drawings.jsonl")


@dataclass(frozen=True)
class Piece:
    """A drawing whose label is the digit that any person sees in it, and what it is dressed up as."""

    title: str
    drawing: Drawing

    @property
    def label(self) -> int:
        assert self.drawing.label is not None
        return self.drawing.label


@cache
def pieces() -> tuple[Piece, ...]:
    """Every piece, in the order of the wall: by digit."""
    return tuple(parsed(FILE.read_text(encoding="utf-8")))


def images_by_digit(step: int = 2) -> dict[int, list[NDArray[np.uint8]]]:
    """Images (H, W, 3) of the pieces, every `step`-th pixel of them, by the digit that they show."""
    images: dict[int, list[NDArray[np.uint8]]] = {}
    for piece in pieces():
        images.setdefault(piece.label, []).append(piece.drawing.image[::step, ::step])
    return images


def parsed(text: str) -> list[Piece]:
    """The pieces in the text of a stroke file whose lines also have a title; raises BadStrokes or BadPen."""
    records = [json.loads(line) for line in text.splitlines()]
    return [Piece(record["title"], from_record(record)) for record in records]


def written(collection: list[Piece]) -> str:
    """The same text again: a stroke file that `stroke_file.read_file` accepts too."""
    records = [{"title": piece.title} | to_record(piece.drawing) for piece in collection]
    return "".join(json.dumps(record, separators=(",", ":")) + "\n" for record in records)
