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
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

import architectures
import checkpoints
from architectures.contract import ask
from architectures.input.convention import Input
from checkpoints.formats import pickles
from checkpoints.formats.detection import GUIDE, Format
from checkpoints.shipped_digits import test_digits
from tests.checkpoints.own_nets.made_elsewhere import make_keras
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


MADE = Path(__file__).parent / "made_elsewhere"  # README.md there says how
SMALL = """from torch import nn


def return_model():
    return nn.Sequential(
        nn.Conv2d(1, 8, 5, 2), {}nn.ReLU(), nn.Conv2d(8, 12, 3, 2), nn.ReLU(), nn.Flatten(), nn.Linear(300, 10)
    )
"""


def section(title: str) -> str:
    return (ROOT / GUIDE).read_text(encoding="utf-8").split(f"\n## {title}\n")[1].split("\n## ")[0]


def adding(title: str = "") -> list[str]:
    """The words of the guide's command that adds a net: that of a section, or the one at its beginning."""
    text = section(title) if title else (ROOT / GUIDE).read_text(encoding="utf-8")
    return re.findall(r"^python -m checkpoints (add .*)$", text, re.MULTILINE)[0].split()


def net_of(code: str, weights: dict[str, torch.Tensor]) -> nn.Module:
    names: dict[str, object] = {}
    exec(code, names)
    net = names["return_model"]()
    net.load_state_dict(weights)
    return net.eval()


@pytest.mark.parametrize("file", ["keras.onnx", "lite.onnx"])
def test_a_keras_net_converted_as_the_guide_says(place: Path, file: str):
    Path("my_net.onnx").write_bytes((MADE / file).read_bytes())
    assert command(*adding("From Keras and TensorFlow")) == 0
    session = onnxruntime.InferenceSession(MADE / file)
    home = session.run(None, {session.get_inputs()[0].name: X.permute(0, 2, 3, 1).numpy()})[0]
    assert (ask(checkpoints.load("my-net"), X).digit.numpy() == home.argmax(axis=1)).all()
    assert (home.argmax(axis=1) == test_digits(100).labels.numpy()).mean() > 0.9


def test_the_keras_nets_were_converted_by_the_words_of_the_guide():
    text = section("From Keras and TensorFlow")
    assert text.split("```python\n")[1].split("```")[0] == make_keras.KERAS
    assert make_keras.SAVED in text.splitlines() and make_keras.LITE in text.splitlines()


def test_a_checkpoint_of_lightning_itself(place: Path):
    words = adding("From Lightning")
    Path("my_net.py").write_text(SMALL.format(""))
    Path(words[2]).write_bytes((MADE / "lightning.ckpt").read_bytes())
    assert command(*words) == 0
    held = torch.load(MADE / "lightning.ckpt", weights_only=True)["state_dict"]
    home = net_of(SMALL.format(""), {key.removeprefix("model."): value for key, value in held.items()})
    predicts_as(home, Input(mean=0.1307, std=0.3081))


def test_what_learn_save_of_fastai_writes(place: Path):
    code = SMALL.format("nn.BatchNorm2d(8), ")
    Path("my_net.py").write_text(code)
    Path("my_net.pth").write_bytes((MADE / "fastai.pth").read_bytes())
    assert '`learn.save("my_net")`' in section("From fastai")
    assert add("my_net.pth", *CODE) == 0
    predicts_as(net_of(code, pickles.unpickle(MADE / "fastai.pth", Format.PICKLE)[0]["model"]))


@pytest.mark.parametrize("title", ["From PyTorch", "From fastai"])
def test_a_state_dict_saved_as_the_guide_says(home: Path, net: nn.Module, title: str):
    saving = re.findall(r"torch\.save\([^`\n]*state_dict\(\)[^`\n]*\)", section(title))[0]
    exec(saving, {"torch": torch, "net": net, "learn": types.SimpleNamespace(model=net)})
    words = adding()
    words[words.index("SOURCE")] = "my_net.pth"
    assert command(*words) == 0
    predicts_as(net)


def test_arrays_of_jax_copied_as_the_guide_says():
    conv, dense = convolutions()[0], convolutions()[3]
    arrays = {"conv": conv.weight.detach().permute(2, 3, 1, 0).numpy(), "dense": dense.weight.detach().T.numpy()}
    dense_says, conv_says = re.findall(r"`((?:torch|kernel)[^`]*)`", section("From JAX and NumPy (npz)"))
    assert torch.equal(eval(dense_says, {"torch": torch, "kernel": arrays["dense"]}), dense.weight)
    assert np.array_equal(eval(conv_says, {"kernel": arrays["conv"]}), conv.weight.detach().numpy())


def test_a_folder_is_told_to_be_one(place: Path, capsys: pytest.CaptureFixture):
    (place / "saved").mkdir()
    assert add("saved") == 2
    assert "saved is a folder: give the file of weights in it" in capsys.readouterr().err
    (place / "saved" / "saved_model.pb").write_bytes(b"\x08\x01\x12")
    assert add("saved") == 2
    assert f"is a SavedModel of TensorFlow: convert it to ONNX, see {GUIDE}" in capsys.readouterr().err


def zipped(path: str, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


OTHERS = {
    "model.keras": (lambda path: zipped(path, {"config.json": b"{}", "model.weights.h5": b"x"}), "is a Keras model"),
    "model.h5": (lambda path: Path(path).write_bytes(b"\x89HDF\r\n\x1a\n"), "is HDF5, as Keras writes it"),
    "model.tflite": (
        lambda path: Path(path).write_bytes((MADE / "keras.tflite").read_bytes()),
        "is TensorFlow Lite: convert it to ONNX",
    ),
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
