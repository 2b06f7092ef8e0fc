"""Primvars: values of any interpolation, brought to the corners of triangles."""

# usd-core has no type stubs, and fills its modules when they are imported.
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pxr import Usd, UsdGeom

from node_agent.kernels.pathtracer.subdivide import refine_values

Ints = NDArray[np.int64]

UV_NAMES = ("st", "UVMap", "uv", "map1", "st0", "st_0", "Texture_uv")
"""Where texture coordinates are, by custom of the programs that write USD, if the material does not say."""


VALUES_MAX = 200_000_000
"""Of one array: more is a broken file, not a model."""


@dataclass(frozen=True, slots=True)
class Polygons:
    """Faces before they are cut: ``counts`` (f,) and ``indices`` (sum,) into ``points`` (n, 3)."""

    points: NDArray[np.float64]
    counts: Ints
    indices: Ints


@dataclass(frozen=True, slots=True)
class Topology:
    """How triangles (t, 3) hang on a mesh."""

    corners: Ints
    """(t, 3) places in ``faceVertexIndices``."""
    vertices: Ints
    """(t, 3) rows of the points."""
    faces: Ints
    """(t,) faces."""
    counts: tuple[int, int, int]
    """How many faces, vertices and corners the mesh has, as authored."""
    refinement: Refinement | None = None
    """Of a subdivision surface: then ``corners`` are those of the refined faces."""


@dataclass(frozen=True, slots=True)
class Refinement:
    """How values at an authored cage's corners come to those of the refined one: linearly in each face."""

    indices: Ints
    """(c,) rows of the points, of the cage as authored."""
    counts: tuple[Ints, ...]
    """Corners of each face before each level."""

    def spread(self, values: NDArray, corners: Ints) -> NDArray:
        """Values (c, k) at the cage's corners, at ``corners`` (t, 3) of the refined faces."""
        for counts in self.counts:
            values = refine_values(counts, values)
        return values[corners]


def spread(
    values: NDArray, interpolation: str, indices: Ints | None, topology: Topology
) -> NDArray | None:
    """Values (n, k) at the triangles' corners, (t, 3, k); None where they do not fit the mesh.

    ``indices`` are those of an indexed primvar."""
    if indices is not None:
        if len(indices) and (indices.min() < 0 or indices.max() >= len(values)):
            return None
        values = values[indices]
    shape = (len(topology.faces), 3)
    n_faces, n_vertices, n_corners = topology.counts
    if interpolation == UsdGeom.Tokens.constant:
        return np.broadcast_to(values[:1, None], (*shape, values.shape[1])) if len(values) else None
    if topology.refinement and interpolation != UsdGeom.Tokens.uniform:
        if interpolation != UsdGeom.Tokens.faceVarying:
            if len(values) != n_vertices:
                return None
            values = values[topology.refinement.indices]
        fits = len(values) == n_corners
        return topology.refinement.spread(values, topology.corners) if fits else None
    places = {
        UsdGeom.Tokens.uniform: (np.broadcast_to(topology.faces[:, None], shape), n_faces),
        UsdGeom.Tokens.faceVarying: (topology.corners, n_corners),
    }.get(interpolation, (topology.vertices, n_vertices))
    return values[places[0]] if len(values) == places[1] else None


def primvar_at_corners(
    prim: Usd.Prim, name: str, width: int, topology: Topology, time: Usd.TimeCode
) -> NDArray[np.float32] | None:
    """A primvar of ``prim`` (or inherited) as (t, 3, width) float32; None where it is missing or broken."""
    primvar = UsdGeom.PrimvarsAPI(prim).FindPrimvarWithInheritance(name)
    values = as_table(primvar.Get(time), width) if primvar else None
    if values is None:
        return None
    indices = None
    if primvar.IsIndexed():
        indices = np.array(primvar.GetIndices(time), np.int64)
    at_corners = spread(values, primvar.GetInterpolation(), indices, topology)
    return None if at_corners is None else np.nan_to_num(at_corners)


def as_table(value: object, width: int) -> NDArray[np.float32] | None:
    """(n, width) float32 of an array or single value of ``width`` numbers each; None for anything else."""
    if value is None or (isinstance(value, Sized) and len(value) > VALUES_MAX):
        return None
    try:
        table = np.array(value, np.float32)
    except (TypeError, ValueError):
        return None
    if table.size == 0 or table.size % width:
        return None
    if table.ndim > 1 and table.shape[-1] != width:
        return None
    return table.reshape(-1, width)


def find_uv_name(prim: Usd.Prim) -> str | None:
    """The primvar that most likely holds texture coordinates; None where no one fits."""
    api = UsdGeom.PrimvarsAPI(prim)
    for name in UV_NAMES:
        if api.FindPrimvarWithInheritance(name).HasValue():
            return name
    pairs = ("texCoord2f[]", "texCoord2d[]", "texCoord2h[]", "float2[]")
    found = (p for p in api.FindPrimvarsWithInheritance() if str(p.GetTypeName()) in pairs)
    first = next(found, None)
    return str(first.GetPrimvarName()) if first else None
