"""Curves of accuracy against a distortion, with the digits themselves under the axis."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator

from checkpoints.evaluation.distortions import CURVES
from checkpoints.evaluation.plot_style import LOOKS, Look, bare, save, wearing
from checkpoints.evaluation.samples import opened
from checkpoints.evaluation.scoring import REAL_PEN, Report
from checkpoints.evaluation.variants import parse
from checkpoints.store import naming

PANEL_IN = (3.3, 2.9)  # width and height of one panel without the digits under it
LEFT_IN, RIGHT_IN, HEAD_IN, FOOT_IN, BETWEEN_IN = 0.45, 0.15, 1.2, 0.12, 0.45
NARROWEST_IN = 8.2  # the words above need as much
HIGHEST = 104  # %: room above 100 for what is written there
DIGIT_ROWS = 2  # of the digits in the report's samples


def draw_adverse(report: Report, folder: Path) -> list[Path]:
    """`adverse-light.png` and `adverse-dark.png`: for each net, trained with the pen and without it."""
    nets = [name for name, found in report["nets"].items() if "pen" in found["curves"] and parse(name).training is None]
    return [_adverse(report, nets, look, folder) for look in LOOKS] if nets else []


def draw_curves(report: Report, folder: Path) -> list[Path]:
    """`curves-light.png` and `curves-dark.png`: shift, rotation and noise, all nets in each."""
    names = [name for name in CURVES if name != "pen" and name in report["samples"]]
    return [_curves(report, names, look, folder) for look in LOOKS] if names else []


def _adverse(report: Report, nets: Sequence[str], look: Look, folder: Path) -> Path:
    with wearing(look):
        figure, panels = _panels(report, ["pen"] * len(nets))
        measured = {name: report["nets"][name] for name in nets}
        lowest = 1.0
        for axes, name in zip(panels, nets, strict=True):
            found = report["nets"][name]
            control_name = naming.id_of(parse(name).net, naming.MNIST_ONLY)
            control = report["nets"].get(control_name)
            axes.axvline(REAL_PEN, color=look.quiet, linewidth=0.8, linestyle=(0, (2, 3)), zorder=1)
            lowest = min(lowest, _line(axes, found["curves"]["pen"], look.good, "trained with the pen"))
            if control:
                measured[control_name] = control
                lowest = min(lowest, _line(axes, control["curves"]["pen"], look.bad, "the same net without"))
            drawn = [(found["curves"]["pen"], look.good)]
            if control:
                _between(axes, control["curves"]["pen"], found["curves"]["pen"], look)
                drawn.append((control["curves"]["pen"], look.bad))
            drawn.sort(key=lambda line: _at_real_pen(line[0]), reverse=True)
            for place, (points, colour) in enumerate(drawn):
                _mark(axes, points, colour, above=place == 0)
            axes.set_title(name, loc="left", fontsize=11, fontweight="bold", pad=8)
        for axes in panels:
            axes.set_ylim(_floor(lowest), HIGHEST)
            axes.yaxis.set_major_locator(FixedLocator([*range(100, int(_floor(lowest)) - 1, -_step(lowest))]))
        baselines = [naming.id_of(parse(name).net, naming.MNIST_ONLY) for name in nets]
        both = next((place for place, baseline in enumerate(baselines) if baseline in report["nets"]), 0)
        panels[both].legend(loc="lower left", frameon=False, fontsize=8.5, labelcolor=look.ink, handlelength=1.6)
        _head(
            figure,
            look,
            "A pen that changes while it draws, and what training with it gives back",
            f"% of {report['made']['images']:,} MNIST test digits read rightly, by strength of the simulated pen\n"
            "(dotted line: as the real pen draws; bands: Wilson 95 %)",
        )
        weights = {name: found["weights_sha256"] for name, found in measured.items()}
        return save(figure, folder / f"adverse-{look.name}.png", weights)


def _curves(report: Report, names: Sequence[str], look: Look, folder: Path) -> Path:
    with wearing(look):
        figure, panels = _panels(report, names)
        weights = {}
        for axes, name in zip(panels, names, strict=True):
            drawn = [(net, found) for net, found in report["nets"].items() if name in found["curves"]]
            for place, (net, found) in enumerate(drawn):
                _line(axes, found["curves"][name], look.series[place % len(look.series)], net)
                weights[net] = found["weights_sha256"]
            axes.set_title(f"{CURVES[name].title}, {CURVES[name].axis}", loc="left", fontsize=10, fontweight="bold")
            axes.set_ylim(0, HIGHEST)
            axes.yaxis.set_major_locator(FixedLocator([0, 20, 40, 60, 80, 100]))
        panels[0].legend(loc="lower left", frameon=False, fontsize=8.5, labelcolor=look.ink, handlelength=1.6)
        count = f"{report['made']['images']:,}"
        _head(
            figure, look, "Moved, turned, in noise", f"% of {count} MNIST test digits read rightly. Bands: Wilson 95 %."
        )
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


def _between(axes: Axes, below: Sequence[Report], above: Sequence[Report], look: Look) -> None:
    """A faint ground between the two curves: what the training gives back."""
    levels = [point["level"] for point in below]
    lower, upper = ([100 * point["accuracy"] for point in points] for points in (below, above))
    axes.fill_between(levels, lower, upper, color=look.good, alpha=0.06, linewidth=0, zorder=1)


def _at_real_pen(points: Sequence[Report]) -> float:
    """The point of a curve, in %, at the strength of the real pen."""
    return next(100 * point["accuracy"] for point in points if point["level"] == REAL_PEN)


def _mark(axes: Axes, points: Sequence[Report], colour: str, above: bool) -> None:
    """The figure at the strength of the real pen, written beside the curve."""
    accuracy = _at_real_pen(points)
    axes.annotate(
        f"{accuracy:.1f} %",
        (REAL_PEN, accuracy),
        textcoords="offset points",
        xytext=(-5, 6 if above else -8),
        ha="right",
        va="bottom" if above else "top",
        color=colour,
        fontweight="bold",
        zorder=4,
    )


def _floor(lowest: float) -> float:
    """Where the axis begins, in %: a little below the lowest point, on a multiple of five."""
    return max(0.0, 5 * (100 * lowest // 5) - 5)


def _step(lowest: float) -> int:
    """Between two lines of the grid, in %: three to six of them."""
    return next(step for step in (1, 2, 5, 10, 20) if (100 - _floor(lowest)) / step <= 6)


def _head(figure: Figure, look: Look, title: str, says: str) -> None:
    width, height = figure.get_size_inches()
    figure.text(LEFT_IN / width, 1 - 0.16 / height, title, fontsize=13, fontweight="bold", va="top")
    figure.text(LEFT_IN / width, 1 - 0.43 / height, says, fontsize=9, color=look.quiet, va="top", linespacing=1.35)
