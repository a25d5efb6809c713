"""What a pickle would import if it were read: its instructions are listed, never carried out."""

from __future__ import annotations

import pickletools
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from checkpoints.errors import UnreadableWeights

LONGEST_PICKLE_BYTES = 64 * 2**20  # of a zip's data.pkl, which holds names and shapes, no numbers
UNKNOWN = "something whose name it works out while it is read"
PUSHES_TEXT = {"UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "STRING", "BINSTRING", "SHORT_BINSTRING"}
HARMLESS = {
    "collections.OrderedDict",
    "torch._utils._rebuild_parameter",
    "torch._utils._rebuild_tensor",
    "torch._utils._rebuild_tensor_v2",
    "torch.storage.UntypedStorage",
} | {
    f"torch.{kind}Storage"
    for kind in ("Float", "Half", "BFloat16", "Double", "Long", "Int", "Short", "Char", "Byte", "Bool")
}


def imports(path: Path) -> list[str]:
    """Dotted names that the pickles in the file at `path` would import, sorted; those of a plain state dict left out.

    Raises UnreadableWeights when the instructions break off or make no sense.
    """
    found: set[str] = set()
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for member in archive.infolist():
                    if member.filename.endswith(".pkl"):
                        found.update(_named_in_zip(archive, member))
        else:
            with path.open("rb") as file:
                found.update(_named_in_row(file))
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise UnreadableWeights(f"{path.name} is cut short or corrupt ({error}): get it again") from error
    return sorted(found - HARMLESS)


def _named_in_zip(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[str]:
    if member.file_size > LONGEST_PICKLE_BYTES:
        raise ValueError(f"{member.filename} would unpack to {member.file_size:,} bytes")
    with archive.open(member) as file:
        yield from _named(file.read(LONGEST_PICKLE_BYTES))


def _named_in_row(file: BinaryIO) -> Iterator[str]:
    """Names in a file of before torch 1.6: several pickles one after the other, then the numbers."""
    while True:
        at = file.tell()
        start = file.read(2)
        file.seek(at)
        if len(start) < 2 or start[:1] != b"\x80":
            return
        yield from _named(file)


def _named(pickled: BinaryIO | bytes) -> Iterator[str]:
    """Names that one pickle imports, in either way a pickle has of doing it."""
    texts: list[str | None] = []  # what was pushed last, as far as it is text
    memo: dict[int, str | None] = {}
    for opcode, argument, _ in pickletools.genops(pickled):
        name = opcode.name
        if name in ("GLOBAL", "INST"):
            yield str(argument).replace(" ", ".")
        elif name == "STACK_GLOBAL":
            module, attribute = texts[-2:] if len(texts) >= 2 else (None, None)
            yield f"{module}.{attribute}" if module and attribute else UNKNOWN
        elif name in ("EXT1", "EXT2", "EXT4"):
            yield UNKNOWN
        if name in PUSHES_TEXT:
            texts.append(str(argument))
        elif name == "MEMOIZE":
            memo[len(memo)] = texts[-1] if texts else None
        elif name in ("PUT", "BINPUT", "LONG_BINPUT"):
            memo[int(argument or 0)] = texts[-1] if texts else None
        elif name in ("GET", "BINGET", "LONG_BINGET"):
            texts.append(memo.get(int(argument or 0)))
        elif name not in ("PROTO", "FRAME"):
            texts.append(None)
