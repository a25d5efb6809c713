"""What this project asks of the Hub, with its errors in the words of this project."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from pathlib import Path

import httpx2
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, hf_hub_url, try_to_load_from_cache
from huggingface_hub.errors import (
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    LocalTokenNotFoundError,
    OfflineModeIsEnabled,
    RemoteEntryNotFoundError,
    RevisionNotFoundError,
    RevisionResolutionError,
)

from checkpoints.errors import (
    BrokenTransfer,
    DiskFull,
    FetchFailed,
    MovedRevision,
    NotAllowed,
    NotOnTheHub,
    Offline,
    Refused,
)
from checkpoints.store import manifest
from checkpoints.store.manifest import Hub, Manifest

LOG_IN = "log in with `hf auth login` (or set HF_TOKEN)"
SHORT = 12  # digits of a commit that people read


def split(address: str) -> tuple[str, str | None]:
    """("user/name", revision or None) of "user/name" or "user/name@revision"; raises Refused."""
    repo, _, revision = address.partition("@")
    if repo.count("/") != 1 or not all(repo.split("/")) or address.endswith("@"):
        raise Refused(f"invalid repository {address!r}: must be USER/NAME or USER/NAME@REVISION")
    return repo, revision or None


def pin(address: str) -> Hub:
    """The repository at the commit that its revision (default: main) stands for now; when offline, stood for last."""
    repo, revision = split(address)
    with explained(repo, revision):
        return Hub(repo, HfApi().resolve_revision(repo, revision=revision).resolved)


def cached(place: Hub, file: str) -> Path | None:
    """The file as it was downloaded before, or None; asks nobody."""
    found = try_to_load_from_cache(place.repo, file, revision=place.revision)
    return Path(found) if isinstance(found, str) else None


def download(place: Hub, file: str) -> Path:
    """The file at the pinned commit, in the cache of huggingface_hub; whole, or an error that says why not.

    Raises Offline, BrokenTransfer, NotAllowed, NotOnTheHub, MovedRevision or DiskFull.
    """
    if path := cached(place, file):
        return path
    with explained(place.repo, place.revision, file):
        HfApi().repo_info(place.repo, revision=place.revision)  # says at once that it is offline; a download retries
    with explained(place.repo, place.revision, file, transferring=True):
        return Path(HfApi().hf_hub_download(place.repo, file, revision=place.revision))


def size_of(place: Hub, file: str) -> int | None:
    """How many bytes the file has at the pinned commit, before it is downloaded; None when the Hub does not say."""
    if path := cached(place, file):
        return path.stat().st_size
    with explained(place.repo, place.revision, file):
        return HfApi().get_hf_file_metadata(url=hf_hub_url(place.repo, file, revision=place.revision)).size


def forget(path: Path) -> None:
    """Take a file out of the cache of huggingface_hub, with the content that its links lead to."""
    target = path.parent / path.readlink() if path.is_symlink() else None
    path.unlink(missing_ok=True)
    if target is not None:
        forget(target)


def published(place: Hub) -> Manifest:
    """The manifest in the repository at that commit."""
    path = download(place, manifest.NAME)
    return manifest.parse(path.read_text(encoding="utf-8"), where=f"{manifest.NAME} of {place.repo}")


def who() -> str:
    """Name of the user who is logged in with huggingface_hub; raises NotAllowed when nobody is."""
    with explained("your login"):
        return str(HfApi().whoami()["name"])


def create(repo: str, repo_type: str, *, private: bool) -> None:
    """Make the repository (model or space) where there is none; one that exists stays as it is."""
    with explained(repo):
        HfApi().create_repo(
            repo,
            repo_type=repo_type,
            private=private or None,
            exist_ok=True,
            space_sdk="gradio" if repo_type == "space" else None,
        )


def paths(repo: str, repo_type: str) -> set[str]:
    """Paths of the repository's files on main, but for the Hub's own .gitattributes."""
    with explained(repo):
        return set(HfApi().list_repo_files(repo, repo_type=repo_type)) - {".gitattributes"}


def commit(
    repo: str,
    repo_type: str,
    files: Mapping[str, Path | bytes],
    taken_away: Set[str] = frozenset(),
    *,
    message: str,
    parent: str | None = None,
) -> str:
    """Put files on main and take others away, all in one commit, and return its 40 hex digits.

    When nothing would change, the commit is the one that is there. With `parent`, another commit in between refuses it.
    """
    operations: list[CommitOperationAdd | CommitOperationDelete] = [
        CommitOperationAdd(path, content if isinstance(content, bytes) else str(content))
        for path, content in sorted(files.items())
    ]
    operations += [CommitOperationDelete(path) for path in sorted(taken_away)]
    with explained(repo, transferring=True):
        made = HfApi().create_commit(
            repo, operations, commit_message=message, repo_type=repo_type, parent_commit=parent
        )
    return made.oid


@contextmanager
def explained(repo: str, revision: str | None = None, file: str = "", *, transferring: bool = False) -> Iterator[None]:
    """Turn what huggingface_hub raises inside the block into a FetchFailed that says what to do."""
    what = f"{file} of {repo}" if file else repo
    try:
        yield
    except HFValidationError as error:
        raise Refused(f"invalid repository {repo!r}: {error}") from error
    except RevisionNotFoundError as error:
        raise MovedRevision(
            f"{repo} does not have revision {_short(revision)}: "
            f"`python -m checkpoints fetch --repo {repo} --update` takes what it has now"
        ) from error
    except RemoteEntryNotFoundError as error:
        raise NotOnTheHub(f"{file} not found in {repo} at {_short(revision)}") from error
    except LocalTokenNotFoundError as error:
        raise NotAllowed(f"nobody is logged in to the Hub: {LOG_IN}") from error
    except HfHubHTTPError as error:
        raise _refused_by_the_hub(error, what) from error
    except (LocalEntryNotFoundError, RevisionResolutionError, OfflineModeIsEnabled, httpx2.TransportError) as error:
        if transferring and isinstance(error, httpx2.TransportError):
            raise BrokenTransfer(f"the transfer of {what} broke off ({error}): try again") from error
        if isinstance(error.__cause__, HfHubHTTPError):
            raise _refused_by_the_hub(error.__cause__, what) from error
        raise Offline(f"the Hub cannot be reached for {what}: connect to the Internet and try again") from error
    except RuntimeError as error:  # how an upload ends whose retries were all in vain
        if isinstance(error.__cause__, HfHubHTTPError):
            raise _refused_by_the_hub(error.__cause__, what) from error
        if not isinstance(error.__cause__, httpx2.TransportError):
            raise
        raise BrokenTransfer(f"the transfer to {what} broke off ({error.__cause__}): try again") from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(
                f"no room for {what} on the disk of the Hub's cache: free some space, or set HF_HOME"
            ) from error
        if transferring:
            raise BrokenTransfer(f"the transfer of {what} broke off ({error}): try again") from error
        raise


def _refused_by_the_hub(error: HfHubHTTPError, what: str) -> FetchFailed:
    status = error.response.status_code
    if status == 401:
        return NotAllowed(f"the Hub answers 401 for {what}: it does not exist or is private, {LOG_IN}")
    if status == 403:
        return NotAllowed(f"the Hub answers 403 for {what}: your token does not allow it, {LOG_IN} with one that does")
    if status == 404:
        return NotOnTheHub(f"the Hub answers 404 for {what}: there is no such repository, or you may not see it")
    if status == 412:
        return FetchFailed(f"{what} changed on the Hub in the meantime: try again")
    if status >= 500:
        return Offline(f"the Hub answers {status} for {what}: it is down, try again later")
    return FetchFailed(f"the Hub answers {status} for {what}: {error.server_message or error}")


def _short(revision: str | None) -> str:
    if revision is None:
        return "main"
    return f"{revision[:SHORT]}" if manifest.COMMIT.fullmatch(revision) else revision
