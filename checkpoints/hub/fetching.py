"""Fetch weights from the Hub at a pinned revision; nothing is used or put in place before its sha256 is verified."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import architectures
from checkpoints.errors import MismatchedWeights, MissingWeights, NotOnTheHub, Offline, Refused, WeightsError
from checkpoints.hub import client
from checkpoints.store import manifest, naming
from checkpoints.store.files import copy_beside, settle
from checkpoints.store.manifest import Entry, Hub


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("nets", nargs="*", metavar="NET", help="nets to fetch (default: all that there are)")
    parser.add_argument(
        "--repo",
        metavar="USER/NAME[@REVISION]",
        help="repository of the Hub (default: the one pinned in the manifest); pinned at the commit it has now",
    )
    parser.add_argument(
        "--update",
        action="store_true",
        help="take what the repository has now, even where the manifest records other weights",
    )


def run(options: argparse.Namespace) -> int:
    """Fetch what was asked for, going on after a failure; 1 when any of it failed."""
    failed = False
    for name, entry in _wanted(_known(options.nets), options.repo, update=options.update):
        try:
            print(f"{name}: {put_in_place(name, entry, replace_any=options.update)}", flush=True)
        except WeightsError as error:
            failed = True
            print(f"{name}: {error}", file=sys.stderr, flush=True)
    return 1 if failed else 0


def fetch(name: str, hub_repo: str | None = None) -> Path:
    """The file with the weights of `name`, verified, in the cache of huggingface_hub; `checkpoints/` stays as it is.

    It comes from `hub_repo` ("user/name" or "user/name@revision") when given, else from where the manifest pins it,
    and must have the sha256 that this manifest records, else the one that the repository's own manifest records.
    Raises MissingWeights when there is nowhere to fetch from, MismatchedWeights, or a FetchFailed.
    """
    entry = manifest.read().entry(name)
    try:
        if hub_repo is not None:
            return verified(name, _published(client.pin(hub_repo), name, entry, update=False))
        if entry is not None and entry.hub is not None:
            return verified(name, entry)
    except Offline as error:
        advice = f"or train the net here with `{naming.train_command(name)}`"
        raise Offline(f"{name} has no weights here, and {error}, {advice}") from error
    path = manifest.folder() / (entry.file if entry else f"{naming.stem_of(name)}.safetensors")
    raise MissingWeights(
        f"{path} is missing, and no place to fetch it from is recorded: run `{naming.train_command(name)}`, "
        f"or `python -m checkpoints fetch {name} --repo USER/NAME`, or name a repository with --hub-repo USER/NAME"
    )


def verified(name: str, entry: Entry) -> Path:
    """The entry's file from its pinned place on the Hub, downloaded or from the cache, with the entry's sha256.

    What does not match is taken out of the cache, and an old copy is downloaded anew; raises MismatchedWeights.
    """
    assert entry.hub is not None
    copy = client.cached(entry.hub, entry.file)
    if copy is not None:
        if manifest.sha256_of(copy) == entry.sha256:
            return copy
        client.forget(copy)
    path = client.download(entry.hub, entry.file)
    found = manifest.sha256_of(path)
    if found != entry.sha256:
        client.forget(path)
        raise _other_weights(name, entry, entry.hub, found, "it was thrown away")
    return path


def put_in_place(name: str, entry: Entry, *, replace_any: bool = False) -> str:
    """Fetch the entry's file into the folder of checkpoints, record the entry, and say what was done.

    A whole file stays; a damaged one is replaced; one that nobody recorded is replaced only with `replace_any`.
    """
    assert entry.hub is not None
    path = manifest.folder() / entry.file
    where = f"{entry.hub.repo} at {entry.hub.revision[: client.SHORT]}"
    recorded = manifest.read().entry(name)
    if path.is_file():
        if manifest.sha256_of(path) == entry.sha256:
            if recorded != entry:
                with manifest.edit() as edited:
                    edited.put(name, entry)
            return f"{path} is the one published in {where}"
        if recorded is None and not replace_any:
            raise MismatchedWeights(
                f"{path} is there, is not recorded and differs from the one in {where}: move it away, or let "
                f"`python -m checkpoints fetch {name} --repo {entry.hub.repo} --update` replace it"
            )
    temporary = copy_beside(verified(name, entry), path)
    with manifest.edit() as edited:
        settle(temporary, path)
        edited.put(name, entry)
    return f"fetched {entry.bytes / 1e6:.1f} MB from {where}, sha256 as recorded"


def _wanted(names: list[str], repo: str | None, *, update: bool) -> Iterator[tuple[str, Entry]]:
    """Each net to fetch, with the file, sha256 and pinned place that it should have; without names, all there are."""
    recorded = manifest.read()
    if repo is not None:
        place = client.pin(repo)
        there = client.published(place)
        names = names or [net_id for net_id in there.nets if naming.split(net_id)[0] in architectures.names()]
        if not names:
            raise NotOnTheHub(f"{place.repo} publishes weights of none of the nets here")
        for name in names:
            yield name, _published(place, name, recorded.entry(name), update=update)
        return
    if update:
        raise Refused("--update needs --repo USER/NAME, to say what to update from")
    names = names or [name for name, entry in recorded.nets.items() if entry.hub is not None]
    if not names:
        raise Refused("no place to fetch from is recorded for any net: name one with --repo USER/NAME")
    for name in names:
        entry = recorded.entry(name)
        if entry is None or entry.hub is None:
            raise MissingWeights(
                f"no place to fetch {name} from is recorded: name one with --repo USER/NAME, "
                f"or run `{naming.train_command(name)}`"
            )
        yield name, entry


def _published(place: Hub, name: str, recorded: Entry | None, *, update: bool) -> Entry:
    """What is to be fetched for `name` from `place`: the weights recorded here, else (or with `update`) those there."""
    there = client.published(place).entry(name)
    if there is None:
        raise NotOnTheHub(f"{place.repo} publishes no weights of {name}")
    if recorded is None or update:
        return replace(there, hub=place)
    if recorded.sha256 != there.sha256:
        raise _other_weights(name, recorded, place, there.sha256, "nothing was fetched")
    return replace(recorded, file=there.file, hub=place)


def _other_weights(name: str, entry: Entry, place: Hub, found: str, what_was_done: str) -> MismatchedWeights:
    return MismatchedWeights(
        f"{entry.file} of {place.repo} is not the file recorded for {name}: its sha256 is {found[: client.SHORT]}..., "
        f"{manifest.NAME} says {entry.sha256[: client.SHORT]}...; {what_was_done}. If you trust the repository, "
        f"run `python -m checkpoints fetch {name} --repo {place.repo} --update`"
    )


def _known(names: list[str]) -> list[str]:
    """The ids as people read them; raises UnknownNet for a net that there is not."""
    for name in names:
        architectures.path_of(naming.split(name)[0])
    return [naming.id_of(name) for name in names]
