"""From a file of weights to a net: its format is detected, it is loaded, and the net is built from it."""

from __future__ import annotations

import types
from dataclasses import dataclass, field
from pathlib import Path

import safetensors
import safetensors.torch
from torch import Tensor, nn

import architectures
from architectures.in_its_file import InItsFile
from checkpoints.errors import MissingWeights, UnreadableWeights
from checkpoints.formats import output_layer, pickles, trusted
from checkpoints.formats.detection import Format, detect
from checkpoints.formats.fitting import fit
from checkpoints.formats.onnx_net import OnnxNet
from checkpoints.formats.state_dict import weights_in
from checkpoints.store.layout import laid_out

READERS = (
    ".safetensors",
    ".pth",
    ".pt",
    ".ckpt",
    ".bin",
    ".pkl",
    ".onnx",
)  # suffixes under which weights are looked for


@dataclass(frozen=True)
class Loaded:
    """What a file of weights holds: the weights alone, or a net with its layers.

    weights   by name, when the layers are in the net's code
    net       in float32 and eval mode, called with what its own file wants, when the layers are in the file
    skipped   names of what lies beside the weights and was read past
    """

    weights: dict[str, Tensor] = field(default_factory=dict)
    net: nn.Module | None = None
    skipped: tuple[str, ...] = ()


def load(path: Path, kind: Format, *, trust: bool = False, classes: types.ModuleType | None = None) -> Loaded:
    """What is in the file at `path` of the format `kind`, on the CPU.

    trust runs a file that has to be run, with its classes from the module `classes`: never on a Space.
    Raises UntrustedWeights, and UnreadableWeights for a file that is cut, corrupt, too large or holds no weights.
    """
    if kind is Format.SAFETENSORS:
        return Loaded(_safetensors(path))
    if kind is Format.ONNX:
        return Loaded(net=OnnxNet(path.read_bytes(), str(path)).eval())
    if kind is not Format.TORCHSCRIPT:
        try:
            held, skipped = pickles.unpickle(path, kind)
            whole = classes is None and trust and any(name.startswith("torch.nn.modules.") for name in skipped)
            if not whole:
                return Loaded(weights_in(held, str(path)), skipped=tuple(skipped))
        except pickles.UntrustedWeights:
            if not trust:
                raise
    elif not trust:
        raise pickles.UntrustedWeights(
            f"{path} is TorchScript, a program that runs when it is read and may do anything. Better: its state dict, "
            f"or ONNX. If you made it yourself: `python -m checkpoints add NAME {path.name} --trust`, typed at the "
            "keyboard"
        )
    net = trusted.run(path, kind, classes)
    if isinstance(net, nn.Module) and classes is None:
        return Loaded(net=net.float().eval())
    return Loaded(weights_in(net, str(path)))


def build(name: str, loaded: Loaded, where: str) -> nn.Module:
    """The net called `name` from what was loaded, in eval mode, to be called with what its own file wants."""
    net = architectures.build_bare(name)
    if isinstance(net, InItsFile):
        if loaded.net is None:
            raise UnreadableWeights(f"{where} has weights and no layers, and the code of {name} has none either")
        return loaded.net
    if loaded.net is not None:
        raise UnreadableWeights(f"{where} has layers of its own, and {name} has code: remove one of them")
    fit(net, loaded.weights, name=architectures.shown(name), where=where)
    return laid_out(name, net).eval()


def read_net(name: str, path: Path) -> nn.Module:
    """The net called `name` with the weights in the file at `path`, to be called with what its own file wants."""
    if not path.is_file():
        raise MissingWeights(f"{path} is missing")
    return build(name, load(path, detect(path)), str(path))


def load_net(name: str, path: Path) -> nn.Module:
    """The net called `name` with the weights in the file at `path`, on the CPU, in eval mode, answering.

    No file is run. Raises MissingWeights, UnreadableWeights, UnfittingWeights, and architectures.UnknownNet or
    BadArchitecture.
    """
    net = architectures.feed(name, read_net(name, path))
    classes = getattr(architectures.module(name), "CLASSES", None)
    output_layer.settle(net, architectures.shown(name), classes)
    return net


def _safetensors(path: Path) -> dict[str, Tensor]:
    try:
        return safetensors.torch.load_file(path)
    except (safetensors.SafetensorError, OSError, ValueError) as error:
        raise UnreadableWeights(
            f"{path} is not a whole safetensors file ({error}): put a whole copy in its place"
        ) from error
