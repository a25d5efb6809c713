"""Score nets on MNIST's test set, which nothing else in this project reads.

Every image is read once, by one net: no ensemble, no augmentation at test time; nothing is chosen by these figures.
What is to be chosen, such as a number of routing iterations, is compared with `--split validation`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from tqdm import tqdm

from checkpoints.errors import Refused
from checkpoints.evaluation import known_labels
from checkpoints.evaluation.distortions import CURVES
from checkpoints.evaluation.report import summary
from checkpoints.evaluation.scoring import SEED, Images, Plan, Report, Scores, samples, score, shared_sets
from checkpoints.evaluation.statistics import compare_pairs
from checkpoints.evaluation.variants import Reader, Variant, load, parse, scored_by_default
from checkpoints.store import naming
from checkpoints.store.manifest import write_whole
from checkpoints.training.data import as_input, mnist

SPLITS = ("test", "validation")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "nets",
        nargs="*",
        metavar="NET",
        help="NET, NET@ITERATIONS or NET/mnist-only (default: every net with weights; with --pen its baseline too)",
    )
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of MNIST's IDX files (default: downloaded)")
    parser.add_argument("--split", choices=SPLITS, default="test", help="what to score on (default: test)")
    parser.add_argument(
        "--pen", action="store_true", help="the digits traced and drawn by every preset pen, read both ways"
    )
    parser.add_argument(
        "--pen-images", type=int, metavar="N", help="let the pens draw only N of the images, drawn by the seed"
    )
    parser.add_argument("--shift", action="store_true", help="curve: digits moved by 0 to 6 pixels")
    parser.add_argument("--rotate", action="store_true", help="curve: digits turned by 0 to 60 degrees")
    parser.add_argument("--noise", action="store_true", help="curve: Gaussian noise of standard deviation 0 to 0.6")
    parser.add_argument("--affine", action="store_true", help="affNIST-like set: turned, sheared, scaled and moved")
    parser.add_argument("--overlap", action="store_true", help="MultiMNIST-like set: two digits on top of each other")
    parser.add_argument("--all", action="store_true", help="all of the above")
    parser.add_argument("--images", type=int, metavar="N", help="only N of the images, drawn by the seed: a quick look")
    parser.add_argument("--seed", type=int, default=SEED, help=f"seed of all distortions (default: {SEED})")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything measured to this file")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="draw confusions, surest mistakes and curves there")


def run(options: argparse.Namespace) -> int:
    report = evaluate(options)
    print(summary(report))
    if options.json:
        write_whole(options.json, (json.dumps(report, indent=1, allow_nan=False) + "\n").encode())
        print(f"\nwritten: {options.json}")
    return 0


def evaluate(options: argparse.Namespace) -> Report:
    """Measure what the options ask for and, with --out, draw it."""
    for folder in (options.json and options.json.parent, options.out and options.out.parent):
        if folder and not folder.is_dir():
            raise Refused(f"{folder} is not a folder: make it first")
    if options.pen_images is not None and options.pen_images < 1:
        raise Refused(f"invalid --pen-images {options.pen_images}: must be 1 or more")
    images = image_set(options.split, options.data, options.images, options.seed)
    plan = Plan(
        tuple(name for name in CURVES if options.all or getattr(options, name)),
        pens=options.pen or options.all,
        pen_images=options.pen_images,
        affine=options.affine or options.all,
        overlap=options.overlap or options.all,
    )
    asked = [(load(variant), plan) for variant in _variants(options.nets)]
    if plan.pens:
        asked += [(baseline, plan) for baseline in baselines([reader for reader, _ in asked])]
    total = sum(plan.steps for _, plan in asked)
    with tqdm(total=total, desc="readings of the set", file=sys.stderr, disable=None) as bar:
        every = score(asked, images, options.seed, bar.update)
    report: Report = {
        "made": {
            "images": len(images.labels),
            "split": images.split,
            "whole_test_set": options.images is None and images.split == "test",
            "seed": options.seed,
            "torch": torch.__version__,
        },
        "nets": {name: scores.report for name, scores in every.items()},
        "pairs": paired(every),
        "disputed_labels": {"source": known_labels.SOURCE, "indices": sorted(known_labels.DISPUTED)},
        "samples": samples(images, plan, options.seed),
    }
    if options.out:
        from checkpoints.evaluation import plots  # matplotlib is imported only when there is something to draw

        for path in plots.draw(report, images.x, images.index, options.out):
            print(f"drawn: {path}")
    return report


def image_set(split: str, folder: Path | None, count: int | None, seed: int) -> Images:
    """The test or validation set, or `count` of its images drawn by the seed; raises Refused."""
    images, labels = mnist("validation", folder) if split == "validation" else mnist("test", folder)
    if count is not None and not 1 <= count <= len(labels):
        raise Refused(f"invalid --images {count}: must be 1 to {len(labels)}, the size of the {split} set")
    return Images(as_input(images), labels, torch.arange(len(labels)), split).some(count, seed)


def _variants(specs: Sequence[str]) -> list[Variant]:
    found = [parse(spec) for spec in dict.fromkeys(specs)] if specs else scored_by_default()
    if not found:
        raise Refused("no net has weights here: run `python -m checkpoints fetch NET` or `train NET` first")
    return found


def baselines(readers: Sequence[Reader]) -> list[Reader]:
    """Each of the nets as trained on MNIST alone, where such weights are here and were not asked for anyway."""
    asked = {reader.variant for reader in readers}
    wanted = [Variant(reader.variant.net, naming.MNIST_ONLY) for reader in readers if reader.variant.training is None]
    return [load(variant) for variant in dict.fromkeys(wanted) if variant not in asked and variant.path]


def paired(every: dict[str, Scores]) -> dict[str, list[Report]]:
    """For each set the paired comparisons: nets with one another, and each with itself trained otherwise."""
    found = {}
    for name, readers in shared_sets(every.values()).items():
        pairs = [
            (a, b)
            for place, a in enumerate(readers)
            for b in readers[place + 1 :]
            if _comparable(every[a].reader.variant, every[b].reader.variant)
        ]
        correct = {reader: every[reader].correct[name] for reader in readers}
        found[name] = [pair.as_json() for pair in compare_pairs(correct, pairs)]
    return found


def _comparable(a: Variant, b: Variant) -> bool:
    """Two variants of one net, or two nets trained the same way."""
    return a.net == b.net or a.training == b.training
