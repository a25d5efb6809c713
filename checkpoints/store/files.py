"""Files that are whole or not there: hashed, written and put in place."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from checkpoints.errors import DiskFull

BLOCK_BYTES = 1 << 20


def sha256_of(path: Path) -> str:
    """The file's sha256 in 64 hex digits, read block by block."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def is_bare(file: str) -> bool:
    """True for a name that stays inside the folder whatever is joined to it, on any system."""
    return bool(file) and file not in {".", ".."} and not re.search(r"[/\\:\x00-\x1f]", file)


@contextmanager
def room_for(path: Path) -> Iterator[None]:
    """Turn a full disk, met while something is written for `path`, into DiskFull."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise DiskFull(f"no room for {path} on its disk: free some space and try again") from error


def write_whole(path: Path, data: bytes) -> None:
    """Put `data` at `path` so that nobody, not even after a power cut, sees half of it."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with room_for(path), os.fdopen(handle, "wb") as file:
            file.write(data)
        settle(Path(temporary), path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def settle(temporary: Path, path: Path) -> None:
    """Rename a finished file in the same folder to its place, once its bytes are on the disk."""
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    temporary.chmod(0o644)
    temporary.replace(path)


def copy_beside(source: Path, path: Path) -> Path:
    """A copy of `source` in the folder of `path`, under a temporary name, to be renamed to `path`; raises DiskFull."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    temporary = Path(name)
    try:
        with room_for(path), os.fdopen(handle, "wb") as target, source.open("rb") as file:
            shutil.copyfileobj(file, target, BLOCK_BYTES)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary
