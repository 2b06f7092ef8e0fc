"""Instances: the record that a tree holds of each, and what it does to rays, points and normals.

A record is RECORD_WIDTH numbers at a place of the pool in which the tree keeps its triangles (``pool``: blocks on
the CPU, rows on CUDA), so that no walk carries another array. Matrices are nine numbers row by row
and a shift, p_world = M p + s; PBRT 4, 7.1.2. A ray keeps the length of its direction in an instance's
space, so that distances along it mean the same in both.

A moving instance goes linearly from its matrix at the shutter's opening to that at its close, and its inverse
is computed anew for each ray (Glassner, "Spacetime Ray Tracing for Animation", 1988, by samples in time).
"""

from __future__ import annotations

import numpy as np

from node_agent.kernels.pathtracer.geometry import (
    ONE,
    ZERO,
    along,
    cross,
    dot,
    rotated,
    rotated_back,
    scaled,
    vec3,
)
from node_agent.kernels.pathtracer.jit import shared

F = np.float32
U = np.uint32

TO_LOCAL, TO_WORLD, WAY, MOVES = np.int64(0), np.int64(12), np.int64(24), np.int64(36)
"""WAY: the matrix at the close less that at the opening; MOVES: 1 where that is not zero."""
SHIFT = np.int64(9)
ROOT = 37
"""As int32: the link to the tree of the instance's mesh."""
RECORD_WIDTH = 40


@shared
def moved_row(pool, at, row, time):
    """A row of a moving instance's matrix; row 3 is the shift."""
    first = at + TO_WORLD + row * 3
    return along(vec3(pool, first), vec3(pool, first + WAY - TO_WORLD), time)


@shared
def cofactors(pool, at, time):
    """(three rows, determinant): M's cofactors at a moment; M's inverse is their transpose by the determinant."""
    a, b, c = (
        moved_row(pool, at, 0, time),
        moved_row(pool, at, 1, time),
        moved_row(pool, at, 2, time),
    )
    first = cross(b, c)
    return (first, cross(c, a), cross(a, b)), dot(a, first)


@shared
def back(rows, inverse, v):
    """The transpose of three rows times v, by ``inverse``."""
    return scaled(
        along(along(scaled(rows[0], v[0]), rows[1], v[1]), rows[2], v[2]),
        inverse,
    )


@shared
def ray_into(pool, at, o, d, time):
    """A ray in the space of the instance whose record is at ``at``."""
    if pool[U(at + MOVES)] == ZERO:
        start = along(vec3(pool, at + TO_LOCAL + SHIFT), rotated(pool, at + TO_LOCAL, o), ONE)
        return start, rotated(pool, at + TO_LOCAL, d)
    rows, determinant = cofactors(pool, at, time)
    inverse = ONE / determinant
    start = along(o, moved_row(pool, at, 3, time), -ONE)
    return back(rows, inverse, start), back(rows, inverse, d)


@shared
def vector_out(pool, at, v, time):
    """A difference of two points of the instance, in world space."""
    out = rotated(pool, at + TO_WORLD, v)
    if pool[U(at + MOVES)] != ZERO:
        out = along(out, rotated(pool, at + WAY, v), time)
    return out


@shared
def point_out(pool, at, p, time):
    """A point of the instance, in world space."""
    shift = vec3(pool, at + TO_WORLD + SHIFT)
    if pool[U(at + MOVES)] != ZERO:
        shift = moved_row(pool, at, 3, time)
    return along(shift, vector_out(pool, at, p, time), ONE)


@shared
def normal_out(pool, at, n, time):
    """A normal of the instance in world space, not unit: by the inverse's transpose (PBRT 4, 3.10.3)."""
    if pool[U(at + MOVES)] == ZERO:
        return rotated_back(pool, at + TO_LOCAL, n)
    rows, determinant = cofactors(pool, at, time)
    turned = (dot(rows[0], n), dot(rows[1], n), dot(rows[2], n))
    return turned if determinant >= ZERO else scaled(turned, -ONE)
