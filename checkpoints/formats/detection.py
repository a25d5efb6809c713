"""Which format a file of weights has, by its content: suffixes lie, and share links have none."""

from __future__ import annotations

import json
import zipfile
from enum import Enum
from pathlib import Path

from checkpoints.errors import UnreadableWeights

HEAD_BYTES = 512
LARGEST_HEADER_BYTES = 100_000_000  # as the safetensors format itself bounds it
LARGEST_BYTES = 8 * 2**30
MOST_UNPACKED = 20  # times the size of the file; torch.save does not compress at all
GUIDE = "docs/bring-a-net.md"


class Format(Enum):
    """A format of weights; the value is what people call it."""

    SAFETENSORS = "safetensors"
    PICKLE = "a PyTorch file"
    OLD_PICKLE = "a PyTorch file of before torch 1.6"
    PLAIN_PICKLE = "a file of pickle.dump"
    TORCHSCRIPT = "TorchScript"
    ONNX = "ONNX"

    @property
    def suffix(self) -> str:
        """The suffix under which a file of this format is kept in the folder of checkpoints."""
        return {"SAFETENSORS": ".safetensors", "TORCHSCRIPT": ".pt", "ONNX": ".onnx"}.get(self.name, ".pth")


def detect(path: Path) -> Format:
    """The format of the file at `path`; raises UnreadableWeights that says what it is instead, and the way out."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head.startswith(b"PK\x03\x04"):
        return _in_zip(path)
    if head.startswith(b"\x80") and head[1:2] in b"\x02\x03\x04\x05":
        # torch.save wrote its magic number first, 0x1950a86a20f9469cfc6c as a long of ten bytes
        return Format.OLD_PICKLE if head[2:14] == b"\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19" else Format.PLAIN_PICKLE
    if _starts_as_safetensors(head, path.stat().st_size):
        return Format.SAFETENSORS
    if (
        head[:1] == b"\x08"
        and head[1:2] >= b"\x03"
        and head[2:3] in (b"\x12", b"\x1a", b"\x22", b"\x2a", b"\x3a", b"\x42")
    ):
        return Format.ONNX  # field 1, ir_version, then another field of a ModelProto
    raise UnreadableWeights(f"{path} {_instead(head)}")


def _in_zip(path: Path) -> Format:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise UnreadableWeights(f"{path} is cut short or corrupt ({error}): get it again") from error
    unpacked, size = sum(member.file_size for member in members), path.stat().st_size
    if unpacked > min(LARGEST_BYTES, MOST_UNPACKED * size):
        raise UnreadableWeights(f"{path} has {size:,} bytes and would unpack to {unpacked:,}: do not use this file")
    names = [member.filename for member in members]
    if any(name.endswith("/constants.pkl") for name in names):
        return Format.TORCHSCRIPT
    if any(name.endswith("/data.pkl") for name in names):
        return Format.PICKLE
    raise UnreadableWeights(f"{path} {_instead_in_zip(names)}")


def _instead_in_zip(names: list[str]) -> str:
    """What a zip with members called `names` seems to be, and what to do."""
    if "config.json" in names and any(name.endswith(".weights.h5") for name in names):
        return f"is a Keras model: export it to ONNX, see {GUIDE}"
    if all(name.endswith(".npy") for name in names):
        return f"is a table of NumPy arrays (npz), which say nothing of the layers they belong to: see {GUIDE}"
    if any(name.endswith("archive_format") for name in names):
        return f"is a program of torch.export (pt2): save its state dict, or export it to ONNX, see {GUIDE}"
    return f"is a zip, but not one of PyTorch's; inside are {', '.join(names[:5])}: unpack it first"


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
        return f"is HDF5, as Keras writes it: export the model to ONNX, see {GUIDE}"
    if head[4:8] == b"TFL3":
        return f"is TensorFlow Lite: convert it to ONNX, see {GUIDE}"
    if head.startswith(b"\x08\x01\x12"):
        return f"is a SavedModel of TensorFlow: export it to ONNX, see {GUIDE}"
    if head.startswith(b"\x93NUMPY"):
        return f"is one NumPy array (npy), not a net: see {GUIDE}"
    if head.startswith(b"\x1f\x8b"):
        return "is gzip'd: unpack it first"
    if b'"modeltopology"' in text or b'"weightsmanifest"' in text or b'"format":"layers-model"' in text:
        return f"is TensorFlow.js: export the Keras model it was made from to ONNX, see {GUIDE}"
    if head[8:9] == b"{":
        return "is a safetensors file cut short or corrupt: get it again"
    if _is_json(text):
        return "is JSON, not weights"
    return "is not a net: expected safetensors, a state dict saved by torch.save, or ONNX"


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return text.startswith((b'{"', b'[{"'))
    return True
