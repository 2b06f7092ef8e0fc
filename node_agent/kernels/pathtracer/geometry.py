"""Vectors as tuples of three float32, frames, and what lies at a point of a triangle.

Tuples stay in registers on the CPU and on the GPU; an array for each vector would be an allocation.
"""

from __future__ import annotations

import math

import numpy as np

from node_agent.kernels.pathtracer.arrays import (
    AT_TRI_IDS,
    AT_UVS,
    HAS_UVS,
    TRI_IDS_WIDTH,
    TRI_NORMALS,
    UVS_WIDTH,
)
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
OCT_MIDDLE = np.float32(32767.0)
NO_NORMAL = np.int32(-1)
"""In place of a normal that a broken mesh lacks."""
BLACK = (ZERO, ZERO, ZERO)
WHITE = (ONE, ONE, ONE)


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
def largest(a):
    """The largest component."""
    return max(max(a[0], a[1]), a[2])


@shared
def root(x):
    """Square root as float32; of a negative rounding error, zero."""
    return F(math.sqrt(max(x, ZERO)))


@shared
def normalised(a):
    """``a`` with length 1; a zero vector stays zero."""
    length2 = dot(a, a)
    return scaled(a, ONE / root(length2)) if length2 > ZERO else a


@shared
def vec3(floats, at):
    """Three neighbouring numbers of a pool."""
    return (floats[U(at)], floats[U(at + 1)], floats[U(at + 2)])


@shared
def rotated(floats, at, v):
    """The matrix at ``at``, nine numbers row by row, times v."""
    return (
        dot(vec3(floats, at), v),
        dot(vec3(floats, at + 3), v),
        dot(vec3(floats, at + 6), v),
    )


@shared
def rotated_back(floats, at, v):
    """The transpose of the matrix at ``at`` times v."""
    p = along(scaled(vec3(floats, at), v[0]), vec3(floats, at + 3), v[1])
    return along(p, vec3(floats, at + 6), v[2])


@shared
def luminance(c):
    """Rec.709 luminance of a linear colour."""
    return F(0.2126) * c[0] + F(0.7152) * c[1] + F(0.0722) * c[2]


@shared
def cosine_and_sine(turn):
    """The cosine and sine of 2 pi ``turn``, to 1e-7; ``turn`` within +-1000.

    Cephes' sinf and cosf, without their reduction of large angles, which on a GPU costs registers and
    float64. And unlike libm's, the same bits on every machine: nothing but sums and products."""
    quarter = int(turn * F(4.0) + HALF) if turn >= ZERO else -int(HALF - turn * F(4.0))
    a = (turn - F(quarter) * F(0.25)) * TWO_PI
    z = a * a
    s = a + a * z * (F(-1.6666654611e-1) + z * (F(8.3321608736e-3) + z * F(-1.9515295891e-4)))
    c = F(4.166664568298827e-2) + z * (F(-1.388731625493765e-3) + z * F(2.443315711809948e-5))
    c = ONE - HALF * z + z * z * c
    if quarter & 1:
        s, c = c, -s
    return (-c, -s) if quarter & 2 else (c, s)


@shared
def turn_of(y, x):
    """The angle of the point (x, y) in turns, -0.5 to 0.5, to 1e-7: Cephes' atanf, for the reasons above."""
    small, large = min(abs(x), abs(y)), max(abs(x), abs(y))
    a = small / large if large > ZERO else ZERO
    start = ZERO
    if a > F(0.4142135624):  # the tangent of an eighth of a turn's half
        a, start = (a - ONE) / (a + ONE), F(math.pi / 4)
    z = a * a
    p = F(-1.38776856032e-1) + z * F(8.05374449538e-2)
    p = F(-3.33329491539e-1) + z * (F(1.99777106478e-1) + z * p)
    turn = (start + a + a * z * p) * (HALF * INV_PI)
    if abs(y) > abs(x):
        turn = F(0.25) - turn
    if x < ZERO:
        turn = HALF - turn
    return turn if y >= ZERO else -turn


@shared
def on_circle(r, turn):
    """(x, y, 0) at radius r, ``turn`` times around."""
    c, s = cosine_and_sine(turn)
    return (r * c, r * s, ZERO)


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
    return along(along(scaled(n, v[2]), s, v[0]), t, v[1])


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
def hit_point(corner, e1, e2, u, v):
    """The point at barycentrics (u, v) of a triangle; its geometric normal times twice its area."""
    return along(along(corner, e1, u), e2, v), cross(e1, e2)


@shared
def unpacked_normal(word):
    """A unit normal from two 16-bit numbers: an octahedron unfolded onto a square (Cigolle et al., "A Survey
    of Efficient Representations for Independent Unit Vectors", JCGT 3(2), 2014). Off by 5e-5 at most."""
    if word == NO_NORMAL:
        return BLACK
    x = (F(U(word) & U(0xFFFF)) - OCT_MIDDLE) / OCT_MIDDLE
    y = (F(U(word) >> U(16)) - OCT_MIDDLE) / OCT_MIDDLE
    z = ONE - abs(x) - abs(y)
    fold = max(-z, ZERO)
    x = x - fold if x >= ZERO else x + fold
    y = y - fold if y >= ZERO else y + fold
    return normalised((x, y, z))


@shared
def hit_normal(ints, number, u, v):
    """The interpolated shading normal at barycentrics (u, v), not unit, in the space that the triangle is given in."""
    at = ints[AT_TRI_IDS] + number * TRI_IDS_WIDTH + TRI_NORMALS
    n = scaled(unpacked_normal(ints[U(at)]), ONE - u - v)
    n = along(n, unpacked_normal(ints[U(at + 1)]), u)
    return along(n, unpacked_normal(ints[U(at + 2)]), v)


@shared
def uvs_of(tables, number):
    """The texture coordinates of a triangle's corners; the table must be there."""
    at = tables.ints[AT_UVS] + number * UVS_WIDTH
    a, b = vec3(tables.floats, at), vec3(tables.floats, at + 3)
    return (a[0], a[1]), (a[2], b[0]), (b[1], b[2])


@shared
def hit_uv(tables, number, u, v):
    """The texture coordinates at barycentrics (u, v), of a point: see ``textures``."""
    if tables.ints[HAS_UVS] == 0:
        return (ZERO, ZERO, ZERO)
    a, b, c = uvs_of(tables, number)
    w = ONE - u - v
    return (w * a[0] + u * b[0] + v * c[0], w * a[1] + u * b[1] + v * c[1], ZERO)
