"""What the seed alone changes: short trainings from scratch that differ in nothing else, recorded beside the manifest.

    {"resnet-ish": [{"seed": 0, "epochs": 8, "digits": 27500, "rounds": 1, "command": "python -m ...",
                     "validation_accuracy": 0.99, "validation_accuracy_pen": 0.96}, ...], ...}

Two nets whose accuracies lie closer than the seeds of one net lie apart cannot be told apart by one training of each.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from checkpoints.errors import Refused
from checkpoints.store import manifest
from checkpoints.store.files import write_whole

NAME = "seeds.json"
BUDGET = ("epochs", "digits", "rounds")  # what trainings must share to be compared
Trainings = dict[str, list[dict[str, Any]]]  # by the id of a net


def read() -> Trainings:
    """What was recorded, empty where nothing was; raises Refused."""
    path = _path()
    if not path.is_file():
        return {}
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        return {str(net_id): [dict(one) for one in trainings] for net_id, trainings in held.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise Refused(f"{path} is broken ({error}): restore it, for example with `git checkout`") from error


def record(net_id: str, training: Mapping[str, Any]) -> None:
    """Keep one training, with its seed and BUDGET; those of another budget, and of the same seed, go."""
    with manifest.locked():
        held = read()
        kept = [
            one
            for one in held.get(net_id, [])
            if one["seed"] != training["seed"] and all(one[key] == training[key] for key in BUDGET)
        ]
        held[net_id] = sorted([*kept, dict(training)], key=lambda one: one["seed"])
        write_whole(_path(), (json.dumps(dict(sorted(held.items())), indent=1) + "\n").encode())


def _path() -> Path:
    return manifest.folder() / NAME
