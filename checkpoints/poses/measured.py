"""`<net>.poses.json`: what the training set's digits look like as poses, for exactly one file of weights.

    {"net": "caps-net", "sha256": "<64 hex>", "images": 10000, "shift_px": 2, "seed": 0,
     "percents": [1, 5, 25, 50, 75, 95, 99],
     "digits": [{"count": 984, "mean": [D], "percentiles": [[7] x D], "correlations": {"slant": [D], ...},
                 "directions": [{"name": "thickness", "r": 0.94, "low": 2.1, "high": 4.4, ... } x 5]} x 10]}

Counted are the images that the net predicts correctly; each was shifted by up to `shift_px` pixels, because MNIST's
digits all have their centre of mass in the middle and a pose also says where the digit is.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from checkpoints.store import manifest, naming

PERCENTS = (1, 5, 25, 50, 75, 95, 99)


class BadPoses(ValueError):
    """A file of poses is not what it should be; the message says which and why."""


@dataclass(frozen=True)
class Direction:
    """A direction in the space of poses along which one attribute of the digit changes, and four others do not.

    name, unit  the attribute, as in `shape.MEASUREMENTS`, and what it is measured in, such as "px"
    r           Pearson's r between the attribute and what the pose says of it, on images held out from the regression
    mean, sd    of the attribute over the training set, in its unit
    low, high   its 1st and 99th percentile there: as far as a slider should go
    offset      value of the attribute in a pose of zeros
    weights     (D,) the attribute read off a pose: offset + weights . pose
    per_unit    (D,) change of the pose for one unit more of the attribute
    """

    name: str
    unit: str
    r: float
    mean: float
    sd: float
    low: float
    high: float
    offset: float
    weights: list[float]
    per_unit: list[float]

    def value(self, pose: Sequence[float]) -> float:
        """The attribute, in its unit, of the digit that a pose (D,) stands for."""
        return self.offset + sum(weight * own for weight, own in zip(self.weights, pose, strict=True))

    def moved(self, pose: Sequence[float], value: float) -> list[float]:
        """The pose (D,) whose attribute is `value`, and which is otherwise as near to the given one as digits allow."""
        more = value - self.value(pose)
        return [own + more * step for own, step in zip(pose, self.per_unit, strict=True)]


@dataclass(frozen=True)
class DigitPoses:
    """The poses of one digit over the training set, for each of D dimensions.

    mean (D,); percentiles (D, 7) at PERCENTS; correlations: Pearson's r (D,) with each measurement of the input;
    directions: along which each attribute of a digit lies, combined of all dimensions.
    """

    count: int
    mean: list[float]
    percentiles: list[list[float]]
    correlations: dict[str, list[float]]
    directions: list[Direction] = field(default_factory=list)

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
    return manifest.folder() / f"{naming.stem_of(name)}.poses.json"


def read(name: str) -> Poses | None:
    """The poses measured of the weights that are recorded for `name` now; None when there are none of these weights.

    Raises BadPoses for a file that is there and broken.
    """
    path, entry = path_of(name), manifest.read().entry(name)
    if entry is None or not path.is_file():
        return None
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
        poses = Poses(digits=[_digit(digit) for digit in loaded.pop("digits")], **loaded)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadPoses(f"{path} is broken ({error}): run `python -m checkpoints describe {name}`") from error
    return poses if poses.sha256 == entry.sha256 else None


def directions(name: str, digit: int) -> list[Direction]:
    """The directions of a digit for the weights recorded for `name` now; none when these weights were not measured.

    Raises BadPoses for a file that is there and broken.
    """
    poses = read(name)
    return poses.digits[digit].directions if poses else []


def write(poses: Poses) -> Path:
    """Put `poses` where `read` finds them, whole or not at all."""
    path = path_of(poses.net)
    manifest.write_whole(path, poses.as_text().encode())
    return path


def _digit(fields: dict[str, Any]) -> DigitPoses:
    return DigitPoses(**{**fields, "directions": [Direction(**one) for one in fields.get("directions", [])]})


def _rounded(value: Any) -> Any:
    """Four decimals are a hundredth of what a slider can be moved by."""
    if isinstance(value, float):
        return round(value, 4) if math.isfinite(value) else 0.0
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return value
