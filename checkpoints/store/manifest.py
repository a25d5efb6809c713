"""manifest.json: which file holds a net's weights, its sha256, where it came from and what was measured of it.

    {"nets": {"caps-net": {"file": "caps-net.safetensors", "sha256": "<64 hex>", "bytes": 32862272,
                           "source": null, "hub": {"repo": "user/name", "revision": "<40 hex>"},
                           "training": {...}, "figures": {...}}}}

The file is written whole or not at all, and one writer at a time, so that a running app may read it at any moment.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import filelock

from architectures import shown, stamp
from checkpoints.errors import BadManifest, MissingWeights, Refused
from checkpoints.store.files import is_bare, settle, sha256_of, write_whole

NAME = "manifest.json"
SHA256 = re.compile(r"[0-9a-f]{64}")
COMMIT = re.compile(r"[0-9a-f]{40}")
LOCK_SECONDS = 60


@dataclass(frozen=True)
class Hub:
    """A place on the Hub that cannot change: a repository at one commit (40 hex digits)."""

    repo: str
    revision: str


@dataclass(frozen=True)
class Entry:
    """What is recorded of one net's weights.

    file      bare name of the file inside the folder of checkpoints
    sha256    64 hex digits; bytes: size of the file
    source    where the file came from when it was not trained here (a path, an address), else None
    hub       where it is published, or None while it is not
    training  command, seed, epochs and the like, as the training recorded them
    figures   what was measured of exactly these weights
    """

    file: str
    sha256: str
    bytes: int
    source: str | None = None
    hub: Hub | None = None
    training: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        hub = {"repo": self.hub.repo, "revision": self.hub.revision} if self.hub else None
        return {
            "file": self.file,
            "sha256": self.sha256,
            "bytes": self.bytes,
            "source": self.source,
            "hub": hub,
            "training": self.training,
            "figures": self.figures,
        }


@dataclass
class Manifest:
    """All entries, by the names people read (caps-net, not caps_net)."""

    nets: dict[str, Entry] = field(default_factory=dict)

    def entry(self, name: str) -> Entry | None:
        """What is recorded of the net called `name` (hyphens or underscores), or None."""
        return self.nets.get(shown(name))

    def put(self, name: str, entry: Entry) -> None:
        self.nets[shown(name)] = entry

    def remove(self, name: str) -> None:
        self.nets.pop(shown(name), None)

    def as_text(self) -> str:
        nets = {name: entry.as_json() for name, entry in sorted(self.nets.items())}
        return json.dumps({"nets": nets}, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def folder() -> Path:
    """Where the weights and the manifest are: this package, or $CHECKPOINTS_DIR."""
    return Path(os.environ.get("CHECKPOINTS_DIR") or Path(__file__).parents[1])


def read() -> Manifest:
    """The manifest as it is on disk now, empty when there is none; raises BadManifest."""
    path = folder() / NAME
    try:
        parsed = _parsed(path, stamp(path))
    except FileNotFoundError:
        return Manifest()
    except (OSError, UnicodeDecodeError) as error:
        raise BadManifest(f"{path} cannot be read: {error}") from error
    return Manifest(dict(parsed.nets))


@lru_cache(maxsize=4)
def _parsed(path: Path, _stamp: tuple[int, int, int]) -> Manifest:
    """The manifest at `path`; its time, size and inode make a changed file new."""
    return parse(path.read_text(encoding="utf-8"), where=str(path))


def parse(text: str, where: str = NAME) -> Manifest:
    """The manifest written in `text`; raises BadManifest naming `where` and the entry that is wrong."""
    try:
        loaded = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadManifest(f"{where} is not JSON ({error}): restore it, for example with `git checkout`") from error
    nets = loaded.get("nets") if isinstance(loaded, dict) else None
    if not isinstance(nets, dict):
        raise BadManifest(f'{where} has no table "nets": it should read {{"nets": {{NAME: {{...}}}}}}')
    return Manifest({shown(name): _entry(value, f"{where}: the entry of {name}") for name, value in nets.items()})


def _entry(value: object, where: str) -> Entry:
    if not isinstance(value, dict):
        raise BadManifest(f"{where} is a {type(value).__name__}, not a table")
    unknown = sorted(set(value) - set(Entry.__dataclass_fields__))
    if unknown:
        raise BadManifest(f"{where} has unknown fields: {', '.join(unknown)}")
    file, sha256, size, source = (value.get(key) for key in ("file", "sha256", "bytes", "source"))
    if not isinstance(file, str) or not is_bare(file):
        raise BadManifest(f"{where}: file must be the bare name of a file in the folder, not {file!r}")
    if not isinstance(sha256, str) or not SHA256.fullmatch(sha256):
        raise BadManifest(f"{where}: sha256 must be 64 hex digits, not {sha256!r}")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise BadManifest(f"{where}: bytes must be the size of the file, not {size!r}")
    if source is not None and not isinstance(source, str):
        raise BadManifest(f"{where}: source must be text or null, not {source!r}")
    training, figures = (_table(value, key, where) for key in ("training", "figures"))
    return Entry(file, sha256, size, source, _hub(value.get("hub"), where), training, figures)


def _table(value: Mapping[str, Any], key: str, where: str) -> dict[str, Any]:
    table = value.get(key)
    if table is not None and not isinstance(table, dict):
        raise BadManifest(f"{where}: {key} must be a table, not {table!r}")
    return table or {}


def _hub(value: object, where: str) -> Hub | None:
    if value is None:
        return None
    repo, revision = (value.get("repo"), value.get("revision")) if isinstance(value, dict) else (None, None)
    if not isinstance(repo, str) or not isinstance(revision, str) or not COMMIT.fullmatch(revision):
        raise BadManifest(f'{where}: hub must be null or {{"repo": "user/name", "revision": 40 hex digits}}')
    return Hub(repo, revision)


@contextmanager
def edit() -> Iterator[Manifest]:
    """The manifest to change: written when the block ends well, left as it was when it raises."""
    with locked():
        manifest = read()
        yield manifest
        write_whole(folder() / NAME, manifest.as_text().encode())


@contextmanager
def locked() -> Iterator[None]:
    """Keep other writers out, so that weights and their entry change together; readers need not wait."""
    lock = filelock.FileLock(folder() / f".{NAME}.lock")
    try:
        lock.acquire(timeout=LOCK_SECONDS)
    except filelock.Timeout as error:
        raise Refused(f"another command has been writing {folder() / NAME} for {LOCK_SECONDS} s: try again") from error
    try:
        yield
    finally:
        lock.release()


def record(
    name: str, path: Path, *, training: dict[str, Any] | None = None, source: str | None = None, hub: Hub | None = None
) -> Entry:
    """Record the file at `path`, which must be in the folder, as the weights of `name`, and return the entry.

    Figures and the place on the Hub stay only when the weights are the same as before: they were theirs.
    """
    path = Path(path)
    if path.parent.resolve() != folder().resolve():
        raise Refused(f"{path} is not in {folder()}: put it there first")
    if not path.is_file():
        raise MissingWeights(f"{path} is missing: there is nothing to record for {shown(name)}")
    with edit() as manifest:
        return _record(manifest, name, path, training, source, hub)


def install(
    name: str,
    temporary: Path,
    file: str,
    *,
    training: dict[str, Any] | None = None,
    source: str | None = None,
    hub: Hub | None = None,
) -> Entry:
    """Rename `temporary`, a finished file in the folder, to `file` and record it in the same breath.

    This is how weights are replaced under a running app: it never sees new weights with the old sha256.
    """
    if not is_bare(file):
        raise Refused(f"{file!r} is not the bare name of a file")
    with edit() as manifest:
        settle(Path(temporary), folder() / file)
        return _record(manifest, name, folder() / file, training, source, hub)


def _record(
    manifest: Manifest,
    name: str,
    path: Path,
    training: dict[str, Any] | None,
    source: str | None,
    hub: Hub | None,
) -> Entry:
    sha256, old = sha256_of(path), manifest.entry(name)
    same = old is not None and old.sha256 == sha256
    entry = Entry(path.name, sha256, path.stat().st_size, source, hub, training or {})
    if same and old is not None:
        entry = replace(
            entry,
            figures=old.figures,
            hub=hub or old.hub,
            source=source or old.source,
            training=training or old.training,
        )
    manifest.put(name, entry)
    return entry


def record_figures(name: str, figures: Mapping[str, Any], *, sha256: str | None = None) -> Entry:
    """Add `figures` to those of the net called `name`.

    sha256 names the weights that were measured: Refused when others have been recorded in the meantime.
    """
    with edit() as manifest:
        entry = manifest.entry(name)
        if entry is None:
            raise MissingWeights(f"no weights are recorded for {shown(name)} in {folder() / NAME}")
        if sha256 is not None and sha256 != entry.sha256:
            raise Refused(f"the weights of {shown(name)} changed while they were measured: measure again")
        entry = replace(entry, figures={**entry.figures, **figures})
        manifest.put(name, entry)
    return entry
