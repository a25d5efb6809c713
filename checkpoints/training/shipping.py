"""Make checkpoints/digits.npz, the digits that ship with the project: `python -m checkpoints.training.shipping`."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import numpy as np
from tqdm import tqdm

from checkpoints import shipped_digits
from checkpoints.store.files import write_whole
from checkpoints.training.data import Split, mnist
from checkpoints.training.tracing import Traced, trace

SEED = 20170710


def balanced(split: Split, count: int, folder: Path | None) -> list[tuple[np.ndarray, int, Traced]]:
    """The first `count` digits of a random order that can be traced, one of each class in every ten."""
    images, labels = mnist(split, folder)
    order = np.random.default_rng(SEED).permutation(len(labels))
    waiting: dict[int, list[tuple[np.ndarray, int, Traced]]] = {digit: [] for digit in range(10)}
    with tqdm(total=count, desc=f"MNIST {split}, traced", unit=" digits") as bar:
        for place in order.tolist():
            label = int(labels[place])
            if len(waiting[label]) == count // 10:
                continue
            image = images[place].numpy()
            traced = trace(image)
            if traced.strokes:
                waiting[label].append((image, label, traced))
                bar.update()
            if bar.n == count:
                break
    return [waiting[digit][turn] for turn in range(count // 10) for digit in range(10)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of MNIST's IDX files (default: downloaded)")
    folder = parser.parse_args().data
    digits = balanced("train", shipped_digits.TRAINING, folder) + balanced("test", shipped_digits.TEST, folder)
    data = shipped_digits.pack(
        [image for image, _, _ in digits],
        [label for _, label, _ in digits],
        [traced.strokes for _, _, traced in digits],
        [traced.width_px for _, _, traced in digits],
    )
    write_whole(shipped_digits.FILE, data)
    print(f"{shipped_digits.FILE}: {len(data):,} bytes; SHA256 = {hashlib.sha256(data).hexdigest()!r}")


if __name__ == "__main__":
    main()
