"""Sources and downloads: a file arrives whole or not at all, and a failed add leaves nothing of it."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
import torch
from requests.adapters import HTTPAdapter

import checkpoints
from checkpoints.errors import BrokenTransfer, FetchFailed, NotAllowed, Offline, Refused
from checkpoints.hub import client
from checkpoints.own_nets import downloading
from checkpoints.own_nets.downloading import Allowance, download
from checkpoints.own_nets.sources import parse, without_password
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


def fetched(url: str, folder: Path, limit_bytes: int = 10**9, *, drive: bool = False) -> bytes:
    with download(url, Allowance(limit_bytes), drive=drive, folder=folder) as path:
        return path.read_bytes()


def left(folder: Path) -> list[Path]:
    """What a download left in the cache."""
    return [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"]


@pytest.mark.parametrize(
    "text",
    [
        "http://example.com/net.pth",
        "http://192.168.0.1/net.pth",
        "file:///etc/passwd",
        "ftp://example.com/net.pth",
        "https:///net.pth",
        "https://[bad/net.pth",
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
    assert fetched(f"{files.url}/net.pth", tmp_path) == DATA
    assert "100%" in capsys.readouterr().err


def test_a_download_that_is_cut_goes_on_where_it_was(files: Files, tmp_path: Path):
    files.cuts, files.cut_after = 2, 100_000
    assert fetched(f"{files.url}/net.pth", tmp_path) == DATA
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
        fetched(f"{files.url}/net.pth", tmp_path)
    files.cuts = 0
    assert fetched(f"{files.url}/net.pth", tmp_path) == DATA
    assert files.asked[-1][1] == "bytes=120000-"


def test_a_file_that_changed_meanwhile_is_fetched_from_its_beginning(files: Files, tmp_path: Path):
    files.cuts, files.cut_after = 1, 100_000
    other = os.urandom(250_000)

    def change() -> None:
        files.data, files.etag = other, '"2"'

    files.asked = Then(change)
    assert fetched(f"{files.url}/net.pth", tmp_path) == other


def test_a_server_without_ranges_is_asked_for_everything_again(files: Files, tmp_path: Path):
    files.cuts, files.cut_after, files.ranges = 1, 100_000, False
    assert fetched(f"{files.url}/net.pth", tmp_path) == DATA


def test_a_size_that_is_never_reached_is_a_broken_transfer(files: Files, tmp_path: Path):
    files.claimed = 10
    with pytest.raises(BrokenTransfer, match="the same command goes on"):
        fetched(f"{files.url}/net.pth", tmp_path)


@pytest.mark.parametrize("announced", [True, False])
def test_a_file_above_the_limit_is_refused_announced_or_not(files: Files, tmp_path: Path, announced: bool):
    files.length = announced
    with pytest.raises(Refused, match="limit"):
        fetched(f"{files.url}/net.pth", tmp_path, 100_000)
    assert left(tmp_path) == []


def test_redirects_on_the_same_host_are_followed(files: Files, tmp_path: Path):
    files.location = "/elsewhere/net.pth"
    assert fetched(f"{files.url}/redirect", tmp_path) == DATA


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
        fetched(f"{files.url}/redirect", tmp_path)
    assert left(tmp_path) == []


def test_a_circle_of_redirects_ends(files: Files, tmp_path: Path):
    files.location = "/redirect"
    with pytest.raises(FetchFailed, match="again and again"):
        fetched(f"{files.url}/redirect", tmp_path)


def test_another_web_page_is_told_to_be_one(files: Files, tmp_path: Path):
    with pytest.raises(FetchFailed, match="shared with everyone"):
        fetched(f"{files.url}/page", tmp_path)


class Drive(HTTPAdapter):
    """Google Drive as it answers, served by the file server on loopback."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def send(self, request, **how):
        at = urlsplit(request.url)
        path = "/confirmed" if at.path == "/confirmed" else "/drive"
        request.url = f"{self.url}{path}?{at.query}"
        response = super().send(request, **how)
        if path == "/confirmed":
            response.headers["Content-Type"] = "application/octet-stream"
            response.headers["Content-Disposition"] = 'attachment; filename="net.pth"'
        return response


