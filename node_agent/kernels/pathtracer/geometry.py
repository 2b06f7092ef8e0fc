"""Vectors as tuples of three float32, frames, and where a ray meets a surface.

Tuples stay in registers on the CPU and on the GPU; an array for each vector would be an allocation.
"""

from __future__ import annotations

import math

import numpy as np

from node_agent.kernels.pathtracer.jit import shared

F = np.float32
U = np.uint32

ZERO = np.float32(0.0)
ONE = np.float32(1.0)
HALF = np.float32(0.5)
TWO = np.float32(2.0)
PI = np.float32(math.pi)
TWO_PI = np.float32(2.0 * math.pi)
INV_PI = np.float32(1.0 / math.pi)
FAR = np.float32(1e30)
"""Farther than anything: the length of a ray that nothing stops."""
OFFSET = np.float32(2.0**-18)
"""How far a new ray starts off its surface, relative to the largest coordinate: a hit point that is
interpolated from its triangle's corners is off by a few units in the last place (PBRT 4, 6.8.4)."""

# Columns of the corner table, (n_triangles, CORNER_WIDTH) float32: three normals, three texture coordinates.
CORNER_WIDTH = 15


@shared
def dot(a, b):
    """Scalar product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@shared
def cross(a, b):
    """Vector product."""
    return (
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    )


@shared
def scaled(a, s):
    """``a`` times the scalar ``s``."""
    return (a[0] * s, a[1] * s, a[2] * s)


@shared
def along(p, d, t):
    """The point p + t d."""
    return (p[0] + t * d[0], p[1] + t * d[1], p[2] + t * d[2])


@shared
def times(a, b):
    """Component by component."""
    return (a[0] * b[0], a[1] * b[1], a[2] * b[2])


@shared
def root(x):
    """Square root as float32; of a negative rounding error, zero."""
    return F(math.sqrt(max(x, ZERO)))


@shared
def normalised(a):
    """``a`` with length 1; a zero vector stays zero."""
    length2 = dot(a, a)
    return scaled(a, ONE / F(math.sqrt(length2))) if length2 > ZERO else a


@shared
def row3(table, row, column):
    """Three neighbouring values of a float32 table."""
    return (table[row, column], table[row, column + 1], table[row, column + 2])


@shared
def luminance(c):
    """Rec.709 luminance of a linear colour."""
    return F(0.2126) * c[0] + F(0.7152) * c[1] + F(0.0722) * c[2]


@shared
def basis(n):
    """Two unit vectors that make a right-handed frame with the unit vector n.

    Duff et al., "Building an Orthonormal Basis, Revisited", JCGT 6(1), 2017."""
    sign = ONE if n[2] >= ZERO else -ONE
    a = -ONE / (sign + n[2])
    b = n[0] * n[1] * a
    return (
        (ONE + sign * n[0] * n[0] * a, sign * b, -sign * n[0]),
        (b, sign + n[1] * n[1] * a, -n[1]),
    )


@shared
def to_world(v, n):
    """A vector given in the frame of the unit normal n (its z axis), in world space."""
    s, t = basis(n)
    return (
        v[0] * s[0] + v[1] * t[0] + v[2] * n[0],
        v[0] * s[1] + v[1] * t[1] + v[2] * n[1],
        v[0] * s[2] + v[1] * t[2] + v[2] * n[2],
    )


@shared
def to_local(v, n):
    """A world vector in the frame of the unit normal n."""
    s, t = basis(n)
    return (dot(v, s), dot(v, t), dot(v, n))


@shared
def ray_origin(p, n, d):
    """The start of a ray from surface point p in direction d: p moved off to the side that d leaves by."""
    size = max(max(abs(p[0]), abs(p[1])), max(abs(p[2]), F(1e-3)))
    return along(p, n, size * OFFSET if dot(n, d) >= ZERO else -size * OFFSET)


@shared
def hit_point(tris, prim, u, v):
    """The point of triangle ``prim`` at barycentrics (u, v), and its geometric normal times twice its area."""
    e1 = row3(tris, prim, 3)
    e2 = row3(tris, prim, 6)
    p = along(along(row3(tris, prim, 0), e1, u), e2, v)
    return p, cross(e1, e2)


@shared
def corner_normal(corners, prim, u, v):
    """The interpolated shading normal, not normalised."""
    w = ONE - u - v
    a = scaled(row3(corners, prim, 0), w)
    return along(along(a, row3(corners, prim, 3), u), row3(corners, prim, 6), v)


@shared
def corner_uv(corners, prim, u, v):
    """The texture coordinates at barycentrics (u, v)."""
    w = ONE - u - v
    return (
        w * corners[prim, 9] + u * corners[prim, 11] + v * corners[prim, 13],
        w * corners[prim, 10] + u * corners[prim, 12] + v * corners[prim, 14],
    )
