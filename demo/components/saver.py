"""What hands a finished file to the person: an invisible panel whose script saves each new value as a file."""

from __future__ import annotations

import base64
import csv
import io
import json
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from demo.components.panel import Panel
from demo.components.png import png

TYPES = {".png": "image/png", ".csv": "text/csv;charset=utf-8", ".json": "application/json"}


class Saver(Panel):
    """Value: what `saved`, `saved_csv`, `saved_json` or `nothing` returns."""


def saved(image: Image.Image, name: str) -> dict[str, Any]:
    """The image as a PNG file called `name`.png; saving the same image again is a new value."""
    return _file(f"{name}.png", png(image))


def saved_csv(header: Sequence[str], rows: Iterable[Sequence[object]], name: str) -> dict[str, Any]:
    """A table as a CSV file called `name`.csv (RFC 4180, UTF-8)."""
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return _file(f"{name}.csv", text.getvalue().encode())


def saved_json(value: Any, name: str) -> dict[str, Any]:
    """Numbers as a JSON file called `name`.json."""
    return _file(f"{name}.json", (json.dumps(value, indent=1, allow_nan=False) + "\n").encode())


def nothing(reason: str) -> dict[str, Any]:
    """No file, and why."""
    return {"name": "", "data": "", "type": "", "at": str(time.time_ns()), "hint": reason}


def _file(name: str, data: bytes) -> dict[str, Any]:
    return {
        "name": name,
        "data": base64.b64encode(data).decode("ascii"),
        "type": TYPES[Path(name).suffix],
        "at": str(time.time_ns()),
        "hint": "",
    }
