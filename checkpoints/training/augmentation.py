"""How training images are varied: torchvision's affine and elastic transforms, and a simulated pen.

The real pen changes width and colour while a stroke is drawn; MNIST has no strokes, so the simulated pen lets width
and luma vary smoothly over the image instead, within the range of the real one.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from architectures.card import Augmentation
from checkpoints.training.vision import transforms

SIDE_PX = 28
SHARED_BY = 4  # images of a batch that share one draw of the affine transform, which is what makes it affordable
FINE = 2  # the pen works at this many times the resolution
LUMA = (0.299, 0.587, 0.114)  # ITU-R 601


def augment(x: Tensor, how: Augmentation) -> Tensor:
    """Images (B, 1, 28, 28) in [0, 1], varied; randomness comes from torch's global generator."""
    pieces = [_affine(how)(group) for group in x.split(SHARED_BY)]
    x = torch.cat(pieces)
    if how.elastic:
        elastic = transforms.ElasticTransform(alpha=how.elastic, sigma=3.0)
        x = torch.cat([elastic(group) for group in x.split(SHARED_BY)])
    drawn = (torch.rand(len(x)) < how.pen).nonzero()[:, 0].to(x.device)
    if len(drawn):
        strength = (1.5 * torch.rand(len(drawn), 1, 1, 1)).clamp_max(1).to(x.device)
        x = x.index_copy(0, drawn, simulated_pen(x[drawn], strength))
    return x.clamp(0, 1)


def _affine(how: Augmentation) -> transforms.RandomAffine:
    bilinear = transforms.InterpolationMode.BILINEAR
    if torch.rand(()) < how.as_drawn:
        return transforms.RandomAffine(
            how.rotation_deg, translate=(0.16, 0.16), scale=(0.6, 1.3), shear=how.shear_deg, interpolation=bilinear
        )
    shift = how.shift_px / SIDE_PX
    return transforms.RandomAffine(
        how.rotation_deg,
        translate=(shift, shift),
        scale=(1 - how.zoom, 1 + how.zoom),
        shear=how.shear_deg,
        interpolation=bilinear,
    )


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
