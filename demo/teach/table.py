"""What a lesson with each preset teaches: `python -m demo.teach.table [FILE ...] [--markdown docs/pens.md]`.

FILE holds drawings of people as strokes, as for `python -m demo.stress`; without one the 500 test digits that ship are
asked. Each net that learns within seconds is taught each preset, and plain blue, as the page does it, from its weights
trained on MNIST alone. With --mnist MNIST's 5,000 validation digits tell what was forgotten, else the 500 digits do.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from tqdm import tqdm

import checkpoints
from architectures.input.pen import PRESETS, Pen, draw
from architectures.input.strokes import BadStrokes, Strokes
from checkpoints.errors import Refused, WeightsError
from checkpoints.evaluation.statistics import wilson
from checkpoints.shipped_digits import test_digits, training_digits
from checkpoints.store.manifest import write_whole
from checkpoints.tables import markdown, put_between
from checkpoints.training.data import mnist
from checkpoints.training.living_pen import fed
from checkpoints.training.teaching import Lesson, drawn_by, predicted, teach
from demo.sketchpad.stroke_file import read_file

NETS = ("resnet-ish", "lenet-like", "efficient-caps-net")  # caps-net takes a minute for a lesson
PENS = {**PRESETS, "plain blue": Pen(thinnest_px=20, widest_px=20, colour="#0000ff")}
MARKER = "lessons"
WRONG = 2  # exit code of a command that was refused, as argparse's own


@dataclass(frozen=True)
class Digits:
    """Strokes of so many digits with labels (N,), and what they are."""

    strokes: list[Strokes]
    labels: Tensor
    source: str

    def drawn_by(self, pen: Pen) -> Tensor:
        """As nets are fed them like MNIST, each by `pen` with a seed of its own: uint8 (N, 28, 28)."""
        images = [draw(strokes, replace(pen, seed=number)) for number, strokes in enumerate(self.strokes)]
        return torch.from_numpy(np.stack([_centred(image) for image in images]))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m demo.teach.table", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="stroke file with labels")
    parser.add_argument("--net", nargs="+", action="extend", metavar="NAME", help=f"(default: {', '.join(NETS)})")
    parser.add_argument("--pen", nargs="+", action="extend", choices=[*PENS], metavar="PEN", help=", ".join(PENS))
    parser.add_argument("--mnist", type=Path, metavar="FOLDER", help="MNIST's files, for its validation digits")
    parser.add_argument("--markdown", type=Path, metavar="PAGE", help="put the table between the page's two markers")
    options = parser.parse_args(arguments)
    try:
        if options.markdown and not options.markdown.is_file():
            raise Refused(f"{options.markdown} not found: --markdown must be a page that there is")
        text = lessons(options)
    except (BadStrokes, OSError, Refused, WeightsError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return WRONG
    if options.markdown:
        page = options.markdown.read_text(encoding="utf-8")
        write_whole(options.markdown, put_between(page, MARKER, text).encode())
    print(text)
    return 0


def lessons(options: argparse.Namespace) -> str:
    """The table in Markdown; raises Refused, BadStrokes or a WeightsError."""
    asked = digits_of(options.files)
    clean = mnist("validation", options.mnist) if options.mnist else (test_digits().images, test_digits().labels)
    pens = {name: PENS[name] for name in (options.pen or PENS)}
    nets = {name: checkpoints.load(name, training="mnist-only") for name in (options.net or NETS)}
    rows = []
    usual = Lesson(PENS["plain blue"])
    with tqdm(total=len(pens) * len(nets), desc="taught", file=sys.stderr, disable=None) as bar:
        for pen_name, pen in pens.items():
            drawn = asked.drawn_by(pen)
            drawings = drawn_by(pen, training_digits(usual.digits), usual.seed)
            cells = [f"`{pen_name}`" if pen_name in PRESETS else pen_name]
            for net in nets.values():
                *_, taught = teach(net, replace(usual, pen=pen), drawings)
                before, after = (_wrong(each, drawn, asked.labels) for each in (net, taught))
                cells += [f"{_percent(before)} → **{_percent(after)}** ({_interval(after)})"]
                cells += [_read(taught, *clean)]
                bar.update()
            rows.append(cells)
    header = ["pen", *(title for net in nets for title in (net, "MNIST"))]
    knew = ", ".join(f"{name} {_read(net, *clean)}" for name, net in nets.items())
    return (
        f"Errors in % on {len(asked.labels)} drawings ({asked.source}) before → **after** a lesson of {usual.steps} "
        f"steps on {usual.digits} digits, with Wilson's 95 % interval; MNIST: % of {len(clean[1]):,} digits read "
        f"after it (before: {knew}).\n\n{markdown(header, rows)}"
    )


def digits_of(files: Sequence[Path]) -> Digits:
    """The labelled drawings of the files, or without any the test digits that ship; raises BadStrokes and Refused."""
    if not files:
        shipped = test_digits()
        return Digits(shipped.strokes, shipped.labels, "test digits of MNIST, traced")
    drawings = [each for file in files for each in read_file(file) if each.label is not None and each.strokes]
    if not drawings:
        raise Refused("no drawing in these files has both strokes and a label, so nothing can be scored")
    labels = torch.tensor([drawing.label for drawing in drawings])
    return Digits([drawing.strokes for drawing in drawings], labels, ", ".join(file.name for file in files))


def _centred(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return fed(image)[0]


def _wrong(net: nn.Module, images: Tensor, labels: Tensor) -> tuple[int, int]:
    """How many a net gets wrong, of how many."""
    return int((predicted(net, images) != labels).sum()), len(labels)


def _read(net: nn.Module, images: Tensor, labels: Tensor) -> str:
    wrong, total = _wrong(net, images, labels)
    return f"{100 - 100 * wrong / total:.2f}"


def _percent(share: tuple[int, int]) -> str:
    return f"{100 * share[0] / share[1]:.1f}"


def _interval(share: tuple[int, int]) -> str:
    low, high = wilson(*share)
    return f"{100 * low:.1f}-{100 * high:.1f}"


if __name__ == "__main__":
    sys.exit(main())
