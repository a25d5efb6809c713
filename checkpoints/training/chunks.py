"""Long work in pieces: on every core, with a progress bar, each piece kept as soon as it is done.

What is stopped, however it came about, goes on where it was; what was done by one process is not done by another.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import filelock
import platformdirs
import torch
from tqdm import tqdm

from checkpoints.store.files import write_whole

Job = Callable[[], bytes]


def cache_folder() -> Path:
    """Where strokes and drawings are kept: $TRAINING_CACHE, or the user's cache."""
    named = os.environ.get("TRAINING_CACHE")
    return Path(named) if named else Path(platformdirs.user_cache_dir("handwritten-digit-challenge")) / "training"


def compute(jobs: Mapping[int, Job], folder: Path, title: str) -> dict[int, bytes]:
    """What the jobs return, by their numbers; each result is kept in `folder`, and what is there is not done again.

    One process at a time works in a folder; the others wait and find the work done.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = {number: folder / f"{number:05d}.part" for number in jobs}
    if not all(path.is_file() for path in paths.values()):
        with filelock.FileLock(folder / ".lock"):
            _compute({number: job for number, job in jobs.items() if not paths[number].is_file()}, paths, title)
    return {number: path.read_bytes() for number, path in paths.items()}


def _compute(jobs: Mapping[int, Job], paths: Mapping[int, Path], title: str) -> None:
    done = len(paths) - len(jobs)
    with tqdm(total=len(paths), initial=done, desc=title, mininterval=1.0, disable=not jobs) as bar:
        processes = min(len(jobs), cores())
        if processes <= 1:
            for number, job in jobs.items():
                write_whole(paths[number], job())
                bar.update()
            return
        spawn = multiprocessing.get_context("spawn")  # a forked torch may hang in its own threads
        with ProcessPoolExecutor(processes, spawn, _begin) as pool:
            waiting = {pool.submit(job): number for number, job in jobs.items()}
            try:
                for future in as_completed(waiting):
                    write_whole(paths[waiting[future]], future.result())
                    bar.update()
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise


def _begin() -> None:
    """Begin a worker: one thread, and an end when its parent ends, which a killed parent cannot tell it."""
    torch.set_num_threads(1)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
