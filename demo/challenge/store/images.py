"""Images and pens as the store keeps them."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from architectures.input.pen import PRESETS, Pen

Pens = Pen | Sequence[Pen]  # one for the drawing, or one for each stroke

OWN = "own"  # a pen that is none of the presets
COMPRESSION = 4  # of zlib's 9: files 4 % larger than at the usual 6, in 60 % of the time


def png_of(image: NDArray[np.uint8]) -> bytes:
    """PNG of an image, uint8 (H, W, 3)."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG", compress_level=COMPRESSION)
    return buffer.getvalue()


def image_of(png: bytes) -> NDArray[np.uint8]:
    """The image in a PNG, uint8 (H, W, 3). Raises PIL.UnidentifiedImageError."""
    with Image.open(io.BytesIO(png), formats=("PNG",)) as image:
        return np.asarray(image.convert("RGB"))


def data_url(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode()


def pens_as_json(pens: Pens) -> dict[str, Any] | list[dict[str, Any]]:
    return pens.to_dict() if isinstance(pens, Pen) else [pen.to_dict() for pen in pens]


def pens_from_json(fields: Any) -> Pens:
    """Raises BadPen for fields that make no pen."""
    return [Pen.from_dict(pen) for pen in fields] if isinstance(fields, list) else Pen.from_dict(fields)


def pen_name(pens: Pens) -> str:
    """The preset that all of the drawing was made with, whatever its seed, else "own"."""
    several = [pens] if isinstance(pens, Pen) else pens
    for name, preset in PRESETS.items():
        if several and all(replace(preset, seed=pen.seed) == pen for pen in several):
            return name
    return OWN
