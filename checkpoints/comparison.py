"""Compare nets picture by picture, while choosing between them: on the validation pictures, clean and made harder.

The test set is left to `evaluate`, which pairs nets too: what was chosen by looking at it cannot be measured by it.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import torch
from tqdm import tqdm

from checkpoints.data import NoData, as_input, mnist
from checkpoints.distortions import CURVES
from checkpoints.errors import Refused
from checkpoints.manifest import write_whole
from checkpoints.metrics import Flags, share_of
from checkpoints.pairing import compare_pairs
from checkpoints.scoring import REAL_PEN, SEED, Pictures, Plan, Report, score
from checkpoints.summary import pairs_table
from checkpoints.tables import percent, plain
from checkpoints.variants import load, parse

SETS = {
    "clean": "validation pictures",
    "pen": "under the simulated pen",
    "affine": "affNIST-like",
    "overlap": "two digits at once (both must be the two most probable)",
}
ALONE = 2  # nets needed for a comparison


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "nets",
        nargs="+",
        metavar="NET",
        help="NET, NET@ITERATIONS, or NET.TRAINING for weights in NET.TRAINING.safetensors",
    )
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of MNIST's IDX files (default: downloaded)")
    parser.add_argument("--pictures", type=int, metavar="N", help="only the first N of the 5,000 validation pictures")
    parser.add_argument("--hard", action="store_true", help="also under the pen, affNIST-like, and two digits at once")
    parser.add_argument("--seed", type=int, default=SEED, help=f"seed of the harder sets (default: {SEED})")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything measured to this file")


def run(options: argparse.Namespace) -> int:
    report = compare(options)
    print(table(report))
    if options.json:
        write_whole(options.json, (json.dumps(report, indent=1, allow_nan=False) + "\n").encode())
        print(f"\nwritten: {options.json}")
    return 0


def compare(options: argparse.Namespace) -> Report:
    """Accuracy of each net with its interval, and every pair of them, on each set. Raises Refused."""
    variants = [parse(spec) for spec in dict.fromkeys(options.nets)]
    if len(variants) < ALONE:
        raise Refused(f"{variants[0].name} cannot be compared with itself: name two nets, or caps-net@1 caps-net@3")
    pictures = _validation(options.data, options.pictures)
    plan = Plan(affine=options.hard, overlap=options.hard)
    readers = [load(variant) for variant in variants]
    steps = len(readers) * (plan.steps + options.hard)
    right: dict[str, dict[str, Flags]] = {"clean": {}}
    with tqdm(total=steps, desc="readings of the set", file=sys.stderr, disable=None) as bar:
        scored = score([(reader, plan) for reader in readers], pictures, options.seed, bar.update)
        right["clean"] = {name: scores.right["clean"] for name, scores in scored.items()}
        if options.hard:
            drawn = CURVES["pen"].apply(pictures.x, REAL_PEN, options.seed)
            right["pen"] = {}
            for reader in readers:
                right["pen"][reader.variant.name] = reader.read(drawn).right(pictures.truth)
                bar.update()
            for name in ("affine", "overlap"):
                right[name] = {net: scores.right[name] for net, scores in scored.items()}
    return {
        "pictures": len(pictures.labels),
        "seed": options.seed,
        "weights_sha256": {reader.variant.name: reader.sha256 for reader in readers},
        "sets": {
            name: {
                "nets": {net: share_of(flags).as_json() for net, flags in found.items()},
                "pairs": [pair.as_json() for pair in compare_pairs(found)],
            }
            for name, found in right.items()
        },
    }


def table(report: Report) -> str:
    """The report as a person reads it."""
    parts = [
        f"{report['pictures']:,} validation pictures; Wilson 95 % intervals for nets, paired bootstrap for "
        "differences; McNemar's exact test, Holm's correction within a set"
    ]
    for name, found in report["sets"].items():
        rows = [
            [net, percent(share["accuracy"]), f"{100 * share['low']:.2f} to {100 * share['high']:.2f}"]
            for net, share in found["nets"].items()
        ]
        parts.append(f"{SETS[name]}\n" + plain(["net", "accuracy", "95 %"], rows))
        parts.append(pairs_table(found["pairs"], SETS[name]))
    return "\n\n".join(parts)


def _validation(folder: Path | None, count: int | None) -> Pictures:
    try:
        images, labels = mnist("validation", folder)
    except NoData as error:
        raise Refused(str(error)) from error
    if count is not None and not 1 <= count <= len(labels):
        raise Refused(f"--pictures {count}: there are 1 to {len(labels)} validation pictures to give")
    return Pictures(as_input(images[:count]), labels[:count], torch.arange(len(labels))[:count])
