"""Sources and downloads: share links become files, and a file arrives whole or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from checkpoints.own_nets.confirming import confirmed

import checkpoints
from checkpoints.errors import BrokenTransfer, FetchFailed, NotAllowed, Offline, Refused
from checkpoints.own_nets import downloading
from checkpoints.own_nets.downloading import download
from checkpoints.own_nets.sources import direct, parse, without_password
from checkpoints.store import manifest
from tests.support.file_server import Files, serve
from tests.support.hub_server import serve as serve_hub
from tests.support.own_nets import MLP, command, mlp
from tests.support.own_nets import place as place

DATA = os.urandom(300_000)


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Iterator[Files]:
    monkeypatch.setattr(downloading, "FIRST_PAUSE_S", 0.001)
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    with serve(DATA) as served:
        yield served


@pytest.mark.parametrize(
    ("shared", "file"),
    [
        (
            "https://drive.google.com/file/d/1AbC_d-9/view?usp=sharing",
            "https://drive.usercontent.google.com/download?id=1AbC_d-9&export=download&confirm=t",
        ),
        (
            "https://drive.google.com/open?id=1AbC&resourcekey=0-xyz",
            "https://drive.usercontent.google.com/download?id=1AbC&export=download&confirm=t&resourcekey=0-xyz",
        ),
        (
            "https://drive.google.com/uc?export=download&id=1AbC",
            "https://drive.usercontent.google.com/download?id=1AbC&export=download&confirm=t",
        ),
        (
            "https://www.dropbox.com/scl/fi/a1b2/net.pth?rlkey=k3y&st=x&dl=0",
            "https://www.dropbox.com/scl/fi/a1b2/net.pth?rlkey=k3y&st=x&dl=1",
        ),
        ("https://www.dropbox.com/s/a1b2/net.pth", "https://www.dropbox.com/s/a1b2/net.pth?dl=1"),
        ("https://github.com/u/r/blob/main/a/net.pth", "https://github.com/u/r/raw/main/a/net.pth"),
        ("https://huggingface.co/u/r/blob/main/net.pth", "https://huggingface.co/u/r/resolve/main/net.pth"),
        ("https://example.com/blob/net.pth?x=1", "https://example.com/blob/net.pth?x=1"),
    ],
)
def test_share_links_are_turned_into_the_file_itself(shared: str, file: str):
    assert direct(shared) == file


@pytest.mark.parametrize(
    "text",
    [
        "http://example.com/net.pth",
        "http://192.168.0.1/net.pth",
        "file:///etc/passwd",
        "ftp://example.com/net.pth",
        "https:///net.pth",
        "https://[bad/net.pth",
        "https://drive.google.com/drive/folders/1AbC",
        "https://www.dropbox.com/scl/fo/a1b2/xyz?rlkey=k",
        "hf://user/net.pth",
        "hf://user/repo/../../x",
        "no-such-file.pth",
    ],
)
def test_what_is_no_source_is_refused(text: str):
    with pytest.raises(Refused):
        parse(text)


def test_passwords_are_not_recorded_nor_folders_of_this_machine(tmp_path: Path):
    assert without_password("https://ada:secret@example.com/net.pth") == "https://example.com/net.pth"
    (tmp_path / "net.pth").write_bytes(b"x")
    assert parse(str(tmp_path / "net.pth")).recorded == "net.pth"


def test_a_download_is_the_file_with_a_progress_bar(files: Files, tmp_path: Path, capsys: pytest.CaptureFixture):
    assert download(f"{files.url}/net.pth", folder=tmp_path).read_bytes() == DATA
    assert "100%" in capsys.readouterr().err


def test_a_download_that_is_cut_goes_on_where_it_was(files: Files, tmp_path: Path):
    files.cuts, files.cut_after = 2, 100_000
    assert download(f"{files.url}/net.pth", folder=tmp_path).read_bytes() == DATA
    assert [wanted for _, wanted in files.asked] == [None, "bytes=100000-", "bytes=200000-"]


class Then(list):
    """What was asked, with something that happens at the second request."""

    def __init__(self, happens: Callable[[], None]) -> None:
        super().__init__()
        self.happens = happens

    def append(self, asked: object) -> None:
        super().append(asked)
        if len(self) == 2:
            self.happens()


def test_a_later_command_goes_on_where_an_earlier_one_gave_up(files: Files, tmp_path: Path):
    files.cuts, files.cut_after = 100, 120_000
    files.asked = Then(lambda: setattr(files, "cut_after", 0))
    with pytest.raises(BrokenTransfer):
        download(f"{files.url}/net.pth", folder=tmp_path)
    files.cuts = 0
    assert download(f"{files.url}/net.pth", folder=tmp_path).read_bytes() == DATA
    assert files.asked[-1][1] == "bytes=120000-"


def test_a_file_that_changed_meanwhile_is_fetched_from_its_beginning(files: Files, tmp_path: Path):
    files.cuts, files.cut_after = 1, 100_000
    other = os.urandom(250_000)

    def change() -> None:
        files.data, files.etag = other, '"2"'

    files.asked = Then(change)
    assert download(f"{files.url}/net.pth", folder=tmp_path).read_bytes() == other


def test_a_server_without_ranges_is_asked_for_everything_again(files: Files, tmp_path: Path):
    files.cuts, files.cut_after, files.ranges = 1, 100_000, False
    assert download(f"{files.url}/net.pth", folder=tmp_path).read_bytes() == DATA


def test_a_size_that_is_never_reached_is_a_broken_transfer_and_no_file(files: Files, tmp_path: Path):
    files.claimed = 10
    with pytest.raises(BrokenTransfer, match="the same command goes on"):
        download(f"{files.url}/net.pth", folder=tmp_path)
    assert not list(tmp_path.glob("*.whole"))


@pytest.mark.parametrize("announced", [True, False])
def test_a_file_above_the_limit_is_refused_announced_or_not(files: Files, tmp_path: Path, announced: bool):
    files.length = announced
    with pytest.raises(Refused, match="limit"):
        download(f"{files.url}/net.pth", limit_bytes=100_000, folder=tmp_path)
    assert not list(tmp_path.glob("*.whole"))
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 100_000


def test_redirects_on_the_same_host_are_followed(files: Files, tmp_path: Path):
    files.location = "/elsewhere/net.pth"
    assert download(f"{files.url}/redirect", folder=tmp_path).read_bytes() == DATA


@pytest.mark.parametrize(
    "location",
    [
        "https://192.168.0.1/net.pth",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/net.pth",
        "https://10.0.0.7:8080/net.pth",
        "http://example.com/net.pth",
        "file:///etc/passwd",
        "ftp://example.com/x",
        "https://[bad",
    ],
)
def test_redirects_into_private_networks_or_away_from_https_are_not_followed(
    files: Files, tmp_path: Path, location: str
):
    files.location = location
    with pytest.raises(Refused):
        download(f"{files.url}/redirect", folder=tmp_path)
    assert not list(tmp_path.glob("*.whole"))


def test_a_circle_of_redirects_ends(files: Files, tmp_path: Path):
    files.location = "/redirect"
    with pytest.raises(FetchFailed, match="again and again"):
        download(f"{files.url}/redirect", folder=tmp_path)


def test_google_drives_question_is_answered(files: Files, tmp_path: Path):
    assert download(f"{files.url}/drive?id=abc", folder=tmp_path).read_bytes() == DATA
    assert files.asked[-1][0] == "/confirmed?id=abc&export=download&confirm=t&uuid=1-2-3"


def test_another_web_page_is_told_to_be_one(files: Files, tmp_path: Path):
    with pytest.raises(FetchFailed, match="shared with everyone"):
        download(f"{files.url}/page", folder=tmp_path)
    assert confirmed("<html><form action='/login'><input name='id'></form></html>", files.url) is None


@pytest.mark.parametrize(
    ("status", "error"), [(401, NotAllowed), (403, NotAllowed), (404, FetchFailed), (503, BrokenTransfer)]
)
def test_refusals_of_the_server_are_told(files: Files, tmp_path: Path, status: int, error: type[FetchFailed]):
    files.status = status
    with pytest.raises(error, match=str(status)):
        download(f"{files.url}/net.pth", folder=tmp_path)


def test_a_server_that_is_not_there_is_told(tmp_path: Path, files: Files):
    with pytest.raises(Offline, match="cannot be reached"):
        download("http://127.0.0.1:9/net.pth", folder=tmp_path)


def test_a_net_is_added_from_an_address_and_listed_with_its_source(place: Path, files: Files):
    (place / "mlp.py").write_text(MLP)
    torch.save(mlp().state_dict(), place / "mlp.pth")
    files.data = (place / "mlp.pth").read_bytes()
    files.cuts, files.cut_after = 1, 10_000
    assert command("add", "from-afar", f"{files.url}/net?download", "--architecture", "mlp.py") == 0
    entry = manifest.read().entry("from-afar")
    assert entry is not None
    assert entry.source == f"{files.url}/net?download"
    assert entry.sha256 == hashlib.sha256(files.data).hexdigest()
    checkpoints.load("from-afar")
    assert not list((place / "cache").rglob("*.whole"))


def test_a_net_is_added_from_the_hub(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (place / "mlp.py").write_text(MLP)
    torch.save(mlp().state_dict(), place / "mlp.pth")
    with serve_hub() as hub:
        hub.take_over(monkeypatch, tmp_path)
        hub.create("ada/nets", **{"mlp.pth": (place / "mlp.pth").read_bytes()})
        assert command("add", "hubs", "hf://ada/nets/mlp.pth", "--architecture", "mlp.py") == 0
        assert command("add", "hubs-other", "hf://ada/nets/none.pth", "--architecture", "mlp.py") == 2
    checkpoints.load("hubs")
