"""Scenes that this project did not make, for benchmarks: where they are looked for, and how they are read.

``make bench-scenes`` fetches npm's ``bunny`` (the Stanford bunny, public domain) to ``out/scenes``. Others are
taken from the folder that WINDFIRE_SCENES names, where it has them.
"""

from __future__ import annotations

import json
import os
import re
import tarfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from node_agent.kernels.pathtracer.shapes import Triangles
from node_agent.kernels.pathtracer.subdivide import Cage, refine
from tests.rendering.scenes import sphere_mesh

FETCHED = Path(__file__).parent.parent / "out" / "scenes"


def folder() -> Path | None:
    """The folder of other people's scenes, where there is one."""
    path = Path(os.environ.get("WINDFIRE_SCENES", ""))
    return path if os.environ.get("WINDFIRE_SCENES") and path.is_dir() else None


def smooth_bunny(levels: int) -> tuple[str, Triangles]:
    """(which, mesh): the bunny after so many levels of Catmull-Clark, 88,176 triangles after two; a bumpy
    sphere of about as many where it was not fetched."""
    name, (points, faces) = "bunny", (_bunny() or (None, None))
    if points is None:
        name = "bumpy sphere; make bench-scenes fetches the bunny"
        points, faces = _bumpy_sphere()
    cage = Cage(
        points=points,
        counts=np.full(len(faces), 3),
        indices=faces.ravel().astype(np.int64),
        edges=np.zeros((0, 2), np.int64),
        sharpness=np.zeros(0),
        corners=np.zeros(len(points)),
    )
    for _ in range(levels):
        cage, _ = refine(cage)
    quads = cage.indices.reshape(-1, 4)
    return name, _mesh(cage.points, np.concatenate([quads[:, :3], quads[:, [0, 2, 3]]]))


def _bunny() -> tuple[NDArray, NDArray] | None:
    """(points (n, 3), triangles (m, 3)) of npm's package, about a unit high."""
    packages = sorted(FETCHED.glob("bunny-*.tgz"))
    if not packages:
        return None
    with tarfile.open(packages[-1]) as package:
        source = package.extractfile("package/index.js")
        assert source is not None
        text = source.read().decode()
    points, faces = (
        np.array(json.loads(re.search(rf"{name}\s*=\s*(\[\[.*?\]\])", text, re.DOTALL)[1]))  # type: ignore[index]
        for name in ("positions", "cells")
    )
    return points / 10, faces


def _bumpy_sphere() -> tuple[NDArray, NDArray]:
    points, faces = (np.asarray(part, float) for part in sphere_mesh(30)[:2])
    return points * (1 + 0.1 * np.sin(9 * points[:, :1]) * np.sin(7 * points[:, 1:2])), faces


def _mesh(points: NDArray, corners: NDArray) -> Triangles:
    return Triangles(
        np.ascontiguousarray(points, np.float32),
        np.ascontiguousarray(corners, np.int32),
        np.arange(len(corners), dtype=np.int32),
    )


def copies_of(mesh: Triangles, copies: int) -> Triangles:
    """So many of a mesh in a box of space, each turned another way, as one flat mesh."""
    if copies == 1:
        return mesh
    generator = np.random.default_rng(1)
    middle = (mesh.positions.min(axis=0) + mesh.positions.max(axis=0)) / 2
    reach = np.ptp(mesh.positions, axis=0).max()
    side = int(np.ceil(copies ** (1 / 3)))
    points = []
    for k in range(copies):
        turn, _ = np.linalg.qr(generator.normal(size=(3, 3)))
        place = np.array([k % side, k // side % side, k // side**2]) * reach
        points.append(((mesh.positions - middle) @ turn + place).astype(np.float32))
    starts = np.arange(copies, dtype=np.int32)[:, None, None] * len(mesh.positions)
    return _mesh(np.concatenate(points), (mesh.corners[None] + starts).reshape(-1, 3))
