"""A Hub on loopback, real enough for huggingface_hub itself to publish to it and fetch from it.

    with serve() as hub:
        hub.take_over(monkeypatch, tmp_path)        # this process's huggingface_hub now talks to it
        hub.environment(tmp_path)                   # the same for a process that is started
        hub.faults.cut_after_bytes = 1000           # and things go wrong

Models, datasets and Spaces, private or public; one branch; LFS with the basic transfer; no Xet.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from pathlib import Path

import huggingface_hub.constants
import huggingface_hub.utils
import pytest

from tests.support.hub_protocol import Handler
from tests.support.hub_store import Blob, Repository


@dataclass
class Faults:
    """What goes wrong, from the next request on. `Faults()` is a Hub in good health.

    status            every request is answered with this: 401, 403, 404, 500, 503
    cut_after_bytes   the content of a file, up or down, ends after so many bytes and the connection is closed
    cuts              how many transfers are cut; the ones after them go through
    reset             the connection is reset instead of closed
    corrupt           one bit of every file is wrong
    seconds_a_block   pause before each block of 64 KiB of a download
    """

    status: int | None = None
    cut_after_bytes: int | None = None
    cuts: int = 10**9
    reset: bool = False
    corrupt: bool = False
    seconds_a_block: float = 0.0


@dataclass
class LoopbackHub:
    """The Hub's state, shared by the test and the server's threads.

    users     token -> name of the user it belongs to; `token` is the first user's
    requests  every request so far, "METHOD /path", in order
    """

    url: str
    users: dict[str, str] = field(default_factory=lambda: {"hf_adas_token": "ada", "hf_bobs_token": "bob"})
    repositories: dict[tuple[str, str], Repository] = field(default_factory=dict)
    large: dict[str, bytes] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    requests: list[str] = field(default_factory=list)
    authorizations: list[str | None] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def token(self) -> str:
        return next(iter(self.users))

    def repository(self, repo_id: str, repo_type: str = "model") -> Repository:
        """A repository that exists; KeyError otherwise."""
        return self.repositories[repo_type, repo_id]

    def create(self, repo_id: str, repo_type: str = "model", *, private: bool = False, **files: bytes) -> Repository:
        """A new repository with these files in it."""
        made = Repository(repo_type, repo_id, private)
        if files:
            made.put(**files)
            self.large.update({blob.sha256: blob.data for blob in made.head.files.values() if blob.large})
        self.repositories[repo_type, repo_id] = made
        return made

    def blob(self, sha256: str) -> Blob:
        return Blob(self.large[sha256], large=True)

    def take_over(self, monkeypatch: pytest.MonkeyPatch, folder: Path, *, token: str | None = "") -> None:
        """Make huggingface_hub in this process use this Hub, with its cache and login under `folder`.

        token: "" for the first user's, None for nobody logged in, or any other token.
        """
        for name, value in self.environment(folder, token=token).items():
            monkeypatch.setenv(name, value)
        if token is None:
            monkeypatch.delenv("HF_TOKEN", raising=False)
        constants = huggingface_hub.constants
        monkeypatch.setattr(constants, "ENDPOINT", self.url)
        template = self.url + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(folder / "hf" / "hub"))
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(folder / "hf" / "token"))
        monkeypatch.setattr(constants, "HF_STORED_TOKENS_PATH", str(folder / "hf" / "stored_tokens"))
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_IMPLICIT_TOKEN", False)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        huggingface_hub.utils.close_session()  # an open one may still go to another test's Hub

    def environment(self, folder: Path, *, token: str | None = "") -> dict[str, str]:
        """Variables that make another process use this Hub, with its cache and login under `folder`."""
        login = {} if token is None else {"HF_TOKEN": token or self.token}
        return {
            "HF_ENDPOINT": self.url,
            "HF_HOME": str(folder / "hf"),
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "NO_PROXY": "127.0.0.1",
            **login,
        }

    def said(self) -> str:
        """All requests so far, one a line, for a failing test to show."""
        return "\n".join(self.requests)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    hub: LoopbackHub


@contextmanager
def serve() -> Iterator[LoopbackHub]:
    """A Hub that answers on a free port of 127.0.0.1 until the block ends."""
    with _Server(("127.0.0.1", 0), Handler) as server:
        server.hub = LoopbackHub(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, name="hub", daemon=True)
        thread.start()
        try:
            yield server.hub
        finally:
            huggingface_hub.utils.close_session()
            server.shutdown()
            thread.join()
