"""How the capsules came to agree: couplings and votes, laid out so that a person can see them.

Source: Sabour, Frosst, Hinton 2017, section 2 (equations 2 and 3, procedure 1).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from architectures.contract import SIDE_PX, CapsuleGrid, Capsules


@dataclass(frozen=True)
class Agreement:
    """One iteration of the routing of one image towards one digit.

    lengths   (10,): the digit capsules after this iteration
    couplings (types, rows, columns): the share of its vote that each input capsule gives to the digit
    sums      (inputs,): each input's couplings summed over the ten digits, which is 1
    support   (types, rows, columns): what each input adds to the digit's sum of votes s, along its direction
    s_length  |s| after this iteration: support adds up to it; squashed, it is the digit's length
    """

    lengths: Tensor
    couplings: Tensor
    sums: Tensor
    support: Tensor
    s_length: float


@torch.inference_mode()
def agreement(capsules: Capsules, digit: int, iteration: int) -> Agreement:
    """How `digit` was agreed on in one iteration, counted from 0, of the first image; needs a grid."""
    grid = capsules.grid
    if grid is None:
        raise ValueError("these capsules have no place on the image: their net gives no grid")
    coupling = capsules.couplings[iteration, 0]  # (inputs, 10)
    weight = coupling[:, digit]
    if capsules.prior is not None and iteration == len(capsules.couplings) - 1:
        weight = weight + capsules.prior[:, digit]
    weighted = weight[:, None] * capsules.votes[0, :, digit]  # (inputs, D): c_ij * vote
    s = weighted.sum(dim=0)  # (D,): eq. 2, before the squash
    support = weighted @ functional.normalize(s, dim=0)  # squash keeps the direction, so s/|s| is pose/|pose|
    places = (grid.types, grid.rows, grid.columns)
    return Agreement(
        lengths=capsules.iterations[iteration, 0],
        couplings=coupling[:, digit].reshape(places),
        sums=coupling.sum(dim=1),
        support=support.reshape(places),
        s_length=float(s.norm()),
    )


@torch.inference_mode()
def on_the_image(support: Tensor, grid: CapsuleGrid) -> Tensor:
    """Map (28, 28) of where on the image the votes come from; its sum is the support's (types, rows, columns).

    What a place adds is spread over the square it looks at, most in the middle (a Hann window), so that nothing is
    lost and nothing is claimed to be sharper than a capsule's field of view.
    """
    window = torch.hann_window(grid.field_px + 2, periodic=False, dtype=support.dtype, device=support.device)[1:-1]
    square = window[:, None] * window[None, :]
    places = support.sum(dim=0)[None, None]  # (1, 1, rows, columns)
    laid = functional.conv_transpose2d(places, (square / square.sum())[None, None], stride=grid.stride_px)[0, 0]
    if max(laid.shape) > SIDE_PX:
        raise ValueError(f"a grid of {grid} reaches over {tuple(laid.shape)} pixels; the image has {SIDE_PX}")
    return functional.pad(laid, (0, SIDE_PX - laid.shape[1], 0, SIDE_PX - laid.shape[0]))
