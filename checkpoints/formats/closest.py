"""Which architecture a file of weights was made with, by the names and shapes in it."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

import architectures
from architectures import BadArchitecture
from checkpoints.formats.state_dict import named_as


def closest(weights: Mapping[str, Tensor], but: str = "") -> tuple[str, float] | None:
    """The installed net, `but` one, most like `weights`, and the share of names with shapes they have in common.

    The nets are built without memory for their numbers. None when nothing is in common.
    """
    shares = {name: share(name, weights) for name in architectures.names() if name != but}
    best = max(shares, key=lambda name: shares[name], default=None)
    return (best, shares[best]) if best is not None and shares[best] > 0 else None


def share(name: str, weights: Mapping[str, Tensor]) -> float:
    """Names with shapes in common over all that either has, in [0, 1]; 0 for an architecture that cannot be built."""
    try:
        with torch.device("meta"):
            expected = architectures.build(name).state_dict()
    except (BadArchitecture, RuntimeError, NotImplementedError):
        return 0.0
    ours = {(key, tuple(tensor.shape)) for key, tensor in expected.items()}
    theirs = {(key, tuple(tensor.shape)) for key, tensor in named_as(expected, weights).items()}
    return len(ours & theirs) / max(len(ours | theirs), 1)


def advice(weights: Mapping[str, Tensor], name: str) -> str:
    """What to do with weights that do not fit `name`, as the end of a sentence."""
    found = closest(weights, but=name)
    if found is None:
        return "no installed net has such weights: give the code they were made with, --architecture FILE.py"
    other, common = found
    if common == 1:
        return f"they fit {other} exactly: use that name, or give {name} the code they were made with"
    return f"the closest installed net is {other} ({common:.0%} of names and shapes in common)"
