"""The state dict in what people save: under a key, beside an optimiser, in a whole net, with prefixes, quantised."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from checkpoints.errors import UnreadableWeights
from checkpoints.formats.pickles import Standin

# where frameworks keep the weights in a checkpoint: PyTorch's tutorials, Lightning, fastai, timm, DETR, and habit
KEYS = ("state_dict", "model_state_dict", "model", "net", "network", "weights", "params", "ema", "module", "learn")
DEEPEST = 4
COUNTER = "num_batches_tracked"  # absent from files older than PyTorch 0.4.1, and unused with a fixed momentum
PACKED = "._packed_params._packed_params"
OF_QUANTISATION = ("scale", "zero_point", "_packed_params.dtype")


def weights_in(loaded: object, where: str) -> dict[str, Tensor]:
    """The weights in what a file held; raises UnreadableWeights that lists what it held instead."""
    held = _search(loaded, DEEPEST)
    if not held:
        raise UnreadableWeights(
            f"{where} holds {_described(loaded)}: save the weights alone, torch.save(net.state_dict())"
        )
    weights = _dequantised(held, where)
    for key, tensor in weights.items():
        _check(key, tensor, where)
    return {key: tensor.detach() for key, tensor in weights.items()}


def _search(loaded: object, depth: int) -> dict[str, object]:
    if isinstance(loaded, nn.Module):
        return dict(loaded.state_dict())
    if depth == 0:
        return {}
    if isinstance(loaded, Standin):
        if {"_parameters", "_modules"} <= loaded.state.keys():
            return dict(_in_module(loaded.state, ""))
        return _search(loaded.state, depth - 1) if loaded.state else {}
    if not isinstance(loaded, Mapping):
        return {}
    for key in KEYS:
        if isinstance(loaded.get(key), Mapping | Standin | nn.Module) and (inner := _search(loaded[key], depth - 1)):
            return inner
    named = {key: value for key, value in loaded.items() if isinstance(key, str)}
    tensors = {key: value for key, value in named.items() if isinstance(value, Tensor) or key.endswith(PACKED)}
    return tensors if any(isinstance(value, Tensor) or value is not None for value in tensors.values()) else {}


def _in_module(state: dict[str, object], prefix: str) -> list[tuple[str, object]]:
    """Names and tensors of a pickled net, from the attributes of its modules."""
    tensors = []
    passing = state.get("_non_persistent_buffers_set")  # a set, which old protocols write as a call of `set`
    parts = passing.args if isinstance(passing, Standin) else (passing,)
    unsaved = [key for part in parts if isinstance(part, set | list) for key in part]
    for kind in ("_parameters", "_buffers"):
        table = state.get(kind)
        items = table.items() if isinstance(table, dict) else ()
        tensors += [(f"{prefix}{key}", value) for key, value in items if key not in unsaved]
    inner = state.get("_modules")
    for key, module in inner.items() if isinstance(inner, dict) else ():
        if isinstance(module, Standin):
            tensors += _in_module(module.state, f"{prefix}{key}.")
    return [(key, value) for key, value in tensors if isinstance(value, Tensor)]


def _dequantised(weights: Mapping[str, object], where: str) -> dict[str, Tensor]:
    """Quantised numbers as the floats they stand for, and packed ones under the names they had before."""
    layers = {
        key.rpartition(".")[0] for key, value in weights.items() if isinstance(value, Tensor) and value.is_quantized
    }
    layers |= {key.removesuffix(PACKED) for key in weights if key.endswith(PACKED)}
    floats: dict[str, Tensor] = {}
    for key, value in weights.items():
        layer = next((layer for layer in layers if key.startswith(f"{layer}.")), "")
        if key.endswith(PACKED):
            parts = value if isinstance(value, tuple) else ()
            for name, part in zip(("weight", "bias"), parts, strict=False):
                if isinstance(part, Tensor):
                    floats[f"{key.removesuffix(PACKED)}.{name}"] = part.dequantize()
        elif layers and (layer or key.count(".") == 1) and key.endswith(OF_QUANTISATION):
            continue
        elif isinstance(value, Tensor):
            floats[key] = value.dequantize() if value.is_quantized else value
    if layers and not floats:
        raise UnreadableWeights(
            f"{where} is quantised in a way that is not read: save the net of before it was quantised"
        )
    return floats


def _check(key: str, tensor: Tensor, where: str) -> None:
    """Raise UnreadableWeights for a tensor that claims more numbers than the file holds, or is of an odd kind."""
    if tensor.layout != torch.strided or tensor.is_meta or tensor.is_complex():
        raise UnreadableWeights(f"{where}: {key} is sparse, empty or complex; only plain numbers are read")
    if tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
        raise UnreadableWeights(
            f"{where}: {key} claims {tensor.numel():,} numbers, but the file holds fewer: do not use this file"
        )


def _described(loaded: object) -> str:
    if isinstance(loaded, Mapping):
        return f"a table of {', '.join(map(str, list(loaded)[:10])) or 'nothing'}, and no weights in it"
    if isinstance(loaded, Standin):
        return "an object of a class that is not read, and no weights in it"
    return f"a {type(loaded).__name__}, not a net"


def named_as(expected: Mapping[str, Tensor], weights: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    """`weights` under the names that the net has: a prefix (`module.`, `model.`, `_orig_mod.`...) taken off or put on.

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
