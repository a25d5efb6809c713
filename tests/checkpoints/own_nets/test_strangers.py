"""Nets as strangers bring them, each by the way docs/bring-a-net.md says, read as well here as where they were made."""

from __future__ import annotations

import json
import pickle
import re
import sys
import types
import warnings
import zipfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime  # noqa: F401  (its import takes a second, which no test should be blamed for)
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

import architectures
import checkpoints
from architectures.contract import ask
from architectures.input.convention import Input
from checkpoints.formats.detection import GUIDE
from checkpoints.shipped_digits import test_digits
from tests.support.own_nets import MLP, command, convolutions, mlp, trained
from tests.support.own_nets import place as place

ROOT = Path(__file__).parents[3]
X = test_digits(100).x


@pytest.fixture(scope="module")
def net() -> nn.Module:
    return trained(mlp(), steps=200)


@pytest.fixture
def home(place: Path) -> Path:
    (place / "my_net.py").write_text(MLP)
    return place


def add(source: str, *words: str) -> int:
    return command("add", "my-net", source, *words)


CODE = ("--architecture", "my_net.py")


def predicts_as(net: nn.Module, way: Input | None = None) -> None:
    with torch.no_grad():
        home = net((way or Input())(X)).argmax(dim=1)
        here = ask(checkpoints.load("my-net"), X).digit
    assert (home == here).float().mean() >= 0.98


def test_a_lightning_checkpoint_without_lightning(home: Path, net: nn.Module, monkeypatch: pytest.MonkeyPatch):
    class AttributeDict(dict):
        """As lightning.fabric.utilities.data.AttributeDict, which holds the hyperparameters."""

    AttributeDict.__module__, AttributeDict.__qualname__ = "elsewhere", "AttributeDict"
    held = {f"model.{key}": value for key, value in net.state_dict().items()} | {"loss.weight": torch.ones(10)}
    monkeypatch.setitem(sys.modules, "elsewhere", types.SimpleNamespace(AttributeDict=AttributeDict))
    torch.save({"state_dict": held, "hyper_parameters": AttributeDict(lr=0.1), "callbacks": {}}, "last.ckpt")
    monkeypatch.delitem(sys.modules, "elsewhere")
    assert add("last.ckpt", *CODE) == 0
    predicts_as(net)


def test_a_fastai_file_of_weights_and_optimiser(home: Path, net: nn.Module):
    torch.save({"model": net.state_dict(), "opt": {"hypers": [{"lr": 1e-3}], "state": []}}, "my_net.pth")
    assert add("my_net.pth", *CODE) == 0
    predicts_as(net)


def test_a_compiled_and_distributed_state_dict(home: Path, net: nn.Module):
    torch.save({f"_orig_mod.module.{key}": value for key, value in net.state_dict().items()}, "my_net.pth")
    assert add("my_net.pth", *CODE) == 0
    predicts_as(net)


def test_a_whole_net_of_pickle_dump_needs_trust_and_is_kept_as_onnx(home: Path, net: nn.Module):
    Path("my_net.pkl").write_bytes(pickle.dumps(net))
    assert add("my_net.pkl") == 2
    assert add("my_net.pkl", "--trust") == 0
    assert (home / "checkpoints" / "my-net.onnx").is_file()
    predicts_as(net)


def test_a_statically_quantised_state_dict(home: Path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ready = torch.ao.quantization.QuantWrapper(trained(mlp(), steps=200))
        ready.qconfig = torch.ao.quantization.default_qconfig
        torch.ao.quantization.prepare(ready, inplace=True)
        ready(X)
        torch.ao.quantization.convert(ready, inplace=True)
    torch.save(ready.state_dict(), "my_net.pth")
    assert add("my_net.pth", *CODE) == 0
    predicts_as(ready)


def graph(net: nn.Module, shape: list[int | str], answer: list[int | str], kind: int = TensorProto.FLOAT) -> None:
    """The two layers of `net` as an ONNX graph that takes an array of this shape and kind."""
    weights = {key.replace(".", "_"): value.numpy() for key, value in net.state_dict().items()}
    nodes = [
        helper.make_node("Cast", ["x"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Reshape", ["floats", "row"], ["flat"]),
        helper.make_node("Gemm", ["flat", "1_weight", "1_bias"], ["hidden"], transB=1),
        helper.make_node("Relu", ["hidden"], ["active"]),
        helper.make_node("Gemm", ["active", "3_weight", "3_bias"], ["table"], transB=1),
        helper.make_node("Reshape", ["table", "last"], ["scores"]),
    ]
    constants = {**weights, "row": np.array([-1, 784]), "last": np.array([-1, 10] if len(answer) == 2 else [10])}
    made = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", kind, shape)],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, answer)],
        [numpy_helper.from_array(value, key) for key, value in constants.items()],
    )
    onnx.save(helper.make_model(made, ir_version=10, opset_imports=[helper.make_opsetid("", 17)]), "my_net.onnx")


@pytest.mark.parametrize(
    ("shape", "answer"),
    [
        (["n", 28, 28, 1], ["n", 10]),
        ([1, 28, 28, 1], [1, 10]),
        (["n", 784], ["n", 10]),
        ([28, 28], [10]),
        ([1, 28, 28], [1, 10]),
        ([784], [10]),
    ],
)
def test_onnx_however_its_graph_takes_images(
    place: Path, net: nn.Module, shape: list[int | str], answer: list[int | str]
):
    graph(net, shape, answer)
    assert add("my_net.onnx") == 0
    predicts_as(net)


def test_onnx_that_takes_bytes(place: Path):
    way = Input(scale=255)
    bytewise = trained(nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, 10)), Input(), 200)
    with torch.no_grad():
        bytewise[1].weight /= 255
    graph(bytewise, ["n", 1, 28, 28], ["n", 10], TensorProto.UINT8)
    assert add("my_net.onnx") == 0
    assert way == architectures.module("my-net").INPUT
    predicts_as(bytewise, way)


def test_images_of_32_pixels_in_three_channels(home: Path):
    way = Input(channels=3, size=32, mean=0.5, std=0.5)
    wide = trained(convolutions(3, 32), way, 120)
    layers = "nn.Conv2d(3, 8, 5, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(1568, 10)"
    Path("my_net.py").write_text(f"from torch import nn\n\n\ndef return_model():\n    return nn.Sequential({layers})\n")
    torch.save(wide.state_dict(), "my_net.pth")
    assert add("my_net.pth", *CODE) == 0
    predicts_as(wide, way)


def zipped(path: str, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


OTHERS = {
    "model.keras": (lambda path: zipped(path, {"config.json": b"{}", "model.weights.h5": b"x"}), "is a Keras model"),
    "model.h5": (lambda path: Path(path).write_bytes(b"\x89HDF\r\n\x1a\n"), "is HDF5, as Keras writes it"),
    "model.tflite": (lambda path: Path(path).write_bytes(b"\x1c\0\0\0TFL3\x14"), "is TensorFlow Lite"),
    "model.json": (
        lambda path: Path(path).write_text(json.dumps({"format": "layers-model", "modelTopology": {}})),
        "is TensorFlow.js",
    ),
    "model.npz": (lambda path: np.savez(path, kernel=np.zeros(3)), "is a table of NumPy arrays"),
    "model.pt2": (
        lambda path: zipped(path, {"model/archive_format": b"pt2", "model/x": b"y"}),
        "is a program of torch.export",
    ),
}


@pytest.mark.parametrize("file", OTHERS)
def test_what_is_not_read_is_told_in_a_sentence_with_the_way_out(place: Path, file: str, capsys: pytest.CaptureFixture):
    make, sentence = OTHERS[file]
    make(file)
    assert add(file) == 2
    said = capsys.readouterr().err
    assert sentence in said and said.strip().endswith(f"see {GUIDE}")
    assert (ROOT / GUIDE).is_file()


def test_the_guide_names_the_commands_that_there_are(place: Path):
    text = (ROOT / GUIDE).read_text(encoding="utf-8")
    for verb in re.findall(r"python -m checkpoints ([a-z]+)", text):
        with pytest.raises(SystemExit) as ended:
            command(verb, "--help")
        assert ended.value.code == 0
    declared = text.split("```python\nfrom architectures.input import Input\n")[1].split("```")[0]
    names: dict[str, object] = {}
    exec(f"from architectures.input import Input\n{declared}", names)
    assert isinstance(names["INPUT"], Input) and names["CLASSES"] == (*range(1, 10), 0)
