"""How the capsules came to agree: couplings and votes, laid out so that a person can see them.

Source: Sabour, Frosst, Hinton 2017, section 2 (equations 2 and 3, procedure 1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from architectures.contract import SIDE_PX, CapsuleGrid
from demo.capsules import Floats, Routing


@dataclass(frozen=True)
class Agreement:
    """One iteration of the routing of one image towards one digit.

    lengths   (10,): the digit capsules after this iteration
    couplings (types, rows, columns): the share of its vote that each input capsule gives to the digit
    sums      (inputs,): each input's couplings summed over the ten digits, which is 1
    support   (types, rows, columns): what each input adds to the digit's sum of votes s, along its direction
    s_length  |s| after this iteration: support adds up to it; squashed, it is the digit's length
    """

    lengths: Floats
    couplings: Floats
    sums: Floats
    support: Floats
    s_length: float


def agreement(routing: Routing, digit: int, iteration: int) -> Agreement:
    """How `digit` was agreed on in one iteration, counted from 0; needs a grid."""
    grid = routing.grid
    if grid is None:
        raise ValueError("these capsules have no place on the image: their net gives no grid")
    coupling = routing.couplings[iteration]  # (inputs, 10)
    weight = coupling[:, digit]
    if routing.prior is not None and iteration == len(routing.couplings) - 1:
        weight = weight + routing.prior[:, digit]
    weighted = weight[:, None] * routing.votes[:, digit]  # (inputs, D): c_ij * vote
    s = weighted.sum(axis=0)  # (D,): eq. 2, before the squash
    s_length = float(np.linalg.norm(s))
    support = weighted @ (s / max(s_length, 1e-12))  # squash keeps the direction, so s/|s| is pose/|pose|
    places = (grid.types, grid.rows, grid.columns)
    return Agreement(
        lengths=routing.lengths[iteration],
        couplings=coupling[:, digit].reshape(places),
        sums=coupling.sum(axis=1),
        support=support.reshape(places),
        s_length=s_length,
    )


def on_the_image(support: Floats, grid: CapsuleGrid) -> Floats:
    """Map (28, 28) of where on the image the votes come from; its sum is the support's (types, rows, columns).

    What a place adds is spread over the square it looks at, most in the middle (a Hann window), so that nothing is
    lost and nothing is claimed to be sharper than a capsule's field of view.
    """
    window = np.hanning(grid.field_px + 2)[1:-1]
    square = np.outer(window, window) / window.sum() ** 2
    reach = [(places - 1) * grid.stride_px + grid.field_px for places in (grid.rows, grid.columns)]
    if max(reach) > SIDE_PX:
        raise ValueError(f"a grid of {grid} reaches over {reach} pixels; the image has {SIDE_PX}")
    laid = np.zeros((SIDE_PX, SIDE_PX), np.float32)
    for (row, column), value in np.ndenumerate(support.sum(axis=0)):
        top, left = row * grid.stride_px, column * grid.stride_px
        laid[top : top + grid.field_px, left : left + grid.field_px] += value * square
    return laid
