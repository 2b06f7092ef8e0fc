"""UsdGeom's simple solids as triangles with smooth normals and texture coordinates."""

# usd-core has no type stubs, and fills its modules when they are imported.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pxr import Usd

Floats = NDArray[np.float64]

AROUND = 64
"""Segments of a full circle: its silhouette looks round at film resolution on a prop."""
SIZE_MAX = 1e12


@dataclass(frozen=True, slots=True)
class Solid:
    """Vertices (n, ...) and triangles (t, 3), counter-clockwise seen from outside."""

    points: Floats
    normals: Floats
    uvs: Floats
    triangles: NDArray[np.int64]


def tessellate(prim: Usd.Prim, time: Usd.TimeCode) -> Solid | None:
    """The solid at ``time``; None where a size is no positive finite number. Z is each one's own axis."""
    kind = str(prim.GetTypeName())
    sizes = [_number(prim, name, time) for name in SIZES[kind]]
    if not all(np.isfinite(size) and 0 < size < SIZE_MAX for size in sizes):
        return None
    axis = str(prim.GetAttribute("axis").Get(time)) if prim.HasAttribute("axis") else "Z"
    solid = MAKERS[kind](*sizes)
    return _laid(solid, axis) if kind == "Plane" else _turned(solid, axis)


def _number(prim: Usd.Prim, name: str, time: Usd.TimeCode) -> float:
    value = prim.GetAttribute(name).Get(time)
    return float("nan") if value is None else float(value)


def _turned(solid: Solid, axis: str) -> Solid:
    """``solid``, whose axis is Z, along ``axis``: the coordinates change places in a cycle."""
    order = {"X": [2, 0, 1], "Y": [1, 2, 0]}.get(axis, [0, 1, 2])
    return Solid(solid.points[:, order], solid.normals[:, order], solid.uvs, solid.triangles)


def _laid(plane: Solid, axis: str) -> Solid:
    """A plane with normal ``axis``: its width lies along X, or Z where X is the normal; length along the rest."""
    order, sign = {"X": ([2, 1, 0], [1, 1, -1]), "Y": ([0, 2, 1], [1, 1, -1])}.get(
        axis, ([0, 1, 2], [1, 1, 1])
    )
    points, normals = plane.points[:, order] * sign, plane.normals[:, order] * sign
    return Solid(points, normals, plane.uvs, plane.triangles)


def _lathe(outline: Floats, normals: Floats, rows: Floats | None = None) -> Solid:
    """A solid of revolution about Z from an outline (k, 2) of (radius, z), bottom first.

    ``normals`` (k, 2) are the outline's; a crease is two equal points with different normals."""
    u = np.linspace(0.0, 1.0, AROUND + 1)
    circle = np.stack([np.cos(2 * np.pi * u), np.sin(2 * np.pi * u)], axis=1)
    v = np.linspace(0.0, 1.0, len(outline)) if rows is None else rows
    points = _swept(outline, circle)
    uvs = np.stack(np.broadcast_arrays(u[None, :], v[:, None]), axis=2).reshape(-1, 2)
    return _without_slivers(points, _swept(normals, circle), uvs, len(outline), AROUND + 1)


def _swept(outline: Floats, circle: Floats) -> Floats:
    """(k * m, 3): outline (k, 2) turned to the directions ``circle`` (m, 2)."""
    around = outline[:, None, :1] * circle[None]
    along = np.broadcast_to(outline[:, None, 1:], (*around.shape[:2], 1))
    return np.concatenate([around, along], axis=2).reshape(-1, 3)


def grid_triangles(rows: int, columns: int) -> NDArray[np.int64]:
    """Two triangles for each cell of a grid of ``rows`` x ``columns`` vertices, row by row."""
    first = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    lower = np.stack([first, first + 1, first + columns + 1], axis=1)
    upper = np.stack([first, first + columns + 1, first + columns], axis=1)
    return np.stack([lower, upper], axis=1).reshape(-1, 3)


def _without_slivers(
    points: Floats, normals: Floats, uvs: Floats, rows: int, columns: int
) -> Solid:
    """The grid's solid without the triangles that a pole or a crease leaves no area."""
    triangles = grid_triangles(rows, columns)
    a, b, c = (points[triangles[:, k]] for k in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    return Solid(points, normals, uvs, triangles[area > 1e-12 * area.max()])


def _sphere(radius: float) -> Solid:
    latitude = np.linspace(-np.pi / 2, np.pi / 2, AROUND // 2 + 1)
    direction = np.stack([np.cos(latitude), np.sin(latitude)], axis=1)
    return _lathe(radius * direction, direction)


def _cylinder(radius: float, height: float) -> Solid:
    z = height / 2
    outline = [[0, -z], [radius, -z], [radius, -z], [radius, z], [radius, z], [0, z]]
    normals = [[0, -1], [0, -1], [1, 0], [1, 0], [0, 1], [0, 1]]
    rows = np.array([0.0, 0.0, 0.0, 1.0, 1.0, 1.0])
    return _lathe(np.array(outline, float), np.array(normals, float), rows)


def _cone(radius: float, height: float) -> Solid:
    z = height / 2
    slope = np.array([height, radius]) / np.hypot(height, radius)
    outline = [[0, -z], [radius, -z], [radius, -z], [0, z]]
    return _lathe(np.array(outline, float), np.array([[0, -1], [0, -1], slope, slope], float))


def _capsule(radius: float, height: float) -> Solid:
    low = np.linspace(-np.pi / 2, 0.0, AROUND // 4 + 1)
    turn = np.concatenate([low, -low[::-1]])
    direction = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    lift = np.where(np.arange(len(turn)) < len(low), -height / 2, height / 2)
    return _lathe(radius * direction + np.stack([0 * lift, lift], axis=1), direction)


def _cube(size: float) -> Solid:
    square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    face = np.concatenate([square - 0.5, np.full((4, 1), 0.5)], axis=1)
    sides = []
    for order in ([0, 1, 2], [1, 2, 0], [2, 0, 1]):
        sides += [
            face[:, order],
            face[::-1][:, order] * np.where(np.arange(3) == order.index(2), -1, 1),
        ]
    points = size * np.concatenate(sides)
    triangles = (np.arange(6)[:, None, None] * 4 + np.array([[0, 1, 2], [0, 2, 3]])).reshape(-1, 3)
    normals = np.repeat(points.reshape(6, 4, 3).mean(axis=1) * 2 / size, 4, axis=0)
    return Solid(points, normals, np.tile(square, (6, 1)), triangles)


def _plane(width: float, length: float) -> Solid:
    square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    points = np.concatenate([(square - 0.5) * [width, length], np.zeros((4, 1))], axis=1)
    normals = np.broadcast_to([0.0, 0.0, 1.0], (4, 3))
    return Solid(points, normals, square, np.array([[0, 1, 2], [0, 2, 3]]))


SIZES = {
    "Sphere": ("radius",),
    "Cube": ("size",),
    "Cylinder": ("radius", "height"),
    "Cone": ("radius", "height"),
    "Capsule": ("radius", "height"),
    "Plane": ("width", "length"),
}
"""Type name of a prim to the attributes that size it, in the order in which its maker takes them."""
MAKERS = {
    "Sphere": _sphere,
    "Cube": _cube,
    "Cylinder": _cylinder,
    "Cone": _cone,
    "Capsule": _capsule,
    "Plane": _plane,
}
SOLIDS = frozenset(MAKERS)
"""Type names that ``tessellate`` takes."""
