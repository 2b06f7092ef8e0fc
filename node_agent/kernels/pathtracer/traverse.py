"""Where a ray meets the triangles: a two-way BVH walked with a short stack.

The one place that knows how the tree is laid out for walking. ``pixel`` and ``lights`` see
``closest_hit`` alone, so that a wide SIMD tree can take its place on the CPU.

``nodes`` (n, 12) float32: for each child its box, min xyz then max xyz.
``links`` (n, 4) int32: for each child (index, count). count 0: an inner node; count > 0: a leaf of
``count`` triangles from ``index`` on; EMPTY: nothing.
``tris`` (n_triangles, 9) float32: first corner, and the edges from it to the second and the third.
``stack`` (STACK_DEPTH,) int32 and ``entries`` (STACK_DEPTH,) float32: the caller's scratch.
"""

from __future__ import annotations

import numpy as np

from node_agent.kernels.pathtracer.geometry import ONE, ZERO, cross, dot, row3
from node_agent.kernels.pathtracer.jit import shared

F = np.float32
U = np.uint32
I = np.int32  # noqa: E741

STACK_DEPTH = 64
"""The builder keeps every tree shallower than this."""
EMPTY = -1
NEAREST, ANY = False, True
"""What ``closest_hit`` looks for; ANY is enough for a shadow."""
NO_HIT = np.int32(-1)
MISS = np.float32(3e38)
TINY = np.float32(1e-20)
ROUND_UP = np.float32(1.0 + 2.0**-21)
"""Makes the slab test conservative (PBRT 4, 6.8.2): 1 + 2 gamma(3), and a bit."""


@shared
def reciprocal(x):
    """1 / x, finite, so that no product with it is NaN."""
    if abs(x) < TINY:
        return ONE / TINY if x >= ZERO else -ONE / TINY
    return ONE / x


@shared
def box_entry(nodes, node, column, o, inverse, t_max):
    """Where the ray enters a child's box, or MISS. Kay and Kajiya's slabs (PBRT 4, 6.1.2)."""
    ax = (nodes[node, column] - o[0]) * inverse[0]
    bx = (nodes[node, column + 3] - o[0]) * inverse[0]
    ay = (nodes[node, column + 1] - o[1]) * inverse[1]
    by = (nodes[node, column + 4] - o[1]) * inverse[1]
    az = (nodes[node, column + 2] - o[2]) * inverse[2]
    bz = (nodes[node, column + 5] - o[2]) * inverse[2]
    enter = max(max(min(ax, bx), min(ay, by)), max(min(az, bz), ZERO))
    leave = min(min(max(ax, bx), max(ay, by)), min(max(az, bz), t_max))
    return enter if enter <= leave * ROUND_UP else MISS


@shared
def triangle_hit(tris, prim, o, d, t_min, t_max):
    """(t, u, v) of the ray and a triangle; t is MISS where they do not meet in (t_min, t_max).

    Moeller and Trumbore, 1997. Both sides count."""
    e1 = row3(tris, prim, 3)
    e2 = row3(tris, prim, 6)
    p = cross(d, e2)
    inverse = ONE / dot(e1, p)
    s = (o[0] - tris[prim, 0], o[1] - tris[prim, 1], o[2] - tris[prim, 2])
    u = dot(s, p) * inverse
    q = cross(s, e1)
    v = dot(d, q) * inverse
    t = dot(e2, q) * inverse
    # One condition that is false for NaN, so that a degenerate triangle is never hit.
    if u >= ZERO and v >= ZERO and u + v <= ONE and t > t_min and t < t_max:
        return t, u, v
    return MISS, ZERO, ZERO


@shared
def leaf_hit(tris, first, count, o, d, t_min, best):
    """``best`` (t, u, v, prim), or the nearest hit of a leaf's triangles where that is nearer."""
    for i in range(count):
        prim = U(first + i)
        t, u, v = triangle_hit(tris, prim, o, d, t_min, best[0])
        if t < best[0]:
            best = (t, u, v, I(prim))
    return best


@shared
def closest_hit(nodes, links, tris, stack, entries, o, d, t_min, t_max, any_hit):
    """(t, u, v, prim) of the nearest triangle in (t_min, t_max); prim NO_HIT where there is none.

    ``any_hit`` is NEAREST or ANY."""
    inverse = (reciprocal(d[0]), reciprocal(d[1]), reciprocal(d[2]))
    best = (t_max, ZERO, ZERO, NO_HIT)
    node = U(0)
    top = U(0)
    while True:
        near = box_entry(nodes, node, U(0), o, inverse, best[0])
        far = box_entry(nodes, node, U(6), o, inverse, best[0])
        near_index, near_count = links[node, 0], links[node, 1]
        far_index, far_count = links[node, 2], links[node, 3]
        if far < near:
            near, far = far, near
            near_index, far_index = far_index, near_index
            near_count, far_count = far_count, near_count
        if near < MISS and near_count != 0:
            best = leaf_hit(tris, near_index, near_count, o, d, t_min, best)
            near = MISS
        if far < MISS and far_count != 0:
            best = leaf_hit(tris, far_index, far_count, o, d, t_min, best)
            far = MISS
        if any_hit and best[3] != NO_HIT:
            return best
        if near < MISS:
            node = U(near_index)
            if far < MISS:
                stack[top] = far_index
                entries[top] = far
                top = U(top + U(1))
            continue
        if far < MISS:
            node = U(far_index)
            continue
        while top > U(0) and entries[U(top - U(1))] > best[0]:
            top = U(top - U(1))
        if top == U(0):
            return best
        top = U(top - U(1))
        node = U(stack[top])
