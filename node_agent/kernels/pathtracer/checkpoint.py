"""A half-rendered frame as bytes that any node continues bit for bit.

A line of magic, a line of JSON (kernel version, hash of the spec, digest of the scene, kind of device,
the sample ranges held), the film compressed, and a SHA-256 over all of that. Whatever does not fit is
refused by KernelRefusal, and the message says which of these it was.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from node_agent.kernels.interface import KernelRefusal
from node_agent.kernels.pathtracer.film import FILM_PLANES

MAGIC = b"windfire path tracer checkpoint 1\n"
DIGEST_BYTES = 32
HEADER_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True)
class Header:
    """What a checkpoint is of."""

    version: str
    spec: str
    """``options.spec_hash``."""
    scene: str
    """``PackedScene.digest``."""
    device: str
    """'cpu' or 'cuda': their samples differ in the last bits."""
    ranges: tuple[tuple[int, int], ...]
    """Sample ranges [first, end) that the film holds, in order, apart."""


def encode(header: Header, film: NDArray[np.int64]) -> bytes:
    """The checkpoint of a film (pixels, planes)."""
    # Bytes of equal weight side by side: the high ones are nearly all zero, and pack to half the size.
    planes = np.ascontiguousarray(film, "<i8").view(np.uint8).reshape(len(film), -1).T
    body = zlib.compress(np.ascontiguousarray(planes).data, 1)
    line = json.dumps(asdict(header), sort_keys=True).encode() + b"\n"
    content = MAGIC + line + body
    return content + hashlib.sha256(content).digest()


def decode(
    data: bytes, wanted: Header, pixels: int, planes: int = FILM_PLANES
) -> tuple[Header, NDArray[np.int64]]:
    """The header and film of a checkpoint; KernelRefusal where it is not one of what is ``wanted``.

    ``wanted.ranges`` and ``wanted.device`` are not compared."""
    content, digest = data[:-DIGEST_BYTES], data[-DIGEST_BYTES:]
    if not content.startswith(MAGIC):
        raise KernelRefusal("This is no checkpoint of the path tracer.")
    if hashlib.sha256(content).digest() != digest:
        raise KernelRefusal("The checkpoint is damaged: its SHA-256 does not match.")
    end = content.find(b"\n", len(MAGIC), len(MAGIC) + HEADER_LIMIT)
    header = _read_header(content[len(MAGIC) : end])
    for name, what in (
        ("version", "version of the path tracer"),
        ("spec", "render spec"),
        ("scene", "scene"),
    ):
        if getattr(header, name) != getattr(wanted, name):
            raise KernelRefusal(f"The checkpoint is of another {what}.")
    return header, _read_film(content[end + 1 :], pixels, planes)


def _read_header(line: bytes) -> Header:
    try:
        fields = json.loads(line)
        ranges = tuple((int(first), int(end)) for first, end in fields.pop("ranges"))
        header = Header(ranges=ranges, **fields)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise KernelRefusal("The checkpoint's header cannot be read.") from error
    return header


def _read_film(body: bytes, pixels: int, planes: int) -> NDArray[np.int64]:
    """The film, and never more bytes than one of this size has: a small body may unpack to a large one."""
    size = pixels * planes * 8
    try:
        raw = zlib.decompressobj().decompress(body, size + 1)
    except zlib.error as error:
        raise KernelRefusal("The checkpoint's film cannot be unpacked.") from error
    if len(raw) != size:
        raise KernelRefusal("The checkpoint's film has another size.")
    rows = np.frombuffer(raw, np.uint8).reshape(planes * 8, pixels)
    return np.ascontiguousarray(rows.T).view("<i8").astype(np.int64)
