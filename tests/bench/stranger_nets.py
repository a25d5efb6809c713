"""Four dozen nets as strangers make, feed and save them, and what `add` should make of each: see strangers.py."""

from __future__ import annotations

import argparse
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
from torch import Tensor, nn

from architectures.input.convention import Input

MODULE = "model"  # what strangers call the file of their net
GUIDE = "docs/bring-a-net.md"

CONVOLUTIONS = """import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d({channels}, 8, 5, 2)
        self.conv2 = nn.Conv2d(8, 16, 3, 2)
        self.fc = nn.Linear({flat}, {outputs})

    def forward(self, x):
        {first}
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x))
        x = x.view(x.size(0), -1)
        return {ends}


def return_model():
    return Net()
"""
LAYERS = """from torch import nn


def return_model():
    return nn.Sequential({first}nn.Linear({pixels}, 32), nn.ReLU(), nn.Linear(32, {outputs}){last})
"""
ROWS = """from torch import nn


class Rows(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(28, 48, batch_first=True)
        self.fc = nn.Linear(48, 10)

    def forward(self, x):
        out, _ = self.lstm({x})
        return self.fc(out[:, -1, :])


def return_model():
    return Rows()
"""
NORMALISED = """from torch import nn


def return_model():
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, 2), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 16, 3, 2), nn.BatchNorm2d(16), nn.ReLU(),
        nn.AdaptiveAvgPool2d(3), nn.Flatten(), nn.Dropout(0.3), nn.Linear(144, 10)
    )
"""


