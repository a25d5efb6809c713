"""What each pen does to each net, trained on MNIST alone and with the pen."""

from __future__ import annotations

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from architectures.input.pen import PRESETS
from checkpoints.evaluation.pen_set import SAMPLE_PX, WAYS, set_name
from checkpoints.evaluation.plot_style import LOOKS, Look, bare, head, save, wearing, with_pen
from checkpoints.evaluation.scoring import Report, opened
from checkpoints.store import naming

PENS = list(PRESETS)
ROW_IN, PANEL_IN = 0.78, 2.35  # height of a pen's row, width of a net's panel
LEFT_IN, RIGHT_IN, HEAD_IN, FOOT_IN, BETWEEN_IN = 0.3, 0.25, 1.35, 0.5, 0.25
NAME_IN, SAMPLES_IN = 0.95, 1.7  # the pen's name, and two digits that it drew
SHOWN = 2
ROOM = 8  # points of accuracy beyond 100, for the figures
APART = 0.19  # of a row: how far the two ways in lie above and below its middle


def draw_pens(report: Report, folder: Path) -> list[Path]:
    """`pens-light.png` and `pens-dark.png`; nothing where no net was measured under the pens."""
    nets = [net for net, found in with_pen(report).items() if set_name(PENS[0], "like MNIST") in found["sets"]]
    if not nets or "pens" not in report["samples"]:
        return []
    return [_pens(report, nets, look, folder) for look in LOOKS]


def _pens(report: Report, nets: list[str], look: Look, folder: Path) -> Path:
    with wearing(look):
        body = ROW_IN * len(PENS)
        first = LEFT_IN + NAME_IN + SAMPLES_IN + BETWEEN_IN
        width = first + (PANEL_IN + BETWEEN_IN) * len(nets) - BETWEEN_IN + RIGHT_IN
        height = HEAD_IN + body + FOOT_IN
        figure = Figure(figsize=(width, height))
        _samples(figure, report["samples"]["pens"], width, height)
        weights: dict[str, str] = {}
        floor = min(
            (measured["low"] for net, found in report["nets"].items() for name, measured in found["sets"].items()
             if name.rpartition(", ")[0] in PENS), default=0.0,
        )  # fmt: skip
        lowest = 10 * int(10 * floor)
        for place, net in enumerate(nets):
            left = first + place * (PANEL_IN + BETWEEN_IN)
            axes = figure.add_axes((left / width, FOOT_IN / height, PANEL_IN / width, body / height))
            alone = naming.id_of(net, naming.MNIST_ONLY)
            for kind, colour, side in ((alone, look.bad, "left"), (net, look.good, "right")):
                if kind in report["nets"]:
                    _rows(axes, report["nets"][kind], colour, side)
                    weights[kind] = report["nets"][kind]["weights_sha256"]
            axes.set_title(net, loc="left", fontsize=11, fontweight="bold", pad=8)
            axes.set(ylim=(len(PENS) - 0.5, -0.5), xlim=(lowest - 2, 100 + ROOM), yticks=[])
            axes.set_xticks(range(lowest, 101, 10))
            axes.grid(visible=False, axis="y")
            for line in range(1, len(PENS)):
                axes.axhline(line - 0.5, color=look.faint, linewidth=0.6)
            axes.set_xlabel("accuracy in %")
        total = report["nets"][nets[0]]["sets"][set_name(PENS[0], "like MNIST")]["total"]
        head(
            figure, look, LEFT_IN, "What a pen does to MNIST, and what training with it gives back",
            f"{total:,} MNIST test digits drawn again by each pen, a seed for each. Orange: trained on MNIST alone; "
            "blue: with the pen.\nFilled: read like MNIST; hollow: as drawn. Lines: Wilson 95 %.",
        )  # fmt: skip
        return save(figure, folder / f"pens-{look.name}.png", weights)


def _samples(figure: Figure, sample: str, width: float, height: float) -> None:
    """The name of each pen and what it draws, beside its row."""
    grid = opened(sample)
    for row, pen in enumerate(PENS):
        bottom = FOOT_IN + ROW_IN * (len(PENS) - 1 - row)
        figure.text(LEFT_IN / width, (bottom + ROW_IN / 2) / height, pen.replace(" ", "\n"), va="center", fontsize=9.5)
        side = min(ROW_IN - 0.08, SAMPLES_IN / SHOWN)
        for column in range(min(SHOWN, grid.shape[1] // SAMPLE_PX)):
            left = LEFT_IN + NAME_IN + column * (side + 0.08)
            axes = figure.add_axes((left / width, (bottom + 0.04) / height, side / width, side / height))
            tile = grid[row * SAMPLE_PX : (row + 1) * SAMPLE_PX, column * SAMPLE_PX : (column + 1) * SAMPLE_PX]
            axes.imshow(tile, interpolation="antialiased")
            bare(axes)


def _rows(axes: Axes, found: Report, colour: str, side: str) -> None:
    """A point for each pen and way in, with its interval, and its figure on that side of it."""
    for row, pen in enumerate(PENS):
        for way, filled in zip(WAYS, (True, False), strict=True):
            measured = found["sets"].get(set_name(pen, way))
            if measured is None:
                continue
            y = row + (-APART if filled else APART)
            low, value, high = (100 * measured[key] for key in ("low", "accuracy", "high"))
            axes.plot([low, high], [y, y], color=colour, linewidth=1.4, alpha=0.55, solid_capstyle="butt", zorder=2)
            face = colour if filled else axes.get_facecolor()
            axes.plot([value], [y], marker="o", markersize=6.5, color=colour, markerfacecolor=face, zorder=3)
            axes.annotate(
                f"{value:.1f}", (value, y), textcoords="offset points", va="center",
                xytext=(-7 if side == "left" else 7, 0), ha="right" if side == "left" else "left",
                fontsize=7.5, color=colour,
            )  # fmt: skip
