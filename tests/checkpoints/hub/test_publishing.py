"""publish: weights, manifest and card to the Hub, and the repository as a Space, through huggingface_hub itself."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import yaml
from packaging.requirements import Requirement
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from safetensors.torch import save_file

import architectures
import checkpoints
from checkpoints import __main__ as command_line
from checkpoints.hub import space
from checkpoints.hub.model_card import model_card
from checkpoints.store import manifest
from tests.support import small_mnist
from tests.support.hub_protocol import front_matter_errors
from tests.support.hub_server import LoopbackHub, serve

ROOT = Path(__file__).parents[3]
FRONT_MATTER = """---
title: Digits
sdk: gradio
sdk_version: 6.31.0
app_file: app.py
---
# Digits
"""
REQUIREMENTS = "gradio==6.31.0\ntorch==2.13.0\ntorchvision==0.28.0\nnumpy==2.4.6\n"
FIGURES = {
    "sets": {
        "clean": {
            "right": 9960, "total": 10000, "accuracy": 0.996, "low": 0.9946, "high": 0.997,
            "negative_log_likelihood": 0.0123, "calibration_error": 0.0021,
        },
        "pen": {"right": 9910, "total": 10000, "accuracy": 0.991, "low": 0.989, "high": 0.9927},
    }
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of checkpoints with weights of two nets, one of them measured."""
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    monkeypatch.setenv("CHECKPOINTS_DIR", str(folder))
    for seed, name in enumerate(("lenet-like", "resnet-ish")):
        torch.manual_seed(seed)
        save_file(architectures.build(name).state_dict(), folder / f"{name}.safetensors")
        manifest.record(name, folder / f"{name}.safetensors", training={"command": f"train {name}", "seed": seed})
    manifest.record_figures("resnet-ish", FIGURES)
    return folder


