"""What counts as a hit, and which of two hits comes first: the rules that every tree and every walk share.

Moeller and Trumbore's test alone leaves it to the walk which of two neighbours a ray hits: rounding may
put a hit a little before its triangle's box, and a walk that has already found the other skips that box.
So a triangle counts where the test says so *and* the ray meets its own box, no nearer than it enters that
box (``settle``). The planes of a box around others are no nearer, and rounding keeps that order (a
difference and a product grow with their argument), so every tree leads to every triangle that counts. The
nearest of them, and of equals the one that the scene has first, is the same for any tree in any order:
two-way or eight-way, built by one thread or by many. The scene's order: what stands in world space, then
the instances; in each the triangles by their numbers.

A hit is (t, u, v, prim, place). ``prim`` is where the tree holds the triangle, ``place`` where it holds the
record of the instance that the triangle was met in, or IN_WORLD: see ``walk``.
"""

from __future__ import annotations

import numpy as np

from node_agent.kernels.pathtracer.geometry import ZERO
from node_agent.kernels.pathtracer.jit import shared

U = np.uint32

NO_HIT = np.int32(-1)
IN_WORLD = np.int32(-1)
MISS = np.float32(3e38)
ROUND_UP = np.float32(1.0 + 2.0**-21)
"""Makes the slab test conservative (PBRT 4, 6.8.2): 1 + 2 gamma(3), and a bit."""


@shared
def slab(a, b, c, o, inverse):
    """Where a ray enters and leaves the box of three corners along one axis."""
    first = (min(min(a, b), c) - o) * inverse
    second = (max(max(a, b), c) - o) * inverse
    return min(first, second), max(first, second)


@shared
def settle(corner, e1, e2, o, inverse, t):
    """``t``, but no nearer than where the ray enters the triangle's own box; MISS where it passes that by."""
    x = slab(corner[0], corner[0] + e1[0], corner[0] + e2[0], o[0], inverse[0])
    y = slab(corner[1], corner[1] + e1[1], corner[1] + e2[1], o[1], inverse[1])
    z = slab(corner[2], corner[2] + e1[2], corner[2] + e2[2], o[2], inverse[2])
    enter = max(max(x[0], y[0]), max(z[0], ZERO))
    leave = min(min(x[1], y[1]), z[1])
    return max(t, enter) if enter <= leave * ROUND_UP else MISS
