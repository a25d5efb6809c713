"""One file from an address: with a progress bar, resumed after a cut, within a limit, whole or not at all.

What has arrived is kept in the user's cache, so that the same command goes on where an earlier one was cut; the folder
of checkpoints never sees part of a file.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import re
import socket
import sys
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import filelock
import httpx2
import platformdirs
from tqdm import tqdm

from checkpoints.errors import BrokenTransfer, FetchFailed, NotAllowed, Offline, Refused
from checkpoints.own_nets.sources import checked
from checkpoints.store.files import room_for

LIMIT_BYTES = 2 * 2**30
ASK_BYTES = 300 * 10**6
ATTEMPTS = 5
FIRST_PAUSE_S = 0.5  # doubled after each attempt that brought nothing
TIMEOUT_S = 30.0
MOST_REDIRECTS = 8


@dataclass
class Allowance:
    """How much may be taken in: nothing above the limit, and nothing large before a person has agreed.

    agreed  to more than ASK_BYTES
    """

    limit_bytes: int = LIMIT_BYTES
    agreed: bool = False

    def check(self, size: int, name: str) -> None:
        """Raise Refused unless `size` bytes may be taken in; asks whoever is at the keyboard, once."""
        if size > self.limit_bytes:
            raise Refused(f"{name} has {size:,} bytes or more; the limit is {self.limit_bytes:,}: see --limit")
        if size <= ASK_BYTES or self.agreed:
            return
        if not sys.stdin.isatty():
            raise Refused(f"{name} has {size:,} bytes or more, and nobody is at the keyboard to agree: say --yes")
        if input(f"{name} has {size / 1e6:,.0f} MB or more: take it in? [y/N] ").strip().lower() not in ("y", "yes"):
            raise Refused(f"{name} was not taken in")
        self.agreed = True


@dataclass(frozen=True)
class Whole:
    """What the server says the whole file is: its size in bytes and its version, each None when it does not say."""

    size: int | None
    version: str | None


class _Changed(Exception):
    """The file on the server is not the one whose beginning was kept."""


@contextmanager
def download(url: str, allowance: Allowance, *, drive: bool = False, folder: Path | None = None) -> Iterator[Path]:
    """The file at `url`, whole, in the user's cache (or `folder`) until the block ends, however it ends.

    drive     the address is a share link of Google Drive
    A redirect must stay with https and may not lead into a private network. Raises Refused for those and for a file
    above the allowance, BrokenTransfer when it was cut in every attempt, NotAllowed, Offline or another FetchFailed.
    """
    kept = folder or Path(platformdirs.user_cache_dir("handwritten-digit-challenge")) / "downloads"
    kept.mkdir(parents=True, exist_ok=True)
    part = kept / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.part"
    try:
        with filelock.FileLock(f"{part}.lock", timeout=0):
            try:
                (_fill_from_drive if drive else _fill)(url, part, allowance)
                yield part
            except BrokenTransfer:
                raise  # the same command goes on from what has come
            except BaseException:
                part.unlink(missing_ok=True)
                raise
            else:
                part.unlink(missing_ok=True)
            finally:
                if not part.exists():
                    _note(part).unlink(missing_ok=True)
    except filelock.Timeout as error:
        raise Refused(f"another command is downloading {_host(url)} just now: wait for it") from error


def _fill_from_drive(url: str, part: Path, allowance: Allowance) -> None:
    """Bring `part` to its whole size by gdown, which knows Google Drive's links and answers its questions."""
    import gdown  # a quarter of a second, for those who have such a link
    import requests

    def check(size: int, whole: int | None) -> None:
        allowance.check(max(size, whole or 0), "the file on Google Drive")

    if "/folders/" in url:
        raise Refused(f"{url} is a folder of Google Drive: give the share link of the file itself")
    try:
        with room_for(part):
            gdown.download(
                url, str(part), use_cookies=False, resume=True, timeout=TIMEOUT_S, retries=ATTEMPTS, progress=check
            )
    except gdown.exceptions.FileURLRetrievalError as error:
        raise NotAllowed(
            "Google Drive does not give the file: share it with everyone who has the link, or try again tomorrow if "
            "many have fetched it today"
        ) from error
    except (gdown.exceptions.DownloadError, requests.RequestException) as error:
        raise BrokenTransfer(f"the transfer from Google Drive broke off ({_first_line(error)}): try again") from error
    except BaseException:
        for started in part.parent.glob(f"{part.name}*.part"):
            started.unlink()
        raise


def _fill(url: str, part: Path, allowance: Allowance) -> None:
    """Bring `part` to its whole size, in as many attempts as bring something."""
    fruitless = 0
    with httpx2.Client(timeout=TIMEOUT_S) as client:
        while True:
            before = part.stat().st_size if part.exists() else 0
            try:
                _attempt(client, url, part, allowance)
                return
            except _Changed:
                part.unlink(missing_ok=True)
                reason = "the file changes while it is read"
            except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
                raise Refused(f"invalid address {url!r}: {error}") from error
            except httpx2.ConnectError as error:
                raise Offline(f"{_host(url)} cannot be reached ({error}): check address and connection") from error
            except httpx2.TransportError as error:
                reason = str(error) or type(error).__name__
            now = part.stat().st_size if part.exists() else 0
            fruitless = 0 if now > before else fruitless + 1
            if fruitless >= ATTEMPTS:
                raise BrokenTransfer(
                    f"the transfer from {_host(url)} broke off after {now:,} bytes ({reason}): "
                    f"the same command goes on from there"
                )
            time.sleep(FIRST_PAUSE_S * 2**fruitless if fruitless else 0)


