"""MNIST in strokes as a dataset of the Hub: two stroke files and the card that explains them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from string import Template

import numpy as np

from checkpoints.training import stroke_set

TEMPLATE = Path(__file__).with_name("dataset_card.md")
PARTS = ("train", "test")


def files(repo: str, folder: Path | None = None) -> dict[str, Path | bytes]:
    """What the repository is to hold, by path; digits that never were traced are traced now, from MNIST in `folder`."""
    paths = {part: stroke_set.write(part, folder) for part in PARTS}
    values = {"repo": repo}
    for part, path in paths.items():
        digits = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
        failed = sum(not digit["strokes"] for digit in digits)
        values |= {
            part: _name(part),
            f"{part}_count": f"{len(digits):,}",
            f"{part}_failed": f"{failed:,}",
            f"{part}_overlap": f"{np.median([digit['overlap'] for digit in digits]):.2f}",
        }
    card = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(values)
    return {"README.md": card.encode(), **{_name(part): path for part, path in paths.items()}}


def _name(part: str) -> str:
    return f"mnist-{part}.jsonl.gz"
