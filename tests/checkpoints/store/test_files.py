"""What is saved is whole, and on the disk, before it has its name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from checkpoints.store import files


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bytes]]:
    """Every fsync, with what the file holds at that moment, and every rename, in order."""
    made: list[tuple[str, bytes]] = []
    fsync, rename = os.fsync, Path.replace

    def counting_fsync(handle: int) -> None:
        made.append(("fsync", os.pread(handle, 1 << 20, 0)))
        fsync(handle)

    def counting_rename(self: Path, target: Path) -> Path:
        made.append(("rename", self.read_bytes()))
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", counting_fsync)
    monkeypatch.setattr(Path, "replace", counting_rename)
    return made


def test_the_bytes_are_on_the_disk_before_the_file_has_its_name(calls: list, tmp_path: Path) -> None:
    files.write_whole(tmp_path / "manifest.json", b"everything")
    assert calls == [("fsync", b"everything"), ("rename", b"everything")]
    assert (tmp_path / "manifest.json").read_bytes() == b"everything"


def test_a_finished_temporary_file_is_settled_the_same_way(calls: list, tmp_path: Path) -> None:
    (tmp_path / "weights.tmp").write_bytes(b"weights")
    files.settle(tmp_path / "weights.tmp", tmp_path / "weights")
    assert calls == [("fsync", b"weights"), ("rename", b"weights")]
    assert [path.name for path in tmp_path.iterdir()] == ["weights"]


def test_a_save_that_fails_leaves_what_was_there_and_no_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "manifest.json"
    path.write_bytes(b"before")

    def no_sync(handle: int) -> None:
        raise OSError("the disk went away")

    monkeypatch.setattr(os, "fsync", no_sync)
    with pytest.raises(OSError, match="went away"):
        files.write_whole(path, b"after")
    assert path.read_bytes() == b"before" and list(tmp_path.iterdir()) == [path]