@pytest.fixture
def hub(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackHub]:
    with serve() as hub:
        hub.take_over(monkeypatch, tmp_path)
        yield hub


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small repository that could be a Space, in place of this project's own."""
    root = tmp_path / "project"
    for path, text in {
        "README.md": FRONT_MATTER,
        "app.py": "print('hello')\n",
        "requirements.txt": REQUIREMENTS,
        "requirements-dev.txt": "-r requirements.txt\npytest\n",
        "checkpoints/manifest.json": '{"nets": {}}',
        "demo/größe.css": "a {}",
        ".gitignore": "*.secret\n",
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    git(root, "init", "-q")
    git(root, "add", "-A")
    (root / "token.secret").write_text("never to be sent")
    (root / "scratch.txt").write_text("not tracked")
    monkeypatch.setattr(space, "ROOT", root)
    monkeypatch.setattr(space.files, "__defaults__", (root,))
    return root


def git(root: Path, *words: str) -> None:
    subprocess.run(["git", "-C", str(root), *words], check=True, capture_output=True)


def publish(*words: str) -> int:
    return command_line.main(["publish", *words])


def front_matter(readme: bytes) -> dict:
    match = re.match(r"---\n(.*?)\n---\n", readme.decode(), re.DOTALL)
    assert match is not None
    return yaml.safe_load(match[1])


def test_weights_manifest_and_card_arrive_and_the_commit_is_recorded_here(
    hub: LoopbackHub, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert publish("--repo", "ada/nets") == 0
    repository = hub.repository("ada/nets")
    assert set(repository.files) == {"README.md", "lenet-like.safetensors", "manifest.json", "resnet-ish.safetensors"}
    assert not repository.private
    for name in ("lenet-like", "resnet-ish"):
        assert repository.files[f"{name}.safetensors"] == (folder / f"{name}.safetensors").read_bytes()
        entry = manifest.read().entry(name)
        assert entry is not None and entry.hub == manifest.Hub("ada/nets", repository.head.oid)
    assert repository.head.oid in capsys.readouterr().out


def test_what_was_published_is_fetched_into_an_empty_clone_with_the_same_sha256(
    hub: LoopbackHub, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish("--repo", "ada/nets")
    sent = {path.name: manifest.sha256_of(path) for path in folder.glob("*.safetensors")}
    clone = tmp_path / "clone"
    clone.mkdir()
    shutil.copy(folder / manifest.NAME, clone)  # git brings the manifest, not the weights
    monkeypatch.setenv("CHECKPOINTS_DIR", str(clone))
    hub.take_over(monkeypatch, tmp_path / "another machine", token=None)
    assert command_line.main(["fetch"]) == 0
    assert {path.name: manifest.sha256_of(path) for path in clone.glob("*.safetensors")} == sent
    assert command_line.main(["verify"]) == 0
    torch.manual_seed(1)
    expected, loaded = architectures.build("resnet-ish").state_dict(), checkpoints.load("resnet-ish").state_dict()
    assert all(torch.equal(expected[key], loaded[key].cpu()) for key in expected)


def test_publishing_again_changes_nothing_and_keeps_the_pin(hub: LoopbackHub) -> None:
    publish("--repo", "ada/nets")
    commits, recorded = len(hub.repository("ada/nets").commits), manifest.read()
    assert publish("--repo", "ada/nets") == 0
    assert len(hub.repository("ada/nets").commits) == commits
    assert manifest.read() == recorded


def test_one_net_is_published_beside_those_already_there(hub: LoopbackHub, folder: Path) -> None:
    publish("--repo", "ada/nets")
    torch.manual_seed(9)
    save_file(architectures.build("resnet-ish").state_dict(), folder / "resnet-ish.safetensors")
    manifest.record("resnet-ish", folder / "resnet-ish.safetensors")
    before = manifest.read().entry("lenet-like")
    assert publish("resnet_ish", "--repo", "ada/nets") == 0
    there = manifest.parse(hub.repository("ada/nets").files[manifest.NAME].decode())
    assert sorted(there.nets) == ["lenet-like", "resnet-ish"]
    assert there.nets["resnet-ish"].sha256 == manifest.sha256_of(folder / "resnet-ish.safetensors")
    assert manifest.read().entry("lenet-like") == before
    assert b"lenet-like" in hub.repository("ada/nets").files["README.md"]


def test_the_card_carries_the_figures_as_the_hub_reads_them(hub: LoopbackHub) -> None:
    publish("--repo", "ada/nets")
    readme = hub.repository("ada/nets").files["README.md"]
    fields = front_matter(readme)
    assert fields["license"] == "apache-2.0" and fields["datasets"] == ["ylecun/mnist"]
    (model,) = fields["model-index"]
    assert model["name"] == "resnet-ish"
    clean, pen = model["results"]
    assert clean["dataset"] == {"name": "MNIST", "type": "ylecun/mnist", "split": "test"}
    assert {metric["type"]: metric["value"] for metric in clean["metrics"]} == {
        "accuracy": 0.996,
        "nll": 0.0123,
        "expected_calibration_error": 0.0021,
    }
    assert pen["metrics"][0]["value"] == 0.991 and pen["dataset"]["config"] == "pen"
    assert "| resnet-ish | 99.60 % (99.46 to 99.70) | 99.10 % (98.90 to 99.27) |" in readme.decode()
    assert not front_matter_errors(readme.decode(), "model")


def test_the_card_of_nets_that_were_not_measured_says_so(folder: Path) -> None:
    entry = manifest.read().entry("lenet-like")
    assert entry is not None
    text = model_card("ada/nets", {"lenet-like": entry})
    assert "have not been measured" in text and "model-index" not in text and "$" not in text


def test_only_images_of_exactly_these_weights_go_into_the_card(hub: LoopbackHub, folder: Path, tmp_path: Path) -> None:
    drawn = tmp_path / "drawn"
    drawn.mkdir()
    entry = manifest.read().entry("resnet-ish")
    assert entry is not None
    for name, says in {
        "confusion-resnet-ish": {"weights resnet-ish": entry.sha256},
        "curves-dark": {"weights resnet-ish": entry.sha256},
        "curves-light": {"weights resnet-ish": entry.sha256, "weights resnet-ish/mnist-only": "1" * 64},
        "mistakes-resnet-ish": {"weights resnet-ish": "0" * 64},
        "page": {},
    }.items():
        about = PngInfo()
        for key, value in says.items():
            about.add_text(key, value)
        Image.new("L", (4, 4)).save(drawn / f"{name}.png", pnginfo=about)
    publish("--repo", "ada/nets", "--images", str(drawn))
    files = hub.repository("ada/nets").files
    sent = sorted(path for path in files if path.endswith(".png"))
    assert sent == ["images/confusion-resnet-ish.png", "images/curves-light.png"]
    assert b"(images/confusion-resnet-ish.png)" in files["README.md"]


def test_what_names_a_place_on_this_computer_is_not_published(hub: LoopbackHub, folder: Path) -> None:
    with manifest.edit() as edited:
        for name, source in {"lenet-like": "/home/ada/secret/lenet.pt", "resnet-ish": "https://a.example/r.pt"}.items():
            edited.put(name, replace(edited.nets[name], source=source))
    publish("--repo", "ada/nets")
    files = hub.repository("ada/nets").files
    there = manifest.parse(files[manifest.NAME].decode())
    assert there.nets["lenet-like"].source is None and there.nets["resnet-ish"].source == "https://a.example/r.pt"
    assert not [path for path, content in files.items() if b"/home/ada" in content]
    kept = manifest.read().entry("lenet-like")
    assert kept is not None and kept.source == "/home/ada/secret/lenet.pt"


def test_a_private_repository_is_private(hub: LoopbackHub) -> None:
    assert publish("--repo", "ada/nets", "--private", "--message", "First light") == 0
    assert hub.repository("ada/nets").private
    assert hub.repository("ada/nets").head.message == "First light"


def listing(said: str) -> dict[str, int]:
    found = re.findall(r"^(\S+) +([\d,]+)$", said, re.MULTILINE)
    return {path: int(size.replace(",", "")) for path, size in found}


def test_a_dry_run_lists_exactly_what_then_goes_and_sends_nothing(
    hub: LoopbackHub, folder: Path, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (folder / manifest.NAME).read_bytes()
    assert publish("--repo", "ada/nets", "--space", "ada/page", "--dry-run") == 0
    weights, page = capsys.readouterr().out.split("\n\n")
    assert not hub.requests and not hub.repositories
    assert (folder / manifest.NAME).read_bytes() == before
    assert publish("--repo", "ada/nets", "--space", "ada/page") == 0
    for said, repository in ((weights, hub.repository("ada/nets")), (page, hub.repository("ada/page", "space"))):
        assert listing(said) == {path: len(content) for path, content in repository.files.items()}


def test_a_dry_run_needs_no_login_and_no_network(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serve() as gone:
        pass
    gone.take_over(monkeypatch, tmp_path, token=None)
    assert publish("--repo", "ada/nets", "--dry-run") == 0
    assert listing(capsys.readouterr().out)["lenet-like.safetensors"] > 1_000_000


def test_the_space_is_the_tracked_files_and_nothing_else(hub: LoopbackHub, project: Path) -> None:
    assert publish("--space", "ada/page") == 0
    page = hub.repository("ada/page", "space")
    assert page.sdk == "gradio"
    assert set(page.files) == {
        ".gitignore", "README.md", "app.py", "checkpoints/manifest.json", "demo/größe.css",
        "requirements-dev.txt", "requirements.txt",
    }  # fmt: skip
    assert page.files["README.md"].decode() == FRONT_MATTER
    assert not front_matter_errors(page.files["README.md"].decode(), "space")


def test_the_space_knows_where_its_weights_were_just_published(hub: LoopbackHub, project: Path) -> None:
    publish("--repo", "ada/nets", "--space", "ada/page")
    there = manifest.parse(hub.repository("ada/page", "space").files["checkpoints/manifest.json"].decode())
    assert there == manifest.read()
    assert there.nets["resnet-ish"].hub == manifest.Hub("ada/nets", hub.repository("ada/nets").head.oid)


def test_updating_the_space_takes_away_what_is_no_longer_tracked(hub: LoopbackHub, project: Path) -> None:
    publish("--space", "ada/page")
    hub.repository("ada/page", "space").put(**{".gitattributes": b"*.png filter=lfs"})
    git(project, "rm", "-qf", "demo/größe.css")
    (project / "app.py").write_text("print('new')\n")
    assert publish("--space", "ada/page") == 0
    files = hub.repository("ada/page", "space").files
    assert "demo/größe.css" not in files and files["app.py"] == b"print('new')\n"
    assert ".gitattributes" in files  # the Hub's own


def test_the_space_pulls_no_cuda_packages_and_the_repository_stays_as_it_is(hub: LoopbackHub, project: Path) -> None:
    publish("--space", "ada/page")
    lines = hub.repository("ada/page", "space").files["requirements.txt"].decode().splitlines()
    assert lines == [
        "--extra-index-url https://download.pytorch.org/whl/cpu",
        "gradio==6.31.0",
        "torch==2.13.0+cpu",
        "torchvision==0.28.0+cpu",
        "numpy==2.4.6",
    ]
    assert (project / "requirements.txt").read_text() == REQUIREMENTS


def test_this_projects_requirements_can_be_rewritten_for_a_space() -> None:
    text = (ROOT / "requirements.txt").read_text()
    rewritten = space.for_cpu(text).splitlines()
    ours = {Requirement(line).name: str(Requirement(line).specifier) for line in text.splitlines()}
    theirs = {Requirement(line).name: str(Requirement(line).specifier) for line in rewritten[1:]}
    assert theirs == ours | {name: f"{ours[name]}+cpu" for name in ("torch", "torchvision")}


def test_this_repository_can_start_as_a_space() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not in a clone: a Space is made of the files that git tracks")
    files = space.files()
    readme = files["README.md"]
    assert isinstance(readme, Path)
    assert not front_matter_errors(readme.read_text(encoding="utf-8"), "space")
    assert {"app.py", "requirements.txt", "checkpoints/manifest.json"} <= set(files)


@pytest.mark.parametrize(
    ("readme", "complaint"),
    [
        ("# Digits\n", "does not start with front matter"),
        (FRONT_MATTER.replace("gradio", "docker"), "sdk: docker"),
        (FRONT_MATTER.replace("app.py", "main.py"), "main.py, is not a tracked file"),
        (FRONT_MATTER.replace("6.31.0", "5.0.0"), r"sdk_version: 5\.0\.0, requirements\.txt pins gradio==6\.31\.0"),
    ],
)
def test_a_readme_from_which_no_space_could_start_is_refused(
    hub: LoopbackHub, project: Path, capsys: pytest.CaptureFixture[str], readme: str, complaint: str
) -> None:
    (project / "README.md").write_text(readme)
    assert publish("--repo", "ada/nets", "--space", "ada/page") == command_line.WRONG
    assert re.search(complaint, capsys.readouterr().err)
    assert not hub.repositories  # refused before the weights went


def test_what_a_space_needs_and_is_not_there_is_named(
    hub: LoopbackHub, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "app.py").unlink()
    assert publish("--space", "ada/page") == command_line.WRONG
    assert "app.py" in capsys.readouterr().err
    git(project, "rm", "-q", "--cached", "app.py", "README.md")
    assert publish("--space", "ada/page") == command_line.WRONG
    assert "README.md, which is not a tracked file" in capsys.readouterr().err
    shutil.rmtree(project / ".git")
    assert publish("--space", "ada/page") == command_line.WRONG
    assert "not a git repository" in capsys.readouterr().err


def test_damaged_missing_unrecorded_and_unfitting_weights_are_not_published(
    hub: LoopbackHub, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert publish("caps-net", "--repo", "ada/nets") == command_line.WRONG
    assert "no weights are recorded for caps-net" in capsys.readouterr().err
    path = folder / "resnet-ish.safetensors"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert publish("--repo", "ada/nets") == command_line.WRONG
    assert "is not the file recorded for resnet-ish" in capsys.readouterr().err
    path.unlink()
    assert publish("--repo", "ada/nets") == command_line.WRONG
    assert f"{path} is missing" in capsys.readouterr().err
    shutil.copy(folder / "lenet-like.safetensors", path)
    manifest.record("resnet-ish", path)
    assert publish("--repo", "ada/nets") == command_line.WRONG
    assert "does not fit resnet-ish" in capsys.readouterr().err
    assert not hub.repositories


def test_nowhere_to_publish_and_a_revision_are_refused(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    assert publish() == command_line.WRONG
    assert "--repo USER/NAME" in capsys.readouterr().err
    assert publish("--repo", "ada/nets@main") == command_line.WRONG
    assert "write USER/NAME alone" in capsys.readouterr().err


@pytest.mark.parametrize("token", [None, "hf_of_nobody"])
def test_without_a_valid_login_nothing_is_sent(
    hub: LoopbackHub,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    token: str | None,
) -> None:
    hub.take_over(monkeypatch, tmp_path, token=token)
    assert publish("--repo", "ada/nets") == command_line.WRONG
    assert "hf auth login" in capsys.readouterr().err
    assert not hub.repositories


def test_another_users_repository_is_refused(hub: LoopbackHub, capsys: pytest.CaptureFixture[str]) -> None:
    hub.create("bob/nets")
    assert publish("--repo", "bob/nets") == command_line.WRONG
    assert "403" in capsys.readouterr().err
    assert not hub.repository("bob/nets").files


def test_the_token_is_neither_shown_nor_stored(
    hub: LoopbackHub, project: Path, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish("--repo", "ada/nets", "--space", "ada/page")
    publish("--repo", "bob/nets")
    said = capsys.readouterr()
    assert hub.token not in said.out + said.err
    assert f"Bearer {hub.token}" in hub.authorizations  # it was used all the same
    everywhere = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in everywhere if hub.token.encode() in path.read_bytes()]
    for repository in hub.repositories.values():
        assert not [path for path, content in repository.files.items() if hub.token.encode() in content]


def test_an_upload_that_breaks_once_is_taken_up_again(hub: LoopbackHub, folder: Path) -> None:
    hub.faults.cut_after_bytes, hub.faults.cuts = 1000, 1
    assert publish("resnet-ish", "--repo", "ada/nets") == 0
    there = hub.repository("ada/nets").files["resnet-ish.safetensors"]
    assert there == (folder / "resnet-ish.safetensors").read_bytes()


def test_an_upload_that_never_ends_leaves_no_commit_and_no_pin(
    hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import huggingface_hub.utils._http as transfers

    monkeypatch.setattr(transfers.time, "sleep", lambda seconds: None)  # do not wait between its retries
    hub.faults.cut_after_bytes = 1000
    assert publish("--repo", "ada/nets") == command_line.WRONG
    assert "broke off" in capsys.readouterr().err
    assert not hub.repository("ada/nets").files
    assert all(entry.hub is None for entry in manifest.read().nets.values())


def test_offline_is_said(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    with serve() as gone:
        pass
    gone.take_over(monkeypatch, tmp_path)
    assert publish("--repo", "ada/nets") == command_line.WRONG
    assert "the Hub cannot be reached" in capsys.readouterr().err


def test_someone_elses_commit_in_between_is_not_overwritten(
    hub: LoopbackHub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from checkpoints.hub import publishing

    publish("--repo", "ada/nets")
    repository, create = hub.repository("ada/nets"), publishing.client.create

    def meanwhile(*words: str, private: bool) -> None:
        create(*words, private=private)
        repository.put(**{"notes.txt": b"from somebody else"})

    monkeypatch.setattr(publishing.client, "create", meanwhile)
    with manifest.edit() as edited:
        edited.put("resnet-ish", replace(edited.nets["resnet-ish"], figures={}))
    assert publish("resnet-ish", "--repo", "ada/nets") == command_line.WRONG
    assert "changed on the Hub in the meantime" in capsys.readouterr().err
    assert repository.files["notes.txt"] == b"from somebody else"


def test_both_trainings_of_a_net_are_published_fetched_and_verified(
    hub: LoopbackHub, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(5)
    path = folder / "resnet-ish.mnist-only.safetensors"
    save_file(architectures.build("resnet-ish").state_dict(), path)
    manifest.record("resnet-ish/mnist-only", path)
    assert publish("resnet-ish", "--repo", "ada/nets") == 0
    sent = hub.repository("ada/nets").files
    assert {"resnet-ish.safetensors", "resnet-ish.mnist-only.safetensors"} <= set(sent)
    assert "lenet-like.safetensors" not in sent
    assert b"**resnet-ish/mnist-only**, `resnet-ish.mnist-only.safetensors`" in sent["README.md"]
    clone = tmp_path / "clone"
    clone.mkdir()
    monkeypatch.setenv("CHECKPOINTS_DIR", str(clone))
    hub.take_over(monkeypatch, tmp_path / "another machine", token=None)
    assert command_line.main(["fetch", "--repo", "ada/nets"]) == 0
    assert (clone / path.name).read_bytes() == path.read_bytes()
    assert command_line.main(["verify", "resnet-ish"]) == 0
    loaded = checkpoints.load("resnet-ish", training="mnist-only").state_dict()
    torch.manual_seed(5)
    expected = architectures.build("resnet-ish").state_dict()
    assert all(torch.equal(expected[key], loaded[key].cpu()) for key in expected)


def test_a_baseline_alone_is_fetched_by_its_id(hub: LoopbackHub, folder: Path, tmp_path: Path) -> None:
    path = folder / "resnet-ish.mnist-only.safetensors"
    shutil.copy(folder / "resnet-ish.safetensors", path)
    manifest.record("resnet-ish/mnist-only", path)
    publish("resnet-ish", "--repo", "ada/nets")
    path.unlink()
    (folder / "resnet-ish.safetensors").unlink()
    assert command_line.main(["fetch", "resnet-ish/mnist-only"]) == 0
    assert path.is_file() and not (folder / "resnet-ish.safetensors").exists()


def test_mnist_in_strokes_is_published_as_a_dataset_with_a_card(
    hub: LoopbackHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRAINING_CACHE", str(tmp_path / "cache"))
    mnist = small_mnist.shipped(tmp_path / "mnist", 20, 10)
    assert publish("--strokes", "ada/mnist-strokes", "--data", str(mnist), "--dry-run") == 0
    assert "mnist-train.jsonl.gz" in capsys.readouterr().out
    assert publish("--strokes", "ada/mnist-strokes", "--data", str(mnist)) == 0
    sent = hub.repository("ada/mnist-strokes", "dataset").files
    assert set(sent) == {"README.md", "mnist-train.jsonl.gz", "mnist-test.jsonl.gz"}
    lines = gzip.decompress(sent["mnist-test.jsonl.gz"]).splitlines()
    assert len(lines) == 10 and all(json.loads(line)["strokes"] for line in lines)
    card = sent["README.md"].decode()
    assert front_matter_errors(card, "dataset") == []
    assert "| train | 20 | 0 |" in card and 'load_dataset("ada/mnist-strokes")' in card
    (files,) = front_matter(sent["README.md"])["configs"]
    assert {one["path"] for one in files["data_files"]} <= set(sent)
