"""Polygons into triangles, many faces at once: fans where convex, ear clipping where not.

A face is a run of corners; a corner is a place in ``faceVertexIndices``. Triangles are made of corners,
not vertices, so that whatever hangs on corners (normals, texture coordinates) follows by one lookup.
No loop here runs over faces: faces of one size are cut together, ear clipping in lock-step.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

CLIPPED_CORNERS_MAX = 256
"""A larger face that is not convex is cut as a fan: clipping takes the cube of its corners."""
PAIRS_AT_ONCE = 2_000_000
"""Corner pairs tested in one numpy call; bounds the memory of clipping."""


def triangulate(counts: Ints, indices: Ints, points: Floats) -> tuple[Ints, Ints]:
    """(corners (t, 3), face (t,)) of the triangles of faces with ``counts`` (f,) corners each.

    ``indices`` (sum of counts,) are rows of ``points`` (n, 3). Winding is kept; faces of fewer than three
    corners have no triangles. Triangles come in the order of their faces."""
    starts = np.cumsum(counts) - counts
    corners, faces = [np.empty((0, 3), np.int64)], [np.empty(0, np.int64)]
    for size in np.unique(counts[counts >= 3]):
        chosen = np.flatnonzero(counts == size)
        polygons = starts[chosen, None] + np.arange(size)
        cut = polygons[:, None, :] if size == 3 else _cut(polygons, points[indices[polygons]])
        corners.append(cut.reshape(-1, 3))
        faces.append(np.repeat(chosen, size - 2))
    face = np.concatenate(faces)
    order = np.argsort(face, kind="stable")
    return np.concatenate(corners)[order], face[order]


def _cut(polygons: Ints, points: Floats) -> Ints:
    """(f, n - 2, 3) corners of the triangles of f polygons (f, n) at ``points`` (f, n, 3)."""
    size = polygons.shape[1]
    flat = _flatten(points)
    fan = np.arange(1, size - 1)
    local = np.broadcast_to(np.stack([0 * fan, fan, fan + 1], axis=1), (len(flat), size - 2, 3))
    bent = np.flatnonzero(~_is_convex(flat))
    if len(bent) and size <= CLIPPED_CORNERS_MAX:
        local = local.copy()
        step = max(PAIRS_AT_ONCE // (size * size), 1)
        for first in range(0, len(bent), step):
            part = bent[first : first + step]
            local[part] = _clip_ears(flat[part])
    return np.take_along_axis(polygons[:, None, :], local, axis=2)


def _flatten(points: Floats) -> Floats:
    """(f, n, 2): each polygon seen along the largest axis of its Newell normal, counter-clockwise."""
    following = np.roll(points, -1, axis=1)
    normal = np.cross(points, following).sum(axis=1)
    axis = np.abs(normal).argmax(axis=1)
    rows = np.arange(len(points))
    kept = np.stack([(axis + 1) % 3, (axis + 2) % 3], axis=1)
    flat = np.take_along_axis(points, kept[:, None, :], axis=2)
    flat[..., 0] *= np.where(normal[rows, axis] < 0, -1.0, 1.0)[:, None]
    return flat


def _turn(a: Floats, b: Floats, c: Floats) -> Floats:
    """Twice the signed area of the flat triangles a, b, c: positive where counter-clockwise."""
    return (b[..., 0] - a[..., 0]) * (c[..., 1] - a[..., 1]) - (b[..., 1] - a[..., 1]) * (
        c[..., 0] - a[..., 0]
    )


def _is_convex(flat: Floats) -> NDArray[np.bool_]:
    """(f,): whether no corner of a polygon turns inwards by more than rounding."""
    turns = _turn(np.roll(flat, 1, axis=1), flat, np.roll(flat, -1, axis=1))
    return (turns >= -1e-9 * np.abs(turns).sum(axis=1, keepdims=True)).all(axis=1)


def _clip_ears(flat: Floats) -> Ints:
    """(f, n - 2, 3) local corners: one ear of every polygon is cut in each round.

    Where a broken polygon (crossing itself) has no ear, its most outward corner is cut all the same."""
    faces, size = flat.shape[:2]
    left = np.broadcast_to(np.arange(size), (faces, size)).copy()
    triangles = np.empty((faces, size - 2, 3), np.int64)
    rows = np.arange(faces)
    for cut in range(size - 3):
        at = np.take_along_axis(flat, left[..., None], axis=1)
        before, after = np.roll(at, 1, axis=1), np.roll(at, -1, axis=1)
        turns = _turn(before, at, after)
        ear = (turns > 0) & ~_holds_another(before, at, after)
        chosen = np.where(ear.any(axis=1), ear.argmax(axis=1), turns.argmax(axis=1))
        trio = np.stack([chosen - 1, chosen, (chosen + 1) % left.shape[1]], axis=1)
        triangles[:, cut] = np.take_along_axis(left, trio % left.shape[1], axis=1)
        keep = np.ones(left.shape, np.bool_)
        keep[rows, chosen] = False
        left = left[keep].reshape(faces, -1)
    triangles[:, -1] = left
    return triangles


def _holds_another(before: Floats, at: Floats, after: Floats) -> NDArray[np.bool_]:
    """(f, m): whether the triangle at a corner holds another corner strictly inside, or on its open cut."""
    a, b, c = (part[:, :, None] for part in (before, at, after))
    p = at[:, None, :]
    inside = (_turn(a, b, p) > 0) & (_turn(b, c, p) > 0) & (_turn(c, a, p) >= 0)
    return np.asarray(inside.any(axis=2))