def _attempt(client: httpx2.Client, url: str, part: Path, allowance: Allowance) -> None:
    have = part.stat().st_size if part.exists() else 0
    expected = _remembered(part) if have else None
    headers = {"Accept-Encoding": "identity"}  # a compressed answer could not be resumed, nor its size be believed
    if have and expected is not None and expected.version:
        headers |= {"Range": f"bytes={have}-", "If-Range": expected.version}
    with _answer(client, url, headers) as response:
        if response.status_code == 416 and have:
            raise _Changed
        _check(response, url)
        start = _start(response, have)
        whole = _whole(response, start)
        allowance.check(whole.size or 0, "the file")
        _note(part).write_text(json.dumps(asdict(whole)), encoding="utf-8")
        _append(response, part, start, whole.size, allowance)
    size = part.stat().st_size
    if whole.size is not None and size != whole.size:
        if size > whole.size:
            part.unlink()
        raise httpx2.RemoteProtocolError(f"{size:,} bytes came of {whole.size:,}")


def _append(response: httpx2.Response, part: Path, start: int, size: int | None, allowance: Allowance) -> None:
    with (
        room_for(part),
        part.open("r+b" if start else "wb") as file,
        tqdm(total=size, initial=start, unit="B", unit_scale=True, desc="downloading") as bar,
    ):
        file.seek(start)
        file.truncate()
        for block in response.iter_raw():
            allowance.check(file.tell() + len(block), "the file")
            file.write(block)
            bar.update(len(block))


@contextmanager
def _answer(client: httpx2.Client, url: str, headers: dict[str, str]) -> Iterator[httpx2.Response]:
    """The answer to `url` after redirects, each checked before it is followed."""
    first = urllib.parse.urlsplit(url).hostname or ""
    for _ in range(MOST_REDIRECTS):
        with client.stream("GET", url, headers=headers) as response:
            if response.is_redirect:
                url = _next(url, response.headers.get("location", ""), first)
                continue
            if response.status_code == 200 and "text/html" in response.headers.get("content-type", ""):
                raise FetchFailed(
                    f"{_host(url)} answers with a web page instead of a file: give the address of the file itself "
                    "(GitHub: /raw/ instead of /blob/; Hugging Face: /resolve/; Dropbox: dl=1), shared with everyone"
                )
            yield response
            return
    raise FetchFailed(f"{_host(url)} redirects again and again: give the file's own address")


def _next(url: str, location: str, first: str) -> str:
    """Where a redirect leads to; raises Refused unless it is https and public, or stays with the host first asked."""
    try:
        target = urllib.parse.urljoin(url, location)
        host = checked(target).hostname or ""
    except (Refused, ValueError) as error:
        raise Refused(f"{_host(url)} redirects to {location[:200]!r}, which is not followed") from error
    if host != first and not _is_public(host):
        raise Refused(f"{_host(url)} redirects to {host}, inside a private network: not followed")
    return target


def _is_public(host: str) -> bool:
    """False when any address of `host` is private, loopback or otherwise not for everyone."""
    try:
        addresses = {entry[4][0] for entry in socket.getaddrinfo(host, None)}
    except OSError:
        return True  # nobody here knows it; if a proxy does, it asks the Internet
    return all(ipaddress.ip_address(str(address).partition("%")[0]).is_global for address in addresses)


def _check(response: httpx2.Response, url: str) -> None:
    status = response.status_code
    if status in (200, 206):
        return
    if status in (401, 403):
        raise NotAllowed(f"{_host(url)} answers {status}: share the file with everyone who has the link")
    if status in (404, 410):
        raise FetchFailed(f"{_host(url)} answers {status}: the file was not found; check the link")
    if status == 429 or status >= 500:
        raise httpx2.RemoteProtocolError(f"the server answers {status}")
    raise FetchFailed(f"{_host(url)} answers {status} instead of a file")


def _start(response: httpx2.Response, have: int) -> int:
    """Where in the file the answer's first byte lies."""
    if response.status_code != 206:
        return 0
    match = re.match(r"bytes (\d+)-", response.headers.get("content-range", ""))
    if match is None or int(match[1]) != have:
        raise _Changed
    return have


def _whole(response: httpx2.Response, start: int) -> Whole:
    length = response.headers.get("content-length", "")
    size = start + int(length) if length.isdecimal() else None
    version = response.headers.get("etag") or response.headers.get("last-modified")
    return Whole(size, version if version and not version.startswith("W/") else None)


def _note(part: Path) -> Path:
    return part.with_suffix(".json")


def _remembered(part: Path) -> Whole | None:
    try:
        return Whole(**json.loads(_note(part).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None  # an older or torn note: the file is fetched from its beginning


def _host(url: str) -> str:
    return urllib.parse.urlsplit(url).netloc.rpartition("@")[2]


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
