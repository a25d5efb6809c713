"""Train a net on MNIST by its recipe, and keep its weights."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

import architectures
import checkpoints
from architectures.card import Augmentation, Recipe
from checkpoints.errors import MissingWeights, Refused
from checkpoints.store import files, manifest, naming
from checkpoints.training import seeds
from checkpoints.training.data import FOLDER, mnist
from checkpoints.training.loop import History, Run, train

RUNS = Path(__file__).parents[1] / "runs"
HALVED_FROM_BYTES = 20_000_000  # larger weights are stored as float16
WITHOUT_RECONSTRUCTION = "without-reconstruction"
DEFAULT_RECIPE = Recipe(epochs=10)  # for a net whose file names none


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("net", nargs="?", help="name of the net")
    parser.add_argument("--all", action="store_true", help="every net that has a recipe, with the pen and without")
    parser.add_argument("--epochs", type=int, help="passes over the training images (default: the recipe's)")
    parser.add_argument("--rounds", type=int, help="drawings that are made of each digit (default: the recipe's)")
    parser.add_argument("--seed", type=int, default=0, help="seed of everything random (default: 0)")
    parser.add_argument(
        "--seeds",
        type=int,
        metavar="N",
        help=f"train N times from scratch, with so many seeds from --seed on, and record in {seeds.NAME} what each "
        "reached on validation; no weights are kept",
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help=f"folder of MNIST's IDX files (default: ${FOLDER}, or downloaded)"
    )
    parser.add_argument("--images", type=int, help="train on those of MNIST's first so many images only")
    training = parser.add_mutually_exclusive_group()
    training.add_argument(
        "--mnist-only",
        dest="training",
        action="store_const",
        const=naming.MNIST_ONLY,
        help="train the net's baseline: the same digits, warps, places and steps, in MNIST's own grey instead of "
        "drawn by the pen; kept beside the net",
    )
    training.add_argument(
        "--without-reconstruction",
        dest="training",
        action="store_const",
        const=WITHOUT_RECONSTRUCTION,
        help="no decoder in the loss of a capsule net; kept beside the net",
    )
    parser.add_argument("--from", dest="start", type=Path, metavar="FILE", help="weights to begin with")
    parser.add_argument(
        "--warm-restart",
        type=float,
        metavar="RATE",
        help="one more cycle from the weights in checkpoints/, or those of --from, with RATE as its highest learning "
        "rate (SGDR, Loshchilov and Hutter 2017)",
    )
    parser.add_argument(
        "--ablate",
        dest="changes",
        nargs="+",
        default=[],
        metavar="KEY=VALUE",
        help="other values than the recipe's, such as smoothing=0 augmentation.pen=0; the validation accuracy is kept "
        "in the run's folder, the weights are not kept among the checkpoints",
    )
    parser.add_argument("--fresh", action="store_true", help="start anew even where a stopped run could go on")
    parser.add_argument(
        "--save-every", type=float, default=60.0, metavar="S", help="seconds between saves (default: 60)"
    )
    parser.add_argument("--runs", type=Path, default=RUNS, metavar="DIR", help="where runs keep their state and curves")


def run(options: argparse.Namespace) -> int:
    if options.all == (options.net is not None):
        raise Refused("train takes the name of one net, or --all")
    if options.all and (options.training or options.start):
        raise Refused("--all trains every net with the pen and without, from where it stands: leave the rest away")
    if options.all:
        names = [name for name in architectures.names() if hasattr(architectures.module(name), "RECIPE")]
        asked = [run_asked(options, name, training) for name in names for training in (None, naming.MNIST_ONLY)]
    else:
        asked = [run_asked(options, architectures.shown(options.net), options.training)]
    if options.seeds is not None:
        asked = [_with_seed(one, seed) for one in asked for seed in _seeds(options)]
    for one in asked:
        if options.fresh:
            one.state.unlink(missing_ok=True)
        weights, history = train(one)
        if weights is not None and options.seeds is not None:
            _record(one, history)
            continue
        if weights is not None and one.changes:
            print(f"an ablation: validation {history[-1]['validation_accuracy']:.2%}, in {one.folder / 'history.json'}")
        elif weights is not None:
            keep(one, weights, history)
    return 0


def _seeds(options: argparse.Namespace) -> range:
    """Those that are asked for; raises Refused for fewer than two, and for a start that they would share."""
    if options.seeds < 2:
        raise Refused(f"invalid --seeds {options.seeds}: must be at least 2, one says nothing of what a seed changes")
    if options.warm_restart is not None or options.start or options.changes:
        raise Refused("--seeds trains from scratch by the recipe: leave --from, --warm-restart and --ablate away")
    return range(options.seed, options.seed + options.seeds)


def _with_seed(run: Run, seed: int) -> Run:
    return replace(run, seed=seed, folder=run.folder.with_name(f"{run.folder.name}-seed-{seed}"))


def _record(run: Run, history: History) -> None:
    """Keep what a run of `--seeds` reached."""
    last = history[-1]
    images, _ = mnist("train", run.data, run.images)
    reached = {key: last[key] for key in ("validation_accuracy", "validation_accuracy_pen")}
    budget = {"epochs": run.recipe.epochs, "digits": len(images), "rounds": run.recipe.rounds}
    training = {"seed": run.seed, **budget, "command": run.command, **reached}
    seeds.record(naming.id_of(run.name, run.training), training)
    print(f"seed {run.seed}: validation {last['validation_accuracy']:.2%}, kept in {seeds.NAME}")


def run_asked(options: argparse.Namespace, name: str, training: str | None) -> Run:
    """The run of one net that the options ask for; raises Refused, or MissingWeights when there is no start."""
    recipe: Recipe = getattr(architectures.module(name), "RECIPE", DEFAULT_RECIPE)
    if options.epochs is not None:
        if options.epochs < 1:
            raise Refused(f"invalid --epochs {options.epochs}: must be at least 1")
        recipe = replace(recipe, epochs=options.epochs)
    if options.rounds is not None:
        if options.rounds < 1:
            raise Refused(f"invalid --rounds {options.rounds}: must be at least 1")
        recipe = replace(recipe, rounds=options.rounds)
    if options.warm_restart is not None:
        recipe = replace(recipe, peak_rate=options.warm_restart)
    if training == WITHOUT_RECONSTRUCTION:
        recipe = replace(recipe, reconstruction=0.0)
    for change in options.changes:
        recipe = changed(recipe, change)
    start = options.start
    if start is not None and not start.is_file():
        raise MissingWeights(f"{start} not found: --from must name a file of weights")
    if start is None and options.warm_restart is not None:
        start = _weights_here(name, training)
    folder = options.runs / "-".join([name, *filter(None, [training]), *options.changes])
    return Run(
        name,
        recipe,
        options.seed,
        options.images,
        options.data,
        folder,
        options.save_every,
        training,
        start,
        tuple(options.changes),
    )


def changed(recipe: Recipe, change: str) -> Recipe:
    """The recipe with KEY=VALUE or augmentation.KEY=VALUE in place; raises Refused for another key or no number."""
    key, _, text = change.partition("=")
    inner = key.removeprefix("augmentation.")
    target: Recipe | Augmentation = recipe if inner == key else recipe.augmentation
    kinds = {field.name: type(getattr(target, field.name)) for field in fields(target)}
    kinds.pop("augmentation", None)
    if inner not in kinds:
        names = [*kinds, *("augmentation." + field.name for field in fields(Augmentation) if target is recipe)]
        raise Refused(f"--ablate {change}: the recipe has no {key}; it has {', '.join(names)}")
    try:
        value = kinds[inner](text)
    except ValueError as error:
        raise Refused(f"--ablate {change}: {text!r} is not a number such as {getattr(target, inner)}") from error
    if target is recipe:
        return replace(recipe, **{inner: value})
    return replace(recipe, augmentation=replace(recipe.augmentation, **{inner: value}))


def _weights_here(name: str, training: str | None) -> Path:
    """The file that a warm restart goes on from; raises MissingWeights."""
    net_id = naming.id_of(name, training)
    path = checkpoints.find(net_id, manifest.read().entry(net_id))
    if path is None:
        raise MissingWeights(
            f"--warm-restart goes on from {net_id}'s weights, and none are in {manifest.folder()}: train first"
        )
    return path


def keep(run: Run, weights: dict[str, Tensor], history: History) -> None:
    """Write the trained weights among the checkpoints, and in their file and the manifest how they came about.

    A baseline's weights are kept beside the net's own, as NAME.mnist-only.safetensors, with the same words inside.
    """
    last = history[-1]
    training = {
        "command": run.command,
        "seed": run.seed,
        "epochs": run.recipe.epochs,
        "recipe": asdict(run.recipe),
        "validation": {key: last[key] for key in ("validation_accuracy", "validation_accuracy_pen")},
        "hours": round(sum(epoch["seconds"] for epoch in history) / 3600, 2),
        "device": torch.cuda.get_device_name()
        if torch.cuda.is_available()
        else f"CPU, {torch.get_num_threads()} threads",
        "torch": torch.__version__,
    }
    if run.start is not None:
        training["after"] = how_trained(run.start)  # how the weights came about that this cycle began with
    if sum(value.nbytes for value in weights.values()) > HALVED_FROM_BYTES:
        weights = {key: value.half() if value.is_floating_point() else value for key, value in weights.items()}
    net_id = naming.id_of(run.name, run.training)
    path = manifest.folder() / f"{naming.stem_of(net_id)}.safetensors"
    temporary = path.with_name(f".{path.name}.tmp")
    save_file(weights, temporary, metadata={"training": json.dumps(training)})
    manifest.install(net_id, temporary, path.name, training=training)
    print(f"{path} written; validation {last['validation_accuracy']:.2%}")
    if run.training in (None, naming.MNIST_ONLY):
        warn_of_unequal_budgets(run.name)


def warn_of_unequal_budgets(name: str) -> None:
    """Say so where a baseline was trained for fewer epochs than its net, over all their cycles."""
    paths = [
        manifest.folder() / f"{naming.stem_of(naming.id_of(name, t))}.safetensors" for t in (None, naming.MNIST_ONLY)
    ]
    if all(path.is_file() for path in paths):
        net, baseline = (epochs_of(how_trained(path)) for path in paths)
        if baseline < net:
            print(
                f"{name}'s baseline had {baseline:g} epochs and the net {net:g}: train it as long before comparing them"
            )


def epochs_of(training: Mapping[str, Any]) -> float:
    """Epochs over all cycles of a training as its weights tell it."""
    total, cycle = 0.0, training
    while cycle:
        total += cycle.get("epochs", 0)
        cycle = cycle.get("after") or {}
    return round(total, 2)


def how_trained(path: Path) -> dict[str, Any]:
    """What a file of weights says of its own training, or only its name and sha256 when it says nothing."""
    said: dict[str, str] = {}
    if path.suffix == ".safetensors":
        with safe_open(path, "pt") as held:
            said = held.metadata() or {}
    found = next((said[key] for key in ("training", "lab") if key in said), None)
    return json.loads(found) if found else {"file": path.name, "sha256": files.sha256_of(path)}
