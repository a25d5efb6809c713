"""`python -m tests.support.stopped_training MOMENTS train NET ...`: the command, stopped at one moment after another.

Moments, with commas between them: "step 3" (in the third step), "save 2" (the second saved state is half written),
"validation 1" and "weights 1" (the final weights are half written). At each the command ends as it stands, without a
word, and is begun again; at the last one the process is killed.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from unittest import mock

from checkpoints.__main__ import main
from checkpoints.training import command, loop, step

PLACES = {
    "step": (step.Learner, "_learn"),
    "save": (loop.torch, "save"),
    "validation": (loop.Trainer, "validate"),
    "weights": (command, "save_file"),
}


class Stopped(BaseException):
    """What nobody in the command catches."""


def stop() -> None:
    raise Stopped


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def begin_to_write(file: object) -> None:
    """Leave half a file behind, open or named."""
    if hasattr(file, "write"):
        file.write(b"half a file")
        file.flush()
    elif isinstance(file, Path):
        file.write_bytes(b"half a file")


def stopping(usual: Callable[..., object], count: int, end: Callable[[], None]) -> Callable[..., object]:
    calls = 0

    def counted(*given: object, **named: object) -> object:
        nonlocal calls
        calls += 1
        if calls == count:
            for file in given[1:]:
                begin_to_write(file)
            end()
        return usual(*given, **named)

    return counted


def run(moments: list[str], asked: list[str]) -> None:
    for number, moment in enumerate(moments, start=1):
        what, _, count = moment.partition(" ")
        owner, name = PLACES[what]
        end = kill if number == len(moments) else stop
        with mock.patch.object(owner, name, stopping(getattr(owner, name), int(count), end)):
            try:
                main(asked)
            except Stopped:
                continue
        sys.exit(f"{moment} never came")


if __name__ == "__main__":
    run(sys.argv[1].split(","), sys.argv[2:])
