"""What hands a finished image to the person: an invisible panel whose script saves each new value as a file."""

from __future__ import annotations

import base64
import time
from typing import Any

from PIL import Image

from demo.components.panel import Panel
from demo.components.png import png


class Saver(Panel):
    """Value: what `saved` or `nothing` returns."""


def saved(image: Image.Image, name: str) -> dict[str, Any]:
    """The image as a PNG file called `name`.png; saving the same image again is a new value."""
    return {
        "name": f"{name}.png",
        "png": base64.b64encode(png(image)).decode("ascii"),
        "at": str(time.time_ns()),
        "hint": "",
    }


def nothing(reason: str) -> dict[str, Any]:
    """No file, and why."""
    return {"name": "", "png": "", "at": str(time.time_ns()), "hint": reason}
