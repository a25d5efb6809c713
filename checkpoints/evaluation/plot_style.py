"""How drawn figures look: one set of sizes, two sets of colours, for readers by day and by night."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from checkpoints.evaluation.scoring import Report
from checkpoints.evaluation.variants import parse

DOTS_PER_INCH = 160


@dataclass(frozen=True)
class Look:
    """Colours of a figure: the ground, what is written on it, quiet lines, and `series` for the lines of a chart."""

    name: str
    ground: str
    ink: str
    quiet: str
    faint: str
    good: str
    bad: str
    series: tuple[str, ...]


LIGHT = Look(
    "light", "#ffffff", "#1f2328", "#656d76", "#d8dee4", "#0969da", "#cf5b16",
    ("#0969da", "#cf5b16", "#1a7f5a", "#8250df", "#b35900", "#57606a"),
)  # fmt: skip
DARK = Look(
    "dark", "#0d1117", "#e6edf3", "#8d96a0", "#30363d", "#58a6ff", "#ff9d57",
    ("#58a6ff", "#ff9d57", "#4ac99b", "#bc8cff", "#e3b341", "#8d96a0"),
)  # fmt: skip
LOOKS = (LIGHT, DARK)


def wearing(look: Look) -> AbstractContextManager[None]:
    """matplotlib's settings for figures made inside the block; matplotlib's own are back after it."""
    return mpl.rc_context(
        {
            "figure.facecolor": look.ground,
            "axes.facecolor": look.ground,
            "savefig.facecolor": look.ground,
            "text.color": look.ink,
            "axes.labelcolor": look.quiet,
            "axes.edgecolor": look.faint,
            "xtick.color": look.quiet,
            "ytick.color": look.quiet,
            "axes.grid": True,
            "axes.axisbelow": True,
            "grid.color": look.faint,
            "grid.linewidth": 0.6,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.spines.left": False,
            "font.size": 9,
            "font.family": "DejaVu Sans",
            "xtick.major.size": 0,
            "ytick.major.size": 0,
        }
    )


def save(figure: Figure, path: Path, weights: Mapping[str, str]) -> Path:
    """Write the figure as PNG; `weights` (net -> sha256 of what was measured) is kept in it, so that age shows."""
    figure.savefig(
        path, dpi=DOTS_PER_INCH, metadata={"Software": None, **{f"weights {net}": sha for net, sha in weights.items()}}
    )
    return path


def bare(axes: Axes) -> None:
    """Axes without ticks, lines or grid."""
    axes.set(xticks=[], yticks=[])
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)


def head(figure: Figure, look: Look, left_in: float, title: str, below: str) -> None:
    """A title and quiet lines below it, at the top left of the figure."""
    width, height = figure.get_size_inches()
    figure.text(left_in / width, 1 - 0.16 / height, title, fontsize=13, fontweight="bold", va="top")
    figure.text(left_in / width, 1 - 0.43 / height, below, fontsize=9, color=look.quiet, va="top", linespacing=1.35)


def with_pen(report: Report) -> Report:
    """The nets of a report that were trained with the pen, by their ids."""
    return {net: found for net, found in report["nets"].items() if parse(net).training is None}
