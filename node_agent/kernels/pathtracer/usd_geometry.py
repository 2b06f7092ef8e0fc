"""Meshes and simple solids of a USD stage as triangles in their own space.

A mesh that cannot be right (indices out of range, counts that do not add up, points that are no
numbers) is left out, and the warning names the prim: one broken prop must not cost the frame.
"""

# usd-core has no type stubs, and fills its modules when they are imported.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pxr import Usd, UsdGeom

from node_agent.kernels.pathtracer import usd_solids, usd_subdivision
from node_agent.kernels.pathtracer.triangulate import triangulate
from node_agent.kernels.pathtracer.usd_primvars import (
    Polygons,
    Topology,
    as_table,
    primvar_at_corners,
    spread,
)

F32 = NDArray[np.float32]
Ints = NDArray[np.int64]

CORNERS_MAX = 200_000_000
"""Of one mesh: more is a broken file, not a model."""


@dataclass(frozen=True, slots=True)
class LocalMesh:
    """One prim's triangles in its own space."""

    prim: Usd.Prim
    points: NDArray[np.float64]
    """(n, 3)."""
    triangles: Ints
    """(t, 3) rows of ``points``, counter-clockwise seen from outside."""
    topology: Topology
    """What the prim's primvars hang on."""
    normals: F32
    """(t, 3, 3) unit shading normals."""
    colours: F32 | None
    """(t, 3, 3) linear ``displayColor`` at the corners, or None."""
    opacity: float
    """Mean ``displayOpacity``."""
    uvs: F32 | None = None
    """(t, 3, 2) of a solid; a mesh's are found by the name that its material asks for."""


class BrokenMesh(Exception):
    """Why a mesh is left out: the rest of the sentence that begins with its path."""


def read_mesh(prim: Usd.Prim, time: Usd.TimeCode, warn: Callable[[str], None]) -> LocalMesh | None:
    """The triangles of a Mesh prim at ``time``; None, and a warning that names it, where it is broken."""
    try:
        return _read_mesh(UsdGeom.Mesh(prim), time, warn)
    except BrokenMesh as why:
        warn(f"{prim.GetPath()} {why}; it is left out.")
        return None


def _read_mesh(mesh: UsdGeom.Mesh, time: Usd.TimeCode, warn: Callable[[str], None]) -> LocalMesh:
    prim = mesh.GetPrim()
    cage = _polygons(mesh, time)
    sizes = (len(cage.counts), len(cage.points), len(cage.indices))
    surface = usd_subdivision.read_surface(mesh, cage, time, warn)
    shape = surface.polygons if surface else cage
    indices = shape.indices
    corners, faces = triangulate(shape.counts, indices, shape.points)
    cage_faces = surface.faces[faces] if surface else faces
    keep = ~np.isin(cage_faces, _whole_numbers(mesh.GetHoleIndicesAttr(), time))
    keep &= has_area(shape.points, indices[corners])
    corners, faces, cage_faces = corners[keep], faces[keep], cage_faces[keep]
    if mesh.GetOrientationAttr().Get(time) == UsdGeom.Tokens.leftHanded:
        corners = corners[:, [0, 2, 1]]
    refinement = surface.refinement if surface else None
    topology = Topology(corners, indices[corners], cage_faces, sizes, refinement)
    if surface:
        normals = _surface_normals(surface, shape, topology, faces)
    else:
        smooth = mesh.GetSubdivisionSchemeAttr().Get() != UsdGeom.Tokens.none
        normals = _mesh_normals(mesh, shape, topology, time, smooth, warn)
    shown = _display(prim, topology, time, warn)
    return LocalMesh(prim, shape.points, topology.vertices, topology, normals, *shown)


def _surface_normals(
    surface: usd_subdivision.Surface, shape: Polygons, topology: Topology, faces: Ints
) -> F32:
    """Smooth normals of a refined surface; at creases each face keeps its own."""
    flat, area = face_normals(shape.points, topology.vertices)
    at_points = smooth_normals(flat * area, faces, shape)[topology.vertices]
    is_sharp = surface.creased[topology.vertices][..., None]
    return unit_or(np.where(is_sharp, flat[:, None], at_points), flat[:, None])


def _polygons(mesh: UsdGeom.Mesh, time: Usd.TimeCode) -> Polygons:
    """The faces as authored, checked; raises BrokenMesh."""
    points = as_table(mesh.GetPointsAttr().Get(time), 3)
    counts = _whole_numbers(mesh.GetFaceVertexCountsAttr(), time)
    indices = _whole_numbers(mesh.GetFaceVertexIndicesAttr(), time)
    if points is None or not len(counts):
        raise BrokenMesh("has no faces")
    if counts.min() < 0 or counts.sum() != len(indices):
        raise BrokenMesh(f"has faces of {counts.sum()} corners but {len(indices)} indices")
    if len(indices) and (indices.min() < 0 or indices.max() >= len(points)):
        worst = indices.min() if indices.min() < 0 else indices.max()
        raise BrokenMesh(f"has a face index {worst}, but {len(points)} points")
    if not np.isfinite(points).all():
        raise BrokenMesh("has points that are no finite numbers")
    return Polygons(points.astype(np.float64), counts, indices)


