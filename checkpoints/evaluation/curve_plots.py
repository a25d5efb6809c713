"""Curves of accuracy against a distortion, with the digits themselves under the axis."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator

from checkpoints.evaluation.distortions import CURVES
from checkpoints.evaluation.plot_style import LOOKS, Look, bare, head, save, wearing, with_pen
from checkpoints.evaluation.scoring import Report, opened

PANEL_IN = (3.3, 2.9)  # width and height of one panel without the digits under it
LEFT_IN, RIGHT_IN, HEAD_IN, FOOT_IN, BETWEEN_IN = 0.45, 0.15, 1.2, 0.12, 0.45
NARROWEST_IN = 8.2  # the words above need as much
HIGHEST = 104  # %: room above 100 for what is written there
DIGIT_ROWS = 2  # of the digits in the report's samples


def draw_curves(report: Report, folder: Path) -> list[Path]:
    """`curves-light.png` and `curves-dark.png`: shift, rotation and noise, all nets trained with the pen in each."""
    names = [name for name in CURVES if name in report["samples"]]
    return [_curves(report, names, look, folder) for look in LOOKS] if names else []


def _curves(report: Report, names: Sequence[str], look: Look, folder: Path) -> Path:
    with wearing(look):
        figure, panels = _panels(report, names)
        weights = {}
        for axes, name in zip(panels, names, strict=True):
            drawn = [(net, found) for net, found in with_pen(report).items() if name in found["curves"]]
            for place, (net, found) in enumerate(drawn):
                _line(axes, found["curves"][name], look.series[place % len(look.series)], net)
                weights[net] = found["weights_sha256"]
            axes.set_title(f"{CURVES[name].title}, {CURVES[name].axis}", loc="left", fontsize=10, fontweight="bold")
            axes.set_ylim(0, HIGHEST)
            axes.yaxis.set_major_locator(FixedLocator([0, 20, 40, 60, 80, 100]))
        panels[0].legend(loc="lower left", frameon=False, fontsize=8.5, labelcolor=look.ink, handlelength=1.6)
        count = f"{report['made']['images']:,}"
        head(
            figure, look, LEFT_IN, "Moved, rotated, in noise",
            f"Accuracy on {count} MNIST test digits, in %. Bands: Wilson 95 %.",
        )  # fmt: skip
        return save(figure, folder / f"curves-{look.name}.png", weights)


def _panels(report: Report, curves: Sequence[str]) -> tuple[Figure, list[Axes]]:
    """A figure with a panel for each curve named, and under each the digits at its levels."""
    count = len(curves)
    width = max(PANEL_IN[0] * count + BETWEEN_IN * (count - 1) + LEFT_IN + RIGHT_IN, NARROWEST_IN)
    panel_in = (width - LEFT_IN - RIGHT_IN - BETWEEN_IN * (count - 1)) / count
    most_levels = max(len(CURVES[name].levels) for name in curves)
    digits_in = DIGIT_ROWS * panel_in / most_levels  # square tiles
    gap_in = 0.35
    height = HEAD_IN + PANEL_IN[1] + gap_in + digits_in + FOOT_IN
    figure = Figure(figsize=(width, height))
    grid = figure.add_gridspec(
        2, count, height_ratios=(PANEL_IN[1], digits_in), left=LEFT_IN / width, right=1 - RIGHT_IN / width,
        top=1 - HEAD_IN / height, bottom=FOOT_IN / height,
        hspace=2 * gap_in / (PANEL_IN[1] + digits_in), wspace=BETWEEN_IN / panel_in,
    )  # fmt: skip
    panels = []
    for place, name in enumerate(curves):
        axes = figure.add_subplot(grid[0, place])
        levels = CURVES[name].levels
        half = (levels[1] - levels[0]) / 2
        axes.set_xlim(levels[0] - half, levels[-1] + half)
        axes.set_xticks(levels, [f"{level:g}" for level in levels])
        axes.grid(visible=False, axis="x")
        _digits(figure.add_subplot(grid[1, place]), report["samples"][name], rows_from=place if count > 1 else 0)
        panels.append(axes)
    return figure, panels


def _digits(axes: Axes, sample: str, rows_from: int) -> None:
    """Two rows of the sample's digits, other ones in each panel."""
    grid = opened(sample)
    rows = [grid[28 * row : 28 * (row + 1)] for row in range(len(grid) // 28)]
    shown = [rows[(DIGIT_ROWS * rows_from + place) % len(rows)] for place in range(min(DIGIT_ROWS, len(rows)))]
    for row, strip in enumerate(shown):
        for column in range(strip.shape[1] // 28):
            tile = strip[:, 28 * column : 28 * (column + 1)]
            extent = (column + 0.03, column + 0.97, row + 0.97, row + 0.03)
            axes.imshow(tile, cmap="gray", vmin=0, vmax=255, extent=extent, interpolation="nearest", aspect="auto")
    axes.set_xlim(0, grid.shape[1] // 28)
    axes.set_ylim(len(shown), 0)
    bare(axes)


def _line(axes: Axes, points: Sequence[Report], colour: str, label: str) -> float:
    """One curve with its band; returns the lowest accuracy of it in [0, 1]."""
    levels = [point["level"] for point in points]
    low, high = ([100 * point[end] for point in points] for end in ("low", "high"))
    axes.fill_between(levels, low, high, color=colour, alpha=0.18, linewidth=0, zorder=2)
    axes.plot(
        levels,
        [100 * point["accuracy"] for point in points],
        color=colour,
        linewidth=2,
        marker="o",
        markersize=3.6,
        label=label,
        zorder=3,
        solid_capstyle="round",
    )
    return min(point["accuracy"] for point in points)
