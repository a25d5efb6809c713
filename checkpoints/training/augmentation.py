"""How training images vary, each by itself and the whole batch at once: one resampling of affine and elastic warps.

Everything happens on the images' own device, with random numbers of its generator.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from architectures.card import Augmentation

SIDE_PX = 28
FIELD_CELLS = 5  # of the elastic field, along each side


def augment(x: Tensor, how: Augmentation, strength: float | Tensor = 1.0) -> Tensor:
    """Images (B, 1, 28, 28) in [0, 1], each warped by a draw of its own.

    strength  of the warps; one number, or (B,)
    """
    batch, device = len(x), x.device
    strength = torch.as_tensor(strength, device=device).expand(batch)

    def either_way(largest: float) -> Tensor:
        return largest * strength * (2 * torch.rand(batch, device=device) - 1)

    turn, shear = either_way(math.radians(how.rotation_deg)), either_way(math.radians(how.shear_deg)).tan()
    zoom = 1 + either_way(how.zoom)
    zoom_x, zoom_y = zoom * (1 + either_way(0.05)), zoom * (1 + either_way(0.05))
    shift = 2 * how.shift_px / SIDE_PX
    cos, sin = turn.cos(), turn.sin()
    across = torch.stack([cos / zoom_x, (cos * shear - sin) / zoom_x, either_way(shift)], dim=1)
    down = torch.stack([sin / zoom_y, (sin * shear + cos) / zoom_y, either_way(shift)], dim=1)
    grid = functional.affine_grid(torch.stack([across, down], dim=1), list(x.shape), align_corners=False)
    if how.elastic_px:
        size = strength * (2 * how.elastic_px / SIDE_PX) * torch.rand(batch, device=device)
        coarse = 2 * torch.rand(batch, 2, FIELD_CELLS + 1, FIELD_CELLS + 1, device=device) - 1
        field = functional.interpolate(coarse, size=x.shape[-2:], mode="bicubic", align_corners=True)
        grid = grid + size.view(-1, 1, 1, 1) * field.permute(0, 2, 3, 1)
    return functional.grid_sample(x, grid, mode="bilinear", padding_mode="zeros", align_corners=False).clamp(0, 1)
