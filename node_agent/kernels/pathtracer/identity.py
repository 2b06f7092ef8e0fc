"""The planes that say what and where things are: cryptomattes of objects and materials, and positions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from node_agent.kernels import cryptomatte
from node_agent.kernels.pathtracer.arrays import SceneArrays
from node_agent.kernels.pathtracer.first_hit import first_hits, height_of
from node_agent.kernels.pathtracer.scene import Names

F32 = NDArray[np.float32]
OBJECT, MATERIAL = "CryptoObject", "CryptoMaterial"
BLOCK = 1 << 19
"""Pixels that are looked at together: 64 MB of triangles' numbers."""


def identity_planes(
    scene: SceneArrays, names: Names, materials_of: NDArray[np.int32], width: int, threads: int
) -> dict[str, F32]:
    """CryptoObject00 .. 02, CryptoMaterial00 .. 02 (height, width, 4), and position (height, width, 3).

    ``materials_of`` (triangles,) rows of ``names.materials``. Position is the mean of what a pixel's rays
    meet, in world space; zero where they meet nothing."""
    height = height_of(scene)
    rows = max(BLOCK // width, 1)
    tables: dict[str, list[F32]] = {OBJECT: [], MATERIAL: []}
    positions = []
    for first in range(0, height, rows):
        hits = first_hits(scene, first, min(rows, height - first), threads)
        objects = _rows_of(hits.numbers, names.object_starts)
        surfaces = np.where(hits.numbers >= 0, np.append(materials_of, -1)[hits.numbers], -1)
        tables[OBJECT].append(cryptomatte.ranked(objects, names.objects))
        tables[MATERIAL].append(cryptomatte.ranked(surfaces, names.materials))
        positions.append(hits.positions[:, :3] / np.maximum(hits.positions[:, 3:], 1))
    made = {"position": np.concatenate(positions).reshape(height, width, 3)}
    for kind, blocks in tables.items():
        made |= cryptomatte.planes(kind, np.concatenate(blocks), width, height)
    return made


def identity_attributes(names: Names) -> dict[str, str]:
    """What the file's header says of them."""
    return cryptomatte.attributes(OBJECT, names.objects) | cryptomatte.attributes(
        MATERIAL, names.materials
    )


def _rows_of(numbers: NDArray[np.int32], starts: NDArray[np.int32]) -> NDArray[np.int32]:
    """The object of each triangle, by where the objects' triangles begin; -1 of none."""
    found = np.searchsorted(starts, numbers, side="right") - 1
    return np.where(numbers >= 0, found, -1).astype(np.int32)
