"""Where a ray meets the triangles: a two-way BVH walked with a short stack.

The one place that knows how this tree is laid out for walking. ``pixel`` sees ``walk.closest_hit`` alone,
by which ``traverse8`` takes its place on the CPU.

``nodes`` (n, 12) float32: for each child its box, min xyz then max xyz.
``links`` (n, 4) int32: for each child (index, count). count 0: an inner node; count > 0: a leaf of
``count`` triangles from ``index`` on; EMPTY: nothing.
``tris`` (n_triangles, 10) float32: first corner, the edges from it to the second and the third, and the
triangle's rank, see ``hits``.
"""

from __future__ import annotations

import numpy as np

from node_agent.kernels.pathtracer.geometry import ONE, ZERO, cross, dot
from node_agent.kernels.pathtracer.hits import MISS, NO_HIT, ROUND_UP, nearer, settle
from node_agent.kernels.pathtracer.jit import shared

F = np.float32
U = np.uint32
I = np.int32  # noqa: E741

STACK_DEPTH = 128
"""Two words a level: the builder keeps every tree shallower than 64."""
EMPTY = -1
NEAREST, ANY = np.int32(0), np.int32(1)
"""What ``closest_hit`` looks for; ANY is enough for a shadow."""
LEFT, RIGHT = np.int64(0), np.int64(6)
"""Columns of a node's two boxes."""
TINY = np.float32(1e-20)


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
def triangle_hit(tris, prim, o, d, inverse, t_min, best):
    """``best`` (t, u, v, prim), or this triangle's hit where that comes first and lies behind t_min.

    Moeller and Trumbore, 1997. Both sides count."""
    e1 = (tris[prim, 3], tris[prim, 4], tris[prim, 5])
    e2 = (tris[prim, 6], tris[prim, 7], tris[prim, 8])
    p = cross(d, e2)
    scale = ONE / dot(e1, p)
    corner = (tris[prim, 0], tris[prim, 1], tris[prim, 2])
    s = (o[0] - corner[0], o[1] - corner[1], o[2] - corner[2])
    u = dot(s, p) * scale
    q = cross(s, e1)
    v = dot(d, q) * scale
    t = dot(e2, q) * scale
    # One condition that is false for NaN, so that a degenerate triangle is never hit.
    if u >= ZERO and v >= ZERO and u + v <= ONE and t > t_min and t <= best[0]:
        t = settle(corner, e1, e2, o, inverse, t)
        if nearer(tris, t, prim, best):
            return (t, u, v, I(prim))
    return best


@shared
def closest_hit(tree, o, d, t_min, t_max, wanted):
    """(t, u, v, prim) of the nearest triangle in (t_min, t_max); prim NO_HIT where there is none.

    ``wanted`` is NEAREST or ANY."""
    nodes, links, tris = tree.nodes, tree.links, tree.tris
    inverse = (reciprocal(d[0]), reciprocal(d[1]), reciprocal(d[2]))
    best = (t_max, ZERO, ZERO, NO_HIT)
    node, top = U(0), U(0)
    first, count = I(0), I(0)
    while True:
        # A leaf's triangles, where the last step came to one; then the next node from the stack.
        if count != 0:
            for i in range(count):
                best = triangle_hit(tris, U(first + i), o, d, inverse, t_min, best)
            if wanted == ANY and best[3] != NO_HIT:
                return best
            count = I(0)
            while top > U(0) and tree.entries[U(top - U(1))] > best[0]:
                top = U(top - U(2))
            if top == U(0):
                return best
            top = U(top - U(2))
            first, count = tree.stack[top], tree.stack[U(top + U(1))]
            node = U(first)
            continue
        near = box_entry(nodes, node, LEFT, o, inverse, best[0])
        far = box_entry(nodes, node, RIGHT, o, inverse, best[0])
        first, count = links[node, 0], links[node, 1]
        other, other_count = links[node, 2], links[node, 3]
        if far < near:
            near, far = far, near
            first, other = other, first
            count, other_count = other_count, count
        if far < MISS:
            tree.stack[top], tree.stack[U(top + U(1))] = other, other_count
            tree.entries[U(top + U(1))] = far
            top = U(top + U(2))
        if near < MISS:
            node = U(first)
        else:
            # Nothing here: an empty leaf, so that the next turn takes from the stack.
            first, count = I(0), I(EMPTY)
