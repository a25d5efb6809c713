"""Images of a report: the pens, the curves, who is taken for whom, and the surest mistakes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from torch import Tensor

from architectures.contract import DIGITS
from checkpoints.evaluation.curve_plots import draw_curves
from checkpoints.evaluation.pen_plots import draw_pens
from checkpoints.evaluation.plot_style import LIGHT, bare, save, wearing
from checkpoints.evaluation.scoring import Report
from checkpoints.evaluation.variants import parse

COLUMNS = 5


def draw(report: Report, x: Tensor, index: Tensor, folder: Path) -> list[Path]:
    """Draw everything in `report` into the folder; x (N, 1, 28, 28) are the test images whose indices are `index`."""
    folder.mkdir(exist_ok=True)
    drawn = draw_for_all(report, folder)
    for name, found in report["nets"].items():
        if parse(name).training is None:
            drawn += [draw_confusion(name, found, folder), draw_mistakes(name, found, x, index, folder)]
    return drawn


def draw_for_all(report: Report, folder: Path) -> list[Path]:
    """Draw what shows all nets beside each other, as far as it was measured."""
    return draw_pens(report, folder) + draw_curves(report, folder)


def draw_confusion(name: str, found: Report, folder: Path) -> Path:
    """`confusion-NET.png`: counts by label and answer; mistakes are coloured, since they are what one looks for."""
    counts = np.array(found["confusion"])
    wrong = np.where(np.eye(DIGITS, dtype=bool), 0, counts).astype(float)
    with wearing(LIGHT):
        figure = Figure(figsize=(5.4, 5.7))
        axes = figure.add_axes((0.09, 0.02, 0.89, 0.83))
        axes.imshow(np.ma.masked_equal(wrong, 0), cmap="OrRd", norm=LogNorm(0.6, max(4.0, wrong.max() * 1.6)))
        for label, answer in np.argwhere(counts > 0):
            right = label == answer
            axes.text(
                answer, label, f"{counts[label, answer]:,}", ha="center", va="center",
                fontsize=8.5 if right else 9.5, color=LIGHT.quiet if right else LIGHT.ink,
                fontweight="normal" if right else "bold",
            )  # fmt: skip
        bare(axes)
        axes.set_xticks(range(DIGITS))
        axes.set_yticks(range(DIGITS))
        axes.xaxis.tick_top()
        axes.xaxis.set_label_position("top")
        axes.set_xlabel("predicted")
        axes.set_ylabel("labelled")
        clean = found["sets"]["clean"]
        figure.text(
            0.02, 0.985, f"{name}: {clean['total'] - clean['right']} mistakes", weight="bold", size=12, va="top"
        )
        figure.text(0.02, 0.94, f"of {clean['total']:,} MNIST test digits", color=LIGHT.quiet, va="top")
        return save(figure, folder / f"confusion-{name}.png", {name: found["weights_sha256"]})


def draw_mistakes(name: str, found: Report, x: Tensor, index: Tensor, folder: Path) -> Path:
    """`mistakes-NET.png`: the wrong answers given with the highest probability, the surest first."""
    place = {number: at for at, number in enumerate(index.tolist())}
    mistakes = found["surest_mistakes"]
    rows = max(1, -(-len(mistakes) // COLUMNS))
    height = 0.75 + 1.42 * rows
    with wearing(LIGHT):
        figure = Figure(figsize=(6.2, height))
        grid = figure.add_gridspec(
            rows, COLUMNS, left=0.02, right=0.98, top=1 - 1.0 / height, bottom=0.05 / height, hspace=0.36, wspace=0.12
        )
        for number, mistake in enumerate(mistakes):
            axes = figure.add_subplot(grid[number // COLUMNS, number % COLUMNS])
            axes.imshow(1 - torch.squeeze(x[place[mistake["index"]]]).numpy(), cmap="gray", vmin=0, vmax=1)
            bare(axes)
            star = " *" if mistake["disputed"] else ""
            says = f"{mistake['label']}{star} predicted {mistake['answer']}\n{100 * mistake['probability']:.1f} %"
            axes.set_title(says, fontsize=8, pad=3, color=LIGHT.ink)
        title = f"{name}: its {len(mistakes)} surest mistakes" if mistakes else f"{name}: no mistakes"
        figure.text(0.02, 1 - 0.1 / height, title, weight="bold", size=12, va="top")
        figure.text(
            0.02, 1 - 0.36 / height, "* label disputed by people (Northcutt et al. 2021)", color=LIGHT.quiet, va="top"
        )
        return save(figure, folder / f"mistakes-{name}.png", {name: found["weights_sha256"]})