def convolutions(
    channels: int = 1, size: int = 28, outputs: int = 10, ends: str = "scores", first: str = "pass"
) -> str:
    side = ((size - 5) // 2 + 1 - 3) // 2 + 1
    written = ends.replace("scores", "self.fc(x)")
    return CONVOLUTIONS.format(channels=channels, flat=16 * side * side, outputs=outputs, ends=written, first=first)


def layers(first: str = "nn.Flatten(), ", outputs: int = 10, last: str = "", pixels: int = 784) -> str:
    return LAYERS.format(first=first, pixels=pixels, outputs=outputs, last=last)


Save = Callable[[nn.Module, str, Tensor], None]


def state_dict(wrap: Callable[[dict[str, Tensor]], object] = dict, **how: Any) -> Save:
    return lambda net, path, _x: torch.save(wrap(net.state_dict()), path, **how)


def prefixed(prefix: str) -> Callable[[dict[str, Tensor]], dict[str, Tensor]]:
    return lambda state: {f"{prefix}{key}": value for key, value in state.items()}


def with_optimiser(state: dict[str, Tensor]) -> object:
    net = nn.Linear(3, 3)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    return {"epoch": 7, "model_state_dict": state, "optimizer_state_dict": optimiser.state_dict(), "loss": 0.07}


def as_lightning(state: dict[str, Tensor]) -> object:
    return {
        "epoch": 4, "global_step": 4690, "pytorch-lightning_version": "1.9.5", "loops": {}, "lr_schedulers": [],
        "state_dict": {f"model.{key}": value for key, value in state.items()},
        "callbacks": {"ModelCheckpoint{'monitor': None}": {"best_model_score": torch.tensor(0.1)}},
        "hyper_parameters": argparse.Namespace(lr=1e-3), "optimizer_states": [{"state": {}, "param_groups": []}],
    }  # fmt: skip


def quantised(net: nn.Module) -> nn.Module:
    return torch.ao.quantization.quantize_dynamic(net, {nn.Linear}, dtype=torch.qint8)


def in_onnx(net: nn.Module, path: str, x: Tensor, batch: int | None = None) -> None:
    axes = {} if batch else {"input": {0: "batch"}, "output": {0: "batch"}}
    torch.onnx.export(
        net, (x[: batch or 2],), path, dynamo=False, input_names=["input"], output_names=["output"], dynamic_axes=axes
    )


def channels_last(net: nn.Module, path: str, x: Tensor) -> None:
    class Keras(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def forward(self, images: Tensor) -> Tensor:
            return self.net(images.permute(0, 3, 1, 2)).softmax(dim=1)

    in_onnx(Keras().eval(), path, x.permute(0, 2, 3, 1))


def pickled(held: Callable[[nn.Module], object]) -> Save:
    return lambda net, path, _x: Path(path).write_bytes(pickle.dumps(held(net))) and None


def in_safetensors(net: nn.Module, path: str, _x: Tensor) -> None:
    safetensors.torch.save_file(net.state_dict(), path)


def whole(net: nn.Module, path: str, _x: Tensor) -> None:
    torch.save(net, path)


def traced(net: nn.Module, path: str, x: Tensor) -> None:
    torch.jit.trace(net, x[:1]).save(path)


def scripted(net: nn.Module, path: str, _x: Tensor) -> None:
    torch.jit.script(net).save(path)


def exported(net: nn.Module, path: str, x: Tensor) -> None:
    torch.export.save(torch.export.export(net, (x[:2],)), path)


def parameters(net: nn.Module, path: str, _x: Tensor) -> None:
    torch.save(list(net.parameters()), path)


def arrays(net: nn.Module, path: str, _x: Tensor) -> None:
    np.savez(path, **{key: value.numpy() for key, value in net.state_dict().items()})


PLAIN = Input()
MNIST = Input(mean=0.1307, std=0.3081)
HALVES = Input(mean=0.5, std=0.5)
CODE = ("--architecture", f"{MODULE}.py")
TRUST = ("--trust",)
WEIGHTS = state_dict()


@dataclass(frozen=True)
class Stranger:
    """A net as somebody brings it.

    code     the text of its file, which defines return_model()
    way      how it was fed when it was trained
    save     writes it to a file
    file     what that file is called
    given    words of the first command after the file
    says     what the message must say when the first command is refused
    then     words of the second command, which that message names; none when the file cannot be read here
    outputs  which of its outputs is the digit 0, the digit 1 ...
    """

    code: str
    way: Input = PLAIN
    save: Save = WEIGHTS
    file: str = "mnist_cnn.pt"
    given: tuple[str, ...] = CODE
    says: str = ""
    then: tuple[str, ...] = ()
    outputs: tuple[int, ...] = tuple(range(10))


STRANGERS = {
    # how it is saved
    "plain-state-dict": Stranger(convolutions()),
    "pytorch-example": Stranger(convolutions(ends="F.log_softmax(scores, dim=1)"), MNIST),
    "checkpoint-dict": Stranger(convolutions(), MNIST, state_dict(with_optimiser), "checkpoint.pth.tar"),
    "data-parallel": Stranger(
        layers(), MNIST, state_dict(lambda s: {"net": prefixed("module.")(s), "acc": 98.1}), "ckpt.pth"
    ),
    "compiled": Stranger(convolutions(), HALVES, state_dict(prefixed("_orig_mod."))),
    "before-torch-1-6": Stranger(layers(), HALVES, state_dict(_use_new_zipfile_serialization=False), "mlp.pkl"),
    "lightning-1": Stranger(convolutions(), MNIST, state_dict(as_lightning), "epoch=4-step=4690.ckpt"),
    "fastai": Stranger(NORMALISED, Input(), state_dict(lambda s: {"model": s, "opt": {"state": [], "hypers": []}})),
    "with-arguments": Stranger(
        layers(),
        Input(),
        state_dict(lambda s: {"model": s, "args": argparse.Namespace(lr=0.1), "best": np.float64(0.98)}),
    ),
    "half-precision": Stranger(
        convolutions(), MNIST, state_dict(lambda s: {key: value.half() for key, value in s.items()})
    ),
    "safetensors": Stranger(convolutions(), save=in_safetensors, file="model.safetensors"),
    "whole-net-and-code": Stranger(convolutions(), MNIST, whole, "model.pth"),
    "whole-net-alone": Stranger(layers(), save=whole, given=(), says="--trust", then=TRUST),
    "pickle-dump": Stranger(layers(), save=pickled(lambda net: net), file="model.pkl", given=TRUST),
    "pickle-dump-and-code": Stranger(convolutions(), MNIST, pickled(lambda net: net), "model.pkl", (*CODE, *TRUST)),
    "pickled-state-dict": Stranger(
        layers(), save=pickled(lambda net: net.state_dict()), file="model.pkl", says="--trust", then=(*CODE, *TRUST)
    ),
    "no-code-given": Stranger(convolutions(), MNIST, given=(), says="--architecture", then=CODE),
    "torchscript-traced": Stranger(convolutions(), MNIST, traced, "traced.pt", TRUST),
    "torchscript-scripted": Stranger(layers(), HALVES, scripted, "scripted.pt", (), "--trust", TRUST),
    "onnx": Stranger(convolutions(), MNIST, in_onnx, "mnist.onnx", ()),
    "onnx-single-images": Stranger(
        convolutions(ends="F.softmax(scores, dim=1)"), Input(), lambda *net: in_onnx(*net, batch=1), "mnist.onnx", ()
    ),
    "onnx-channels-last": Stranger(convolutions(), Input(), channels_last, "mnist.onnx", ()),
    "onnx-flat-bytes": Stranger(layers("nn.BatchNorm1d(784), "), Input(flat=True, scale=255), in_onnx, "mlp.onnx", ()),
    "quantised-state-dict": Stranger(layers(), MNIST, state_dict(lambda s: s), "int8.pth"),
    "torch-export": Stranger(
        layers(), save=exported, file="net.pt2", says=f"save its state dict, or export it to ONNX, see {GUIDE}"
    ),
    "npz": Stranger(layers(), save=arrays, file="weights.npz", says=f"see {GUIDE}"),
    "list-of-parameters": Stranger(layers(), save=parameters, says="torch.save(net.state_dict())"),
    # how it is fed
    "bytes": Stranger(NORMALISED, Input(scale=255)),
    "bytes-centred": Stranger(convolutions(), Input(scale=255, mean=127.5, std=127.5)),
    "mean-alone": Stranger(convolutions(), Input(mean=0.5)),
    "flat": Stranger(layers(""), Input(mean=0.1307, std=0.3081, flat=True)),
    "rows": Stranger(ROWS.format(x="x"), Input(channels=0, mean=0.1307, std=0.3081)),
    "rows-squeezed": Stranger(ROWS.format(x="x.squeeze(1)"), Input()),
    "three-channels": Stranger(convolutions(3), Input(channels=3, mean=0.5, std=0.5)),
    "imagenet-64": Stranger(
        convolutions(3, 64), Input(channels=3, size=64, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
    ),
    "lenet-padded": Stranger(convolutions(1, 32), Input(size=32, fit="pad", mean=0.1307, std=0.3081)),
    "lenet-resized": Stranger(convolutions(1, 32), Input(size=32, mean=0.5, std=0.5)),
    "black-on-white": Stranger(convolutions(), Input(invert=True)),
    "black-on-white-halves": Stranger(layers(), Input(invert=True, mean=0.5, std=0.5)),
    "standardised": Stranger(NORMALISED, Input(standardise=True)),
    "keras-port": Stranger(convolutions(first="x = x.permute(0, 3, 1, 2)"), Input(nhwc=True)),
    # what it answers
    "softmax": Stranger(convolutions(ends="F.softmax(scores, dim=1)"), MNIST),
    "sigmoid": Stranger(layers(last=", nn.Sigmoid()"), Input()),
    "eleven": Stranger(convolutions(outputs=11), MNIST, outputs=tuple(range(1, 11))),
    "from-one": Stranger(layers(), MNIST, outputs=(*range(1, 10), 0)),
    "emnist-balanced": Stranger(convolutions(outputs=47), Input(transpose=True)),
    "emnist-by-class": Stranger(convolutions(outputs=62), Input(transpose=True, mean=0.1736, std=0.3317)),
    "returns-a-tuple": Stranger(
        convolutions(ends="scores, x"), MNIST, says="let its forward() return the scores alone"
    ),
}
