"""What people really have: every way of saving a net is read, and every mistake is told with what to do."""

from __future__ import annotations

import collections
import warnings
from pathlib import Path

import onnx
import onnxruntime  # noqa: F401  (its import takes a second, which no test should be blamed for)
import pytest
import safetensors.torch
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

import architectures
import checkpoints
from architectures.contract import ask
from checkpoints.errors import UnfittingWeights, UnreadableWeights
from checkpoints.formats import output_layer
from checkpoints.shipped_digits import training_digits
from checkpoints.store.memory import size_of
from tests.support.own_nets import MLP, command, convolutions, mlp, trained
from tests.support.own_nets import place as place


@pytest.fixture(scope="module")
def net() -> nn.Module:
    return trained(mlp())


@pytest.fixture
def mine(place: Path) -> Path:
    """Where the weights of `my-net` belong, whose code was put there by hand, with a hyphen in its name."""
    (place / "architectures" / "my-net.py").write_text(MLP)
    return place / "checkpoints" / "my-net.pth"


def answers_like(net: nn.Module, name: str = "my-net", atol: float = 1e-5) -> None:
    x = training_digits(20).x
    with torch.no_grad():
        expected = ask(net, x).probabilities
        torch.testing.assert_close(ask(checkpoints.load(name), x).probabilities, expected, atol=atol, rtol=1e-3)


WRAPPINGS = {
    "a state dict": lambda state: state,
    "under state_dict": lambda state: {"state_dict": state, "epoch": 3},
    "under model": lambda state: {"model": state, "optimizer": {"lr": 0.1, "state": {}}},
    "from DataParallel": lambda state: {f"module.{key}": value for key, value in state.items()},
    "from Lightning": lambda state: {
        "state_dict": {f"model.{key}": value for key, value in state.items()} | {"loss.weight": torch.ones(10)},
        "pytorch-lightning_version": "2.5.0",
        "optimizer_states": [{"state": {0: {"step": torch.tensor(1.0)}}}],
    },
    "net. inside module.": lambda state: {f"module.net.{key}": value for key, value in state.items()},
    "compiled": lambda state: {f"_orig_mod.{key}": value for key, value in state.items()},
    "an ordered dict": collections.OrderedDict,
}


WRAPPED = """

class Wrapped(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = layers()

    def forward(self, x):
        return self.model(x)


def return_model():
    return Wrapped()
"""


@pytest.mark.parametrize("how", WRAPPINGS)
def test_weights_dropped_by_hand_answer_however_they_were_wrapped(mine: Path, net: nn.Module, how: str):
    torch.save(WRAPPINGS[how](net.state_dict()), mine)
    answers_like(net)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float8_e4m3fn])
def test_half_precision_is_widened(mine: Path, net: nn.Module, kind: torch.dtype):
    torch.save({key: value.to(kind) for key, value in net.state_dict().items()}, mine)
    answers_like(net, atol=0.3 if kind is torch.float8_e4m3fn else 0.05)
    assert next(checkpoints.load("my-net").parameters()).dtype == torch.float32


def test_a_state_dict_of_before_torch_1_6_is_read_and_a_whole_net_refused(mine: Path, net: nn.Module):
    torch.save(net.state_dict(), mine, _use_new_zipfile_serialization=False)
    answers_like(net)
    torch.save(net, mine, _use_new_zipfile_serialization=False)
    with pytest.raises(UnreadableWeights, match=r"before torch 1\.6 and holds more than weights"):
        checkpoints.load("my-net")


def test_a_state_dict_named_pkl_is_found_in_the_folder(mine: Path, net: nn.Module):
    torch.save(net.state_dict(), mine.with_suffix(".pkl"))
    answers_like(net)


class Settings(dict):
    """As Lightning's own kind of dictionary, whose class a reader may not have."""


class Metrics:
    def __init__(self) -> None:
        self.best, self.history = 0.9, collections.deque([1, 2])


def test_weights_are_read_past_classes_that_are_not_imported(mine: Path, net: nn.Module):
    held = {f"model.{key}": value for key, value in net.state_dict().items()}
    torch.save({"hyper_parameters": Settings(rate=0.1), "state_dict": held, "callbacks": [Metrics()]}, mine)
    answers_like(net)


def test_the_weights_of_a_whole_pickled_net_are_taken_out_of_it_without_running_it(mine: Path, net: nn.Module):
    torch.save(net, mine)
    answers_like(net)
    torch.save({"epoch": 3, "model": nn.DataParallel(net)}, mine)
    answers_like(net)


def test_quantised_weights_are_read_as_the_numbers_they_stand_for(mine: Path, net: nn.Module):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        quantised = torch.ao.quantization.quantize_dynamic(net, {nn.Linear}, dtype=torch.qint8)
    torch.save(quantised.state_dict(), mine)
    answers_like(net, atol=0.1)


