"""Teach a net a pen and keep what it has become as a net of your own: `python -m checkpoints teach NET --pen PEN`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from safetensors.torch import save
from torch import nn
from tqdm import tqdm

import architectures
import checkpoints
from architectures.input.pen import PRESETS, BadPen, Pen
from checkpoints.errors import Refused
from checkpoints.evaluation.statistics import wilson
from checkpoints.own_nets import code
from checkpoints.shipped_digits import TRAINING, test_digits
from checkpoints.store import files, manifest, naming
from checkpoints.training.teaching import Figures, Lesson, card_of, drawn_by, examine, teach


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("net", metavar="NET", help="which net learns, such as lenet-like or lenet-like/mnist-only")
    parser.add_argument(
        "--pen",
        required=True,
        help=f"a preset ({', '.join(PRESETS)}), or a JSON file of a pen or of a stroke file's line",
    )
    parser.add_argument("--as", dest="name", required=True, metavar="NAME", help="what the taught net is to be called")
    parser.add_argument("--digits", type=int, default=Lesson.digits, help="drawn by the pen (default: %(default)s)")
    parser.add_argument("--steps", type=int, default=Lesson.steps, help="of 64 images (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of everything random (default: 0)")


def run(options: argparse.Namespace) -> int:
    name = naming.checked(options.name)
    if name in architectures.names() or manifest.read().entry(name) is not None:
        raise Refused(f"there is a net called {name} already: choose another name with --as, or remove it first")
    for option, value, most in (("digits", options.digits, TRAINING), ("steps", options.steps, 10_000)):
        if not 1 <= value <= most:
            raise Refused(f"invalid --{option} {value}: must be from 1 to {most:,}")
    lesson = Lesson(pen_called(options.pen), options.digits, options.steps, options.seed)
    base, training = naming.split(options.net)
    net = checkpoints.load(base, training=training)

    asked = drawn_by(lesson.pen, test_digits(), seed=1)[:, 0]
    before = examine(net, lesson.pen, drawings=asked)
    learns = f"{naming.id_of(base, training)} learns"
    *_, taught = tqdm(teach(net, lesson), total=lesson.steps, desc=learns, unit=" steps", mininterval=1.0)
    after = examine(taught, lesson.pen, drawings=asked)
    keep(name, base, taught, card_of(naming.id_of(base, training), lesson, before, after))
    print(f"this pen: {_said(before.pen, before)} -> {_said(after.pen, after)}")
    print(f"MNIST:    {_said(before.mnist, before)} -> {_said(after.mnist, after)}")
    print(f"{name} is kept: it stands beside the others in the page")
    return 0


def pen_called(text: str) -> Pen:
    """A preset by name, or the pen in a JSON file, which may hold a drawing with its pen; raises Refused."""
    if text in PRESETS:
        return PRESETS[text]
    path = Path(text)
    if not path.is_file():
        raise Refused(f"{text!r} not found: --pen must be a file of a pen, or one of {', '.join(PRESETS)}")
    try:
        held = json.loads(
            path.read_text("utf-8").strip().splitlines()[0] if path.suffix == ".jsonl" else path.read_text("utf-8")
        )
        return Pen.from_dict(held["pen"] if isinstance(held, dict) and "pen" in held else held)
    except (BadPen, ValueError, IndexError) as bad:
        raise Refused(f"{path} holds no pen: {bad}") from bad


def keep(name: str, base: str, net: nn.Module, card: dict[str, Any]) -> None:
    """The taught net among the others: the code of the net it comes from under its own name, and its weights."""
    path = manifest.folder() / f"{name}.safetensors"
    temporary = path.with_name(f".{path.name}.tmp")
    with files.room_for(path):
        temporary.write_bytes(file_of(net, card))
    code.place(name, code.Code(architectures.path_of(base).read_text("utf-8")))
    manifest.install(name, temporary, path.name, training={"taught": card})


def file_of(net: nn.Module, card: dict[str, Any]) -> bytes:
    """A safetensors file of the weights, with the card among its metadata; `add` finds the net's code by it."""
    weights = {key: value.detach().cpu().contiguous() for key, value in net.state_dict().items()}
    return save(weights, metadata={code.TAUGHT: json.dumps(card)})


def _said(correct: int, figures: Figures) -> str:
    low, high = wilson(correct, figures.total)
    return f"{correct / figures.total:.1%} of {figures.total} [{low:.1%}, {high:.1%}]"
