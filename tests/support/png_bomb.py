"""A decompression bomb: a whole and valid PNG of a few kilobytes that unpacks to a hundred megabytes and more."""

from __future__ import annotations

import struct
import zlib
from functools import cache


@cache
def png_bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """A black PNG of one bit a pixel; packed row by row, so that it is never unpacked here either."""
    row = bytes(1 + (width + 7) // 8)
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
