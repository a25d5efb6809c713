"""A copy of the project with as many nets as one likes: what do nets cost those who do not use them?"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import architectures
import checkpoints
from checkpoints.store import manifest

PROJECT = Path(__file__).parents[2]
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.safetensors", "runs", "*.pyi")


@contextmanager
def installation(nets: int | Collection[str]) -> Iterator[Path]:
    """A folder with the project and the nets named, or exactly `nets` nets: those there are, and copies of them."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        for package in ("architectures", "checkpoints", "demo"):
            shutil.copytree(PROJECT / package, project / package, ignore=LEFT_OUT)
        shutil.copy(PROJECT / "app.py", project)
        there = architectures.names()
        if not isinstance(nets, int):
            there = [name for name in there if name in nets]
            nets = len(there)
        fill(project, nets, there)
        yield project


def fill(project: Path, nets: int, there: Sequence[str]) -> None:
    """Leave or make exactly `nets` nets in the copied project, each with weights: of `there`, and copies."""
    recorded = manifest.read()
    for name in set(architectures.names()) - set(there[:nets]):
        (project / "architectures" / architectures.path_of(name).name).unlink()
    for number in range(nets):
        original = there[number % len(there)]
        code, weights = architectures.path_of(original), checkpoints.find(original, recorded.entry(original))
        if weights is None:
            continue
        copied = number >= len(there)
        stem = f"copy_{number}" if copied else code.stem
        if copied:
            shutil.copy(code, project / "architectures" / f"{stem}.py")
        (project / "checkpoints" / (f"{stem}{weights.suffix}" if copied else weights.name)).symlink_to(weights)
