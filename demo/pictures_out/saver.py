"""What hands a finished picture to the person: an invisible panel whose script saves each new value as a file."""

from __future__ import annotations

import base64
import time
from typing import Any

from PIL import Image

from demo.panels.panel import Panel
from demo.pictures_out.canvas import png


class Saver(Panel):
    """Value: what `saved` or `nothing` returns."""


def saved(picture: Image.Image, name: str) -> dict[str, Any]:
    """The picture as a PNG file called `name`.png; saving the same picture again is a new value."""
    return {
        "name": f"{name}.png",
        "png": base64.b64encode(png(picture)).decode("ascii"),
        "at": str(time.time_ns()),
        "hint": "",
    }


def nothing(reason: str) -> dict[str, Any]:
    """No file, and why."""
    return {"name": "", "png": "", "at": str(time.time_ns()), "hint": reason}
