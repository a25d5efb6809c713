"""Which format a file of weights has, by its content: suffixes lie, and share links have none."""

from __future__ import annotations

import json
import zipfile
from enum import Enum
from pathlib import Path

from checkpoints.errors import UnreadableWeights

HEAD_BYTES = 512
LARGEST_HEADER_BYTES = 100_000_000  # as the safetensors format itself bounds it


class Format(Enum):
    """A format of weights; the value is what people call it."""

    SAFETENSORS = "safetensors"
    PICKLE = "a PyTorch file"
    TORCHSCRIPT = "TorchScript"
    ONNX = "ONNX"

    @property
    def suffix(self) -> str:
        """The suffix under which a file of this format is kept in the folder of checkpoints."""
        return {"SAFETENSORS": ".safetensors", "PICKLE": ".pth", "TORCHSCRIPT": ".pt", "ONNX": ".onnx"}[self.name]


def sniff(path: Path) -> Format:
    """The format of the file at `path`; raises UnreadableWeights that says what the file is instead."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head.startswith(b"PK\x03\x04"):
        return _in_zip(path)
    if head.startswith(b"\x80") and head[1:2] in b"\x02\x03\x04\x05":
        return Format.PICKLE
    if _starts_as_safetensors(head, path.stat().st_size):
        return Format.SAFETENSORS
    if head[:1] == b"\x08" and head[2:3] in (b"\x12", b"\x1a", b"\x22", b"\x2a", b"\x3a", b"\x42"):
        return Format.ONNX  # field 1, ir_version, then another field of a ModelProto
    raise UnreadableWeights(f"{path.name} {_instead(head)}")


def _in_zip(path: Path) -> Format:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise UnreadableWeights(f"{path.name} is cut short or corrupt ({error}): get it again") from error
    if any(name.endswith("/constants.pkl") for name in names):
        return Format.TORCHSCRIPT
    if any(name.endswith("/data.pkl") for name in names):
        return Format.PICKLE
    inside = ", ".join(names[:5])
    raise UnreadableWeights(f"{path.name} is a zip, but not one of PyTorch's; inside are {inside}: unpack it first")


def _starts_as_safetensors(head: bytes, size: int) -> bool:
    length = int.from_bytes(head[:8], "little")
    return len(head) > 8 and head[8:9] == b"{" and length <= min(size - 8, LARGEST_HEADER_BYTES)


def _instead(head: bytes) -> str:
    """What a file starting with `head` seems to be, and what to do."""
    text = head.lstrip().lower()
    if not head:
        return "is empty: get it again"
    if text.startswith((b"<!doctype html", b"<html", b"<head")):
        return "is a web page, not weights: is the file shared with everyone who has the link?"
    if text.startswith(b"version https://git-lfs"):
        return "is a Git LFS pointer, not the weights themselves: run `git lfs pull` there, or download the file"
    if head.startswith(b"\x89HDF"):
        return "is HDF5 (Keras?): only PyTorch, safetensors and ONNX are read; export it to ONNX"
    if head.startswith(b"\x1f\x8b"):
        return "is gzip'd: unpack it first"
    if head[8:9] == b"{":
        return "is a safetensors file cut short or corrupt: get it again"
    if _is_json(text):
        return "is JSON, not weights"
    return "is not a net: expected safetensors, a state dict saved by torch.save, TorchScript or ONNX"


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return text.startswith((b'{"', b'[{"'))
    return True