def _whole_numbers(attribute: Usd.Attribute, time: Usd.TimeCode) -> Ints:
    """An array of whole numbers, empty where there is none; raises BrokenMesh before one is copied that
    only a broken file can hold."""
    values = attribute.Get(time)
    if values is None:
        return np.empty(0, np.int64)
    if len(values) > CORNERS_MAX:
        raise BrokenMesh(f"has {len(values)} {attribute.GetBaseName()}, more than a mesh may have")
    return np.array(values, np.int64)


def _mesh_normals(
    mesh: UsdGeom.Mesh,
    polygons: Polygons,
    topology: Topology,
    time: Usd.TimeCode,
    smooth: bool,
    warn: Callable[[str], None],
) -> F32:
    """Authored normals, else smooth ones for a subdivision cage, else each triangle's own.

    Many exporters leave the scheme at its default and author normals: those are then what was meant."""
    flat, area = face_normals(polygons.points, topology.vertices)
    prim = mesh.GetPrim()
    authored = primvar_at_corners(prim, "normals", 3, topology, time)
    if authored is None:
        values = as_table(mesh.GetNormalsAttr().Get(time), 3)
        if values is not None:
            authored = spread(values, mesh.GetNormalsInterpolation(), None, topology)
            if authored is None:
                warn(f"{prim.GetPath()} has normals that do not fit its faces; they are not used.")
    if authored is not None:
        return unit_or(authored, flat[:, None])
    if smooth:
        at_points = smooth_normals(flat * area, topology.faces, polygons)
        return unit_or(at_points[topology.vertices], flat[:, None])
    return np.ascontiguousarray(np.broadcast_to(flat[:, None], (len(flat), 3, 3)), np.float32)


def face_normals(points: NDArray[np.float64], triangles: Ints) -> tuple[NDArray, NDArray]:
    """(unit normals (t, 3), twice the areas (t, 1)); a triangle without area gets +Z."""
    a, b, c = (points[triangles[:, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    length = np.linalg.norm(normal, axis=1, keepdims=True)
    return np.where(length > 0, normal / np.where(length > 0, length, 1), [0.0, 0.0, 1.0]), length


def has_area(points: NDArray[np.float64], triangles: Ints) -> NDArray[np.bool_]:
    """(t,): which triangles can be seen at all; a lathe's poles and collapsed quads have others too."""
    a, b, c = (points[triangles[:, k]] for k in range(3))
    double = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    longest = np.maximum(((b - a) ** 2).sum(axis=1), ((c - a) ** 2).sum(axis=1))
    return double > 1e-9 * longest


def smooth_normals(weighted: NDArray, faces: Ints, polygons: Polygons) -> NDArray:
    """(n_points, 3), not unit: the sums of the faces' normals around each point.

    ``weighted`` (t, 3) are the triangles' normals by area, ``faces`` (t,) their faces. Faces and not triangles
    are summed, so that the way a face was cut does not show."""
    sums = []
    for axis in range(3):
        of_face = np.bincount(faces, weighted[:, axis], minlength=len(polygons.counts))
        at_corners = np.repeat(of_face, polygons.counts)
        sums.append(np.bincount(polygons.indices, at_corners, minlength=len(polygons.points)))
    return np.stack(sums, axis=1)


def unit_or(vectors: NDArray, fallback: NDArray) -> F32:
    """Unit vectors (t, 3, 3); ``fallback`` (t, 1, 3) where one is zero or no number."""
    with np.errstate(invalid="ignore", over="ignore"):
        length = np.linalg.norm(vectors.astype(np.float64), axis=2, keepdims=True)
    good = np.isfinite(length) & (length > 1e-20)
    unit = np.where(good, vectors, fallback) / np.where(good, length, 1.0)
    return np.ascontiguousarray(unit, np.float32)


def _display(
    prim: Usd.Prim, topology: Topology, time: Usd.TimeCode, warn: Callable[[str], None]
) -> tuple[F32 | None, float]:
    """``displayColor`` at the corners (or None) and the mean ``displayOpacity``."""
    colours = primvar_at_corners(prim, "displayColor", 3, topology, time)
    opacity = primvar_at_corners(prim, "displayOpacity", 1, topology, time)
    if opacity is not None and np.ptp(opacity) > 0:
        warn(f"{prim.GetPath()} has a displayOpacity that varies; its mean is used.")
    return colours, 1.0 if opacity is None else float(opacity.mean())


def read_solid(prim: Usd.Prim, time: Usd.TimeCode, warn: Callable[[str], None]) -> LocalMesh | None:
    """The triangles of a Sphere, Cube, Cylinder, Cone, Capsule or Plane prim at ``time``."""
    solid = usd_solids.tessellate(prim, time)
    if solid is None:
        warn(f"{prim.GetPath()} has a size that is no positive number; it is left out.")
        return None
    # To its primvars a solid is one face with one corner, so that only constant ones fit.
    one = np.zeros((len(solid.triangles), 3), np.int64)
    topology = Topology(one, one, one[:, 0], (1, 1, 1))
    colours, opacity = _display(prim, topology, time, warn)
    flat, _ = face_normals(solid.points, solid.triangles)
    normals = unit_or(solid.normals[solid.triangles], flat[:, None])
    uvs = solid.uvs[solid.triangles].astype(np.float32)
    return LocalMesh(prim, solid.points, solid.triangles, topology, normals, colours, opacity, uvs)
