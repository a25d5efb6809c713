"""Where weights come from: a file here, an address, a share link, a file on the Hub, or the person's own hands."""

from __future__ import annotations

import re
import urllib.parse
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult

from checkpoints.errors import Refused
from checkpoints.formats.detection import GUIDE

Kind = Literal["file", "address", "drive", "hub", "none"]
DRIVE = {"drive.google.com", "docs.google.com"}
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
WAYS = "a file, an https:// address, a share link of Google Drive, hf://USER/REPO[@REVISION]/FILE, or none"


@dataclass(frozen=True)
class Source:
    """Where to get a file from.

    kind      file (`path`), address or drive (`url`), hub (`repo` "user/name" or "user/name@revision" and `file`), none
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
        parts = checked(text)
        return Source("drive" if parts.hostname in DRIVE else "address", without_password(text), url=text)
    if scheme:
        raise Refused(f"invalid source {text}: {scheme}:// is not read; it must be {WAYS}")
    path = Path(text).expanduser()
    if (path / "saved_model.pb").is_file():
        raise Refused(f"{text} is a SavedModel of TensorFlow: convert it to ONNX, see {GUIDE}")
    if path.is_dir():
        raise Refused(f"{text} is a folder: give the file of weights in it")
    if not path.is_file():
        what = "is not a regular file" if path.exists() else "was not found"
        raise Refused(f"{text} {what}; a source is {WAYS}")
    return Source("file", path.name, path=path)


def _on_the_hub(text: str) -> Source:
    match = re.fullmatch(r"hf://([^/@\s]+/[^/@\s]+(?:@[^/\s]+)?)/(\S+)", text)
    if match is None or ".." in match[2].split("/"):
        raise Refused(f"invalid source {text}: must be hf://USER/REPO/FILE or hf://USER/REPO@REVISION/FILE")
    return Source("hub", text, repo=match[1], file=match[2])


def checked(url: str) -> SplitResult:
    """The parts of an address; raises Refused unless it is https, or http on loopback, where nobody can listen in."""
    try:
        parts = urllib.parse.urlsplit(url)
        host = parts.hostname
    except ValueError as error:
        raise Refused(f"invalid address {url!r}: {error}") from error
    if not host:
        raise Refused(f"invalid address {url!r}: it names no host; a source is {WAYS}")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
        raise Refused(f"{parts.scheme}://{host} is not read: weights travel by https alone")
    return parts


def without_password(url: str) -> str:
    """The address as it may be recorded."""
    parts = urllib.parse.urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
