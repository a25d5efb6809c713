"""The manifest: read, checked, and written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
from pathlib import Path

import pytest

import checkpoints
from checkpoints.store import files, manifest
from checkpoints.store.manifest import Entry, Hub

WEIGHTS = b"weights" * 1000
SHA256 = hashlib.sha256(WEIGHTS).hexdigest()
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHECKPOINTS_DIR", str(tmp_path))
    return tmp_path


def written(folder: Path, **fields: object) -> None:
    """A manifest on disk with one entry, right but for `fields`."""
    right = {"file": "a.safetensors", "sha256": SHA256, "bytes": 7000, "source": None, "hub": None}
    (folder / manifest.NAME).write_text(json.dumps({"nets": {"a-net": {**right, **fields}}}))


def test_a_folder_without_a_manifest_has_no_entries() -> None:
    assert manifest.read().nets == {}


def test_recorded_weights_are_found_by_either_spelling_of_the_name(folder: Path) -> None:
    (folder / "a.safetensors").write_bytes(WEIGHTS)
    manifest.record("a_net", folder / "a.safetensors", training={"seed": 3})
    expected = Entry("a.safetensors", SHA256, len(WEIGHTS), training={"seed": 3})
    assert manifest.read().entry("a-net") == manifest.read().entry("a_net") == expected


def test_what_is_written_reads_back_the_same(folder: Path) -> None:
    entry = Entry("a.pt", SHA256, 7, "https://é.example/a", Hub("ada/nets", COMMIT), {"seed": 1}, {"test": [0.5, None]})
    with manifest.edit() as edited:
        edited.put("a-net", entry)
    assert manifest.read().entry("a-net") == entry
    assert json.loads((folder / manifest.NAME).read_text())["nets"]["a-net"]["hub"] == {
        "repo": "ada/nets",
        "revision": COMMIT,
    }


def test_figures_are_added_to_those_there_are_and_leave_with_the_weights_they_were_of(folder: Path) -> None:
    (folder / "a.safetensors").write_bytes(WEIGHTS)
    manifest.record("a-net", folder / "a.safetensors")
    manifest.record_figures("a-net", {"test": 0.997})
    manifest.record_figures("a-net", {"pen": 0.994}, sha256=SHA256)
    assert manifest.record("a-net", folder / "a.safetensors").figures == {"test": 0.997, "pen": 0.994}
    (folder / "a.safetensors").write_bytes(WEIGHTS + b"!")
    assert manifest.record("a-net", folder / "a.safetensors").figures == {}


def test_figures_of_weights_that_were_replaced_meanwhile_are_refused(folder: Path) -> None:
    (folder / "a.safetensors").write_bytes(WEIGHTS)
    manifest.record("a-net", folder / "a.safetensors")
    with pytest.raises(checkpoints.Refused, match="a-net changed while they were measured"):
        manifest.record_figures("a-net", {"test": 0.9}, sha256="0" * 64)


def test_weights_are_recorded_only_when_they_are_there_and_in_the_folder(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(checkpoints.MissingWeights, match=r"gone\.safetensors is missing"):
        manifest.record("a-net", folder / "gone.safetensors")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a.safetensors").write_bytes(WEIGHTS)
    with pytest.raises(checkpoints.Refused, match="is not in"):
        manifest.record("a-net", elsewhere / "a.safetensors")


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"file": "../../etc/passwd"}, "bare name"),
        ({"file": "C:\\weights"}, "bare name"),
        ({"file": ""}, "bare name"),
        ({"sha256": "abc"}, "64 hex digits"),
        ({"sha256": SHA256.upper()}, "64 hex digits"),
        ({"bytes": "7000"}, "size of the file"),
        ({"bytes": True}, "size of the file"),
        ({"source": 3}, "text or null"),
        ({"hub": {"repo": "ada/nets", "revision": "main"}}, "40 hex digits"),
        ({"hub": "ada/nets"}, "40 hex digits"),
        ({"figures": [1]}, "figures must be a table"),
        ({"colour": "red"}, "unknown fields: colour"),
    ],
)
def test_a_wrong_entry_is_named_with_what_is_wrong(folder: Path, fields: dict[str, object], complaint: str) -> None:
    written(folder, **fields)
    with pytest.raises(checkpoints.BadManifest, match=rf"manifest\.json: the entry of a-net.*{complaint}"):
        manifest.read()


@pytest.mark.parametrize("text", ["{", "[]", "3", '{"nets": []}', '{"nets": {"a": 1}}', "\0", ""])
def test_a_broken_manifest_is_an_error_that_names_the_file(folder: Path, text: str) -> None:
    (folder / manifest.NAME).write_text(text)
    with pytest.raises(checkpoints.BadManifest, match=r"manifest\.json"):
        manifest.read()


def test_bytes_that_are_not_text_are_an_error_that_names_the_file(folder: Path) -> None:
    (folder / manifest.NAME).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(checkpoints.BadManifest, match=r"manifest\.json cannot be read"):
        manifest.read()


def test_a_change_that_fails_half_way_changes_nothing(folder: Path) -> None:
    written(folder)
    before = (folder / manifest.NAME).read_bytes()
    with pytest.raises(RuntimeError), manifest.edit() as edited:
        edited.remove("a-net")
        raise RuntimeError("half way")
    with pytest.raises(ValueError, match="JSON compliant"), manifest.edit() as edited:
        edited.put("a-net", Entry("a", SHA256, 1, figures={"test": float("nan")}))
    assert (folder / manifest.NAME).read_bytes() == before
    assert not list(folder.glob("*.tmp")) and not list(folder.glob(".*.tmp"))


def test_a_file_that_cannot_be_written_whole_leaves_the_old_one_and_no_other(folder: Path) -> None:
    path = folder / "a.bin"
    files.write_whole(path, b"old")
    with pytest.raises(TypeError):
        files.write_whole(path, "text, not bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in folder.iterdir()] == ["a.bin"]


def test_a_change_on_disk_is_seen_at_the_next_reading(folder: Path) -> None:
    written(folder)
    assert manifest.read().entry("a-net")
    with manifest.edit() as edited:
        edited.remove("a_net")
    assert manifest.read().entry("a-net") is None


def test_changing_what_was_read_changes_nothing_for_the_next_reader(folder: Path) -> None:
    written(folder)
    manifest.read().remove("a-net")
    assert manifest.read().entry("a-net")


def _record_many(folder: str, first: int) -> None:
    os.environ["CHECKPOINTS_DIR"] = folder
    for number in range(first, first + 10):
        with manifest.edit() as edited:
            edited.put(f"net-{number}", Entry(f"{number}.pt", SHA256, number))


def test_processes_that_write_at_once_lose_nothing(folder: Path) -> None:
    started = [
        multiprocessing.get_context("spawn").Process(target=_record_many, args=(str(folder), first))
        for first in (0, 10)
    ]
    for process in started:
        process.start()
    for process in started:
        process.join(60)
        assert process.exitcode == 0
    assert len(manifest.read().nets) == 20


def test_installing_replaces_the_file_and_its_record_together(folder: Path) -> None:
    (folder / "new.tmp").write_bytes(WEIGHTS)
    entry = manifest.install("a-net", folder / "new.tmp", "a.safetensors", training={"seed": 1})
    assert entry.sha256 == SHA256 and manifest.read().entry("a-net") == entry
    assert (folder / "a.safetensors").read_bytes() == WEIGHTS and not (folder / "new.tmp").exists()
    with pytest.raises(checkpoints.Refused, match="bare name"):
        manifest.install("a-net", folder / "a.safetensors", "../a.safetensors")


def test_the_projects_own_manifest_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHECKPOINTS_DIR")
    assert manifest.folder() == Path(checkpoints.__file__).parent
    for name, entry in manifest.read().nets.items():
        assert entry.bytes > 0, name
