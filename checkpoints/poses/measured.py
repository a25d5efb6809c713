"""`<net>.poses.json`: what the training set's digits look like as poses, for exactly one file of weights.

    {"net": "caps-net", "sha256": "<64 hex>", "images": 55000, "shift_px": 2, "seed": 0,
     "percents": [1, 5, 25, 50, 75, 95, 99],
     "digits": [{"count": 5444, "mean": [D], "percentiles": [[7] x D], "correlations": {"slant": [D], ...}} x 10]}

Counted are the images that the net reads right; each was shifted by up to `shift_px` pixels, because MNIST's digits
all have their centre of mass in the middle and a pose also says where the digit is.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from architectures import shown
from checkpoints.store import manifest

PERCENTS = (1, 5, 25, 50, 75, 95, 99)


class BadPoses(ValueError):
    """A file of poses is not what it should be; the message says which and why."""


@dataclass(frozen=True)
class DigitPoses:
    """The poses of one digit over the training set, for each of D dimensions.

    mean (D,); percentiles (D, 7) at PERCENTS; correlations: Pearson's r (D,) with each measurement of the input.
    """

    count: int
    mean: list[float]
    percentiles: list[list[float]]
    correlations: dict[str, list[float]]

    def meaning(self, dimension: int) -> tuple[str, float]:
        """The measurement that goes with a dimension most closely, and its r."""
        name = max(self.correlations, key=lambda measured: abs(self.correlations[measured][dimension]))
        return name, self.correlations[name][dimension]


@dataclass(frozen=True)
class Poses:
    """What a file of poses says, for the weights with this sha256."""

    net: str
    sha256: str
    images: int
    shift_px: int
    seed: int
    percents: list[int]
    digits: list[DigitPoses]

    def as_text(self) -> str:
        return json.dumps(_rounded(asdict(self)), allow_nan=False, separators=(",", ":")) + "\n"


def path_of(name: str) -> Path:
    """Where the poses of the net called `name` are kept."""
    return manifest.folder() / f"{shown(name)}.poses.json"


def read(name: str) -> Poses | None:
    """The poses measured of the weights that are recorded for `name` now; None when there are none of these weights.

    Raises BadPoses for a file that is there and broken.
    """
    path, entry = path_of(name), manifest.read().entry(name)
    if entry is None or not path.is_file():
        return None
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
        digits = [DigitPoses(**digit) for digit in loaded.pop("digits")]
        poses = Poses(digits=digits, **loaded)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadPoses(f"{path} is broken ({error}): run `python -m checkpoints describe-poses {name}`") from error
    return poses if poses.sha256 == entry.sha256 else None


def write(poses: Poses) -> Path:
    """Put `poses` where `read` finds them, whole or not at all."""
    path = path_of(poses.net)
    manifest.write_whole(path, poses.as_text().encode())
    return path


def _rounded(value: Any) -> Any:
    """Four decimals are a hundredth of what a slider can be moved by."""
    if isinstance(value, float):
        return round(value, 4) if math.isfinite(value) else 0.0
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return value
