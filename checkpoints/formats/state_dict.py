"""The state dict inside what people save: under a key, beside an optimiser, with prefixes before its names."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from checkpoints.errors import UnreadableWeights

# where frameworks keep the weights in a checkpoint: PyTorch's tutorials, Lightning, timm, DETR, and habit
KEYS = ("state_dict", "model_state_dict", "model", "net", "network", "weights", "params", "ema", "module")
DEEPEST = 3
COUNTER = "num_batches_tracked"  # absent from files older than PyTorch 0.4.1, and unused with a fixed momentum


def weights_in(loaded: object, where: str) -> dict[str, Tensor] | nn.Module:
    """The weights, or the whole net, in what a file held; raises UnreadableWeights that lists what it held instead."""
    found = _search(loaded, DEEPEST)
    if isinstance(found, nn.Module):
        return found
    if found is None:
        raise UnreadableWeights(f"{where} holds {_told(loaded)}: save the weights alone, torch.save(net.state_dict())")
    for key, tensor in found.items():
        _check(key, tensor, where)
    return {key: tensor.detach() for key, tensor in found.items()}


def _search(loaded: object, depth: int) -> dict[str, Tensor] | nn.Module | None:
    if isinstance(loaded, nn.Module):
        return loaded
    if not isinstance(loaded, Mapping) or depth == 0:
        return None
    for key in KEYS:
        if isinstance(loaded.get(key), Mapping | nn.Module) and (found := _search(loaded[key], depth - 1)) is not None:
            return found
    return {key: value for key, value in loaded.items() if isinstance(key, str) and isinstance(value, Tensor)} or None


def _check(key: str, tensor: Tensor, where: str) -> None:
    """Raise UnreadableWeights for a tensor that claims more numbers than the file holds, or is of an odd kind."""
    if tensor.layout != torch.strided or tensor.is_quantized or tensor.is_meta:
        raise UnreadableWeights(f"{where}: {key} is sparse, quantised or empty; only plain numbers are read")
    if tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
        raise UnreadableWeights(
            f"{where}: {key} claims {tensor.numel():,} numbers, but the file holds fewer: do not use this file"
        )


def _told(loaded: object) -> str:
    if isinstance(loaded, Mapping):
        return f"a table of {', '.join(map(str, list(loaded)[:10])) or 'nothing'}, and no weights in it"
    return f"a {type(loaded).__name__}, not a net"


def named_as(expected: Mapping[str, Tensor], weights: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    """`weights` under the names that the net has: a prefix (`module.`, `model.`, `net.`...) taken off or put on.

    What lies beside the prefix (a loss, a metric) is left out when the rest is exactly the net. When no prefix makes
    the names fit, `weights` comes back as it is.
    """
    wanted = {key for key in expected if not key.endswith(COUNTER)}
    for candidate in _candidates(wanted, weights):
        have = {key for key in candidate if not key.endswith(COUNTER)}
        if have == wanted:
            counters = {key: torch.zeros_like(tensor) for key, tensor in expected.items() if key.endswith(COUNTER)}
            return counters | {key: candidate[key] for key in expected if key in candidate}
    return weights


def _candidates(wanted: set[str], weights: Mapping[str, Tensor]) -> list[Mapping[str, Tensor]]:
    candidates: list[Mapping[str, Tensor]] = [weights]
    if not wanted or not weights:
        return candidates
    first = min(wanted, key=lambda key: (len(key), key))
    for prefix in sorted(key.removesuffix(first) for key in weights if key.endswith(f".{first}")):
        candidates.append({key[len(prefix) :]: value for key, value in weights.items() if key.startswith(prefix)})
    shortest = min(weights, key=lambda key: (len(key), key))
    for prefix in sorted(key.removesuffix(shortest) for key in wanted if key.endswith(f".{shortest}")):
        candidates.append({f"{prefix}{key}": value for key, value in weights.items()})
    return candidates
