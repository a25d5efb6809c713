"""An image of how a training run went."""

from __future__ import annotations

from pathlib import Path


def draw(history: list[dict[str, float]], path: Path, title: str) -> None:
    """Loss and validation error over the epochs, as a PNG at `path`."""
    from matplotlib.figure import Figure  # here, because it takes a second that most commands need not wait

    epochs = [epoch["epoch"] for epoch in history]
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    loss, error = figure.subplots(1, 2)
    loss.plot(epochs, [epoch["loss"] for epoch in history], color="#4c6ef5", marker=".")
    loss.set(title=f"{title}: training loss", xlabel="epoch", yscale="log")
    for key, label, colour in (
        ("validation_accuracy", "clean", "#2f9e44"),
        ("validation_accuracy_pen", "living pen", "#e8590c"),
    ):
        error.plot(epochs, [100 * (1 - epoch[key]) for epoch in history], color=colour, marker=".", label=label)
    error.set(title="validation error, %", xlabel="epoch", yscale="log")
    error.legend()
    for axes in (loss, error):
        axes.grid(alpha=0.3, which="both")
    figure.savefig(path, dpi=110)
