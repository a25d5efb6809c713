"""Directions in the space of poses along which a digit becomes thicker, more slanted, wider, or moves.

An attribute rarely lies in one dimension: of caps-net's sixteen for a 4, six go with "shift right" and six with "shift
down". So every attribute is regressed on all dimensions together (ordinary least squares). The weights of such a
regression say how to read the attribute off a pose, not how to change it: moving along them leaves the poses that
digits have, and the decoder then draws no digit. The change is the one that the training set shows to go with the
attribute (the "pattern" of a linear model: Haufe 2014, eq. 6): of all changes of the pose that add one unit to this
attribute and nothing to the four others, the likeliest under the covariance of the poses.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from checkpoints.poses.measured import Direction

# attribute of `shape.MEASUREMENTS` -> its unit
ATTRIBUTES = {"thickness": "px", "slant": "px right per px up", "width": "px", "shift right": "px", "shift down": "px"}
HELD_OUT = 5  # every fifth image is not regressed on, and says how well the regression does
OUTERMOST = (0.01, 0.99)


def directions(poses: Tensor, measured: Mapping[str, Tensor]) -> list[Direction]:
    """One direction for each of ATTRIBUTES, from poses (N, D) and what was measured of their images, each (N,)."""
    poses = poses.double()
    values = torch.stack([measured[name].double() for name in ATTRIBUTES], dim=1)  # (N, A)
    held_out = torch.arange(len(poses)) % HELD_OUT == HELD_OUT - 1
    mean, value_mean = poses[~held_out].mean(dim=0), values[~held_out].mean(dim=0)
    centred = poses[~held_out] - mean
    weights = torch.linalg.lstsq(centred, values[~held_out] - value_mean, driver="gelsd").solution  # (D, A)
    covariance = centred.T @ centred / len(centred)
    change = covariance @ weights @ torch.linalg.pinv(weights.T @ covariance @ weights)  # (D, A); weights.T @ it is 1
    offset = value_mean - mean @ weights
    predicted = offset + poses[held_out] @ weights
    quantiles = values.quantile(values.new_tensor(OUTERMOST), dim=0)
    return [
        Direction(
            name=name,
            unit=unit,
            r=float(torch.corrcoef(torch.stack([predicted[:, at], values[held_out, at]])).nan_to_num()[0, 1]),
            mean=float(values[:, at].mean()),
            sd=float(values[:, at].std()),
            low=float(quantiles[0, at]),
            high=float(quantiles[1, at]),
            offset=float(offset[at]),
            weights=weights[:, at].tolist(),
            per_unit=change[:, at].tolist(),
        )
        for at, (name, unit) in enumerate(ATTRIBUTES.items())
    ]
