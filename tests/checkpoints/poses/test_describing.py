"""What a pose stands for, measured of a real capsule net over images made here."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import architectures
from checkpoints.errors import Refused
from checkpoints.poses import describing, measured
from checkpoints.store import manifest


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHECKPOINTS_DIR", str(tmp_path))
    return tmp_path


def described(sha256: str) -> measured.Poses:
    digit = measured.DigitPoses(3, [0.1, 0.2], [[0.0] * 7, [0.5] * 7], {"width": [0.9, 0.1], "slant": [-0.2, -0.7]})
    return measured.Poses("caps-net", sha256, 30, 2, 0, list(measured.PERCENTS), [digit] * 10)


def test_poses_are_read_only_for_the_weights_they_were_measured_of(folder: Path) -> None:
    (folder / "caps-net.safetensors").write_bytes(b"weights")
    entry = manifest.record("caps-net", folder / "caps-net.safetensors")
    assert measured.read("caps-net") is None
    measured.write(described(entry.sha256))
    assert measured.read("caps-net") == described(entry.sha256)
    (folder / "caps-net.safetensors").write_bytes(b"other weights")
    manifest.record("caps-net", folder / "caps-net.safetensors")
    assert measured.read("caps-net") is None


def test_a_broken_file_of_poses_is_named_with_what_to_do(folder: Path) -> None:
    (folder / "caps-net.safetensors").write_bytes(b"weights")
    manifest.record("caps-net", folder / "caps-net.safetensors")
    measured.path_of("caps-net").write_text('{"digits": 3}')
    with pytest.raises(measured.BadPoses, match="describe caps-net"):
        measured.read("caps-net")


def test_the_meaning_of_a_dimension_is_the_measurement_it_goes_with_most_closely() -> None:
    digit = described("").digits[0]
    assert digit.meaning(0) == ("width", 0.9)
    assert digit.meaning(1) == ("slant", -0.7)


def test_a_net_without_capsules_has_no_poses_to_describe() -> None:
    images = torch.zeros(4, 28, 28, dtype=torch.uint8)
    net = architectures.build("resnet-ish").eval()
    with pytest.raises(Refused, match="answers without capsules"):
        describing.describe(net, "resnet-ish", "", images, torch.zeros(4, dtype=torch.int64))


def test_without_a_name_every_capsule_net_is_described_in_both_trainings() -> None:
    nets = ["caps-net", "efficient-caps-net"]
    assert describing._with_capsules() == [net_id for net in nets for net_id in (net, f"{net}/mnist-only")]


def test_the_laboratory_has_knobs_for_every_capsule_net_here() -> None:
    assert [net_id for net_id in describing._with_capsules() if measured.read(net_id) is None] == []