@pytest.fixture
def drive(files: Files, monkeypatch: pytest.MonkeyPatch) -> Files:
    real = requests.Session.get_adapter
    monkeypatch.setattr(
        requests.Session, "get_adapter", lambda self, url: Drive(files.url) if "google" in url else real(self, url)
    )
    return files


LINK = "https://drive.google.com/file/d/1AbC_d-9/view?usp=sharing"


def test_a_share_link_of_google_drive_is_the_file_behind_its_question(drive: Files, tmp_path: Path):
    assert parse(LINK).kind == "drive"
    assert fetched(LINK, tmp_path, drive=True) == DATA
    assert drive.asked[-1][0].startswith("/confirmed?") and "uuid=1-2-3" in drive.asked[-1][0]


def test_a_file_on_google_drive_above_the_limit_is_refused_and_leaves_nothing(drive: Files, tmp_path: Path):
    with pytest.raises(Refused, match="limit"):
        fetched(LINK, tmp_path, 100_000, drive=True)
    assert left(tmp_path) == []


def test_a_folder_of_google_drive_is_refused(tmp_path: Path):
    with pytest.raises(Refused, match="is a folder of Google Drive"):
        fetched("https://drive.google.com/drive/folders/1AbC", tmp_path, drive=True)


def test_a_failed_add_leaves_nothing_of_the_download(place: Path, files: Files):
    assert command("add", "from-afar", f"{files.url}/net.pth") == 2
    assert left(place / "cache") == []


def test_a_large_file_is_asked_about_before_it_is_taken_in(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(downloading, "ASK_BYTES", 100_000)
    with pytest.raises(Refused, match="nobody is at the keyboard to agree: say --yes"):
        fetched(f"{files.url}/net.pth", tmp_path)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _question: "n")
    with pytest.raises(Refused, match="was not taken in"):
        fetched(f"{files.url}/net.pth", tmp_path)
    assert left(tmp_path) == []
    monkeypatch.setattr("builtins.input", lambda _question: "y")
    assert fetched(f"{files.url}/net.pth", tmp_path) == DATA


@pytest.mark.parametrize(
    ("status", "error"), [(401, NotAllowed), (403, NotAllowed), (404, FetchFailed), (503, BrokenTransfer)]
)
def test_refusals_of_the_server_are_told(files: Files, tmp_path: Path, status: int, error: type[FetchFailed]):
    files.status = status
    with pytest.raises(error, match=str(status)):
        fetched(f"{files.url}/net.pth", tmp_path)


def test_a_server_that_is_not_there_is_told(tmp_path: Path, files: Files):
    with pytest.raises(Offline, match="cannot be reached"):
        fetched("http://127.0.0.1:9/net.pth", tmp_path)


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
    assert left(place / "cache") == []


def test_a_net_is_added_from_the_hub(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (place / "mlp.py").write_text(MLP)
    torch.save(mlp().state_dict(), place / "mlp.pth")
    with serve_hub() as hub:
        hub.take_over(monkeypatch, tmp_path)
        hub.create("ada/nets", **{"mlp.pth": (place / "mlp.pth").read_bytes()})
        assert command("add", "hubs", "hf://ada/nets/mlp.pth", "--architecture", "mlp.py") == 0
        assert command("add", "hubs-other", "hf://ada/nets/none.pth", "--architecture", "mlp.py") == 2
    checkpoints.load("hubs")


def test_a_large_file_of_the_hub_is_asked_about_before_any_of_it_comes(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    (place / "mlp.py").write_text(MLP)
    torch.save(mlp().state_dict(), place / "mlp.pth")
    monkeypatch.setattr(downloading, "ASK_BYTES", 1000)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with serve_hub() as hub:
        hub.take_over(monkeypatch, tmp_path)
        hub.create("ada/nets", **{"mlp.pth": (place / "mlp.pth").read_bytes()})
        assert command("add", "hubs", "hf://ada/nets/mlp.pth", "--architecture", "mlp.py") == 2
        assert "nobody is at the keyboard to agree" in capsys.readouterr().err
        assert client.cached(client.pin("ada/nets"), "mlp.pth") is None, "it was downloaded all the same"
        assert command("add", "hubs", "hf://ada/nets/mlp.pth", "--architecture", "mlp.py", "--yes") == 0
