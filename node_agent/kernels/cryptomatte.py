"""Cryptomatte: which things a pixel shows, and how much of each (Friedman and Jones, specification 1.2.0).

Knows nothing of scenes: names and numbers in, planes and a file's attributes out. A thing is written as the
MurmurHash3 of its name, read as a float32; the file's manifest says which name it was. Each plane holds two
things and their coverage; RANKS of them are kept, those that cover most.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import mmh3
import numpy as np
from numpy.typing import NDArray

RANKS = 6
F32 = NDArray[np.float32]


def hash_of(name: str) -> int:
    """The 32 bits that stand for a name, none of which is a NaN, an infinity or a denormal float."""
    bits = mmh3.hash(name.encode(), 0, signed=False)
    exponent = bits >> 23 & 255
    return bits ^ 1 << 23 if exponent in (0, 255) else bits


def ranked(things: NDArray[np.int32], names: Sequence[str]) -> F32:
    """(pixels, RANKS, 2) float32: hash and coverage 0 to 1 of the things that cover most of each pixel.

    ``things`` (pixels, rays): the row of ``names`` that each ray meets, -1: none. Of two that cover alike the
    one that comes first in ``names`` is first."""
    rays = things.shape[1]
    ordered = np.sort(things, axis=1)
    # A run of equal numbers is a thing; its last ray tells how long the run is.
    is_last = np.ones(ordered.shape, bool)
    is_last[:, :-1] = ordered[:, 1:] != ordered[:, :-1]
    at = np.where(is_last, np.arange(rays), -1)
    before = np.full(ordered.shape, -1)
    before[:, 1:] = np.maximum.accumulate(at, axis=1)[:, :-1]
    count = np.where(is_last & (ordered >= 0), np.arange(rays) - before, 0)
    best = np.argsort(-count, axis=1, kind="stable")[:, :RANKS]
    covered = np.take_along_axis(count, best, axis=1)
    who = np.take_along_axis(ordered, best, axis=1)
    bits = np.array([0, *map(hash_of, names)], np.uint32)
    table = np.zeros((len(things), RANKS, 2), np.float32)
    table[:, : best.shape[1], 0] = bits[np.where(covered > 0, who + 1, 0)].view(np.float32)
    table[:, : best.shape[1], 1] = covered / np.float32(rays)
    return table


def planes(kind: str, table: F32, width: int, height: int) -> dict[str, F32]:
    """``kind`` 00, 01, ...: (height, width, 4) float32, each two things with their coverage."""
    shaped = table.reshape(height, width, RANKS * 2)
    return {
        f"{kind}{number:02d}": np.ascontiguousarray(shaped[..., 4 * number : 4 * number + 4])
        for number in range(RANKS // 2)
    }


def attributes(kind: str, names: Sequence[str]) -> dict[str, str]:
    """What the file's header says of the planes of ``kind``."""
    start = f"cryptomatte/{mmh3.hash(kind.encode(), 0, signed=False):08x}"[
        : len("cryptomatte/") + 7
    ]
    manifest = {name: f"{hash_of(name):08x}" for name in sorted(set(names))}
    return {
        f"{start}/name": kind,
        f"{start}/hash": "MurmurHash3_32",
        f"{start}/conversion": "uint32_to_float32",
        f"{start}/manifest": json.dumps(manifest, separators=(",", ":")),
    }
