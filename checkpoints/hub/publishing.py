"""Publish the weights with a model card on the Hub, this repository as a Space, and MNIST in strokes as a dataset."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import architectures
from checkpoints.errors import MismatchedWeights, MissingWeights, NotOnTheHub, Refused
from checkpoints.evaluation.figures import IMAGES, measured_in
from checkpoints.formats import reading
from checkpoints.hub import client, dataset, space
from checkpoints.hub.model_card import model_card
from checkpoints.store import manifest, naming
from checkpoints.store.manifest import Entry, Hub, Manifest
from checkpoints.tables import plain

UNKNOWN = "0" * 40  # stands for the commit that a dry run does not make
ADDRESS = ("https://", "http://", "hf://")

Files = Mapping[str, Path | bytes]


@dataclass(frozen=True)
class Upload:
    """What is to go to one repository: `files` by their paths there, and what to take away there."""

    repo: str
    repo_type: str
    files: Files
    message: str
    parent: str | None = None
    only_these: bool = False

    def listing(self) -> str:
        """Every path with its size in bytes, and the sum."""
        sizes = {path: size_of(content) for path, content in sorted(self.files.items())}
        rows = [[path, f"{size:,}"] for path, size in sizes.items()]
        return plain([f"{self.repo_type} {self.repo}", "bytes"], [*rows, ["in all", f"{sum(sizes.values()):,}"]])


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "nets", nargs="*", metavar="NET", help="nets to publish, each in both trainings (default: all recorded)"
    )
    parser.add_argument("--repo", metavar="USER/NAME", help="model repository for the weights; made when it is missing")
    parser.add_argument("--space", metavar="USER/NAME", help="Space to make or update from this repository's files")
    parser.add_argument("--strokes", metavar="USER/NAME", help="dataset for MNIST in strokes, traced now if need be")
    parser.add_argument("--data", type=Path, metavar="DIR", help="MNIST's folder, for --strokes (default: downloaded)")
    parser.add_argument(
        "--private", action="store_true", help="make what is missing private; what is there stays as it is"
    )
    parser.add_argument("--message", metavar="TEXT", help="commit message on the Hub")
    parser.add_argument(
        "--images", type=Path, default=IMAGES, metavar="DIR",
        help="evaluate's images; those of exactly these weights go into the card (default: checkpoints/figures)",
    )  # fmt: skip
    parser.add_argument("--dry-run", action="store_true", help="list every path and its bytes, and send nothing")


def run(options: argparse.Namespace) -> int:
    """Publish, or with --dry-run say what would be; refused before anything is sent when something is not right."""
    if not (options.repo or options.space or options.strokes):
        raise Refused(
            "name where to publish: --repo USER/NAME for the weights, --space USER/NAME for the page, "
            "--strokes USER/NAME for MNIST in strokes"
        )
    for address in filter(None, (options.repo, options.space, options.strokes)):
        if client.split(address)[1] is not None:
            raise Refused(f"{address}: publishing goes to main, so write USER/NAME alone")
    here = manifest.read()
    weights = weights_upload(options, here) if options.repo else None
    page = space_upload(options, pinned(here, weights, UNKNOWN) if weights else here) if options.space else None
    strokes = strokes_upload(options) if options.strokes else None
    if options.dry_run:
        print("\n\n".join(upload.listing() for upload in (weights, page, strokes) if upload))
        return 0
    client.who()
    if weights:
        commit = send(weights, private=options.private)
        with manifest.edit() as edited:
            edited.nets.update(pinned(edited, weights, commit).nets)
        print(f"weights: {weights.repo} at {commit}, recorded in {manifest.folder() / manifest.NAME}")
    if page:
        page = space_upload(options, manifest.read())
        print(f"Space: {page.repo} at {send(page, private=options.private)}")
    if strokes:
        print(f"dataset: {strokes.repo} at {send(strokes, private=options.private)}")
    return 0


def weights_upload(options: argparse.Namespace, here: Manifest) -> Upload:
    """The weights asked for, verified, with a manifest and a card that also keep the nets published there before."""
    names = [net_id for name in options.nets for net_id in naming.with_baselines(name)] or sorted(here.nets)
    if not names:
        raise Refused("no weights are recorded: run `python -m checkpoints train NET` first")
    entries = {name: publishable(name, here.entry(name)) for name in names}
    files: dict[str, Path | bytes] = {entry.file: manifest.folder() / entry.file for entry in entries.values()}
    kept, parent = already_there(options.repo) if options.nets else (Manifest(), None)
    together = Manifest({**kept.nets, **entries})
    drawn = images_of(together.nets, options.images)
    files |= drawn
    files[manifest.NAME] = together.as_text().encode()
    files["README.md"] = model_card(options.repo, dict(sorted(together.nets.items())), sorted(drawn)).encode()
    message = options.message or f"Weights of {', '.join(names)}"
    return Upload(options.repo, "model", files, message, parent)


def publishable(name: str, entry: Entry | None) -> Entry:
    """The entry as others may read it, once its file is found to be the recorded one and to fit its net.

    What names a place on this computer is left out, and so is where the weights were published before.
    """
    if entry is None:
        architectures.path_of(naming.split(name)[0])
        raise MissingWeights(f"no weights are recorded for {name}: run `{naming.train_command(name)}`")
    path = manifest.folder() / entry.file
    if not path.is_file():
        raise MissingWeights(
            f"{path} is missing: run `python -m checkpoints fetch {name}` or `{naming.train_command(name)}`"
        )
    if manifest.sha256_of(path) != entry.sha256:
        raise MismatchedWeights(f"{path} is not the file recorded for {name}: run `python -m checkpoints verify`")
    reading.load_net(naming.split(name)[0], path)
    source = entry.source if entry.source and entry.source.startswith(ADDRESS) else None
    return replace(entry, hub=None, source=source)


def already_there(repo: str) -> tuple[Manifest, str | None]:
    """The manifest published in the repository and the commit it is of; empty and None where there is none yet."""
    try:
        place = client.pin(repo)
    except NotOnTheHub:
        return Manifest(), None
    try:
        return client.published(place), place.revision
    except NotOnTheHub:
        return Manifest(), place.revision


def images_of(nets: Mapping[str, Entry], folder: Path) -> dict[str, Path | bytes]:
    """The images in the folder that were drawn from exactly these weights, by the paths they get on the Hub.

    Of an image in two looks the one for a light page is taken.
    """
    found: dict[str, Path | bytes] = {}
    for path in sorted(folder.glob("*.png")):
        known = {net: sha256 for net, sha256 in measured_in(path).items() if net in nets}
        fresh = all(nets[net].sha256 == sha256 for net, sha256 in known.items())
        if known and fresh and not path.stem.endswith("-dark"):
            found[f"images/{path.name}"] = path
    return found


def pinned(here: Manifest, weights: Upload, commit: str) -> Manifest:
    """`here` with the place on the Hub of those weights in it that the upload holds, at that commit."""
    sent = manifest.parse(content_of(weights.files[manifest.NAME]).decode())
    place = Hub(weights.repo, commit)
    changed = {
        name: replace(entry, hub=place)
        for name, entry in here.nets.items()
        if name in sent.nets and entry.sha256 == sent.nets[name].sha256 and entry.file in weights.files
    }
    return Manifest({**here.nets, **changed})


def space_upload(options: argparse.Namespace, recorded: Manifest) -> Upload:
    """This repository as a Space, with `recorded` as its manifest."""
    files = space.files()
    path = f"checkpoints/{manifest.NAME}"
    if path in files:
        files[path] = recorded.as_text().encode()
    message = options.message or "The page, as in its repository"
    return Upload(options.space, "space", files, message, only_these=True)


def strokes_upload(options: argparse.Namespace) -> Upload:
    """MNIST in strokes, with its card."""
    files = dataset.files(options.strokes, options.data)
    return Upload(options.strokes, "dataset", files, options.message or "MNIST in strokes")


def send(upload: Upload, *, private: bool) -> str:
    """Make the repository when it is missing, commit the files to it, and return the commit's 40 hex digits."""
    client.create(upload.repo, upload.repo_type, private=private)
    taken_away = client.paths(upload.repo, upload.repo_type) - set(upload.files) if upload.only_these else set()
    return client.commit(
        upload.repo, upload.repo_type, upload.files, taken_away, message=upload.message, parent=upload.parent
    )


def content_of(content: Path | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.read_bytes()


def size_of(content: Path | bytes) -> int:
    return len(content) if isinstance(content, bytes) else content.stat().st_size
