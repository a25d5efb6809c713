"""One file from an address: with a progress bar, resumed after a cut, within a limit, whole or not at all.

What has arrived is kept in the user's cache, so that the same command goes on where an earlier one was stopped; the
folder of checkpoints never sees part of a file.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import re
import socket
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
from checkpoints.own_nets.confirming import confirmed
from checkpoints.own_nets.sources import check_scheme
from checkpoints.store.files import room_for

LIMIT_BYTES = 2 * 2**30
LARGEST_PAGE_BYTES = 2**20
ATTEMPTS = 5
FIRST_PAUSE_S = 0.5  # doubled after each attempt that brought nothing
TIMEOUT_S = 30.0
MOST_REDIRECTS = 8


@dataclass(frozen=True)
class Whole:
    """What the server says the whole file is: its size in bytes and its version, each None when it does not say."""

    size: int | None
    version: str | None


class _Changed(Exception):
    """The file on the server is not the one whose beginning was kept."""


def download(url: str, *, limit_bytes: int = LIMIT_BYTES, folder: Path | None = None) -> Path:
    """The file at `url`, whole, in the user's cache (or `folder`); the caller moves it where it belongs.

    A redirect must stay with https and may not lead into a private network. Raises Refused for those and for a file
    above the limit, BrokenTransfer when it was cut in every attempt, NotAllowed, Offline or another FetchFailed.
    """
    kept = folder or Path(platformdirs.user_cache_dir("handwritten-digit-challenge")) / "downloads"
    kept.mkdir(parents=True, exist_ok=True)
    part = kept / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.part"
    try:
        with filelock.FileLock(f"{part}.lock", timeout=0), httpx2.Client(timeout=TIMEOUT_S) as client:
            _fill(client, url, part, limit_bytes)
    except filelock.Timeout as error:
        raise Refused(f"another command is downloading {_host(url)} just now: wait for it") from error
    whole = part.with_suffix(".whole")
    part.replace(whole)
    _note(part).unlink(missing_ok=True)
    return whole


def _fill(client: httpx2.Client, url: str, part: Path, limit_bytes: int) -> None:
    """Bring `part` to its whole size, in as many attempts as bring something."""
    fruitless = 0
    while True:
        before = part.stat().st_size if part.exists() else 0
        try:
            _attempt(client, url, part, limit_bytes)
            return
        except _Changed:
            part.unlink(missing_ok=True)
            reason = "the file changes while it is read"
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
            raise Refused(f"{url!r} is no address: {error}") from error
        except httpx2.ConnectError as error:
            raise Offline(f"{_host(url)} cannot be reached ({error}): check the address and the connection") from error
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


def _attempt(client: httpx2.Client, url: str, part: Path, limit_bytes: int) -> None:
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
        if whole.size is not None and whole.size > limit_bytes:
            raise Refused(f"the file has {whole.size:,} bytes; the limit is {limit_bytes:,}: see --limit")
        _note(part).write_text(json.dumps(asdict(whole)), encoding="utf-8")
        _append(response, part, start, whole.size, limit_bytes)
    size = part.stat().st_size
    if whole.size is not None and size != whole.size:
        if size > whole.size:
            part.unlink()
        raise httpx2.RemoteProtocolError(f"{size:,} bytes came of {whole.size:,}")


def _append(response: httpx2.Response, part: Path, start: int, size: int | None, limit_bytes: int) -> None:
    with (
        room_for(part),
        part.open("r+b" if start else "wb") as file,
        tqdm(total=size, initial=start, unit="B", unit_scale=True, desc="downloading") as bar,
    ):
        file.seek(start)
        file.truncate()
        for block in response.iter_raw():
            file.write(block)
            bar.update(len(block))
            if file.tell() > limit_bytes:
                break
    if part.stat().st_size > limit_bytes:
        part.unlink()
        raise Refused(f"more than {limit_bytes:,} bytes came, which is the limit: see --limit")


@contextmanager
def _answer(client: httpx2.Client, url: str, headers: dict[str, str]) -> Iterator[httpx2.Response]:
    """The answer to `url`, after redirects and Google Drive's question, each step checked before it is taken."""
    first = urllib.parse.urlsplit(url).hostname or ""
    for _ in range(MOST_REDIRECTS):
        with client.stream("GET", url, headers=headers) as response:
            if response.is_redirect:
                url = _next(url, response.headers.get("location", ""), first)
                continue
            if response.status_code == 200 and "text/html" in response.headers.get("content-type", ""):
                asked = confirmed(_page(response), url)
                if asked is None:
                    raise FetchFailed(
                        f"{_host(url)} answers with a web page instead of a file: is it shared with everyone who has "
                        f"the link, and is this the file's own address?"
                    )
                url = _next(url, asked, first)
                continue
            yield response
            return
    raise FetchFailed(f"{_host(url)} redirects again and again: give the file's own address")


def _page(response: httpx2.Response) -> str:
    raw = b""
    for block in response.iter_bytes():
        raw += block
        if len(raw) > LARGEST_PAGE_BYTES:
            break
    return raw.decode("utf-8", "replace")


def _next(url: str, location: str, first: str) -> str:
    """Where a redirect leads to; raises Refused unless it is https and public, or stays with the host first asked."""
    try:
        target = urllib.parse.urljoin(url, location)
        parts = urllib.parse.urlsplit(target)
        check_scheme(parts)
    except (Refused, ValueError) as error:
        raise Refused(f"{_host(url)} redirects to {location[:200]!r}, which is not followed") from error
    if parts.hostname != first and not _is_public(parts.hostname or ""):
        raise Refused(f"{_host(url)} redirects to {parts.hostname}, inside a private network: not followed")
    return target


def _is_public(host: str) -> bool:
    """False when any address of `host` is private, loopback or otherwise not for everyone."""
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, None)}
    except OSError:
        return True  # nobody here knows it; if a proxy does, it asks the Internet
    return all(ipaddress.ip_address(str(address).partition("%")[0]).is_global for address in found)


def _check(response: httpx2.Response, url: str) -> None:
    status = response.status_code
    if status in (200, 206):
        return
    if status in (401, 403):
        raise NotAllowed(f"{_host(url)} answers {status}: share the file with everyone who has the link")
    if status in (404, 410):
        raise FetchFailed(f"{_host(url)} answers {status}: the file is not there (any more); check the link")
    if status == 429 or status >= 500:
        raise httpx2.RemoteProtocolError(f"the server answers {status}")
    raise FetchFailed(f"{_host(url)} answers {status} instead of a file")


def _start(response: httpx2.Response, have: int) -> int:
    """Where in the file the answer's first byte lies."""
    if response.status_code != 206:
        return 0
    said = re.match(r"bytes (\d+)-", response.headers.get("content-range", ""))
    if said is None or int(said[1]) != have:
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
