"""Display pictures as PNG: small ones for the wire, full ones beside the frames.

An encoder of forty lines on zlib, because a preview must not need an image library, and must be quick
rather than small: the Up filter and a low level, a tenth of a second for a frame in HD.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WIRE_BYTES_MAX = 64 << 10
WIRE_WIDTH, WIRE_HEIGHT = 480, 270
COMPRESSION = 3


def encode_png(rgb: NDArray[np.uint8], compression: int = COMPRESSION) -> bytes:
    """(height, width, 3) uint8 sRGB, top row first, as a PNG file."""
    height, width, _ = rgb.shape
    rows = np.ascontiguousarray(rgb).reshape(height, width * 3)
    filtered = np.empty((height, 1 + width * 3), np.uint8)
    filtered[:, 0] = 2  # Up: the difference to the row above
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(filtered.tobytes(), compression)
    chunks = ((b"IHDR", header), (b"sRGB", b"\0"), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def encode_for_wire(rgb: NDArray[np.uint8]) -> bytes:
    """A PNG of at most ``WIRE_BYTES_MAX``: noise compresses badly, so a first pass is halved once or
    twice."""
    while True:
        data = encode_png(rgb, compression=6)
        if len(data) <= WIRE_BYTES_MAX:
            return data
        rgb = halve(rgb)


def halve(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Mean of two by two pixels; an odd last row or column is dropped."""
    height, width = rgb.shape[0] // 2 * 2, rgb.shape[1] // 2 * 2
    even = rgb[:height, :width].astype(np.uint16)
    total = even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]
    return ((total + 2) // 4).astype(np.uint8)


def write_png(path: Path, rgb: NDArray[np.uint8]) -> None:
    """Write a whole PNG file. Raises OSError."""
    path.write_bytes(encode_png(rgb))
