"""What installed nets cost those who do not use them: start-up time with 3 nets and with 30."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import architectures

PROJECT = Path(__file__).parents[1]
STARTS = (["-c", "import checkpoints, architectures; architectures.names()"], ["app.py", "--help"])
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.safetensors", "runs")
ROUNDS = 7


def start_seconds(nets: int, rounds: int = ROUNDS) -> list[float]:
    """Seconds to import the weights and to print the app's command line, with `nets` nets installed, sorted.

    The nets are copies of those there are, in a copy of the project.
    """
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        for package in ("architectures", "checkpoints", "demo"):
            shutil.copytree(PROJECT / package, project / package, ignore=LEFT_OUT)
        shutil.copy(PROJECT / "app.py", project)
        fill(project / "architectures", nets)
        seconds = [_once(project) for _ in range(rounds + 1)]
    return sorted(seconds[1:])  # the first one writes the byte code


def fill(folder: Path, nets: int) -> None:
    """Leave or make exactly `nets` nets in a folder of architectures."""
    there = [path for path in sorted(folder.glob("*.py")) if path.stem not in architectures.NOT_NETS]
    for path in there[nets:]:
        path.unlink()
    for number in range(nets - len(there)):
        shutil.copy(there[number % len(there)], folder / f"copy_{number}.py")


def _once(project: Path) -> float:
    before = time.perf_counter()
    for words in STARTS:
        command = [sys.executable, *words]
        subprocess.run(command, cwd=project, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 (words are ours)
    return time.perf_counter() - before


def table() -> dict[str, float]:
    """Median seconds with 3 and with 30 nets, for the benchmark's table."""
    return {f"start with {nets} nets, s": statistics.median(start_seconds(nets)) for nets in (3, 30)}


if __name__ == "__main__":
    for what, seconds in table().items():
        print(f"{what:<24}{seconds:8.3f}")
