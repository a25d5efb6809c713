"""Weights from a file into their net, key by key."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

import architectures
import checkpoints
from checkpoints.formats import reading


def weights(seed: int = 0) -> dict[str, Tensor]:
    torch.manual_seed(seed)
    return dict(architectures.build("resnet-ish").state_dict())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "resnet-ish.safetensors"


def test_every_weight_of_the_file_ends_up_in_the_net(path: Path) -> None:
    save_file(weights(1), path)
    net = reading.load_net("resnet_ish", path)
    assert not net.training
    for key, tensor in net.state_dict().items():
        assert torch.equal(tensor, weights(1)[key]), key


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16])
def test_half_precision_is_widened(path: Path, kind: torch.dtype) -> None:
    halved = {key: tensor.to(kind) if tensor.is_floating_point() else tensor for key, tensor in weights().items()}
    save_file(halved, path)
    net = reading.load_net("resnet-ish", path)
    for key, tensor in net.state_dict().items():
        assert tensor.dtype == weights()[key].dtype, key
        assert torch.equal(tensor, halved[key].to(tensor.dtype)), key


def test_missing_keys_are_named_ten_of_them(path: Path) -> None:
    kept = dict(list(weights().items())[12:])
    save_file(kept, path)
    with pytest.raises(checkpoints.UnfittingWeights) as raised:
        reading.load_net("resnet-ish", path)
    message, missing = str(raised.value), [key for key in weights() if key not in kept]
    assert str(path) in message and "resnet-ish" in message and "12 missing" in message
    assert all(key in message for key in missing[:10]) and missing[10] not in message and "and 2 more" in message


def test_keys_left_over_and_wrong_shapes_are_named(path: Path) -> None:
    key, tensor = next((key, tensor) for key, tensor in weights().items() if tensor.ndim == 4)
    changed = {**weights(), "stranger.weight": torch.zeros(3), key: tensor[:, :, :2].contiguous()}
    save_file(changed, path)
    with pytest.raises(checkpoints.UnfittingWeights) as raised:
        reading.load_net("resnet-ish", path)
    message = str(raised.value)
    assert "1 left over: stranger.weight (3)" in message
    assert f"1 of another shape: {key} is (8, 1, 2, 3), the net has (8, 1, 3, 3)" in message


def test_weights_of_another_net_are_refused_by_name(path: Path) -> None:
    save_file(dict(architectures.build("lenet-like").state_dict()), path)
    with pytest.raises(checkpoints.UnfittingWeights, match="does not fit resnet-ish"):
        reading.load_net("resnet-ish", path)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_refused(path: Path, bad: float) -> None:
    changed = weights()
    key = next(key for key, tensor in changed.items() if tensor.ndim == 4)
    changed[key] = changed[key].clone()
    changed[key].view(-1)[3] = bad
    save_file(changed, path)
    with pytest.raises(checkpoints.UnfittingWeights, match=f"NaN or infinite values: {key}"):
        reading.load_net("resnet-ish", path)


def test_a_missing_file_is_named(path: Path) -> None:
    with pytest.raises(checkpoints.MissingWeights, match=str(path)):
        reading.load_net("resnet-ish", path)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.999])
def test_a_truncated_file_is_named(path: Path, share: float) -> None:
    save_file(weights(), path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(checkpoints.UnreadableWeights, match=str(path)):
        reading.load_net("resnet-ish", path)


def test_a_file_that_is_something_else_is_named(path: Path) -> None:
    path.write_bytes(b"<html>404 Not Found</html>" * 100)
    with pytest.raises(checkpoints.UnreadableWeights, match=str(path)):
        reading.load_net("resnet-ish", path)


def test_an_unknown_format_is_refused_with_the_formats_there_are(tmp_path: Path) -> None:
    path = tmp_path / "resnet-ish.h5"
    path.write_bytes(b"\x89HDF")
    with pytest.raises(checkpoints.UnreadableWeights, match=r"\.h5 is HDF5.*export the model to ONNX"):
        reading.load_net("resnet-ish", path)
