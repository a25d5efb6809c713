"""Weights into the net they are for, key by key; or which net that would be."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

import architectures
from architectures import BadArchitecture
from checkpoints.errors import UnfittingWeights
from checkpoints.formats.state_dict import named_as

LISTED = 10


def fit(net: nn.Module, weights: Mapping[str, Tensor], *, name: str, where: str) -> None:
    """Put `weights` into `net`, every one of them and nothing else; narrower floats are widened to float32.

    Raises UnfittingWeights, naming the keys that are missing, left over or of another shape, or not finite.
    """
    expected = net.state_dict()
    weights = named_as(expected, weights)
    missing = [f"{key} {_shape(tensor)}" for key, tensor in expected.items() if key not in weights]
    left_over = [f"{key} {_shape(tensor)}" for key, tensor in weights.items() if key not in expected]
    misshapen = [
        f"{key} is {_shape(weights[key])}, the net has {_shape(tensor)}"
        for key, tensor in expected.items()
        if key in weights and weights[key].shape != tensor.shape
    ]
    unsound = [key for key, tensor in weights.items() if not bool(torch.isfinite(tensor.float()).all())]
    complaints = [
        _listed("missing", missing),
        _listed("left over", left_over),
        _listed("of another shape", misshapen),
        _listed("with NaN or infinite values", unsound),
    ]
    if any(complaints):
        if any(complaints[:3]):
            complaints.append(advice(weights, name))
        raise UnfittingWeights(f"{where} does not fit {name}: " + "; ".join(filter(None, complaints)))
    net.load_state_dict(dict(weights), strict=True)


def advice(weights: Mapping[str, Tensor], name: str) -> str:
    """What to do with weights that do not fit the code of `name`, or have none, as the end of a sentence.

    The nets that are here are built without memory for their numbers.
    """
    code = "the code they were made with, --architecture FILE.py"
    shares = {other: _common(other, weights) for other in architectures.names() if other != name}
    closest = max(shares, key=lambda other: shares[other], default=None)
    if closest is None or not shares[closest]:
        return f"no net here has such weights: give {code}"
    if shares[closest] == 1:
        return f"they fit {closest} exactly: give its code, --architecture {architectures.path_of(closest)}"
    return f"the closest net here is {closest} ({shares[closest]:.0%} of names and shapes in common): give {code}"


def _common(name: str, weights: Mapping[str, Tensor]) -> float:
    """Names with shapes in common over all that either has, in [0, 1]; 0 for an architecture that cannot be built."""
    try:
        with torch.device("meta"):
            expected = architectures.build_bare(name).state_dict()
    except (BadArchitecture, RuntimeError, NotImplementedError):
        return 0.0
    ours = {(key, tuple(tensor.shape)) for key, tensor in expected.items()}
    theirs = {(key, tuple(tensor.shape)) for key, tensor in named_as(expected, weights).items()}
    return len(ours & theirs) / max(len(ours | theirs), 1)


def _shape(tensor: Tensor) -> str:
    return "(" + ", ".join(map(str, tensor.shape)) + ")"


def _listed(what: str, keys: list[str]) -> str:
    more = f" and {len(keys) - LISTED} more" if len(keys) > LISTED else ""
    return f"{len(keys)} {what}: {', '.join(keys[:LISTED])}{more}" if keys else ""
