"""From a file of weights to a net: read by its format, then checked key by key against the net it is for."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

import architectures
from checkpoints.errors import MissingWeights, UnfittingWeights, UnreadableWeights
from checkpoints.formats import output_layer
from checkpoints.formats.closest import advice
from checkpoints.formats.detection import Format, sniff
from checkpoints.formats.state_dict import named_as
from checkpoints.store.layout import channels_last

READERS = (".safetensors", ".pth", ".pt", ".ckpt", ".bin", ".onnx")  # suffixes under which weights are looked for
LISTED = 10


def load_net(name: str, path: Path, *, trust: bool = False) -> nn.Module:
    """The net called `name` with the weights in the file at `path`, on the CPU, in eval mode, answering.

    trust allows a format that runs code when it is read; safetensors never does.
    Raises MissingWeights, UnreadableWeights, UnfittingWeights, and architectures.UnknownNet or BadArchitecture.
    """
    net = architectures.fed(name, assembled(name, path, trust=trust))
    output_layer.settle(net, architectures.shown(name))
    return net


def assembled(name: str, path: Path, *, trust: bool = False) -> nn.Module:
    """Like `load_net`, but still to be called as its own file wants it, whatever `INPUT` says, and not yet tried."""
    if not path.is_file():
        raise MissingWeights(f"{path} is missing")
    found = reader(path).read(path, trust=trust)
    if isinstance(found, nn.Module):
        return found.float().eval()
    net = architectures.unfed(name)
    fit(net, found, name=architectures.shown(name), where=str(path))
    return channels_last(net).eval()


def reader(path: Path) -> Any:
    """The module whose `read` is for files such as `path`, by what is in it; raises UnreadableWeights."""
    if path.suffix.lower() == ".safetensors":
        return importlib.import_module("checkpoints.formats.reading")
    module = {
        Format.SAFETENSORS: "reading",
        Format.PICKLE: "pickles",
        Format.TORCHSCRIPT: "pickles",
        Format.ONNX: "onnx_net",
    }[sniff(path)]
    return importlib.import_module(f"checkpoints.formats.{module}")


def read(path: Path, *, trust: bool = False) -> dict[str, Tensor]:
    """The tensors of a safetensors file, on the CPU; raises UnreadableWeights for a file that is cut or corrupt."""
    try:
        return safetensors.torch.load_file(path)
    except (safetensors.SafetensorError, OSError, ValueError) as error:
        raise UnreadableWeights(
            f"{path} is not a whole safetensors file ({error}): put a whole copy in its place"
        ) from error


def fit(net: nn.Module, weights: Mapping[str, Tensor], *, name: str, where: str) -> None:
    """Put `weights` into `net`, every one of them and nothing else; float16 and bfloat16 are widened to float32.

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
    unsound = [
        key for key, tensor in weights.items() if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all())
    ]
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


def _shape(tensor: Tensor) -> str:
    return "(" + ", ".join(map(str, tensor.shape)) + ")"


def _listed(what: str, keys: list[str]) -> str:
    more = f" and {len(keys) - LISTED} more" if len(keys) > LISTED else ""
    return f"{len(keys)} {what}: {', '.join(keys[:LISTED])}{more}" if keys else ""
