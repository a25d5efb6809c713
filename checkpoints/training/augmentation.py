"""How training images vary, each by itself and the whole batch at once: one resampling of affine and elastic warps.

Everything happens on the images' own device, with random numbers of its generator.

`simulated_pen` imitates a pen on rasters, by fields of width and luma that vary smoothly over the image; no net is
trained on it any more, since the living pen itself draws MNIST's digits (see living_pen.py).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from architectures.card import Augmentation

SIDE_PX = 28
FIELD_CELLS = 5  # of the elastic field, along each side
FINE = 2  # the simulated pen works at this many times the resolution
LUMA = (0.299, 0.587, 0.114)  # ITU-R 601


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


def simulated_pen(x: Tensor, strength: float | Tensor = 1.0, generator: torch.Generator | None = None) -> Tensor:
    """Images (B, 1, 28, 28) in [0, 1] as if drawn with a pen whose width and colour change along the way.

    strength   0 leaves them as they are; 1 is the real pen: strokes from a third of to one and a half times the ink,
               luma of every hue from yellow (226 of 255) to blue (29); one number or (B, 1, 1, 1)
    generator  on the CPU; torch's global one when None
    """
    on_the_whole = 0.4 * (2 * _uniform(x, 1, 1, 1, generator=generator) - 1)
    width = _smooth_field(x, cells=4, generator=generator) + on_the_whole
    luma = _luma_field(x, generator)
    as_drawn = _with_width(x, strength * width) * (1 - strength * (1 - luma))
    share = torch.as_tensor(strength, device=x.device).mul(4).clamp(0, 1)  # fades the blur of _with_width in
    return torch.lerp(x, as_drawn.clamp(0, 1), share)


def _uniform(x: Tensor, *shape: int, generator: torch.Generator | None) -> Tensor:
    """Random numbers in [0, 1) of a shape (B, *shape), drawn on the CPU so that every device gets the same."""
    return torch.rand(len(x), *shape, generator=generator).to(x.device)


def _smooth_field(x: Tensor, cells: int, generator: torch.Generator | None) -> Tensor:
    """A random field (B, 1, 28, 28) in [-1.2, 1.2] that varies over 28 / cells pixels."""
    coarse = 2.4 * _uniform(x, 1, cells + 1, cells + 1, generator=generator) - 1.2
    return functional.interpolate(coarse, size=x.shape[-2:], mode="bicubic", align_corners=True).clamp(-1.2, 1.2)


def _with_width(x: Tensor, change: Tensor) -> Tensor:
    """Strokes thinner where `change` (B, 1, 28, 28) is negative and thicker where it is positive.

    The image is blurred and divided by its local maximum, which is 1 along the middle of every stroke and falls to
    its sides; a threshold on this ridge is a stroke of any width that never breaks.
    """
    size = x.shape[-1] * FINE
    fine = functional.interpolate(x, size=(size, size), mode="bilinear", align_corners=False)
    blurred = functional.avg_pool2d(functional.avg_pool2d(fine, 3, 1, 1), 5, 1, 2)
    ridge = blurred / functional.max_pool2d(blurred, 9, 1, 4).clamp_min(0.1)
    level = functional.interpolate(0.55 - 0.3 * change, size=(size, size), mode="bilinear", align_corners=False)
    drawn = torch.sigmoid((ridge - level.clamp(0.3, 0.92)) / 0.05)
    return functional.avg_pool2d(drawn, FINE)


def _luma_field(x: Tensor, generator: torch.Generator | None) -> Tensor:
    """Luma (B, 1, 28, 28) of fully saturated hues that travel over the image, in [0.11, 0.89]."""
    direction = 2 * torch.pi * _uniform(x, 1, 1, 1, generator=generator)
    turns = 2.5 * _uniform(x, 1, 1, 1, generator=generator).square()  # hue circles across the image, mostly few
    start = _uniform(x, 1, 1, 1, generator=generator)
    place = torch.linspace(-0.5, 0.5, x.shape[-1], device=x.device)
    along = direction.cos() * place + direction.sin() * place[:, None]  # (B, 1, 28, 28)
    wander = _smooth_field(x, 5, generator) * 0.5 * _uniform(x, 1, 1, 1, generator=generator)
    jitter = _smooth_field(x, 12, generator) * 0.25 * _uniform(x, 1, 1, 1, generator=generator).pow(3)
    hue = start + turns * along + wander + jitter
    offsets = torch.tensor([0.0, 1 / 3, 2 / 3], device=x.device)
    channels = (3 * ((hue - offsets.view(1, 3, 1, 1) + 0.5) % 1 - 0.5).abs() * 2).neg().add(2).clamp(0, 1)
    return (channels * torch.tensor(LUMA, device=x.device).view(1, 3, 1, 1)).sum(1, keepdim=True)
