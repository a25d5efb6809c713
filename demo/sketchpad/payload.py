"""What the browser sends and what it is sent. Anything may arrive here, from anyone: all of it is checked."""

from __future__ import annotations

import base64
import binascii
import io
import json
import struct
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from architectures.input.pen import BadPen, Pen, check_ink
from architectures.input.strokes import PAD_PX, BadStrokes, check
from demo.sketchpad.drawing import DEFAULT_PEN, Drawing

KEYS = ("image", "strokes", "pen", "pens", "turn")
PNG_URL = "data:image/png;base64,"
LONGEST_URL = 1_000_000  # characters; 364 x 364 pixels of pure noise are about 540,000
LAST_TURN = 2**53  # a page counts in the numbers of JavaScript
SIGNATURE = b"\x89PNG\r\n\x1a\n"


class BadPayload(ValueError):
    """What came as a drawing is none; the message says what is wrong with it and what was expected."""


def drawing_from(payload: Any) -> Drawing | None:
    """The drawing in `payload`, None when the pad is empty.

    `payload` is `{"image": PNG data URL, 364x364, "strokes": [...], "pen": {...}}`, `"pens": [{...}, ...]` beside it
    where the strokes differ in their pens. The image may be missing: then the strokes are drawn here. Strokes, pen
    and pens may come as JSON in text, as the pad sends them: Gradio's page copies a text at once, and a list or an
    object number by number.
    `"turn"` counts what a page has sent.
    Raises BadPayload for anything else.
    """
    if payload is None or payload == "":
        return None
    if not isinstance(payload, dict):
        raise BadPayload(f"a drawing is an object with image, strokes and pen, not a {type(payload).__name__}")
    unknown = sorted(str(name)[:40] for name in payload if name not in KEYS)
    if unknown:
        raise BadPayload(f"a drawing has image, strokes and pen, but no {', '.join(unknown[:3])}")
    try:
        strokes = check(_unpacked(payload, "strokes") or [])
        pen = _unpacked(payload, "pen")
        pen = DEFAULT_PEN if pen is None else Pen.from_dict(pen)
        pens = _pens(_unpacked(payload, "pens"), len(strokes))
        turn = _turn(payload.get("turn"))
        if payload.get("image") is None:
            drawing = replace(Drawing.of(strokes, pens or pen), turn=turn)
        else:
            check_ink(strokes, pens or (pen,) * len(strokes))  # other parts of the page draw the strokes again
            drawing = Drawing(image_from(payload["image"]), strokes, pen, pens=pens, turn=turn)
    except (BadStrokes, BadPen) as bad:
        raise BadPayload(str(bad)) from bad
    return None if drawing.empty else drawing


def payload_of(drawing: Drawing | None) -> dict[str, Any] | None:
    """What the browser needs to put `drawing` on the pad: strokes and pens where there are any, else the image."""
    if drawing is None or (drawing.empty and not drawing.strokes):
        return None
    payload: dict[str, Any] = {"image": None, "strokes": drawing.strokes, "pen": drawing.pen.to_dict()}
    if drawing.pens:
        payload["pens"] = [pen.to_dict() for pen in drawing.pens]
    if not drawing.strokes:
        payload["image"] = image_url(drawing.image)
    return payload


def image_from(url: Any) -> NDArray[np.uint8]:
    """The image (364, 364, 3) uint8 in a PNG data URL; transparent parts are black. Raises BadPayload."""
    if not isinstance(url, str) or not url.startswith(PNG_URL):
        shown = url[:30] if isinstance(url, str) else type(url).__name__
        raise BadPayload(f"the image should be a data URL of a PNG ({PNG_URL}...), not {shown!r}")
    if len(url) > LONGEST_URL:
        raise BadPayload(f"the image has {len(url):,} characters; at most {LONGEST_URL:,} are read")
    try:
        data = base64.b64decode(url[len(PNG_URL) :], validate=True)
    except (binascii.Error, ValueError) as bad:  # ValueError: characters outside ASCII
        raise BadPayload("the image's base64 is broken") from bad
    size = _size_px(data)
    if size != (PAD_PX, PAD_PX):  # before anything is unpacked: a small file can hold an enormous image
        raise BadPayload(f"the image is {size[0]} x {size[1]} px; the pad is {PAD_PX} x {PAD_PX}")
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            if image.mode == "RGB" and "transparency" not in image.info:  # what browsers send
                return np.array(image)
            rgba = np.asarray(image.convert("RGBA"), dtype=np.uint16)
    except (OSError, SyntaxError, ValueError, struct.error, EOFError, IndexError) as bad:
        raise BadPayload("the image is a broken or truncated PNG") from bad
    return ((rgba[:, :, :3] * rgba[:, :, 3:] + 127) // 255).astype(np.uint8)


def image_url(image: NDArray[np.uint8]) -> str:
    """An image (height, width, 3) uint8 as a data URL of a PNG."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG", compress_level=3)
    return PNG_URL + base64.b64encode(file.getvalue()).decode("ascii")


def _size_px(data: bytes) -> tuple[int, int]:
    if len(data) < 24 or not data.startswith(SIGNATURE) or data[12:16] != b"IHDR":
        raise BadPayload("the image is not a PNG")
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def _turn(turn: Any) -> int | None:
    if turn is not None and (isinstance(turn, bool) or not isinstance(turn, int) or not 0 <= turn < LAST_TURN):
        raise BadPayload(f"turn should be a whole number from 0, not {str(turn)[:40]!r}")
    return turn


def _unpacked(payload: dict[str, Any], part: str) -> Any:
    given = payload.get(part)
    if not isinstance(given, str):
        return given
    try:
        return json.loads(given or "null")
    except (ValueError, RecursionError) as bad:
        raise BadPayload(f"{part}: a text that is not JSON, {given[:30]!r}") from bad


def _pens(pens: Any, strokes: int) -> tuple[Pen, ...]:
    if pens is None:
        return ()
    if not isinstance(pens, list) or len(pens) != strokes:
        raise BadPayload(f"pens should be a list of {strokes} pens, one for each stroke")
    return tuple(Pen.from_dict(pen) for pen in pens)
