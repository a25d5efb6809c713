"""verify: every sha256 anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from checkpoints import __main__ as command_line
from checkpoints.store import manifest
from checkpoints.store.manifest import Hub, replace


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two recorded files of weights; what is in them is no matter to a sha256."""
    monkeypatch.setenv("CHECKPOINTS_DIR", str(tmp_path))
    for name in ("caps-net", "resnet-ish"):
        (tmp_path / f"{name}.safetensors").write_bytes(name.encode() * 1000)
        manifest.record(name, tmp_path / f"{name}.safetensors")
    return tmp_path


def verify(*words: str) -> int:
    return command_line.main(["verify", *words])


def test_files_as_recorded_pass(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify() == 0
    said = capsys.readouterr().out
    assert said.count("as recorded") == 2
    assert manifest.sha256_of(folder / "caps-net.safetensors")[:12] in said


@pytest.mark.parametrize(
    ("content", "verdict"),
    [
        (b"caps-net" * 500, "truncated: 4,000 bytes of 8,000"),
        (b"caps-net" * 1001, "too long: 8,008 bytes of 8,000"),
        (b"caps-nex" + b"caps-net" * 999, "damaged: its sha256 is"),
        (None, "missing"),
    ],
)
def test_any_other_file_fails_and_is_named_with_what_happened_to_it(
    folder: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, verdict: str
) -> None:
    path = folder / "caps-net.safetensors"
    path.unlink() if content is None else path.write_bytes(content)
    assert verify() == 1
    damaged, whole = capsys.readouterr().out.splitlines()[2:]
    assert damaged.startswith("caps-net") and verdict in damaged
    assert whole.startswith("resnet-ish") and "as recorded" in whole
    assert verify("resnet_ish") == 0


def test_a_missing_file_that_is_on_the_hub_can_be_fetched(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with manifest.edit() as edited:
        edited.put("caps-net", replace(edited.nets["caps-net"], hub=Hub("ada/nets", "0" * 40)))
    (folder / "caps-net.safetensors").unlink()
    assert verify("caps-net") == 1
    assert "missing: fetch it" in capsys.readouterr().out


def test_what_is_not_recorded_cannot_be_verified(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify("lenet-like") == command_line.WRONG
    assert "no weights are recorded for lenet-like; there are those of caps-net, resnet-ish" in capsys.readouterr().err
    (folder / manifest.NAME).unlink()
    assert verify() == command_line.WRONG
    assert "records no weights" in capsys.readouterr().err


def test_the_committed_weights_are_as_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHECKPOINTS_DIR", raising=False)
    if not manifest.read().nets:
        pytest.skip("no weights are recorded in checkpoints/manifest.json")
    assert verify() == 0
