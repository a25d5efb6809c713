"""The map of a lesson: what its cells show, and where a pen goes on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from architectures.input.pen import PRESETS, Pen
from checkpoints.shipped_digits import test_digits
from checkpoints.training.living_pen import fed
from checkpoints.training.teaching import sketch_of
from demo.teach import pen_map
from demo.teach.pen_map import COLOURS, DIGITS, WIDTHS_PX

BLUE = Pen(thinnest_px=16, widest_px=16, colour="#0000ff")


def test_a_cell_shows_the_digits_as_its_own_pen_draws_them() -> None:
    row = pen_map.row(16)
    assert row.shape == (len(COLOURS), DIGITS, 28, 28)
    digits = test_digits(DIGITS)
    drawn = np.stack([fed(sketch_of(BLUE, digits, number, seed=1))[0] for number in range(DIGITS)])
    shown = row[[*COLOURS].index("blue")]
    assert np.abs(shown.astype(int) - drawn).max() <= 3, "but for rounding"
    assert drawn.max() < 40 < row[[*COLOURS].index("white")].max(), "blue ink is nearly black"


def test_the_counts_are_of_the_digits_that_a_net_reads() -> None:
    class Five(torch.nn.Module):
        """Reads a five in everything bright, and a three in the rest."""

        def __init__(self) -> None:
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(1))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            bright = x.amax(dim=(1, 2, 3)) > 0.5
            return torch.nn.functional.one_hot(torch.where(bright, 5, 3), 10).float()

    table = pen_map.counts(Five(), [pen_map.row(26)])
    labels = test_digits(DIGITS).labels
    threes, fives = int((labels == 3).sum()), int((labels == 5).sum())
    assert threes and fives
    by_colour = dict(zip(COLOURS, table[0], strict=True))
    assert by_colour["white"] == fives and by_colour["blue"] == threes
    whole = [table[0]] * len(WIDTHS_PX)
    assert pen_map.mean_percent(whole) == 100 * sum(table[0]) / (len(COLOURS) * DIGITS)


def test_a_pen_goes_through_the_cells_of_its_widths_and_colours() -> None:
    blue, white = [*COLOURS].index("blue"), [*COLOURS].index("white")
    assert pen_map.cells_of(BLUE) == [(WIDTHS_PX.index(16), blue)]
    assert pen_map.cells_of(replace(BLUE, colour="#ffffff", widest_px=42)) == [
        (row, white) for row in range(WIDTHS_PX.index(16), len(WIDTHS_PX))
    ]
    ribbon = pen_map.cells_of(PRESETS["ribbon"])
    assert len({column for _, column in ribbon}) == len(COLOURS) - 1, "all colours of the rainbow, and no white"
