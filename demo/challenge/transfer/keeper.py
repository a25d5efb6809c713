"""Keeps a store whose disk does not last, such as a Space's: its journal goes to a private dataset repository.

Every `every` minutes what is new becomes one file of the repository, in one commit; at start the store is rebuilt from
what is there. What was submitted since the last commit is lost when the machine goes away without a farewell; the page
stays honest about it in its terms. A deletion takes the lines out of the files on the Hub and squashes the history.

What may happen between any two steps:

- A file is written on this disk, whole and flushed, before it is sent, and keeps its name until a commit with it has
  been confirmed. Sent twice, since the answer to the first was lost, it is one file.
- Progress moves when the commit is confirmed, never before: whatever fails is sent again.
- Killed at any point, a new machine rebuilds from the Hub; a machine that still has its store and its folder goes on
  from both. Lines have identities, so that nothing is entered or sent twice.

While the Hub cannot be reached drawings are taken in all the same, and `trouble` says so to the page.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import CommitOperationAdd, HfApi
from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError

from checkpoints.errors import WeightsError
from checkpoints.store.files import write_whole
from demo.challenge.store.database import Store, StoreError
from demo.challenge.transfer import journal

VARIABLE = "DIGIT_CHALLENGE_HUB"
EVERY_MINUTES = 2.0
UNREACHABLE = (
    "Drawings cannot be saved for good at the moment: what you submit is kept here, and sent as soon as that works."
)
FAILURES = (HfHubHTTPError, OSError, ValueError, KeyError, StoreError, WeightsError)  # the last: a full disk

log = logging.getLogger("demo.challenge")


class PublicRepository(StoreError):
    """The repository may be read by anybody; a journal holds what only its owner may see."""


@dataclass(frozen=True)
class Batch:
    """What one commit brings: files by name, lines as they are, and the progress once it is confirmed."""

    files: dict[str, bytes]
    progress: journal.Progress
    forgets: bool


def repository() -> str | None:
    """The dataset repository that DIGIT_CHALLENGE_HUB names, or on a Space one beside it; None elsewhere."""
    space = os.environ.get("SPACE_ID")
    return os.environ.get(VARIABLE) or (f"{space}-drawings" if space else None)


class Keeper:
    """Rebuilds `store` from the repository, then sends it what is new, in a thread of its own until `stop`.

    repo    "user/name" of a dataset repository; made, and private, when there is none
    folder  of its own on this machine, with a copy of what is on the Hub

    `trouble` is None, or what the page should say. Raises StoreError for a store that needs no keeper.
    """

    def __init__(self, store: Store, repo: str, folder: Path, every: float = EVERY_MINUTES) -> None:
        if not store.is_sqlite:
            raise StoreError("a PostgreSQL store lasts by itself: only a SQLite file is kept on the Hub")
        self.store, self.repo, self.folder, self.every_s = store, repo, folder, every * 60
        self.folder.mkdir(parents=True, exist_ok=True)
        self.trouble: str | None = None
        self._api = HfApi()
        self._progress = journal.Progress()
        self._batch: Batch | None = None  # made, and not yet confirmed
        self._must_squash = False
        self._restored = False
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Restore now, so that nobody meets an empty store while the Hub answers, then go on by itself."""
        self.send()
        self._thread = threading.Thread(target=self._go_on, name="keeper", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Send what is new, for the last time, and end."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
        self.send()

    def send(self) -> bool:
        """Send what is new; False, with `trouble` saying so, when that did not work and must be tried again."""
        with self._lock:
            try:
                if not self._restored:
                    self._restore()
                    self._restored = True
                if self._batch is None:
                    self._batch = self._new_batch()
                if self._batch is not None:
                    self._commit(self._batch)
                if self._must_squash:  # until it has worked: earlier commits still hold what was deleted
                    self._api.super_squash_history(repo_id=self.repo, repo_type="dataset")
                    self._must_squash = False
            except PublicRepository as error:
                self.trouble = str(error)
                log.error("keeper: %s (%s)", error, error.detail)
                return False
            except FAILURES as error:
                self.trouble = UNREACHABLE
                log.warning("keeper: %s: %s", type(error).__name__, getattr(error, "detail", "") or error)
                return False
            self.trouble = None
            return True

    def _go_on(self) -> None:
        while not self._stopped.wait(self.every_s):
            self.send()

    def _restore(self) -> None:
        try:
            if not self._api.repo_info(self.repo, repo_type="dataset").private:
                raise PublicRepository("the repository of the drawings is public: it must be private", self.repo)
        except RepositoryNotFoundError:
            self._api.create_repo(self.repo, repo_type="dataset", private=True, exist_ok=True)
        on_hub = {name for name in self._api.list_repo_files(self.repo, repo_type="dataset") if name.endswith(".jsonl")}
        for name in on_hub:
            self._api.hf_hub_download(self.repo, name, repo_type="dataset", local_dir=self.folder)
        for left in self._local():
            if left.name not in on_hub:  # written and not confirmed: the store, or the Hub, has it
                left.unlink()
        lines = list(self._lines())
        self._progress = journal.Progress().and_these(lines)
        self._must_squash = any(line["kind"] == "deleted" for line in lines)  # it may have been killed before it could
        journal.rebuild(self.store, lines)

    def _new_batch(self) -> Batch | None:
        lines, progress = journal.new_lines(self.store, self._progress)
        if not lines:
            return None
        gone = {line["uid"] for line in lines if line["kind"] == "deleted"}
        files = (
            {path.name: kept for path in self._local() if (kept := _without(path, gone)) is not None} if gone else {}
        )
        written = (json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
        files[f"{time.time_ns()}-{os.getpid()}.jsonl"] = "".join(written).encode()
        return Batch(files, progress, bool(gone))

    def _commit(self, batch: Batch) -> None:
        for name, content in batch.files.items():
            write_whole(self.folder / name, content)
        operations = [CommitOperationAdd(name, str(self.folder / name)) for name in batch.files]
        message = f"{len(batch.files)} file(s) of drawings"
        self._api.create_commit(self.repo, operations, commit_message=message, repo_type="dataset")
        self._progress, self._batch = batch.progress, None
        self._must_squash |= batch.forgets

    def _local(self) -> list[Path]:
        return sorted(self.folder.glob("*.jsonl"))

    def _lines(self) -> Iterable[journal.Line]:
        for path in self._local():
            for line in path.read_text("utf-8").splitlines():
                if line:
                    yield json.loads(line)


def _without(path: Path, gone: set[str]) -> bytes | None:
    """The file without the lines about deleted drawings; None when it has none."""
    before = path.read_text("utf-8").splitlines(keepends=True)
    after = [line for line in before if not _is_about(line, gone)]
    return None if after == before else "".join(after).encode()


def _is_about(line: str, gone: set[str]) -> bool:
    fields: dict[str, Any] = json.loads(line)
    return fields.get("uid") in gone and fields["kind"] != "deleted"
