"""What the Hub of the tests keeps: repositories of three types, their commits, and large files by sha256."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime

LARGE = (".safetensors", ".pt", ".pth", ".bin", ".onnx", ".png", ".gz", ".db", ".sqlite")
LARGE_BYTES = 10 * 2**20


@dataclass(frozen=True)
class Blob:
    """A file's content; large ones are kept through LFS and named by their sha256, small ones as git names them."""

    data: bytes
    large: bool

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def git_name(self) -> str:
        return hashlib.sha1(b"blob %d\0" % len(self.data) + self.data, usedforsecurity=False).hexdigest()

    @property
    def etag(self) -> str:
        return self.sha256 if self.large else self.git_name

    def as_json(self, path: str) -> dict:
        described = {"type": "file", "path": path, "size": len(self.data), "oid": self.git_name}
        if self.large:
            described["lfs"] = {"oid": self.sha256, "size": len(self.data), "pointerSize": 134}
        return described


@dataclass(frozen=True)
class Commit:
    oid: str
    files: dict[str, Blob]
    message: str
    when: datetime


@dataclass
class Repository:
    """A repository of one branch, main. `type` is model, dataset or space; `id` is user/name."""

    type: str
    id: str
    private: bool = False
    sdk: str | None = None
    commits: list[Commit] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.commits:
            self.commit({}, "initial commit")

    @property
    def owner(self) -> str:
        return self.id.split("/")[0]

    @property
    def head(self) -> Commit:
        return self.commits[-1]

    @property
    def files(self) -> dict[str, bytes]:
        """Paths and contents on main."""
        return {path: blob.data for path, blob in self.head.files.items()}

    def at(self, revision: str) -> Commit | None:
        """The commit called main or by its 40 hex digits, or None."""
        if revision == "main":
            return self.head
        return next((commit for commit in self.commits if commit.oid == revision), None)

    def commit(self, files: dict[str, Blob], message: str) -> Commit:
        made = Commit(secrets.token_hex(20), files, message, datetime.now(UTC))
        self.commits.append(made)
        return made

    def put(self, **files: bytes) -> Commit:
        """Commit files directly, for a test that needs them there: put(**{"a/b.txt": b"..."})."""
        added = {path: Blob(data, is_large(path, len(data))) for path, data in files.items()}
        return self.commit({**self.head.files, **added}, "put there by a test")

    def squash(self, message: str = "squashed") -> Commit:
        """Rewrite the history to one new commit, as a force push does: every earlier revision is gone."""
        files = self.head.files
        self.commits = []
        return self.commit(files, message)


def is_large(path: str, size: int) -> bool:
    """Whether the Hub would keep this file through LFS."""
    return size > 0 and (path.endswith(LARGE) or size > LARGE_BYTES)
