"""Where weights come from: a file here, an address, a share link, a file on the Hub, or the person's own hands."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult

from checkpoints.errors import Refused

Kind = Literal["file", "address", "hub", "none"]
DRIVE_DOWNLOAD = "https://drive.usercontent.google.com/download"
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
WAYS = "a file, an https:// address, a Google Drive or Dropbox share link, hf://USER/REPO[@REVISION]/FILE, or none"


@dataclass(frozen=True)
class Source:
    """Where to get a file from.

    kind      file (`path`), address (`url`), hub (`repo` "user/name" or "user/name@revision" and `file`) or none
    recorded  what the manifest says about it: never a path of this machine, never a password
    """

    kind: Kind
    recorded: str | None
    path: Path | None = None
    url: str = ""
    repo: str = ""
    file: str = ""


def parse(text: str) -> Source:
    """The source that a person wrote; raises Refused saying what can be written."""
    if text == "none":
        return Source("none", None)
    scheme = text.partition("://")[0].lower() if "://" in text else ""
    if scheme == "hf":
        return _on_the_hub(text)
    if scheme in ("http", "https"):
        url = direct(text)
        return Source("address", without_password(text), url=url)
    if scheme:
        raise Refused(f"{scheme}:// addresses are not read; SOURCE is {WAYS}")
    path = Path(text).expanduser()
    if not path.is_file():
        what = "is not a regular file" if path.exists() else "is not there"
        raise Refused(f"{text} {what}; SOURCE is {WAYS}")
    return Source("file", path.name, path=path)


def _on_the_hub(text: str) -> Source:
    match = re.fullmatch(r"hf://([^/@\s]+/[^/@\s]+(?:@[^/\s]+)?)/(\S+)", text)
    if match is None or ".." in match[2].split("/"):
        raise Refused(f"{text} is not hf://USER/REPO/FILE or hf://USER/REPO@REVISION/FILE")
    return Source("hub", text, repo=match[1], file=match[2])


def direct(url: str) -> str:
    """The address of the file itself, for the share links that give a web page instead; others stay as they are.

    Raises Refused for an address that is not https; http is for loopback alone, where nobody can listen in.
    """
    try:
        parts = urllib.parse.urlsplit(url)
    except ValueError as error:
        raise Refused(f"{url!r} is no address: {error}") from error
    check_scheme(parts)
    turn = SHARES.get((parts.hostname or "").removeprefix("www."))
    return turn(parts) if turn else url


def check_scheme(parts: SplitResult) -> None:
    """Raise Refused unless an address is https, or http on loopback."""
    if not parts.hostname:
        raise Refused(f"{parts.geturl()!r} names no host; SOURCE is {WAYS}")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise Refused(f"{parts.scheme}://{parts.hostname} is not read: weights travel by https alone")


def without_password(url: str) -> str:
    """The address as it may be recorded."""
    parts = urllib.parse.urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _google_drive(parts: SplitResult) -> str:
    """.../file/d/ID/view?usp=sharing, /open?id=ID and /uc?id=ID, with or without a resource key."""
    asked = dict(urllib.parse.parse_qsl(parts.query))
    in_path = re.search(r"/file(?:/u/\d+)?/d/([\w-]+)", parts.path)
    found = in_path[1] if in_path else asked.get("id")
    if found is None:
        raise Refused(f"{parts.geturl()} is a folder or a page of Google Drive: give the share link of the file itself")
    wanted = {"id": found, "export": "download", "confirm": "t"}
    if "resourcekey" in asked:
        wanted["resourcekey"] = asked["resourcekey"]
    return f"{DRIVE_DOWNLOAD}?{urllib.parse.urlencode(wanted)}"


def _dropbox(parts: SplitResult) -> str:
    """.../scl/fi/ID/NAME?rlkey=KEY&dl=0 and /s/ID/NAME; dl=1 is the file."""
    if parts.path.startswith(("/sh/", "/scl/fo/")) and not re.search(r"\.\w+$", parts.path):
        raise Refused(f"{parts.geturl()} is a folder of Dropbox: give the share link of the file itself")
    asked = [(key, value) for key, value in urllib.parse.parse_qsl(parts.query) if key not in ("dl", "raw")]
    return parts._replace(query=urllib.parse.urlencode([*asked, ("dl", "1")])).geturl()


def _github(parts: SplitResult) -> str:
    """.../USER/REPO/blob/BRANCH/FILE is a page about the file; /raw/ is the file."""
    return parts._replace(path=re.sub(r"^(/[^/]+/[^/]+)/blob/", r"\1/raw/", parts.path)).geturl()


def _hugging_face(parts: SplitResult) -> str:
    """.../USER/REPO/blob/REVISION/FILE likewise; /resolve/ is the file."""
    return parts._replace(path=re.sub(r"^(/[^/]+/[^/]+)/blob/", r"\1/resolve/", parts.path)).geturl()


SHARES: dict[str, Callable[[SplitResult], str]] = {
    "drive.google.com": _google_drive,
    "docs.google.com": _google_drive,
    "dropbox.com": _dropbox,
    "github.com": _github,
    "huggingface.co": _hugging_face,
}
