"""fetch: weights from the Hub into the folder of checkpoints, through huggingface_hub itself."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import architectures
import checkpoints
from checkpoints import __main__ as command_line
from checkpoints.store import manifest
from checkpoints.store.manifest import Entry, Hub, Manifest
from tests.support.hub_server import LoopbackHub, serve
from tests.support.hub_store import Repository

ROOT = Path(__file__).parents[3]
WEIGHTS = {name: f"the weights of {name} ".encode() * 5000 for name in ("lenet-like", "resnet-ish")}


def entry_of(name: str, content: bytes, **fields: object) -> Entry:
    import hashlib

    entry = Entry(f"{name}.safetensors", hashlib.sha256(content).hexdigest(), len(content), training={"seed": 1})
    return replace(entry, figures={"test": 0.99}, **fields)  # type: ignore[arg-type]


def published(weights: dict[str, bytes]) -> dict[str, bytes]:
    """The files of a repository with these weights, as `publish` would leave them."""
    text = Manifest({name: entry_of(name, content) for name, content in weights.items()}).as_text()
    return {manifest.NAME: text.encode()} | {f"{name}.safetensors": content for name, content in weights.items()}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHECKPOINTS_DIR", str(tmp_path / "checkpoints"))
    (tmp_path / "checkpoints").mkdir()
    return tmp_path / "checkpoints"


@pytest.fixture
def hub(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackHub]:
    with serve() as hub:
        hub.take_over(monkeypatch, tmp_path)
        hub.create("ada/nets", **published(WEIGHTS))
        yield hub


@pytest.fixture
def repository(hub: LoopbackHub) -> Repository:
    return hub.repository("ada/nets")


def fetch(*words: str) -> int:
    return command_line.main(["fetch", *words])


def files(folder: Path) -> set[str]:
    """Everything in the folder but the lock."""
    return {path.name for path in folder.iterdir()} - {".manifest.json.lock"}


def left_in_the_cache(tmp_path: Path) -> list[Path]:
    """Files of weights, whole or half, in the cache of huggingface_hub."""
    blobs = (tmp_path / "hf").rglob("blobs/*")
    return [path for path in blobs if (path.is_file() and path.stat().st_size > 10_000) or "incomplete" in path.name]


def test_an_empty_folder_gets_every_published_net_pinned_at_the_commit_of_main(
    folder: Path, repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fetch("--repo", "ada/nets") == 0
    assert files(folder) == {manifest.NAME, "lenet-like.safetensors", "resnet-ish.safetensors"}
    for name, content in WEIGHTS.items():
        assert (folder / f"{name}.safetensors").read_bytes() == content
        expected = entry_of(name, content, hub=Hub("ada/nets", repository.head.oid))
        assert manifest.read().entry(name) == expected
    assert repository.head.oid[:12] in capsys.readouterr().out


def test_one_net_is_fetched_by_either_spelling(folder: Path, hub: LoopbackHub) -> None:
    assert fetch("resnet_ish", "--repo", "ada/nets") == 0
    assert files(folder) == {manifest.NAME, "resnet-ish.safetensors"}


def test_the_pin_holds_when_main_moves_on(folder: Path, repository: Repository) -> None:
    fetch("--repo", "ada/nets")
    (folder / "resnet-ish.safetensors").unlink()
    repository.put(**published({"resnet-ish": b"other weights" * 5000}))
    assert fetch() == 0
    assert (folder / "resnet-ish.safetensors").read_bytes() == WEIGHTS["resnet-ish"]


def test_a_revision_can_be_named(folder: Path, repository: Repository) -> None:
    first = repository.head.oid
    repository.put(**published({"resnet-ish": b"other weights" * 5000}))
    assert fetch("resnet-ish", "--repo", f"ada/nets@{first}") == 0
    assert (folder / "resnet-ish.safetensors").read_bytes() == WEIGHTS["resnet-ish"]


def test_what_is_here_and_right_is_not_fetched_again(
    hub: LoopbackHub, capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    fetch("--repo", "ada/nets")
    asked = len(hub.requests)
    assert fetch() == 0
    assert len(hub.requests) == asked
    assert "is the one published in ada/nets" in capsys.readouterr().out


def test_a_damaged_file_is_replaced(folder: Path, hub: LoopbackHub) -> None:
    fetch("--repo", "ada/nets")
    (folder / "resnet-ish.safetensors").write_bytes(b"damaged")
    assert fetch("resnet-ish") == 0
    assert (folder / "resnet-ish.safetensors").read_bytes() == WEIGHTS["resnet-ish"]


def test_a_damaged_copy_in_the_cache_is_downloaded_anew(folder: Path, hub: LoopbackHub, tmp_path: Path) -> None:
    fetch("--repo", "ada/nets")
    for path in left_in_the_cache(tmp_path):
        path.write_bytes(path.read_bytes()[:-1] + b"!")
    (folder / "resnet-ish.safetensors").unlink()
    assert fetch("resnet-ish") == 0
    assert (folder / "resnet-ish.safetensors").read_bytes() == WEIGHTS["resnet-ish"]


def test_other_weights_than_those_recorded_are_refused_and_taken_with_update(
    folder: Path, repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    fetch("--repo", "ada/nets")
    other = b"other weights" * 5000
    repository.put(**published({"resnet-ish": other}))
    before = (folder / manifest.NAME).read_bytes()
    assert fetch("resnet-ish", "--repo", "ada/nets") == command_line.WRONG
    assert "fetch resnet-ish --repo ada/nets --update" in capsys.readouterr().err
    assert (folder / "resnet-ish.safetensors").read_bytes() == WEIGHTS["resnet-ish"]
    assert (folder / manifest.NAME).read_bytes() == before

    assert fetch("resnet-ish", "--repo", "ada/nets", "--update") == 0
    assert (folder / "resnet-ish.safetensors").read_bytes() == other
    assert manifest.read().entry("resnet-ish") == entry_of(
        "resnet-ish", other, hub=Hub("ada/nets", repository.head.oid)
    )


def test_a_file_that_nobody_recorded_is_replaced_only_when_asked(
    folder: Path, hub: LoopbackHub, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "resnet-ish.safetensors").write_bytes(b"my own work")
    assert fetch("resnet-ish", "--repo", "ada/nets") == 1
    assert (folder / "resnet-ish.safetensors").read_bytes() == b"my own work"
    assert "move it away" in capsys.readouterr().err
    assert fetch("resnet-ish", "--repo", "ada/nets", "--update") == 0
    assert (folder / "resnet-ish.safetensors").read_bytes() == WEIGHTS["resnet-ish"]


def test_a_transfer_that_breaks_once_is_taken_up_again(folder: Path, hub: LoopbackHub) -> None:
    hub.faults.cut_after_bytes, hub.faults.cuts = 1000, 1
    assert fetch("resnet-ish", "--repo", "ada/nets") == 0
    assert (folder / "resnet-ish.safetensors").read_bytes() == WEIGHTS["resnet-ish"]


def test_a_broken_transfer_leaves_no_half_file_anywhere(
    folder: Path, hub: LoopbackHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fetch("lenet-like", "--repo", "ada/nets")  # so that the repository's manifest is here already
    before, cached = files(folder), left_in_the_cache(tmp_path)
    hub.faults.cut_after_bytes, hub.faults.reset = 20_000, True
    assert fetch("resnet-ish", "--repo", "ada/nets") == 1
    assert "resnet-ish.safetensors of ada/nets broke off" in capsys.readouterr().err
    assert files(folder) == before and left_in_the_cache(tmp_path) == cached
    assert manifest.read().entry("resnet-ish") is None
    hub.faults.cut_after_bytes = None
    assert fetch("resnet-ish", "--repo", "ada/nets") == 0


def test_corrupted_content_is_thrown_away(
    folder: Path, hub: LoopbackHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fetch("lenet-like", "--repo", "ada/nets")
    before, cached = files(folder), left_in_the_cache(tmp_path)
    hub.faults.corrupt = True
    assert fetch("resnet-ish", "--repo", "ada/nets") == 1
    assert "it was thrown away" in capsys.readouterr().err
    assert files(folder) == before and left_in_the_cache(tmp_path) == cached
    hub.faults.corrupt = False
    assert fetch("resnet-ish", "--repo", "ada/nets") == 0


def test_one_failure_does_not_keep_the_others_back(folder: Path, hub: LoopbackHub, repository: Repository) -> None:
    lying = Manifest({**{name: entry_of(name, content) for name, content in WEIGHTS.items()}})
    lying.put("lenet-like", replace(lying.nets["lenet-like"], sha256="0" * 64))
    repository.put(**{manifest.NAME: lying.as_text().encode()})
    assert fetch("--repo", "ada/nets") == 1
    assert files(folder) == {manifest.NAME, "resnet-ish.safetensors"}


@pytest.mark.parametrize(
    ("status", "kind", "advice"),
    [
        (401, checkpoints.NotAllowed, "hf auth login"),
        (403, checkpoints.NotAllowed, "your token does not allow it"),
        (404, checkpoints.NotOnTheHub, "no such repository"),
        (503, checkpoints.Offline, "it is down"),
    ],
)
def test_what_the_hub_refuses_is_said_with_what_to_do(
    hub: LoopbackHub, folder: Path, status: int, kind: type[Exception], advice: str
) -> None:
    from checkpoints.hub.fetching import fetch as fetch_for_load

    hub.faults.status = status
    with pytest.raises(kind, match=advice) as raised:
        fetch_for_load("resnet-ish", "ada/nets")
    assert "ada/nets" in str(raised.value)
    assert hub.token not in str(raised.value)
    assert not files(folder)


def test_a_private_repository_needs_its_owners_token(
    hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    hub.create("ada/secret", private=True, **published(WEIGHTS))
    hub.take_over(monkeypatch, tmp_path, token=None)
    assert fetch("--repo", "ada/secret") == command_line.WRONG
    assert "401" in capsys.readouterr().err
    hub.take_over(monkeypatch, tmp_path, token="hf_of_nobody")
    assert fetch("--repo", "ada/secret") == command_line.WRONG
    said = capsys.readouterr()
    assert "hf auth login" in said.err and "hf_of_nobody" not in said.err + said.out
    hub.take_over(monkeypatch, tmp_path)
    assert fetch("--repo", "ada/secret") == 0


def test_a_repository_that_is_not_there_is_named(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    assert fetch("--repo", "ada/nonesuch") == command_line.WRONG
    assert "404 for ada/nonesuch" in capsys.readouterr().err


def test_a_file_that_is_not_in_the_repository_is_named(
    hub: LoopbackHub, folder: Path, repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    files_there = published(WEIGHTS)
    hub.create("ada/half", **{manifest.NAME: files_there[manifest.NAME]})
    assert fetch("resnet-ish", "--repo", "ada/half") == 1
    assert "resnet-ish.safetensors not found in ada/half" in capsys.readouterr().err


def test_a_net_that_the_repository_does_not_publish_is_named(
    hub: LoopbackHub, capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    assert fetch("caps-net", "--repo", "ada/nets") == command_line.WRONG
    assert "ada/nets publishes no weights of caps-net" in capsys.readouterr().err


def test_a_revision_that_is_gone_says_how_to_go_on(
    folder: Path, repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hub: LoopbackHub
) -> None:
    fetch("--repo", "ada/nets")
    pinned = repository.head.oid
    repository.squash()  # the history was rewritten: the pinned commit no longer exists
    (folder / "resnet-ish.safetensors").unlink()
    hub.take_over(monkeypatch, tmp_path / "another machine")
    from checkpoints.hub.fetching import fetch as fetch_for_load

    with pytest.raises(checkpoints.MovedRevision) as raised:
        fetch_for_load("resnet-ish")
    message = str(raised.value)
    assert pinned[:12] in message and "python -m checkpoints fetch --repo ada/nets --update" in message
    assert fetch("--repo", "ada/nets", "--update") == 0
    assert (folder / "resnet-ish.safetensors").read_bytes() == WEIGHTS["resnet-ish"]


def test_offline_is_said_at_once(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serve() as gone:
        pass
    gone.take_over(monkeypatch, tmp_path)
    assert fetch("--repo", "ada/nets") == command_line.WRONG
    assert "the Hub cannot be reached for ada/nets" in capsys.readouterr().err


@pytest.mark.parametrize(
    "repo", ["nets", "ada/nets/x", "/", "ada/", "ada/nets@", "https://huggingface.co/ada/nets", ""]
)
def test_what_is_no_repository_is_refused(
    folder: Path, hub: LoopbackHub, repo: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fetch("--repo", repo) == command_line.WRONG
    assert "USER/NAME" in capsys.readouterr().err


def test_a_manifest_from_the_hub_cannot_write_outside_the_folder(
    folder: Path, hub: LoopbackHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = published(WEIGHTS)[manifest.NAME].replace(b'"resnet-ish.safetensors"', b'"../escaped.safetensors"')
    hub.create("ada/hostile", **{manifest.NAME: hostile})
    assert fetch("resnet-ish", "--repo", "ada/hostile") == command_line.WRONG
    assert "bare name" in capsys.readouterr().err
    assert not list(tmp_path.rglob("escaped*"))


def test_without_a_place_to_fetch_from_the_ways_are_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fetch() == command_line.WRONG
    assert "--repo USER/NAME" in capsys.readouterr().err
    assert fetch("resnet-ish") == command_line.WRONG
    assert "train resnet-ish" in capsys.readouterr().err
    assert fetch("--update") == command_line.WRONG
    assert "--update needs --repo" in capsys.readouterr().err
    assert fetch("nonesuch") == command_line.WRONG
    assert ", ".join(architectures.names()) in capsys.readouterr().err


def test_a_full_disk_is_said_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    """A real full disk: a file system of 64 KiB, which a process may mount in a namespace of its own."""
    script = """
        mount -t tmpfs -o size=64k full "$1" || exit 77
        exec "$2" -m checkpoints fetch resnet-ish --repo ada/nets
    """
    small = tmp_path / "small"
    small.mkdir()
    namespace = ["unshare", "--mount", "--map-root-user"] if os.getuid() else ["unshare", "--mount"]
    with serve() as hub:
        hub.create("ada/nets", **published(WEIGHTS))
        environment = os.environ | hub.environment(tmp_path) | {"CHECKPOINTS_DIR": str(small)}
        try:
            done = subprocess.run(
                [*namespace, "sh", "-c", script, "sh", str(small), sys.executable],
                cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False,
            )  # fmt: skip
        except FileNotFoundError:
            pytest.skip("there is no `unshare` here to mount a small disk with")
    if done.returncode in (1, 77) and "resnet-ish" not in done.stderr:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    assert done.returncode == 1, done.stderr
    assert "no room for" in done.stderr and "free some space" in done.stderr
