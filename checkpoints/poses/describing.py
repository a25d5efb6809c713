"""`python -m checkpoints describe [NET]`: what the dimensions of a capsule's pose stand for, measured.

Training images are shown to the net; what is kept is the spread of each dimension for each digit, its correlation with
what can be measured of the image, and the directions along which thickness, slant, width and place change. The
laboratory takes its sliders from it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from torch import Tensor, nn

import architectures
import checkpoints
from architectures import shown
from architectures.contract import DIGITS, ask
from checkpoints.errors import MissingWeights, Refused
from checkpoints.poses import measured
from checkpoints.poses.directions import directions
from checkpoints.poses.shape import MEASUREMENTS, measure
from checkpoints.store import manifest, naming
from checkpoints.tables import plain
from checkpoints.training import data

IMAGES = 10_000  # about a thousand of each digit; with all 55,000 no r changes by more than a hundredth
BATCH = 250
SHIFT_PX = 2  # the paper's training shifts its images by as much (section 5)
SEED = 0
FEWEST = 30  # images of a digit below which neither percentiles nor a correlation mean much


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("nets", nargs="*", metavar="NET", help="capsule nets (default: every one with weights here)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder with MNIST's four files")
    parser.add_argument(
        "--images", type=int, default=IMAGES, metavar="N", help=f"the first N training images (default: {IMAGES:,})"
    )


def run(options: argparse.Namespace) -> int:
    images, labels = data.mnist("train", options.data)
    if not DIGITS <= options.images <= len(images):
        raise Refused(f"invalid --images {options.images}: must be {DIGITS} to {len(images)}")
    for name in [shown(name) for name in options.nets] or _with_capsules():
        entry = manifest.read().entry(name)
        if entry is None:
            raise MissingWeights(f"no weights are recorded for {name}: train or add the net first")
        described = describe(checkpoints.load(name), name, entry.sha256, images[: options.images], labels)
        print(report(described))
        print(f"written to {measured.write(described)}")
    return 0


def _with_capsules() -> list[str]:
    """Ids of the nets with recorded weights whose answer has capsules, each in every training that is recorded.

    Raises MissingWeights when there are none.
    """
    recorded = manifest.read()
    blank = torch.zeros(1, 1, 28, 28, device=checkpoints.device())
    with torch.inference_mode():
        found = [
            net_id
            for name in architectures.names()
            for net_id in naming.with_baselines(name)
            if recorded.entry(net_id) and ask(checkpoints.load(net_id), blank, net_id).capsules is not None
        ]
    if not found:
        raise MissingWeights("no net with capsules has weights here: train or fetch one first")
    return found


@torch.inference_mode()
def describe(net: nn.Module, name: str, sha256: str, images: Tensor, labels: Tensor) -> measured.Poses:
    """The poses of `net` over images uint8 (N, 28, 28); raises Refused when its answer has no capsules."""
    generator = torch.Generator().manual_seed(SEED)
    poses, shapes, digits = [], [], []
    for start in range(0, len(images), BATCH):
        x = shifted(data.as_input(images[start : start + BATCH]), SHIFT_PX, generator)
        answer = ask(net, x.to(checkpoints.device()), name)
        if answer.capsules is None:
            raise Refused(f"{name} answers without capsules: there are no poses to describe")
        digit = answer.digit.cpu()
        poses.append(answer.capsules.poses.cpu()[torch.arange(len(x)), digit])  # (B, D)
        shapes.append(torch.stack([measure(x)[key] for key in MEASUREMENTS], dim=1))
        digits.append(digit)
    every, values, predicted = torch.cat(poses), torch.cat(shapes), torch.cat(digits)
    correct = predicted == labels[: len(images)]
    described = []
    for label in range(DIGITS):
        chosen = correct & (predicted == label)
        if int(chosen.sum()) < FEWEST:
            raise Refused(
                f"{name} predicts only {int(chosen.sum())} images of a {label} correctly: too few to describe"
            )
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


def _describe_digit(poses: Tensor, values: Tensor) -> measured.DigitPoses:
    """Spread of poses (N, D), their correlation with measurements (N, M), and the directions of the attributes."""
    percentiles = poses.quantile(poses.new_tensor(measured.PERCENTS) / 100, dim=0).T  # (D, 7)
    correlations = correlation(poses, values)  # (D, M)
    return measured.DigitPoses(
        count=len(poses),
        mean=poses.mean(dim=0).tolist(),
        percentiles=percentiles.tolist(),
        correlations={key: correlations[:, at].tolist() for at, key in enumerate(MEASUREMENTS)},
        directions=directions(poses, {key: values[:, at] for at, key in enumerate(MEASUREMENTS)}),
    )


def correlation(a: Tensor, b: Tensor) -> Tensor:
    """Pearson's r (D, M) of the columns of a (N, D) and b (N, M); 0 where a column does not vary."""
    a, b = (column - column.mean(dim=0) for column in (a, b))
    scale = a.norm(dim=0)[:, None] * b.norm(dim=0)[None, :]
    return torch.where(scale > 0, (a.T @ b) / scale.clamp_min(1e-30), 0.0)


def report(described: measured.Poses) -> str:
    """For each digit how well all dimensions together say each attribute, and the best that one alone says."""
    header = ["digit", "images", *(direction.name for direction in described.digits[0].directions)]
    rows = [
        [
            str(digit),
            str(of_digit.count),
            *(
                f"{direction.r:.2f} ({max(map(abs, of_digit.correlations[direction.name])):.2f})"
                for direction in of_digit.directions
            ),
        ]
        for digit, of_digit in enumerate(described.digits)
    ]
    return (
        f"{described.net}: {described.images} images, shifted by up to {described.shift_px} px; held-out r of each "
        f"attribute with the whole pose, in brackets with the best single dimension\n{plain(header, rows)}"
    )
