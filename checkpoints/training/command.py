"""Train a net on MNIST by its recipe, and keep its weights."""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import asdict, fields, replace
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

import architectures
import checkpoints
from architectures.card import Augmentation, Recipe
from checkpoints.errors import MissingWeights, Refused
from checkpoints.store import files, manifest, naming
from checkpoints.training.loop import Run, train

RUNS = Path(__file__).parents[1] / "runs"
HALVED_FROM_BYTES = 20_000_000  # larger weights are stored as float16
CONTROLS = {"mnist-only": "augmentation.pen=0", "without-reconstruction": "reconstruction=0"}
DEFAULT_RECIPE = Recipe(epochs=10)  # for a net whose file names none


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("net", help="name of the net")
    parser.add_argument("--epochs", type=int, help="passes over the training images (default: the recipe's)")
    parser.add_argument("--seed", type=int, default=0, help="seed of everything random (default: 0)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of MNIST's IDX files (default: downloaded)")
    parser.add_argument("--images", type=int, help="train on the first so many images only, for a quick try")
    control = parser.add_mutually_exclusive_group()
    control.add_argument(
        "--mnist-only",
        dest="control",
        action="store_const",
        const="mnist-only",
        help="no simulated pen; kept beside the net, as its control",
    )
    control.add_argument(
        "--without-reconstruction",
        dest="control",
        action="store_const",
        const="without-reconstruction",
        help="no decoder in the loss of a capsule net; kept beside the net, as its control",
    )
    parser.add_argument(
        "--again",
        type=float,
        metavar="RATE",
        help="one more cycle from the weights in checkpoints/, with RATE as its highest learning rate (SGDR, "
        "Loshchilov and Hutter 2017)",
    )
    parser.add_argument(
        "--with",
        dest="changes",
        nargs="+",
        default=[],
        metavar="KEY=VALUE",
        help="a trial with other values than the recipe's, such as smoothing=0 augmentation.pen=0.75; its validation "
        "accuracy is kept in the run's folder, its weights are not kept among the checkpoints",
    )
    parser.add_argument("--fresh", action="store_true", help="start anew even where a stopped run could go on")
    parser.add_argument(
        "--save-every", type=float, default=60.0, metavar="S", help="seconds between saves (default: 60)"
    )
    parser.add_argument("--runs", type=Path, default=RUNS, metavar="DIR", help="where runs keep their state and curves")


def run(options: argparse.Namespace) -> int:
    name = architectures.shown(options.net)
    recipe: Recipe = getattr(architectures.module(name), "RECIPE", DEFAULT_RECIPE)
    if options.epochs is not None:
        recipe = replace(recipe, epochs=options.epochs)
    if options.again is not None:
        recipe = replace(recipe, peak_rate=options.again)
    if options.control:
        recipe = changed(recipe, CONTROLS[options.control])
    for change in options.changes:
        recipe = changed(recipe, change)
    folder = options.runs / "-".join([name, *filter(None, [options.control]), *options.changes])
    start = _weights_here(name, options.control) if options.again is not None else None
    asked = Run(
        name,
        recipe,
        options.seed,
        options.images,
        options.data,
        folder,
        options.save_every,
        options.control,
        start,
        tuple(options.changes),
    )
    if options.fresh:
        asked.state.unlink(missing_ok=True)
    weights, history = train(asked)
    if weights is not None and options.changes:
        print(f"a trial: validation {history[-1]['validation_accuracy']:.2%}, in {folder / 'history.json'}")
    elif weights is not None:
        keep(asked, weights, history)
    return 0


def changed(recipe: Recipe, change: str) -> Recipe:
    """The recipe with KEY=VALUE or augmentation.KEY=VALUE in place; raises Refused for another key or no number."""
    key, _, text = change.partition("=")
    inner = key.removeprefix("augmentation.")
    target: Recipe | Augmentation = recipe if inner == key else recipe.augmentation
    kinds = {field.name: type(getattr(target, field.name)) for field in fields(target)}
    kinds.pop("augmentation", None)
    if inner not in kinds:
        names = [*kinds, *("augmentation." + field.name for field in fields(Augmentation) if target is recipe)]
        raise Refused(f"--with {change}: the recipe has no {key}; it has {', '.join(names)}")
    try:
        value = kinds[inner](text)
    except ValueError as error:
        raise Refused(f"--with {change}: {text!r} is not a number such as {getattr(target, inner)}") from error
    if target is recipe:
        return replace(recipe, **{inner: value})
    return replace(recipe, augmentation=replace(recipe.augmentation, **{inner: value}))


def _weights_here(name: str, control: str | None) -> Path:
    """The file that one more cycle starts from; raises MissingWeights."""
    net_id = naming.id_of(name, control)
    path = checkpoints.find(net_id, manifest.read().entry(net_id))
    if path is None:
        raise MissingWeights(f"--again goes on from {name}'s weights, and none are in {manifest.folder()}: train first")
    return path


def keep(run: Run, weights: dict[str, Tensor], history: list[dict[str, float]]) -> None:
    """Write the trained weights among the checkpoints and say in the manifest how they came about.

    A control's weights are kept beside the net's own, as NAME.mnist-only.safetensors, with the same words inside.
    """
    last = history[-1]
    training = {
        "command": run.command,
        "seed": run.seed,
        "epochs": run.recipe.epochs,
        "recipe": asdict(run.recipe),
        "validation": {key: last[key] for key in ("validation_accuracy", "validation_accuracy_pen")},
        "hours": round(sum(epoch["seconds"] for epoch in history) / 3600, 2),
        "torch": torch.__version__,
    }
    before = manifest.read().entry(run.name)
    if run.start is not None and run.control is None and before is not None:
        training["after"] = before.training  # what the weights that this cycle began with were trained by
    if sum(value.nbytes for value in weights.values()) > HALVED_FROM_BYTES:
        weights = {key: value.half() if value.is_floating_point() else value for key, value in weights.items()}
    file = f"{run.name}.{run.control}.safetensors" if run.control else f"{run.name}.safetensors"
    temporary = manifest.folder() / f".{file}.{os.getpid()}.tmp"
    save_file(weights, temporary, metadata={"training": json.dumps(training)})
    if run.control:
        files.settle(temporary, manifest.folder() / file)
    else:
        manifest.install(run.name, temporary, file, training=training)
    print(f"{manifest.folder() / file} written; validation {last['validation_accuracy']:.2%}")
