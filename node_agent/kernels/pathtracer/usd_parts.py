"""Triangles in one space while they are collected: the world's, or a mesh's that instances draw."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]


class Part:
    """Arrays that grow mesh by mesh."""

    def __init__(self) -> None:
        self.triangle_count = self.vertex_count = 0
        self.positions: list[F32] = []
        self.close: list[F32 | None] = []
        """Positions where the shutter closes; None for those that do not move."""
        self.triangles: list[I32] = []
        self.normals: list[F32] = []
        self.uvs: list[F32] = []
        self.rows: list[I32] = []
        self.names: list[tuple[int, str]] = []
        """(first triangle, name) of each mesh."""

    def add(
        self,
        points: NDArray[np.float64],
        triangles: NDArray[np.int64],
        normals: F32,
        uvs: F32,
        rows: I32,
        places: NDArray[np.floating],
        name: str,
        close: tuple[NDArray[np.float64], NDArray[np.floating]],
    ) -> None:
        """Append a mesh at each of ``places`` (m, 4, 4), local to this part's space, row vectors. ``close``:
        points and places where the shutter closes, the very same arrays where nothing moves.

        A mirroring place turns the winding round."""
        linear, shift = places[:, :3, :3], places[:, 3, :3]
        with np.errstate(over="ignore", invalid="ignore"):
            moved = (points[None] @ linear + shift[:, None]).astype(np.float32)
            if close[0] is points and np.array_equal(close[1], places):
                self.close.append(None)
            else:
                later = close[0][None] @ close[1][:, :3, :3] + close[1][:, 3:, :3]
                self.close.append(later.astype(np.float32).reshape(-1, 3))
            upright = np.linalg.inv(linear).transpose(0, 2, 1)
            turned = normals.reshape(1, -1, 3).astype(np.float64) @ upright
            turned /= np.maximum(np.linalg.norm(turned, axis=2, keepdims=True), 1e-30)
            mirrored = np.linalg.det(linear) < 0
        starts = self.vertex_count + np.arange(len(places)) * len(points)
        indices = (triangles[None] + starts[:, None, None]).astype(np.int32)
        shading = turned.reshape(len(places), -1, 3, 3).astype(np.float32)
        at = np.tile(uvs, (len(places), 1, 1, 1))
        for table in (indices, shading, at):
            table[mirrored] = table[mirrored][:, :, [0, 2, 1]]
        self.names.append((self.triangle_count, name))
        self.positions.append(moved.reshape(-1, 3))
        self.triangles.append(indices.reshape(-1, 3))
        self.normals.append(shading.reshape(-1, 3, 3))
        self.uvs.append(at.reshape(-1, 3, 2))
        self.rows.append(np.tile(rows, len(places)))
        self.vertex_count += len(places) * len(points)
        self.triangle_count += len(places) * len(triangles)

    def bounds(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(low, high) corners of all points."""
        every = [*self.positions, *(points for points in self.close if points is not None)]
        lows, highs = [points.min(axis=0) for points in every], [p.max(axis=0) for p in every]
        return np.min(lows, axis=0).astype(np.float64), np.max(highs, axis=0).astype(np.float64)


def joined(parts: list[Part]) -> dict[str, NDArray]:
    """The parts' arrays one behind the other, by their names in ``PackedScene``."""
    starts = np.cumsum([0, *(part.vertex_count for part in parts)])
    triangles = [
        block + np.int32(start)
        for part, start in zip(parts, starts, strict=False)
        for block in part.triangles
    ]
    names = {
        "positions": ("positions", (0, 3)),
        "corner_normals": ("normals", (0, 3, 3)),
        "corner_uvs": ("uvs", (0, 3, 2)),
    }
    tables = {
        name: np.concatenate([np.zeros(shape, np.float32), *_all(parts, attribute)])
        for name, (attribute, shape) in names.items()
    }
    close = np.zeros((0, 3), np.float32)
    if any(block is not None for part in parts for block in part.close):
        pairs = zip(_all(parts, "positions"), _all(parts, "close"), strict=True)
        close = np.concatenate([still if moved is None else moved for still, moved in pairs])
    return tables | {
        "positions_close": close,
        "triangles": np.concatenate([np.zeros((0, 3), np.int32), *triangles]),
        "triangle_materials": np.concatenate([np.zeros(0, np.int32), *_all(parts, "rows")]),
    }


def names_in(parts: list[Part]) -> tuple[I32, tuple[str, ...]]:
    """(first triangle (n,), name) of each mesh of the joined parts."""
    starts = np.cumsum([0, *(part.triangle_count for part in parts)])
    pairs = [
        (first + start, name)
        for part, start in zip(parts, starts, strict=False)
        for first, name in part.names
    ]
    return np.array([first for first, _ in pairs], np.int32), tuple(name for _, name in pairs)


def _all(parts: list[Part], attribute: str) -> list[NDArray]:
    return [block for part in parts for block in getattr(part, attribute)]


def box_at(
    low: NDArray[np.float64], high: NDArray[np.float64], places: NDArray[np.floating]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(low, high) corners around a box at each of ``places`` (m, 4, 4)."""
    middle, half = (low + high) / 2, (high - low) / 2
    centres = middle @ places[:, :3, :3] + places[:, 3, :3]
    reach = half @ np.abs(places[:, :3, :3])
    return (centres - reach).min(axis=0), (centres + reach).max(axis=0)
