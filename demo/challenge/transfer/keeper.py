"""Keeps a store whose disk does not last, such as a Space's: its journal goes to a private dataset repository.

huggingface_hub's CommitScheduler sends what is new every EVERY_MINUTES; at start the store is rebuilt from what is
there. What was handed in since the last commit is lost when the machine goes away without a farewell; the page stays
honest about it in its terms. A deletion takes the lines out of the files on the Hub and squashes the history.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from huggingface_hub import CommitInfo, CommitScheduler, HfApi
from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError

from demo.challenge.store.database import Store, StoreError
from demo.challenge.transfer import journal

VARIABLE = "DIGIT_CHALLENGE_HUB"
EVERY_MINUTES = 2.0


def repository() -> str | None:
    """The dataset repository that DIGIT_CHALLENGE_HUB names, or on a Space one beside it; None elsewhere."""
    space = os.environ.get("SPACE_ID")
    return os.environ.get(VARIABLE) or (f"{space}-drawings" if space else None)


class Keeper(CommitScheduler):
    """Rebuilds `store` from the repository, then sends it what is new, until `stop`.

    repo    "user/name" of a dataset repository; made, and private, when there is none
    folder  of its own on this machine; what lies there is overwritten

    Raises StoreError when the repository cannot be used, or is public: a journal holds what only its owner may see.
    """

    def __init__(self, store: Store, repo: str, folder: Path, every: float = EVERY_MINUTES) -> None:
        if not store.is_sqlite:
            raise StoreError("a PostgreSQL store lasts by itself: only a SQLite file is kept on the Hub")
        self.store = store
        self.progress = journal.Progress()
        self.downloaded: dict[str, Path] = {}
        self.must_forget = False
        outbox = folder / "outbox"
        outbox.mkdir(parents=True, exist_ok=True)
        for left in outbox.glob("*.jsonl"):
            left.unlink()  # the store, not this folder, knows what has not been sent
        self.file = outbox / f"{time.time_ns()}-{os.getpid()}.jsonl"
        api = HfApi()
        try:
            self._restore(api, repo, folder)
            super().__init__(
                repo_id=repo,
                repo_type="dataset",
                folder_path=outbox,
                every=every,
                private=True,
                allow_patterns="*.jsonl",
                hf_api=api,
            )
        except (HfHubHTTPError, OSError, ValueError, KeyError) as error:
            raise StoreError(f"the drawings cannot be kept in {repo} on the Hub: {error}") from error

    def push_to_hub(self) -> CommitInfo | None:
        """Write down what is new, and send the files that have changed."""
        with self.lock:
            lines = journal.new_lines(self.store, self.progress)
            gone = {line["uid"] for line in lines if line["kind"] == "deleted"}
            if gone:
                self._take_out(gone)
                self.must_forget = True
            if lines:
                with self.file.open("a", encoding="utf-8") as file:
                    file.writelines(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
        sent = super().push_to_hub()
        if self.must_forget:  # until it has worked: earlier commits still hold what was deleted
            self.api.super_squash_history(repo_id=self.repo_id, repo_type=self.repo_type)
            self.must_forget = False
        return sent

    def _restore(self, api: HfApi, repo: str, folder: Path) -> None:
        try:
            if not api.repo_info(repo, repo_type="dataset").private:
                raise StoreError(f"{repo} is public: a journal of drawings belongs in a private repository")
        except RepositoryNotFoundError:
            return  # the scheduler makes it
        lines: list[journal.Line] = []
        for name in sorted(api.list_repo_files(repo, repo_type="dataset")):
            if name.endswith(".jsonl"):
                path = Path(api.hf_hub_download(repo, name, repo_type="dataset", local_dir=folder / "downloaded"))
                self.downloaded[name] = path
                lines += [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]
        self.progress.written = {journal.identity(line) for line in lines}
        journal.rebuild(self.store, lines)

    def _take_out(self, gone: set[str]) -> None:
        """Leave the lines about deleted drawings out of every file that has some; the caller holds the lock."""
        for name, path in [*self.downloaded.items(), (self.file.name, self.file)]:
            if not path.exists():
                continue
            before = path.read_text("utf-8").splitlines(keepends=True)
            after = [line for line in before if not _is_about(line, gone)]
            if after != before:
                ours = self.file.parent / name
                ours.write_text("".join(after), "utf-8")
                if name in self.downloaded:
                    self.downloaded[name] = ours


def _is_about(line: str, gone: set[str]) -> bool:
    fields: dict[str, Any] = json.loads(line)
    return fields["uid"] in gone and fields["kind"] != "deleted"
