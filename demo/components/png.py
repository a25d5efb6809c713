"""A canvas for the images that leave the page: its colours, its letters, and rounded images on it.

Everything is drawn twice as large and made smaller at the end, so that edges and letters come out smooth.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

PAPER, CARD, RULE, INK, QUIET, FAINT = "#131418", "#1b1d23", "#30333c", "#f4f1ea", "#aaa397", "#262931"
NETS = ("#ff9a4d", "#74a8ff", "#4fcf9a", "#c79bff", "#ff86b0", "#5cc9e6", "#dfc34e", "#b3bac9")  # as in theme.css, dark
NETS_ON_LIGHT = ("#b34a05", "#2460cc", "#14794f", "#8a3fc4", "#bd2a61", "#0f7490", "#7d6608", "#5b6170")  # light
RIGHT, WRONG = "#1fb58a", "#ef5a3d"
RAINBOW = ("#ff4d4d", "#ffc53d", "#3ddc84", "#4d8dff", "#c04dff")
LARGER = 2

Box = tuple[float, float, float, float]
RGBImage = NDArray[np.uint8]


@dataclass(frozen=True)
class Palette:
    """The page's colours in one of its themes, as in theme.css."""

    paper: str
    card: str
    rule: str
    ink: str
    quiet: str
    faint: str
    nets: tuple[str, ...]


DARK = Palette(PAPER, CARD, RULE, INK, QUIET, FAINT, NETS)
LIGHT = Palette("#faf9f6", "#ffffff", "#e0dacd", "#1c1a17", "#625c51", "#efebe2", NETS_ON_LIGHT)


@cache
def letters(size_px: float) -> Any:
    """Pillow's own typeface (Aileron) at a size, in pixels of the finished image."""
    return ImageFont.load_default(size_px * LARGER)


class Canvas:
    """Width x height pixels of paper to draw on; `finished()` is the finished image."""

    def __init__(self, width: int, height: int, ground: str = PAPER) -> None:
        self.size = (width, height)
        self.image = Image.new("RGB", (width * LARGER, height * LARGER), ground)
        self.pen = ImageDraw.Draw(self.image)

    def finished(self) -> Image.Image:
        return self.image.resize(self.size, Image.Resampling.LANCZOS)

    def text(self, x: float, y: float, text: str, size_px: float, colour: str = INK, anchor: str = "ls") -> None:
        """Text on its baseline; anchor as in Pillow (ls: from the left, ms: centred, rs: to the right)."""
        self.pen.text((x * LARGER, y * LARGER), text, fill=colour, font=letters(size_px), anchor=anchor)

    def width_of(self, text: str, size_px: float) -> float:
        return letters(size_px).getlength(text) / LARGER

    def fitted(self, text: str, size_px: float, width: float) -> str:
        """`text`, cut with dots where it is wider than `width`."""
        if self.width_of(text, size_px) <= width:
            return text
        while text and self.width_of(text + "…", size_px) > width:
            text = text[:-1]
        return text + "…"

    def block(self, box: Box, colour: str, radius: float = 0, outline: str | None = None) -> None:
        """A rounded rectangle (left, top, right, bottom)."""
        scaled = [side * LARGER for side in box]
        self.pen.rounded_rectangle(scaled, radius * LARGER, fill=colour, outline=outline, width=LARGER)

    def paste(self, image: RGBImage, left: float, top: float, width: float, radius: float = 0, *, soft: bool) -> None:
        """An image, uint8 (H, W) or (H, W, 3), `width` wide; soft for drawings, with sharp pixels otherwise."""
        ratio = image.shape[0] / image.shape[1]
        size = round(width * LARGER), round(width * ratio * LARGER)
        way = Image.Resampling.LANCZOS if soft else Image.Resampling.NEAREST
        scaled = Image.fromarray(image).convert("RGB").resize(size, way)
        mask = Image.new("L", size)
        ImageDraw.Draw(mask).rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), radius * LARGER, fill=255)
        self.image.paste(scaled, (round(left * LARGER), round(top * LARGER)), mask)

    def rainbow(self, box: Box, radius: float = 0) -> None:
        """A band of the pen's colours from left to right."""
        left, top, right, bottom = (round(side * LARGER) for side in box)
        band = Image.new("RGB", (len(RAINBOW), 1))
        band.putdata([tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5)) for colour in RAINBOW])
        mask = Image.new("L", (right - left, bottom - top))
        ImageDraw.Draw(mask).rounded_rectangle((0, 0, right - left - 1, bottom - top - 1), radius * LARGER, fill=255)
        self.image.paste(band.resize((right - left, bottom - top), Image.Resampling.BICUBIC), (left, top), mask)


def png(image: Image.Image) -> bytes:
    """The image as the bytes of a PNG file."""
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()
