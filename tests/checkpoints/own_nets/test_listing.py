"""list: every net with where its weights are from and whether it would answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

import architectures
from checkpoints import __main__ as command_line
from checkpoints.own_nets import listing
from checkpoints.store import manifest
from checkpoints.store.manifest import Entry, Hub, replace


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of checkpoints with weights of resnet-ish alone, measured."""
    monkeypatch.setenv("CHECKPOINTS_DIR", str(tmp_path))
    torch.manual_seed(0)
    save_file(architectures.build("resnet-ish").state_dict(), tmp_path / "resnet-ish.safetensors")
    manifest.record("resnet-ish", tmp_path / "resnet-ish.safetensors", training={"seed": 0})
    manifest.record_figures("resnet-ish", {"sets": {"clean": {"accuracy": 0.9961}, "pen": {"accuracy": 0.9907}}})
    return tmp_path


def line(name: str) -> listing.Line:
    return next(line for line in listing.listed() if line.name == name)


def test_every_net_is_listed_and_one_with_weights_is_ready(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["list"]) == 0
    said = capsys.readouterr().out
    for name in architectures.names():
        assert f"\n{name} " in said
    row = next(row for row in said.splitlines() if row.startswith("resnet-ish"))
    sha256 = manifest.sha256_of(folder / "resnet-ish.safetensors")
    assert row.split() == [
        "resnet-ish", "trained", "here", "0.2", sha256[:12], "41,132", "99.61", "%", "99.07", "%", "28", "x", "28,",
        "values", "from", "0", "to", "1", "ready",
    ]  # fmt: skip


def test_as_json_the_list_has_everything(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["list", "--json"]) == 0
    found = {line["name"]: line for line in json.loads(capsys.readouterr().out)}
    entry = manifest.read().entry("resnet-ish")
    assert entry is not None
    assert found["resnet-ish"]["sha256"] == entry.sha256 and found["resnet-ish"]["figures"] == entry.figures
    assert found["resnet-ish"]["parameters"] == 41_132


def test_missing_weights_say_how_to_get_them(folder: Path) -> None:
    assert line("lenet-like").state == "missing: python -m checkpoints train lenet-like"
    with manifest.edit() as edited:
        edited.put("lenet-like", Entry("lenet-like.safetensors", "0" * 64, 9, hub=Hub("ada/nets", "0" * 40)))
    assert line("lenet-like").state == "missing: python -m checkpoints fetch lenet-like"


def test_damaged_weights_are_not_ready(folder: Path) -> None:
    path = folder / "resnet-ish.safetensors"
    path.write_bytes(path.read_bytes()[:-9])
    assert line("resnet-ish").state.startswith("truncated")
    path.write_bytes(b"")
    manifest.record("resnet-ish", path)
    assert "is empty: get it again" in line("resnet-ish").state


def test_a_file_put_there_by_hand_is_said_to_be(folder: Path) -> None:
    (folder / manifest.NAME).unlink()
    assert (line("resnet-ish").source, line("resnet-ish").state) == ("by hand", "ready")


def test_weights_without_an_architecture_say_which_file_is_missing(folder: Path) -> None:
    with manifest.edit() as edited:
        edited.put("my-net", replace(edited.nets["resnet-ish"], source="https://a.example/my-net.pt"))
    assert line("my-net").state == "no architecture: put my_net.py into architectures/"
    assert line("my-net").source == "https://a.example/my-net.pt"