def test_a_safetensors_file_with_another_suffix_is_read_by_what_is_in_it(mine: Path, net: nn.Module):
    safetensors.torch.save_file(net.state_dict(), mine)
    answers_like(net)


def test_a_pytorch_file_with_the_suffix_of_safetensors_is_added_by_what_is_in_it(place: Path, net: nn.Module):
    (place / "net.py").write_text(MLP)
    torch.save(net.state_dict(), "net.safetensors")
    assert command("add", "my-net", "net.safetensors", "--architecture", "net.py") == 0
    answers_like(net)


def test_a_graph_cut_short_is_told_with_what_to_do(place: Path, net: nn.Module, capsys: pytest.CaptureFixture):
    graph(net, place / "net.onnx")
    (place / "net.onnx").write_bytes((place / "net.onnx").read_bytes()[:900])
    assert command("add", "my-net", "net.onnx") == 2
    assert "net.onnx cannot be run" in (said := capsys.readouterr().err) and "export it, again" in said


def test_a_net_whose_file_wraps_the_layers_takes_a_plain_state_dict(mine: Path, net: nn.Module):
    (architectures.FOLDER / "my-net.py").write_text(MLP.replace("def return_model", "def layers") + WRAPPED)
    torch.save(net.state_dict(), mine)
    answers_like(net)


def test_torchscript_is_added_without_code_once_it_is_trusted_and_kept_as_onnx(place: Path, net: nn.Module):
    script(net, place / "scripted.bin")
    assert command("add", "scripted", "scripted.bin", "--trust") == 0
    assert (place / "checkpoints" / "scripted.onnx").is_file()
    assert "scripted" in architectures.names()
    answers_like(net, "scripted", atol=1e-4)


def test_onnx_is_added_without_code_and_answers(place: Path, net: nn.Module):
    graph(net, place / "net.onnx")
    assert command("add", "my-graph", "net.onnx") == 0
    answers_like(net, "my-graph", atol=1e-4)
    assert size_of(checkpoints.load("my-graph")) == (place / "net.onnx").stat().st_size


def test_an_onnx_graph_with_a_fixed_batch_of_one_answers_any_number(place: Path, net: nn.Module):
    graph(net, place / "net.onnx", batch=1)
    assert command("add", "one-by-one", "net.onnx") == 0
    answers_like(net, "one-by-one", atol=1e-4)


def test_onnx_in_the_ways_of_color_images_is_fed_what_its_graph_says(place: Path, capsys: pytest.CaptureFixture):
    flat = trained(mlp())
    graph(flat, place / "net.onnx", shape=(784,))
    assert command("add", "flat", "net.onnx") == 0
    assert "INPUT = Input(flat=True)" in (place / "architectures" / "flat.py").read_text()
    answers_like(flat, "flat", atol=1e-4)


@pytest.mark.parametrize(
    ("layer", "ending"), [(nn.Softmax(1), "softmax"), (nn.LogSoftmax(1), "log-softmax"), (nn.Sigmoid(), "sigmoid")]
)
def test_a_last_softmax_is_recognised_and_not_applied_twice(net: nn.Module, layer: nn.Module, ending: str):
    ended = nn.Sequential(net, layer)
    with torch.no_grad():
        x = training_digits(30).x
        plain = ask(net, x)
        assert output_layer.settle(ended, "it") == ending
        found = ask(ended, x)
    if ending == "sigmoid":
        torch.testing.assert_close(found.digit, plain.digit)
    else:
        torch.testing.assert_close(found.probabilities, plain.probabilities, atol=1e-4, rtol=1e-3)
    assert found.probabilities.max() > 0.9


def test_plain_logits_and_capsules_are_left_as_they_are(net: nn.Module):
    assert output_layer.settle(net, "it") == "logits"
    assert output_layer.settle(architectures.build("caps-net").eval(), "it") == "capsule lengths"
    assert not net._forward_hooks


# Mistakes


def refusal(mine: Path, saved: object) -> str:
    torch.save(saved, mine)
    with pytest.raises((UnfittingWeights, UnreadableWeights)) as caught:
        checkpoints.load("my-net")
    return str(caught.value)


def test_missing_and_left_over_keys_are_listed_ten_at_most(mine: Path):
    said = refusal(mine, {f"layer{number}.weight": torch.zeros(3) for number in range(14)})
    assert "4 missing: 1.weight (32, 784)" in said
    assert "14 left over" in said and "and 4 more" in said


def test_the_closest_architecture_is_named(mine: Path):
    said = refusal(mine, architectures.build("resnet-ish").state_dict())
    assert "they fit resnet-ish exactly: give its code, --architecture" in said


