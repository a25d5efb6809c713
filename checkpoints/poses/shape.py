"""What can be measured of a digit without knowing which it is: where its ink lies, how wide, how slanted, how thick."""

from __future__ import annotations

import torch
from torch import Tensor

SMALLEST = 1e-6

# measurement -> its unit, in the words that people read
MEASUREMENTS = {
    "width": "px, of the columns with ink, a grey one by its share",
    "slant": "px to the right for each px up",
    "thickness": "px, twice the area over the outline",
    "area": "px of full ink",
    "shift right": "px, of the centre of mass",
    "shift down": "px, of the centre of mass",
}


def measure(x: Tensor) -> dict[str, Tensor]:
    """Every measurement (B,) of images x (B, 1, 28, 28) in [0, 1], by the names in MEASUREMENTS."""
    ink = x[:, 0]  # (B, row, column)
    area = ink.sum(dim=(1, 2)).clamp_min(SMALLEST)
    across = torch.arange(ink.shape[2], dtype=ink.dtype, device=ink.device)
    down = torch.arange(ink.shape[1], dtype=ink.dtype, device=ink.device)
    centre_x = (ink.sum(dim=1) * across).sum(dim=1) / area
    centre_y = (ink.sum(dim=2) * down).sum(dim=1) / area
    from_x = across[None, :] - centre_x[:, None]  # (B, column)
    from_y = down[None, :] - centre_y[:, None]  # (B, row)
    together = torch.einsum("brc,br,bc->b", ink, from_y, from_x) / area  # second central moments
    upright = torch.einsum("brc,br->b", ink, from_y.square()) / area
    # for a stroke of length l and thickness t, far longer than thick: area l t, outline 2 l
    outline = _outline(ink).clamp_min(SMALLEST)
    return {
        "width": ink.amax(dim=1).sum(dim=1),
        "slant": -together / upright.clamp_min(SMALLEST),
        "thickness": 2 * area / outline,
        "area": area,
        "shift right": centre_x - (ink.shape[2] - 1) / 2,
        "shift down": centre_y - (ink.shape[1] - 1) / 2,
    }


def _outline(ink: Tensor) -> Tensor:
    """Length of the ink's edge (B,) in px: the total variation, which grey edges do not change."""
    padded = torch.nn.functional.pad(ink, (1, 1, 1, 1))
    across = (padded[:, :-1, 1:] - padded[:, :-1, :-1]).square()
    down = (padded[:, 1:, :-1] - padded[:, :-1, :-1]).square()
    return (across + down).sqrt().sum(dim=(1, 2))
