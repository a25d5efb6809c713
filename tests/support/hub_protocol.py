"""The Hub's protocol, as huggingface_hub 2.4 speaks it: one method a kind of request."""

from __future__ import annotations

import base64
import json
import re
import socket
import struct
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import yaml

from tests.support.hub_store import Blob, Commit, Repository, is_large

BLOCK_BYTES = 64 * 1024
COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
PREFIXES = {"": "model", "datasets/": "dataset", "spaces/": "space"}

NAME = r"(?P<repo>[\w.-]+/[\w.-]+)"
API = rf"/api/(?P<plural>models|datasets|spaces)/{NAME}"
PAGE = rf"/(?P<prefix>datasets/|spaces/|){NAME}"


class Refusal(Exception):
    """An answer other than 200, with the headers by which huggingface_hub tells one error from another."""

    def __init__(self, status: int, code: str = "", message: str = "") -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class Handler(BaseHTTPRequestHandler):
    """One connection to the Hub; the state is `server.hub`."""

    protocol_version = "HTTP/1.1"
    hub: Any

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionError, TimeoutError):  # the client left, or a fault closed the connection
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing: the requests are in `hub.requests`."""

    def do_GET(self) -> None:
        self._dispatch()

    do_HEAD = do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

    def _dispatch(self) -> None:
        self.hub = self.server.hub  # type: ignore[attr-defined]
        self._sent: bytes | None = None
        path = urlsplit(self.path).path
        self.hub.requests.append(f"{self.command} {path}")
        self.hub.authorizations.append(self.headers.get("Authorization"))
        try:
            if self.hub.faults.status is not None:
                raise Refusal(self.hub.faults.status, message="the Hub was told to refuse")
            for method, pattern, answer in ROUTES:
                if self.command in method.split() and (match := re.fullmatch(pattern, path)):
                    answer(self, **{key: unquote(value or "") for key, value in match.groupdict().items()})
                    return
            raise Refusal(404, message=f"this Hub knows no {self.command} {path}")
        except Refusal as refusal:
            self._body()  # what was sent must be read, or it would be taken for the next request
            headers = {"X-Error-Message": refusal.message}
            if refusal.code:
                headers["X-Error-Code"] = refusal.code
            self._answer({"error": refusal.message}, status=refusal.status, headers=headers)

    # what a request says

    def _body(self) -> bytes:
        """What was sent with the request, whole; read once and kept."""
        if self._sent is None:
            chunked = self.headers.get("Transfer-Encoding", "").lower() == "chunked"
            self._sent = self._chunks() if chunked else self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return self._sent

    def _chunks(self) -> bytes:
        blocks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            blocks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(blocks)

    def _user(self) -> str | None:
        """Who asks, or None for nobody; a token that belongs to no user is refused."""
        said = self.headers.get("Authorization")
        if said is None:
            return None
        user = self.hub.users.get(said.removeprefix("Bearer "))
        if user is None:
            raise Refusal(401, message="Invalid credentials in Authorization header")
        return user

    def _found(self, repo_type: str, repo: str, *, write: bool = False) -> Repository:
        """The repository, if whoever asks may read it, or write to it."""
        user = self._user()
        found = self.hub.repositories.get((repo_type, repo))
        hidden = found is not None and found.private and user != found.owner
        if found is None or hidden:
            raise Refusal(404 if user else 401, "RepoNotFound", "Repository not found")
        if write and user is None:
            raise Refusal(401, message="Invalid username or password.")
        if write and user != found.owner:
            raise Refusal(403, message=f"{user} may not write to {repo}")
        return found

    def _commit(self, repository: Repository, revision: str) -> Commit:
        commit = repository.at(revision or "main")
        if commit is None:
            raise Refusal(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return commit

    # what is answered

    def _answer(self, value: object, *, status: int = 200, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        for name, text in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _cut(self) -> bool:
        """Whether this transfer is to be cut; each time it says so counts."""
        with self.hub.lock:
            if self.hub.faults.cut_after_bytes is None or self.hub.faults.cuts <= 0:
                return False
            self.hub.faults.cuts -= 1
            return True

    def _hang_up(self) -> None:
        """Close the connection in the middle of what was promised."""
        self.wfile.flush()
        if self.hub.faults.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.rfile.close()
            self.wfile.close()
            self.connection.close()
        else:
            self.connection.shutdown(socket.SHUT_RDWR)
        raise ConnectionAbortedError("cut on purpose")

    # requests

    def whoami(self) -> None:
        user = self._user()
        if user is None:
            raise Refusal(401, message="Invalid username or password.")
        self._answer({"type": "user", "id": user, "name": user, "fullname": user.title(), "orgs": [], "auth": {}})

    def validate_yaml(self) -> None:
        asked = json.loads(self._body())
        errors = front_matter_errors(asked["content"], asked["repoType"])
        found = {"errors": [{"message": error} for error in errors], "warnings": []}
        self._answer(found, status=400 if errors else 200)

    def create_repo(self) -> None:
        asked = json.loads(self._body())
        user = self._user()
        if user is None:
            raise Refusal(401, message="Invalid username or password.")
        repo_type = asked.get("type") or "model"
        repo = f"{asked.get('organization') or user}/{asked['name']}"
        if repo.split("/")[0] != user:
            raise Refusal(403, message=f"{user} may not create repositories in {repo.split('/')[0]}")
        prefix = "" if repo_type == "model" else f"{repo_type}s/"
        answer = {"url": f"{self.hub.url}/{prefix}{repo}", "name": repo, "id": repo}
        with self.hub.lock:
            if (repo_type, repo) in self.hub.repositories:
                self._answer({**answer, "error": "You already created this repo"}, status=409)
                return
            private = asked.get("visibility") == "private" or asked.get("private") is True
            self.hub.repositories[repo_type, repo] = Repository(repo_type, repo, private, asked.get("sdk"))
        self._answer(answer)

    def info(self, plural: str, repo: str, revision: str = "") -> None:
        repository = self._found(plural[:-1], repo)
        commit = self._commit(repository, revision)
        siblings = [
            {"rfilename": path, "size": len(blob.data), "blobId": blob.git_name}
            for path, blob in sorted(commit.files.items())
        ]
        when = commit.when.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        described = {"_id": "0" * 24, "id": repo, "author": repository.owner, "sha": commit.oid, "lastModified": when}
        self._answer(
            {**described, "private": repository.private, "tags": [], "downloads": 0, "likes": 0, "siblings": siblings}
        )

    def tree(self, plural: str, repo: str, revision: str, folder: str = "") -> None:
        commit = self._commit(self._found(plural[:-1], repo), revision)
        recursive = parse_qs(urlsplit(self.path).query).get("recursive", ["false"])[0].lower() in {"true", "1"}
        start = f"{folder.strip('/')}/" if folder.strip("/") else ""
        entries, folders = [], set()
        for path, blob in sorted(commit.files.items()):
            if not path.startswith(start):
                continue
            inner = path.removeprefix(start).split("/")
            folders.update(start + "/".join(inner[:depth]) for depth in range(1, len(inner)))
            if recursive or len(inner) == 1:
                entries.append(blob.as_json(path))
        shown = sorted(path for path in folders if recursive or "/" not in path.removeprefix(start))
        self._answer([{"type": "directory", "path": path, "size": 0, "oid": "0" * 40} for path in shown] + entries)

    def paths_info(self, plural: str, repo: str, revision: str) -> None:
        commit = self._commit(self._found(plural[:-1], repo), revision)
        asked = parse_qs(self._body().decode()).get("paths", [])
        self._answer([commit.files[path].as_json(path) for path in asked if path in commit.files])

    def commits(self, plural: str, repo: str, revision: str) -> None:
        repository = self._found(plural[:-1], repo)
        self._commit(repository, revision)
        self._answer(
            [
                {
                    "id": commit.oid,
                    "title": commit.message,
                    "message": "",
                    "date": commit.when.isoformat(),
                    "authors": [],
                }
                for commit in reversed(repository.commits)
            ]
        )

    def refs(self, plural: str, repo: str) -> None:
        head = self._found(plural[:-1], repo).head.oid
        branches = [{"name": "main", "ref": "refs/heads/main", "targetCommit": head}]
        self._answer({"branches": branches, "tags": [], "converts": []})

    def preupload(self, plural: str, repo: str, revision: str) -> None:
        commit = self._commit(self._found(plural[:-1], repo, write=True), revision)
        answers = []
        for file in json.loads(self._body())["files"]:
            mode = "lfs" if is_large(file["path"], file["size"]) else "regular"
            there = commit.files.get(file["path"])
            answers.append(
                {"path": file["path"], "uploadMode": mode, "shouldIgnore": False, "oid": there.etag if there else None}
            )
        self._answer({"files": answers})

    def lfs_batch(self, prefix: str, repo: str) -> None:
        self._found(PREFIXES[prefix], repo, write=True)
        objects = []
        for asked in json.loads(self._body())["objects"]:
            described = {"oid": asked["oid"], "size": asked["size"]}
            if asked["oid"] not in self.hub.large:
                described["actions"] = {"upload": {"href": f"{self.hub.url}/lfs/{asked['oid']}"}}
            objects.append(described)
        self._answer({"transfer": "basic", "objects": objects})

    def lfs_upload(self, sha256: str) -> None:
        if self._cut():
            self.rfile.read(self.hub.faults.cut_after_bytes)
            self._hang_up()
        blob = Blob(self._body(), large=True)
        if blob.sha256 != sha256:
            raise Refusal(400, message="the content is not what its sha256 says")
        with self.hub.lock:
            self.hub.large[sha256] = blob.data
        self._answer({})

    def commit(self, plural: str, repo: str, revision: str) -> None:
        repository = self._found(plural[:-1], repo, write=True)
        lines = [json.loads(line) for line in self._body().splitlines()]
        with self.hub.lock:
            files = dict(self._commit(repository, revision).files)
            message = ""
            for line in lines:
                key, value = line["key"], line["value"]
                if key == "header":
                    message = value["summary"]
                    parent = value.get("parentCommit")
                    if parent is not None and parent != repository.head.oid:
                        raise Refusal(412, message="A commit has happened since. Please refresh and try again.")
                elif key == "file":
                    files[value["path"]] = Blob(base64.b64decode(value["content"]), large=False)
                elif key == "lfsFile":
                    if value["oid"] not in self.hub.large:
                        raise Refusal(400, message=f"{value['path']} was never uploaded")
                    files[value["path"]] = self.hub.blob(value["oid"])
                elif key == "deletedFile":
                    del files[value["path"]]
                elif key == "deletedFolder":
                    files = {path: blob for path, blob in files.items() if not path.startswith(value["path"] + "/")}
                else:
                    raise Refusal(400, message=f"this Hub knows no operation {key}")
            made = repository.commit(files, message)
        url = f"{self.hub.url}/{repo}/commit/{made.oid}"
        self._answer({"success": True, "commitUrl": url, "commitOid": made.oid, "hookOutput": ""})

    def squash(self, plural: str, repo: str, branch: str) -> None:
        repository = self._found(plural[:-1], repo, write=True)
        asked = json.loads(self._body() or b"{}")
        with self.hub.lock:
            self._answer({"commitOid": repository.squash(asked.get("message") or f"squashed {branch}").oid})

    def resolve(self, prefix: str, repo: str, revision: str, path: str) -> None:
        commit = self._commit(self._found(PREFIXES[prefix], repo), revision)
        blob = commit.files.get(path)
        if blob is None:
            raise Refusal(404, "EntryNotFound", f"{path} is not in {repo}")
        self._send_file(blob, commit)

    def _send_file(self, blob: Blob, commit: Commit) -> None:
        data = blob.data
        if self.hub.faults.corrupt and data:
            data = data[:-1] + bytes([data[-1] ^ 1])
        first = 0
        if asked := re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or ""):
            first = int(asked[1])
        self.send_response(206 if first else 200)
        self.send_header("ETag", f'"{blob.etag}"')
        self.send_header("X-Repo-Commit", commit.oid)
        if blob.large:
            self.send_header("X-Linked-Etag", f'"{blob.etag}"')
            self.send_header("X-Linked-Size", str(len(data)))
        if first:
            self.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(len(data) - first))
        self.end_headers()
        if self.command == "HEAD":
            return
        rest = memoryview(data)[first:]
        if self._cut():
            self.wfile.write(rest[: self.hub.faults.cut_after_bytes])
            self._hang_up()
        for start in range(0, len(rest), BLOCK_BYTES):
            if self.hub.faults.seconds_a_block:
                time.sleep(self.hub.faults.seconds_a_block)
            self.wfile.write(rest[start : start + BLOCK_BYTES])


def front_matter_errors(content: str, repo_type: str) -> list[str]:
    """What the Hub would say against the front matter of a README; checks those fields that it really refuses."""
    match = re.match(r"---\r?\n(.*?)\r?\n---\r?\n", content, re.DOTALL)
    if match is None:
        return ["Missing configuration in README"] if repo_type == "space" else []
    try:
        fields = yaml.safe_load(match[1])
    except yaml.YAMLError as error:
        return [f"the front matter is not YAML: {error}"]
    if not isinstance(fields, dict):
        return ["the front matter is not a table"]
    errors = []
    if repo_type == "space":
        errors += [f'"{key}" is required' for key in ("sdk",) if key not in fields]
        errors += [f'"{key}" must be one of {sorted(COLOURS)}' for key in ("colorFrom", "colorTo")
                   if key in fields and fields[key] not in COLOURS]  # fmt: skip
        if len(str(fields.get("short_description", ""))) > 60:
            errors.append('"short_description" must be at most 60 characters long')
    for index, model in enumerate(fields.get("model-index") or []):
        for result in model.get("results") or [{}]:
            if not {"task", "dataset", "metrics"} <= set(result):
                errors.append(f'"model-index[{index}].results" must have task, dataset and metrics')
    return errors


ROUTES: list[tuple[str, str, Callable[..., None]]] = [
    ("GET", r"/api/whoami-v2", Handler.whoami),
    ("POST", r"/api/validate-yaml", Handler.validate_yaml),
    ("POST", r"/api/repos/create", Handler.create_repo),
    ("GET", rf"{API}(?:/revision/(?P<revision>[^/]+))?", Handler.info),
    ("GET", rf"{API}/tree/(?P<revision>[^/]+)(?P<folder>/.*)?", Handler.tree),
    ("POST", rf"{API}/paths-info/(?P<revision>[^/]+)", Handler.paths_info),
    ("GET", rf"{API}/commits/(?P<revision>[^/]+)", Handler.commits),
    ("GET", rf"{API}/refs", Handler.refs),
    ("POST", rf"{API}/preupload/(?P<revision>[^/]+)", Handler.preupload),
    ("POST", rf"{API}/commit/(?P<revision>[^/]+)", Handler.commit),
    ("POST", rf"{API}/super-squash/(?P<branch>[^/]+)", Handler.squash),
    ("POST", rf"{PAGE}\.git/info/lfs/objects/batch", Handler.lfs_batch),
    ("PUT", r"/lfs/(?P<sha256>[0-9a-f]{64})", Handler.lfs_upload),
    ("GET HEAD", rf"{PAGE}/resolve/(?P<revision>[^/]+)/(?P<path>.+)", Handler.resolve),
]