def test_wrong_shapes_are_told_side_by_side(mine: Path, net: nn.Module):
    state = dict(net.state_dict()) | {"1.weight": torch.zeros(64, 784)}
    assert "1.weight is (64, 784), the net has (32, 784)" in refusal(mine, state)


@pytest.mark.parametrize("odd", [torch.zeros(32, 784, dtype=torch.complex64), torch.zeros(32, 784).to_sparse()])
def test_numbers_of_an_odd_kind_are_refused(mine: Path, net: nn.Module, odd: torch.Tensor):
    assert "1.weight is sparse, empty or complex" in refusal(mine, {**net.state_dict(), "1.weight": odd})


def test_nan_weights_are_refused(mine: Path, net: nn.Module):
    state = dict(net.state_dict()) | {"1.bias": torch.full((32,), float("nan"))}
    assert "NaN" in refusal(mine, state) and "1.bias" in refusal(mine, state)


@pytest.mark.parametrize("saved", [[1, 2, 3], {"epoch": 3}, "text", torch.zeros(3)])
def test_what_is_no_net_is_told_what_it_is(mine: Path, saved: object):
    assert "torch.save(net.state_dict())" in refusal(mine, saved)


def test_a_returned_tuple_is_told_with_its_shapes_and_what_to_do(mine: Path, net: nn.Module):
    code = "class Two(nn.Sequential):\n    def forward(self, x):\n        return super().forward(x), x\n"
    (architectures.FOLDER / "my-net.py").write_text(
        "from torch import nn\n\n" + code + MLP.split("nn\n", 1)[1].replace("nn.Sequential", "Two")
    )
    said = refusal(mine, net.state_dict())
    assert "tuple of 2 ((10, 10), (10, 1, 28, 28))" in said and "return the scores alone" in said


def test_other_files_are_told_apart(mine: Path):
    for content, what in [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"version https://git-lfs.github.com/spec/v1", "Git LFS"),
        (b"\x89HDF\r\n", "HDF5, as Keras writes it: export the model to ONNX, see docs/bring-a-net.md"),
        (b"\x1c\0\0\0TFL3", "TensorFlow Lite"),
        (b"\x08\x01\x12\x80", "SavedModel of TensorFlow"),
        (b'{"format":"layers-model","modelTopology":{', "TensorFlow.js"),
        (b"\x93NUMPY\x01\0", "one NumPy array"),
        (b'{"a": 1}', "JSON"),
        (b"PK\x03\x04 cut", "cut short"),
        (b"\x00\x01\x02 nothing known", "not a net"),
    ]:
        mine.write_bytes(content)
        with pytest.raises(UnreadableWeights, match=what):
            checkpoints.load("my-net")


def test_a_truncated_file_of_each_format_is_an_error_that_names_it(mine: Path, net: nn.Module):
    torch.save(net.state_dict(), mine)
    whole = mine.read_bytes()
    for size in (len(whole) // 2, len(whole) - 40, 3):
        mine.write_bytes(whole[:size])
        with pytest.raises(UnreadableWeights, match=r"my-net\.pth"):
            checkpoints.load("my-net")


def script(net: nn.Module, path: Path) -> None:
    with pytest.warns(DeprecationWarning):
        torch.jit.trace(net, torch.rand(2, 1, 28, 28)).save(str(path))


def graph(net: nn.Module, path: Path, batch: int | str = "n", shape: tuple[int, ...] = (1, 28, 28)) -> None:
    """The two layers of `net` written as an ONNX graph."""
    weights = {key.replace(".", "_"): value.numpy() for key, value in net.state_dict().items()}
    nodes = [
        helper.make_node("Flatten", ["x"], ["flat"]),
        helper.make_node("Gemm", ["flat", "1_weight", "1_bias"], ["hidden"], transB=1),
        helper.make_node("Relu", ["hidden"], ["active"]),
        helper.make_node("Gemm", ["active", "3_weight", "3_bias"], ["scores"], transB=1),
    ]
    made = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch, *shape])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [batch, 10])],
        [numpy_helper.from_array(value, key) for key, value in weights.items()],
    )
    onnx.save(helper.make_model(made, ir_version=10, opset_imports=[helper.make_opsetid("", 17)]), path)


def test_convolutions_that_end_in_a_softmax_are_added_and_said_so(place: Path, capsys: pytest.CaptureFixture):
    net = trained(convolutions(ends_in=nn.Softmax(1)))
    script(net, place / "soft.pt")
    assert command("add", "soft", "soft.pt", "--trust") == 0
    assert "ends in a softmax" in capsys.readouterr().out
    x = training_digits(20).x
    with torch.no_grad():
        torch.testing.assert_close(ask(checkpoints.load("soft"), x).probabilities, net(x), atol=1e-4, rtol=1e-3)
