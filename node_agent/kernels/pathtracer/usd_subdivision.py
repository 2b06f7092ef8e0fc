"""Which meshes of a stage are subdivision surfaces, how far they are refined, and with which creases.

A mesh with normals of its own is taken as the polygons that it is: many exporters leave the scheme at its
default, which is Catmull-Clark, and author normals.
"""

# usd-core has no type stubs, and fills its modules when they are imported.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pxr import Usd, UsdGeom

from node_agent.kernels.pathtracer.subdivide import SHARP, Cage, crease_points, refine
from node_agent.kernels.pathtracer.usd_primvars import Polygons, Refinement

Ints = NDArray[np.int64]

LEVELS = ((4_000, 3), (200_000, 2), (2_000_000, 1))
"""(corners of the cage at most, levels): fine where it is cheap, and never more than eight million quads."""


@dataclass(frozen=True, slots=True)
class Surface:
    """A refined mesh."""

    polygons: Polygons
    faces: Ints
    """(f,) the authored face of each refined one."""
    refinement: Refinement
    creased: NDArray[np.bool_]
    """(n,): points where faces meet sharply."""


def read_surface(
    mesh: UsdGeom.Mesh, cage: Polygons, time: Usd.TimeCode, warn: Callable[[str], None]
) -> Surface | None:
    """The refined surface of a mesh; None where it is meant, or can only be rendered, as polygons."""
    scheme = mesh.GetSubdivisionSchemeAttr().Get()
    if scheme == UsdGeom.Tokens.none or _has_normals(mesh, time):
        return None
    path = mesh.GetPath()
    levels = next((levels for most, levels in LEVELS if len(cage.indices) <= most), 0)
    if not levels or cage.counts.min() < 3:
        why = "is too fine a subdivision surface" if not levels else "has faces of two corners"
        warn(f"{path} {why}; its cage is rendered smooth, not refined.")
        return None
    if scheme == UsdGeom.Tokens.loop:
        warn(f"{path} is a Loop surface; it is refined by the rules of Catmull and Clark.")
    return _refined(_cage(mesh, cage, str(scheme), time, warn), cage, levels)


def _has_normals(mesh: UsdGeom.Mesh, time: Usd.TimeCode) -> bool:
    named = UsdGeom.PrimvarsAPI(mesh).GetPrimvar("normals")
    return bool(named and named.HasValue()) or bool(len(mesh.GetNormalsAttr().Get(time) or []))


def _refined(cage: Cage, authored: Polygons, levels: int) -> Surface:
    faces = np.arange(len(cage.counts))
    counts: list[Ints] = []
    for _ in range(levels):
        counts.append(cage.counts)
        cage, parents = refine(cage)
        faces = faces[parents]
    return Surface(
        Polygons(cage.points, cage.counts, cage.indices),
        faces,
        Refinement(authored.indices, tuple(counts)),
        crease_points(cage),
    )


def _cage(
    mesh: UsdGeom.Mesh,
    polygons: Polygons,
    scheme: str,
    time: Usd.TimeCode,
    warn: Callable[[str], None],
) -> Cage:
    edges, sharpness = _creases(mesh, len(polygons.points), time, warn)
    corners = np.zeros(len(polygons.points))
    at, sharp = (
        _numbers(mesh.GetCornerIndicesAttr(), time),
        _numbers(mesh.GetCornerSharpnessesAttr(), time),
    )
    usable = (at >= 0) & (at < len(corners)) if len(at) == len(sharp) else np.zeros(len(at), bool)
    corners[at[usable].astype(np.int64)] = np.clip(sharp[usable], 0, SHARP) if len(sharp) else 0
    return Cage(
        polygons.points,
        polygons.counts,
        polygons.indices,
        edges,
        sharpness,
        corners,
        smooth=scheme != "bilinear",
        corners_stay=mesh.GetInterpolateBoundaryAttr().Get(time) != UsdGeom.Tokens.edgeOnly,
    )


def _creases(
    mesh: UsdGeom.Mesh, points: int, time: Usd.TimeCode, warn: Callable[[str], None]
) -> tuple[Ints, NDArray[np.float64]]:
    """(pairs (e, 2), sharpness (e,)): chains of points cut into edges; one sharpness a chain, or one an edge."""
    at = _numbers(mesh.GetCreaseIndicesAttr(), time).astype(np.int64)
    lengths = _numbers(mesh.GetCreaseLengthsAttr(), time).astype(np.int64)
    sharp = _numbers(mesh.GetCreaseSharpnessesAttr(), time)
    nothing = np.empty((0, 2), np.int64), np.empty(0)
    if not len(at):
        return nothing
    edges = lengths - 1
    fits = len(lengths) and edges.min() >= 1 and lengths.sum() == len(at)
    if (
        not fits
        or len(sharp) not in (len(lengths), edges.sum())
        or not 0 <= at.min() <= at.max() < points
    ):
        warn(f"{mesh.GetPath()} has creases that do not fit its points; they are not used.")
        return nothing
    is_last = np.zeros(len(at), bool)
    is_last[np.cumsum(lengths) - 1] = True
    pairs = np.stack([at[:-1], at[1:]], axis=1)[~is_last[:-1]]
    each = np.repeat(sharp, edges) if len(sharp) == len(lengths) else sharp
    return pairs, np.clip(each, 0.0, SHARP)


def _numbers(attribute: Usd.Attribute, time: Usd.TimeCode) -> NDArray[np.float64]:
    """An array of numbers, empty where there is none; what is no number is 0."""
    values = attribute.Get(time)
    return np.nan_to_num(np.array([] if values is None else values, np.float64))
