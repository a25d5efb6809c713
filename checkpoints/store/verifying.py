"""Recompute the sha256 of every file of weights and compare it with the recorded one."""

from __future__ import annotations

import argparse

from checkpoints.errors import Refused
from checkpoints.store import manifest, naming
from checkpoints.store.manifest import Entry
from checkpoints.tables import plain

WHOLE = "as recorded"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("nets", nargs="*", metavar="NET", help="nets to verify (default: all that are recorded)")


def run(options: argparse.Namespace) -> int:
    """Print what was found of each file; 1 when any is not as recorded."""
    recorded = manifest.read()
    names = [net_id for name in options.nets for net_id in naming.with_baselines(name)] or sorted(recorded.nets)
    if not names:
        raise Refused(f"{manifest.folder() / manifest.NAME} records no weights: there is nothing to verify")
    unknown = [name for name in names if recorded.entry(name) is None]
    if unknown:
        known = ", ".join(sorted(recorded.nets)) or "none"
        raise Refused(f"no weights are recorded for {', '.join(unknown)}; there are those of {known}")
    found = [(name, entry, state(entry)) for name in names if (entry := recorded.entry(name))]
    rows = [[name, entry.file, entry.sha256[:12], verdict] for name, entry, verdict in found]
    print(plain(["net", "file", "sha256", "state"], rows))
    return 0 if all(verdict == WHOLE for _, _, verdict in found) else 1


def state(entry: Entry) -> str:
    """What the recorded file is like now: as recorded, missing, of another size, or of another sha256."""
    path = manifest.folder() / entry.file
    if not path.is_file():
        return "missing: fetch it" if entry.hub else "missing"
    size = path.stat().st_size
    if size != entry.bytes:
        return f"{'truncated' if size < entry.bytes else 'too long'}: {size:,} bytes of {entry.bytes:,}"
    sha256 = manifest.sha256_of(path)
    return WHOLE if sha256 == entry.sha256 else f"damaged: its sha256 is {sha256[:12]}"
