"""Test images made harder: moved, turned, noisy, stretched, or two digits in one.

All take and give float32 (N, 1, 28, 28) in [0, 1] and a seed. Chance is drawn on the CPU and in the same order
whatever the level, so that each image is moved the same way, turned to the same side and has the same grain at every
level of a curve, on every machine: what changes along a curve is the level alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class Curve:
    """A distortion with a level: `levels` are the points of its curve, the first of them no distortion at all."""

    title: str
    axis: str
    levels: tuple[float, ...]
    apply: Callable[[Tensor, float, int], Tensor]


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def shift(x: Tensor, distance_px: float, seed: int) -> Tensor:
    """x moved by whole pixels, up, down, left or right by chance; black comes in, and ink may leave.

    MNIST's digits fill 20x20 and lie by their centre of mass, so most lose nothing up to 3 px.
    """
    side = torch.randint(4, (len(x),), generator=seeded(seed))
    distance = round(distance_px)
    padded = functional.pad(x, (distance,) * 4)
    height, width = x.shape[-2:]
    moved = [
        padded[:, :, row : row + height, column : column + width]
        for row, column in ((0, distance), (2 * distance, distance), (distance, 0), (distance, 2 * distance))
    ]
    return torch.stack(moved)[side, torch.arange(len(x))]


def rotate(x: Tensor, angle_deg: float, seed: int) -> Tensor:
    """x turned about its centre, clockwise or against it by chance; bilinear."""
    side = torch.randint(2, (len(x),), generator=seeded(seed)) * 2 - 1
    return _warp(x, _rotation(torch.deg2rad(side * angle_deg))) if angle_deg else x


def noise(x: Tensor, sigma: float, seed: int) -> Tensor:
    """x with Gaussian noise of standard deviation sigma on every pixel, clipped to [0, 1]."""
    return (x + sigma * torch.randn(x.shape, generator=seeded(seed))).clamp(0, 1)


CURVES = {
    "shift": Curve("Shift", "pixels, of 28", (0, 1, 2, 3, 4, 5, 6), shift),
    "rotate": Curve("Rotation", "degrees", (0, 10, 20, 30, 40, 50, 60), rotate),
    "noise": Curve("Noise", "standard deviation, of 1", (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6), noise),
}

ROTATION_DEG, SHEAR, SCALE = 20.0, 0.2, (0.8, 1.2)  # the ranges of affNIST


def affine(x: Tensor, seed: int) -> Tensor:
    """x under affNIST's transformations (Tieleman 2013, https://www.cs.toronto.edu/~tijmen/affNIST), one an image.

    Rotation within 20 degrees, shear within 0.2, width and height each scaled by 0.8 to 1.2, all uniform, then put
    uniformly wherever its ink stays inside. affNIST has room to move in 40x40; here the field is what the nets are fed,
    28x28, so digits move less far. A digit too large for 28x28 is centred and loses its edge.
    """
    generator = seeded(seed)
    count = len(x)
    angle, slant, wide, high = (2 * torch.rand(4, count, generator=generator) - 1).unbind()
    middle, spread = sum(SCALE) / 2, (SCALE[1] - SCALE[0]) / 2
    scale = torch.diag_embed(torch.stack([middle + spread * wide, middle + spread * high], dim=1))
    shear = torch.eye(2).repeat(count, 1, 1)
    shear[:, 0, 1] = SHEAR * slant
    forward = _rotation(torch.deg2rad(ROTATION_DEG * angle)) @ shear @ scale
    roomy = functional.pad(x, (6,) * 4)  # 40x40, affNIST's own field
    return _place(_warp(roomy, forward.inverse()), x.shape[-1], generator)


def _rotation(angle: Tensor) -> Tensor:
    """Matrices (N, 2, 2) of angles (N,) in radians."""
    cosine, sine = angle.cos(), angle.sin()
    return torch.stack([torch.stack([cosine, -sine], 1), torch.stack([sine, cosine], 1)], 1)


def _warp(x: Tensor, backward: Tensor) -> Tensor:
    """x (N, 1, S, S) sampled where `backward` (N, 2, 2), about the centre, sends each pixel: bilinear, black around."""
    theta = torch.cat([backward, torch.zeros(len(x), 2, 1)], dim=2)
    grid = functional.affine_grid(theta, list(x.shape), align_corners=False)
    return functional.grid_sample(x, grid, mode="bilinear", align_corners=False).clamp(0, 1)


def ink_span(x: Tensor, dim: int, threshold: float = 0.05) -> tuple[Tensor, Tensor]:
    """First and one past the last row (dim 2) or column (dim 3) with ink, each (N,), of x (N, 1, H, W)."""
    inked = (x > threshold).amax(dim=5 - dim).squeeze(1)  # (N, H or W)
    place = torch.arange(inked.shape[1])
    first = torch.where(inked, place, inked.shape[1]).amin(dim=1)
    last = torch.where(inked, place + 1, 0).amax(dim=1)
    return first.minimum(last), last


def _place(x: Tensor, side: int, generator: torch.Generator) -> Tensor:
    """A window (N, 1, side, side) of x that holds all ink, its place uniform among those that do."""
    starts = []
    for dim in (2, 3):
        first, last = ink_span(x, dim)
        lowest, highest = last - side, first  # the window may start anywhere from lowest to highest
        middle = (lowest + highest) // 2
        room = (highest - lowest + 1).clamp_min(1)
        chosen = lowest + (torch.rand(len(x), generator=generator) * room).long()
        starts.append(torch.where(highest >= lowest, chosen, middle))
    return _window(x, starts[0], starts[1], side)


def _window(x: Tensor, top: Tensor, left: Tensor, side: int) -> Tensor:
    """Images (N, 1, side, side) cut out of x (N, 1, H, W) from (top, left), each (N,); black outside x."""
    margin = side
    padded = functional.pad(x, (margin,) * 4).squeeze(1)
    rows = (top + margin)[:, None] + torch.arange(side)
    columns = (left + margin)[:, None] + torch.arange(side)
    return padded[torch.arange(len(x))[:, None, None], rows[:, :, None], columns[:, None, :]].unsqueeze(1)


@dataclass(frozen=True)
class Overlapping:
    """Two digits an image: images (N, 1, 28, 28), digits int64 (N, 2), overlap (N,) of their boxes in [0, 1]."""

    images: Tensor
    digits: Tensor
    overlap: Tensor


LARGEST_SHIFT_PX = 4


def overlapping(x: Tensor, labels: Tensor, seed: int) -> Overlapping:
    """A set like MultiMNIST (Sabour 2017, section 6): on each digit of x (N, 1, 28, 28) lies one of another class.

    As there, each digit is first shifted by up to 4 pixels each way, and the two are added and clipped at 1. There the
    field grows to 36x36; here it stays the 28x28 that the nets are fed, so a shift goes no further than the ink may.
    The overlap is the intersection of the two boxes of ink by the smaller of them (there 80 % on average, of boxes of
    20x20).
    """
    generator = seeded(seed)
    partner = _partners(labels, generator)
    first, second = _jitter(x, generator), _jitter(x[partner], generator)
    return Overlapping(
        (first + second).clamp_max(1), torch.stack([labels, labels[partner]], dim=1), _box_overlap(first, second)
    )


def _partners(labels: Tensor, generator: torch.Generator) -> Tensor:
    """For each of labels (N,) the index of an image of another class, uniform among those there are."""
    if len(labels.unique()) < 2:
        raise ValueError("overlapping digits need images of at least two classes")
    partner = torch.randint(len(labels), (len(labels),), generator=generator)
    while (same := labels[partner] == labels).any():
        partner[same] = torch.randint(len(labels), (int(same.sum()),), generator=generator)
    return partner


def _jitter(x: Tensor, generator: torch.Generator) -> Tensor:
    """x moved by whole pixels, uniform within 4 each way as far as no ink leaves."""
    starts = []
    for dim in (2, 3):
        first, last = ink_span(x, dim, threshold=0.0)
        lowest = (last - x.shape[dim]).clamp_min(-LARGEST_SHIFT_PX)
        highest = first.clamp_max(LARGEST_SHIFT_PX)
        starts.append(lowest + (torch.rand(len(x), generator=generator) * (highest - lowest + 1)).long())
    return _window(x, starts[0], starts[1], x.shape[-1])


def _box_overlap(first: Tensor, second: Tensor) -> Tensor:
    """(N,) in [0, 1]: area shared by the boxes of ink of two (N, 1, H, W), by the area of the smaller box."""
    shared, areas = torch.ones(len(first)), torch.ones(2, len(first))
    for dim in (2, 3):
        (a_from, a_to), (b_from, b_to) = ink_span(first, dim), ink_span(second, dim)
        shared = shared * (torch.minimum(a_to, b_to) - torch.maximum(a_from, b_from)).clamp_min(0)
        areas = areas * torch.stack([a_to - a_from, b_to - b_from])
    return shared / areas.amin(dim=0).clamp_min(1)
