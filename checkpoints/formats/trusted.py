"""Files that are programs: whole pickled nets and TorchScript. Reading them runs them, as the person who reads them.

That is for somebody at the keyboard who made the file, and happens once: what is kept of it is weights, or an ONNX
graph, which run nothing.
"""

from __future__ import annotations

import os
import pickle
import types
import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from checkpoints.errors import Refused, UnreadableWeights
from checkpoints.formats.detection import Format
from checkpoints.formats.pickles import UntrustedWeights, first_line

OPSET = 17
SAME_WITHIN = 1e-3
CODE_NEEDED = "give the code it was made with, --architecture FILE.py: then only its weights are needed"


def run(path: Path, kind: Format, classes: types.ModuleType | None) -> object:
    """What comes of running the file at `path`; classes that nobody else has are taken from the module `classes`.

    Raises UntrustedWeights on a Space, and UnreadableWeights for a file that cannot be run here.
    """
    if os.environ.get("SPACE_ID"):
        raise UntrustedWeights(f"{path} runs code when it is read, and on a Space no file is trusted to")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what is deprecated in a file that cannot be changed
        try:
            if kind is Format.TORCHSCRIPT:
                return torch.jit.load(path, map_location="cpu").float()
            return _unpickle(path, kind, classes)
        except ModuleNotFoundError as error:
            package = (error.name or "").split(".")[0]
            raise UnreadableWeights(
                f"{path} needs the package {package}, which is not installed: install it for this one command, or "
                f"{CODE_NEEDED}"
            ) from error
        except (ImportError, AttributeError) as error:
            raise UnreadableWeights(
                f"{path} needs the class it was saved with ({first_line(error)}): {CODE_NEEDED}"
            ) from error
        except Exception as error:  # a file that runs may raise anything
            raise UnreadableWeights(
                f"{path} is cut short, corrupt or too new ({first_line(error)}): get it again"
            ) from error


def _unpickle(path: Path, kind: Format, classes: types.ModuleType | None) -> object:
    class Unpickler(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> Any:
            try:
                return super().find_class(module, name)
            except (ImportError, AttributeError):
                if classes is not None and hasattr(classes, name):
                    return getattr(classes, name)
                raise

    if kind is Format.PLAIN_PICKLE:
        with path.open("rb") as file:
            return Unpickler(file).load()
    as_module = types.SimpleNamespace(
        __name__=pickle.__name__, Unpickler=Unpickler, load=lambda file, **how: Unpickler(file, **how).load()
    )
    return torch.load(path, map_location="cpu", weights_only=False, pickle_module=as_module)


def write_onnx(net: nn.Module, x: Tensor, path: Path) -> None:
    """Write `net`, in eval mode, as an ONNX graph that answers batches of any size as the net answers those of x.

    Raises UnreadableWeights for a net that cannot be written so, and Refused while the package onnx is missing.
    """
    from checkpoints.formats.onnx_net import OnnxNet

    free = {"x": {0: "images"}, "scores": {0: "images"}}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # tracing warns of every Python branch; what matters is compared below
        try:
            program = net if isinstance(net, torch.jit.ScriptModule) else torch.jit.trace(net, x[:3])
            torch.onnx.export(
                program, (x[:3],), str(path), dynamo=False, opset_version=OPSET, input_names=["x"],
                output_names=["scores"], dynamic_axes=free,
            )  # fmt: skip
            kept = OnnxNet(path.read_bytes(), "the net")
            same = all(
                torch.allclose(kept(part), net(part).reshape(len(part), -1), atol=SAME_WITHIN)
                for part in (x[:1], x[3:10])
            )
        except Exception as error:  # exporters raise whatever they please
            if "onnx is not installed" in str(error):
                raise Refused("what such a file does is kept as ONNX: pip install onnx, and add it again") from error
            raise UnreadableWeights(f"the net cannot be kept as ONNX ({first_line(error)}): {CODE_NEEDED}") from error
    if not same:
        raise UnreadableWeights(f"what the net does depends on the images it is traced with: {CODE_NEEDED}")
