"""MNIST in strokes: all 70,000 digits traced once, kept as one stroke file for training and one for testing.

    {"label": 5, "strokes": [[[x, y], ...], ...], "pen": {...}, "overlap": 0.91}

A line for each digit in MNIST's own order, gzipped; the pen is plain and as wide as the digit's own strokes. A digit
that could not be traced has no strokes. `python -m checkpoints.training.stroke_set` makes both files and says how many
those are.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import shutil
from collections.abc import Iterable
from functools import cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from checkpoints.store.files import write_whole
from checkpoints.training import chunks
from checkpoints.training.data import Split, original, places
from checkpoints.training.tracing import Traced, trace

VERSION = 1  # of the tracing; strokes of another version are traced again
AT_ONCE = 500  # digits in a piece of work

Images = NDArray[np.uint8]


def traced(split: Split, folder: Path | None = None, first: int | None = None) -> list[Traced]:
    """The strokes of a split's digits, in the order of `data.mnist`; those that never were traced are traced now."""
    part = "test" if split == "test" else "train"
    images, labels = (array.numpy() for array in original(part == "train", folder))
    asked = places(split, len(images), first).tolist()
    whole = _path(part, images)
    if whole.is_file():
        everything = _read(whole)
        return [everything[place] for place in asked]
    pieces = _pieces(part, images, labels, sorted({place // AT_ONCE for place in asked}))
    held = {number: [_digit(line) for line in piece.splitlines()] for number, piece in pieces.items()}
    return [held[place // AT_ONCE][place % AT_ONCE] for place in asked]


def write(part: str, folder: Path | None = None) -> Path:
    """The stroke file of MNIST's whole training or test set ("train", "test"), made now unless it is there."""
    images, labels = (array.numpy() for array in original(part == "train", folder))
    path = _path(part, images)
    if not path.is_file():
        pieces = _pieces(part, images, labels, range(-(-len(images) // AT_ONCE)))
        write_whole(path, gzip.compress(b"".join(pieces[number] for number in sorted(pieces)), 6, mtime=0))
        shutil.rmtree(path.with_suffix(".work"), ignore_errors=True)
    return path


def _path(part: str, images: Images) -> Path:
    key = hashlib.sha256(images.tobytes() + bytes([VERSION])).hexdigest()[:12]
    return chunks.cache_folder() / f"mnist-{part}-{key}.jsonl.gz"


def _pieces(part: str, images: Images, labels: NDArray[np.int64], numbers: Iterable[int]) -> dict[int, bytes]:
    """Lines of the pieces with these numbers, each of 500 digits in MNIST's own order."""
    jobs = {}
    for number in numbers:
        piece = slice(number * AT_ONCE, (number + 1) * AT_ONCE)
        jobs[number] = partial(lines, images[piece], labels[piece])
    return chunks.compute(jobs, _path(part, images).with_suffix(".work"), f"tracing MNIST {part}")


def lines(images: Images, labels: NDArray[np.int64]) -> bytes:
    """Lines of a stroke file for images (N, 28, 28)."""
    return b"".join(_line(trace(image), int(label)) for image, label in zip(images, labels, strict=True))


def _line(digit: Traced, label: int) -> bytes:
    pen = {"thinnest_px": digit.width_px, "widest_px": digit.width_px, "colour": "#ffffff", "pressure": False}
    strokes = [stroke.round(4).tolist() for stroke in digit.strokes]
    record = {"label": label, "strokes": strokes, "pen": pen, "overlap": digit.overlap}
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def _digit(line: bytes) -> Traced:
    record = json.loads(line)
    return Traced([np.array(stroke) for stroke in record["strokes"]], record["pen"]["widest_px"], record["overlap"])


@cache
def _read(path: Path) -> list[Traced]:
    return [_digit(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of MNIST's IDX files (default: downloaded)")
    folder = parser.parse_args().data
    for part in ("test", "train"):
        path = write(part, folder)
        digits = _read(path)
        failed = sum(not digit.strokes for digit in digits)
        overlap = np.median([digit.overlap for digit in digits])
        print(
            f"{path}: {len(digits):,} digits, {failed:,} ({failed / len(digits):.1%}) could not be traced and stay "
            f"rasters; median overlap {overlap:.2f}"
        )


if __name__ == "__main__":
    main()
