"""Vectors as tuples of three float32, frames, and points of triangles.

Tuples stay in registers on the CPU and on the GPU; an array for each vector would be an allocation.
"""

from __future__ import annotations

import math

import numpy as np

from node_agent.kernels.pathtracer.arrays import (
    AT_TRIANGLES,
    TRI_E1,
    TRI_E2,
    TRI_NORMALS,
    TRI_UVS,
    TRIANGLE_WIDTH,
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
def triangle_at(ints, prim):
    """Where triangle ``prim`` begins in ``floats``."""
    return ints[AT_TRIANGLES] + prim * TRIANGLE_WIDTH


@shared
def hit_point(floats, at, u, v):
    """The point at barycentrics (u, v) of the triangle at ``at``; its geometric normal times twice its area."""
    e1, e2 = vec3(floats, at + TRI_E1), vec3(floats, at + TRI_E2)
    return along(along(vec3(floats, at), e1, u), e2, v), cross(e1, e2)


@shared
def hit_normal(floats, at, u, v):
    """The interpolated shading normal at barycentrics (u, v)."""
    n = at + TRI_NORMALS
    first = scaled(vec3(floats, n), ONE - u - v)
    return normalised(along(along(first, vec3(floats, n + 3), u), vec3(floats, n + 6), v))


@shared
def hit_uv(floats, at, u, v):
    """The texture coordinates at barycentrics (u, v)."""
    w, first = ONE - u - v, at + TRI_UVS
    a, b, c = vec3(floats, first), vec3(floats, first + 2), vec3(floats, first + 3)
    return (w * a[0] + u * b[0] + v * c[1], w * a[1] + u * b[1] + v * c[2])
