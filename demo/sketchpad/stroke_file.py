"""Stroke files: drawings as JSON lines, one drawing a line.

    {"label": 3, "strokes": [[[x, y, t_ms, pressure], ...], ...], "pen": {...}}

x and y lie in the unit square, y down; t_ms, pressure, label and pen may be missing. `pens`, one for each stroke,
stands beside `pen` where they differ. Collections `{"samples": [{"label", "strokes"}]}` are read too, gzipped or not.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from architectures.input.pen import BadPen, Pen
from architectures.input.strokes import MAX_POINTS, BadStrokes, Point, Strokes, check
from demo.sketchpad.drawing import DEFAULT_PEN, Drawing

LARGEST_BYTES = 256 * 2**20  # of a stroke file, unpacked


def read_file(path: str | Path, pen: Pen = DEFAULT_PEN) -> list[Drawing]:
    """The drawings in a stroke file, in its order; `pen` draws those that name none.

    Raises BadStrokes naming the file and the line or sample that is wrong, and FileNotFoundError.
    """
    path = Path(path)
    drawings = []
    for where, record in _records(path):
        try:
            drawings.append(from_record(record, pen))
        except (BadStrokes, BadPen) as bad:
            raise BadStrokes(f"{path}, {where}: {bad}") from bad
    return drawings


def write_file(path: str | Path, drawings: Iterable[Drawing]) -> None:
    """Write drawings as JSON lines; numbers are rounded to 1/10,000 of the pad, 1 ms and 1/1000 of the pressure."""
    lines = [json.dumps(to_record(drawing), separators=(",", ":")) + "\n" for drawing in drawings]
    Path(path).write_text("".join(lines), "utf-8")


def from_record(record: Any, pen: Pen = DEFAULT_PEN) -> Drawing:
    """One drawing of a stroke file. Raises BadStrokes or BadPen."""
    if not isinstance(record, dict) or "strokes" not in record:
        raise BadStrokes("a drawing should be an object with strokes")
    label = record.get("label")
    if label is not None and (isinstance(label, bool) or not isinstance(label, int) or not 0 <= label <= 9):
        raise BadStrokes(f"label should be 0-9 or null, not {str(label)[:40]!r}")
    strokes = check(record["strokes"])
    if record.get("pens") is not None:
        if not isinstance(record["pens"], list):
            raise BadPen("pens should be a list of pens, one for each stroke")
        return Drawing.of(strokes, [Pen.from_dict(each) for each in record["pens"]], label)
    own = record.get("pen")
    return Drawing.of(strokes, pen if own is None else Pen.from_dict(own), label)


def to_record(drawing: Drawing) -> dict[str, Any]:
    """One drawing as a line of a stroke file holds it."""
    strokes = [[_rounded(point) for point in stroke] for stroke in drawing.strokes]
    record: dict[str, Any] = {"label": drawing.label, "strokes": strokes, "pen": drawing.pen.to_dict()}
    if drawing.pens:
        record["pens"] = [pen.to_dict() for pen in drawing.pens]
    return record


def _rounded(point: Point) -> list[float | int | None]:
    return [
        None if value is None else round(value) if digits == 0 else round(value, digits)
        for value, digits in zip(point, (4, 4, 0, 3), strict=False)
    ]


def _records(path: Path) -> Iterator[tuple[str, Any]]:
    text = _text(path)
    whole = text.lstrip()[:4096]
    if '"samples"' in whole or '"meta"' in whole:
        collection = _parsed(text, f"{path}")
        samples = collection.get("samples") if isinstance(collection, dict) else None
        if not isinstance(samples, list):
            raise BadStrokes(f'{path}: a collection should have a list of "samples"')
        yield from ((f"sample {i}", sample) for i, sample in enumerate(samples))
        return
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield f"line {number}", _parsed(line, f"{path}, line {number}")


def _text(path: Path) -> str:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
        if len(data) > LARGEST_BYTES:
            raise BadStrokes(f"{path} is larger than {LARGEST_BYTES // 2**20} MB")
        return data.decode("utf-8")
    except (gzip.BadGzipFile, EOFError, zlib.error) as bad:
        raise BadStrokes(f"{path} is a broken gzip file") from bad
    except UnicodeDecodeError as bad:
        raise BadStrokes(f"{path} is not UTF-8 text") from bad


def _parsed(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError) as bad:
        raise BadStrokes(f"{where}: not JSON ({bad})") from bad


__all__ = ["MAX_POINTS", "BadStrokes", "Strokes", "check", "from_record", "read_file", "to_record", "write_file"]
