"""`python -m checkpoints describe-poses NET`: what each dimension of a capsule's pose stands for, measured.

Every training image is shown to the net; what is kept is the spread of each dimension for each digit, and its
correlation with what can be measured of the image. The laboratory takes its sliders' ranges and names from it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from torch import Tensor, nn

import checkpoints
from architectures import shown
from architectures.contract import DIGITS, ask
from checkpoints.errors import MissingWeights, Refused
from checkpoints.poses import measured
from checkpoints.poses.shape import MEASUREMENTS, measure
from checkpoints.store import manifest
from checkpoints.training import data

BATCH = 250
SHIFT_PX = 2  # the paper's training shifts its images by as much (section 5)
SEED = 0
FEWEST = 30  # images of a digit below which neither percentiles nor a correlation mean much


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("net", help="a net whose answer has capsules, such as caps-net")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder with MNIST's four files")
    parser.add_argument("--images", type=int, metavar="N", help="use only the first N training images")


def run(options: argparse.Namespace) -> int:
    name = shown(options.net)
    entry = manifest.read().entry(name)
    if entry is None:
        raise MissingWeights(f"no weights are recorded for {name}: train or add the net first")
    images, labels = data.mnist("train", options.data)
    described = describe(checkpoints.load(name), name, entry.sha256, images[: options.images], labels)
    print(report(described))
    print(f"written to {measured.write(described)}")
    return 0


@torch.inference_mode()
def describe(net: nn.Module, name: str, sha256: str, images: Tensor, labels: Tensor) -> measured.Poses:
    """The poses of `net` over images uint8 (N, 28, 28); raises Refused when its answer has no capsules."""
    generator = torch.Generator().manual_seed(SEED)
    found, shapes, read = [], [], []
    for start in range(0, len(images), BATCH):
        x = shifted(data.as_input(images[start : start + BATCH]), SHIFT_PX, generator)
        answer = ask(net, x.to(checkpoints.device()), name)
        if answer.capsules is None:
            raise Refused(f"{name} answers without capsules: there are no poses to describe")
        digit = answer.digit.cpu()
        found.append(answer.capsules.poses.cpu()[torch.arange(len(x)), digit])  # (B, D)
        shapes.append(torch.stack([measure(x)[key] for key in MEASUREMENTS], dim=1))
        read.append(digit)
    every, values, digits = torch.cat(found), torch.cat(shapes), torch.cat(read)
    right = digits == labels[: len(images)]
    described = []
    for label in range(DIGITS):
        chosen = right & (digits == label)
        if int(chosen.sum()) < FEWEST:
            raise Refused(f"{name} read only {int(chosen.sum())} images of a {label} right: too few to describe")
        described.append(_describe_digit(every[chosen].double(), values[chosen].double()))
    return measured.Poses(name, sha256, len(images), SHIFT_PX, SEED, list(measured.PERCENTS), described)


def shifted(x: Tensor, most_px: int, generator: torch.Generator) -> Tensor:
    """x (B, 1, 28, 28), each image moved by a whole number of pixels up to `most_px` each way, black coming in."""
    moves = torch.randint(-most_px, most_px + 1, (len(x), 2), generator=generator).tolist()
    padded = nn.functional.pad(x, (most_px,) * 4)
    height, width = x.shape[2:]
    return torch.stack(
        [
            image[:, most_px - down : most_px - down + height, most_px - right : most_px - right + width]
            for image, (right, down) in zip(padded, moves, strict=True)
        ]
    )


def _describe_digit(found: Tensor, values: Tensor) -> measured.DigitPoses:
    """Spread of poses (N, D) and their correlation with measurements (N, M)."""
    percentiles = found.quantile(found.new_tensor(measured.PERCENTS) / 100, dim=0).T  # (D, 7)
    correlations = correlation(found, values)  # (D, M)
    return measured.DigitPoses(
        count=len(found),
        mean=found.mean(dim=0).tolist(),
        percentiles=percentiles.tolist(),
        correlations={key: correlations[:, at].tolist() for at, key in enumerate(MEASUREMENTS)},
    )


def correlation(a: Tensor, b: Tensor) -> Tensor:
    """Pearson's r (D, M) of the columns of a (N, D) and b (N, M); 0 where a column does not vary."""
    a, b = (column - column.mean(dim=0) for column in (a, b))
    scale = a.norm(dim=0)[:, None] * b.norm(dim=0)[None, :]
    return torch.where(scale > 0, (a.T @ b) / scale.clamp_min(1e-30), 0.0)


def report(described: measured.Poses) -> str:
    """For each digit, the dimensions whose meaning was measured best."""
    lines = [f"{described.net}: {described.images} images, shifted by up to {described.shift_px} px"]
    for digit, of_digit in enumerate(described.digits):
        meanings = [(*of_digit.meaning(dimension), dimension) for dimension in range(len(of_digit.mean))]
        best = sorted(meanings, key=lambda meaning: -abs(meaning[1]))[:4]
        said = ", ".join(f"{dimension}: {name} {r:+.2f}" for name, r, dimension in best)
        lines.append(f"  {digit} ({of_digit.count} read right)  {said}")
    return "\n".join(lines)
