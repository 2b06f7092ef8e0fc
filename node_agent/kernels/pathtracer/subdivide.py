"""Subdivision surfaces by refinement: a cage of any faces becomes quads, four times as many with each level.

numpy alone, no loop over faces. Positions follow Catmull and Clark with creases; what hangs on corners
(texture coordinates, colours) is carried along linearly within each face.

* Catmull and Clark, "Recursively generated B-spline surfaces on arbitrary topological meshes", 1978;
* DeRose, Kass and Truong, "Subdivision Surfaces in Character Animation", 1998: semi-sharp creases;
* UsdGeomMesh's documentation: which rule applies at boundaries.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

SHARP = 10.0
"""From this sharpness on an edge or point never smooths (UsdGeomMesh's SHARPNESS_INFINITE)."""


@dataclass(frozen=True, slots=True)
class Cage:
    """Faces of a mesh with its sharp edges and points."""

    points: Floats
    """(n, 3)."""
    counts: Ints
    """(f,) corners of each face, at least 3."""
    indices: Ints
    """(sum of counts,) rows of ``points``."""
    edges: Ints
    """(e, 2) pairs of points: the creases."""
    sharpness: Floats
    """(e,) of each crease; halves within a level below 1, as DeRose et al. have it."""
    corners: Floats
    """(n,) sharpness of each point, 0 for most."""
    smooth: bool = True
    """False for the bilinear scheme: faces are split and nothing moves."""
    corners_stay: bool = True
    """Whether a boundary's point of one face stays where it is ('edgeAndCorner')."""


@dataclass(frozen=True, slots=True)
class Edges:
    """Each edge of a mesh once. ``of_corner`` (c,) is the edge from a corner to the next of its face."""

    pairs: Ints
    of_corner: Ints
    uses: Ints
    """How many faces share it: 1 at a boundary."""
    sharpness: Floats


def refine(cage: Cage) -> tuple[Cage, Ints]:
    """One level: (cage of quads, (new faces,) the old face of each). Quad k is at the old corner k; its
    corners are that corner's point, the next edge, the face and the edge before."""
    face = np.repeat(np.arange(len(cage.counts)), cage.counts)
    edges = _find_edges(cage)
    centres = _mean_by(face, cage.points[cage.indices], cage.counts)
    middles = cage.points[edges.pairs].mean(axis=1)
    on_edges, on_points = middles, cage.points
    if cage.smooth:
        on_edges = _edge_points(edges, middles, centres[face])
        on_points = _vertex_points(cage, edges, middles, centres[face])
    n, e = len(cage.points), len(middles)
    before = edges.of_corner[previous_corner(cage.counts)]
    quads = np.stack([cage.indices, n + edges.of_corner, n + e + face, n + before], axis=1)
    creases, sharpness = _split_creases(edges, n)
    corners = np.zeros(n + e + len(centres))
    corners[:n] = np.where(cage.corners >= SHARP, cage.corners, np.maximum(cage.corners - 1, 0))
    refined = Cage(
        points=np.concatenate([on_points, on_edges, centres]),
        counts=np.full(len(quads), 4),
        indices=quads.ravel(),
        edges=creases,
        sharpness=sharpness,
        corners=corners,
        smooth=cage.smooth,
        corners_stay=cage.corners_stay,
    )
    return refined, face


def refine_values(counts: Ints, values: NDArray) -> NDArray:
    """Values (c, k) at the corners of faces with ``counts`` corners, at the corners of the refined quads."""
    face = np.repeat(np.arange(len(counts)), counts)
    centre = _mean_by(face, values.astype(np.float64), counts)[face]
    ahead = (values + values[next_corner(counts)]) / 2
    behind = ahead[previous_corner(counts)]
    return np.stack([values, ahead, centre, behind], axis=1).reshape(-1, values.shape[1])


def next_corner(counts: Ints) -> Ints:
    """(c,) the corner that follows each in its face."""
    ends = np.cumsum(counts)
    following = np.arange(ends[-1]) + 1
    following[ends - 1] = ends - counts
    return following


def previous_corner(counts: Ints) -> Ints:
    """(c,) the corner before each in its face."""
    ends = np.cumsum(counts)
    before = np.arange(ends[-1]) - 1
    before[ends - counts] = ends - 1
    return before


def crease_points(cage: Cage) -> NDArray[np.bool_]:
    """(n,): points on an edge that is still sharp, or sharp themselves; their faces keep their own normals."""
    found = cage.corners > 0
    found[cage.edges[cage.sharpness >= 1].ravel()] = True
    return found


def _find_edges(cage: Cage) -> Edges:
    ends = cage.indices[next_corner(cage.counts)]
    keys = _keys(np.stack([cage.indices, ends], axis=1), len(cage.points))
    known, of_corner, uses = np.unique(keys, return_inverse=True, return_counts=True)
    sharpness = np.where(uses == 2, 0.0, SHARP)
    if len(cage.edges):
        named = _keys(cage.edges, len(cage.points))
        at = np.searchsorted(known, named).clip(max=len(known) - 1)
        is_there = known[at] == named
        np.maximum.at(sharpness, at[is_there], cage.sharpness[is_there])
    pairs = np.stack(np.divmod(known, len(cage.points)), axis=1)
    return Edges(pairs, of_corner.reshape(-1), uses, sharpness)


def _keys(pairs: Ints, points: int) -> Ints:
    return pairs.min(axis=1) * points + pairs.max(axis=1)


def _mean_by(group: Ints, values: NDArray, counts: Ints) -> Floats:
    """(groups, k) means of values (c, k)."""
    return _sum_by(group, values, len(counts)) / np.maximum(counts, 1)[:, None]


def _sum_by(group: Ints, values: NDArray, groups: int) -> Floats:
    columns = [np.bincount(group, values[:, k], minlength=groups) for k in range(values.shape[1])]
    return np.stack(columns, axis=1).astype(np.float64)


def _edge_points(edges: Edges, middles: Floats, centre_at_corner: Floats) -> Floats:
    around = _mean_by(edges.of_corner, centre_at_corner, edges.uses)
    smooth = (middles + around) / 2
    share = np.minimum(edges.sharpness, 1.0)[:, None]
    return (1 - share) * smooth + share * middles


def _vertex_points(cage: Cage, edges: Edges, middles: Floats, centre_at_corner: Floats) -> Floats:
    n, old = len(cage.points), cage.points
    faces = np.bincount(cage.indices, minlength=n)
    ends = edges.pairs.ravel()
    valence = np.maximum(np.bincount(ends, minlength=n), 1)[:, None]
    centre = _sum_by(cage.indices, centre_at_corner, n) / np.maximum(faces, 1)[:, None]
    middle = _sum_by(ends, np.repeat(middles, 2, axis=0), n) / valence
    smooth = (centre + 2 * middle + (valence - 3) * old) / valence
    sharp = np.repeat(edges.sharpness, 2)
    sharp_edges = np.bincount(ends, sharp > 0, minlength=n)
    others = old[edges.pairs[:, ::-1]].reshape(-1, 3) * (sharp > 0)[:, None]
    crease = (_sum_by(ends, others, n) + 6 * old) / 8
    edge_share = np.bincount(ends, np.minimum(sharp, SHARP), minlength=n) / np.maximum(
        sharp_edges, 1
    )
    moved = np.where((sharp_edges == 2)[:, None], _mixed(smooth, crease, edge_share), smooth)
    moved = np.where((sharp_edges > 2)[:, None], _mixed(smooth, old, edge_share), moved)
    moved = _mixed(moved, old, cage.corners)
    is_boundary = np.bincount(ends, np.repeat(edges.uses, 2) == 1, minlength=n) > 0
    stays = (faces == 0) | (is_boundary & (faces == 1) & cage.corners_stay)
    return np.where(stays[:, None], old, moved)


def _mixed(smooth: Floats, sharp: Floats, sharpness: Floats) -> Floats:
    share = np.clip(sharpness, 0.0, 1.0)[:, None]
    return (1 - share) * smooth + share * sharp


def _split_creases(edges: Edges, points: int) -> tuple[Ints, Floats]:
    """Each crease becomes two, a level less sharp. Boundaries need none: they are found anew."""
    left = np.where(edges.sharpness >= SHARP, SHARP, edges.sharpness - 1)
    kept = np.flatnonzero((left > 0) & (edges.uses == 2))
    halves = np.stack([edges.pairs[kept].ravel(), np.repeat(points + kept, 2)], axis=1)
    return halves, np.repeat(left[kept], 2)
