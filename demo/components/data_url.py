"""Pixels as a data URL: an image inside the answer itself, without a file and a second request."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def grey(pixels: NDArray[np.float32]) -> NDArray[np.uint8]:
    """(H, W) in [0, 1] as uint8."""
    return np.round(pixels.clip(0, 1) * 255).astype(np.uint8)


def data_url(image: NDArray[Any]) -> str:
    """A PNG of image, uint8 (H, W) or (H, W, 3), as `data:image/png;base64,...`."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")
