"""Where a ray meets the triangles: a two-way BVH walked with a short stack.

The one place that knows how this tree is laid out for walking. ``pixel`` sees ``walk.closest_hit`` alone,
by which ``traverse8`` takes its place on the CPU.

``nodes`` (n, 12) float32: for each child its box, min xyz then max xyz.
``links`` (n, 2) int32: for each child KINDS times an index, and what lies there: another node (INNER), up
to MAX_LEAF triangles, as many that move, the record of an INSTANCE, or NOTHING.
``pool`` (k,) float32: for each triangle its first corner and the edges from it to the second and the third,
TRI_ROW numbers; of a moving one the row behind says how far it goes while the shutter is open. Between
them the records of instances, see ``places``.
``numbers`` (k / TRI_ROW,) int32: the triangles' numbers in the scene.
``stack`` (STACK_DEPTH,) int32 and ``entries`` (STACK_DEPTH,) float32: the caller's scratch.

Instances as in ``traverse8``.
"""

from __future__ import annotations

import numpy as np

from node_agent.kernels.pathtracer.geometry import ONE, ZERO, along, cross, dot, vec3
from node_agent.kernels.pathtracer.hits import IN_WORLD, MISS, NO_HIT, ROUND_UP, settle
from node_agent.kernels.pathtracer.jit import inlined, shared
from node_agent.kernels.pathtracer.places import ray_into

F = np.float32
U = np.uint32
I = np.int32  # noqa: E741

STACK_DEPTH = 128
"""A builder keeps a tree shallower than 62, and a walk is in two trees at most."""
MAX_LEAF = 8
KINDS = 32
INNER, MOVING_LEAF, NOTHING, INSTANCE, EXIT, DONE = 0, 2 * MAX_LEAF, 17, 18, 19, 20
KIND_BITS = np.uint32(5)
KIND_MASK = np.uint32(KINDS - 1)
TRI_ROW = 9
INSTANCE_ROWS = 5
"""Rows of ``pool`` that a record takes."""
PRIM_MOVES = np.int32(1 << 30)
"""Set in the place of a triangle that moves."""
NEAREST, ANY = np.int32(0), np.int32(1)
"""What ``closest_hit`` looks for; ANY is enough for a shadow."""
LEFT, RIGHT = np.int64(0), np.int64(6)
"""Columns of a node's two boxes."""
TINY = np.float32(1e-20)
FIRST = np.float32(-1.0)
"""The entry of what no hit may keep from being taken from the stack."""


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
def triangle2(tree, prim, time):
    """(corner, edge, edge) of triangle ``prim`` in its own space at a moment."""
    at = U(U(prim & ~PRIM_MOVES) * U(TRI_ROW))
    corner, e1, e2 = vec3(tree.pool, at), vec3(tree.pool, at + 3), vec3(tree.pool, at + 6)
    if prim & PRIM_MOVES:
        corner = along(corner, vec3(tree.pool, at + 9), time)
        e1, e2 = (
            along(e1, vec3(tree.pool, at + 12), time),
            along(e2, vec3(tree.pool, at + 15), time),
        )
    return corner, e1, e2


@shared
def number2(tree, prim):
    """The number in the scene of triangle ``prim``, a row of ``pool``."""
    return tree.numbers[U(prim & ~PRIM_MOVES)]


@shared
def comes_first(tree, t, prim, place, best):
    """Whether a hit comes before ``best``: see ``hits``."""
    if t != best[0] or best[3] == NO_HIT:
        return t < best[0]
    if place != best[4]:
        return place < best[4]
    return number2(tree, prim) < number2(tree, best[3])


@shared
def triangle_hit(tree, prim, o, d, inverse, t_min, time, place, best):
    """``best`` (t, u, v, prim, place), or this triangle's hit where that comes first and lies behind t_min.

    Moeller and Trumbore, 1997. Both sides count."""
    corner, e1, e2 = triangle2(tree, prim, time)
    p = cross(d, e2)
    scale = ONE / dot(e1, p)
    s = (o[0] - corner[0], o[1] - corner[1], o[2] - corner[2])
    u = dot(s, p) * scale
    q = cross(s, e1)
    v = dot(d, q) * scale
    t = dot(e2, q) * scale
    # One condition that is false for NaN, so that a degenerate triangle is never hit.
    if u >= ZERO and v >= ZERO and u + v <= ONE and t > t_min and t <= best[0]:
        t = settle(corner, e1, e2, o, inverse, t)
        if comes_first(tree, t, prim, place, best):
            return (t, u, v, prim, place)
    return best


@inlined
def popped(tree, top, t):
    """(link, new top): what on the stack begins before ``t``, or DONE."""
    while top > U(0) and tree.entries[U(top - U(1))] > t:
        top = U(top - U(1))
    if top == U(0):
        return I(DONE), top
    top = U(top - U(1))
    return tree.stack[top], top


@inlined
def walk_space(tree, link, top, o, d, t_min, time, place, best, wanted):
    """(link, top, best): walk on from ``link`` until one leads to another space."""
    nodes, links = tree.nodes, tree.links
    inverse = (reciprocal(d[0]), reciprocal(d[1]), reciprocal(d[2]))
    while True:
        kind, index = U(U(link) & KIND_MASK), U(U(link) >> KIND_BITS)
        if kind == U(INNER):
            near = box_entry(nodes, index, LEFT, o, inverse, best[0])
            far = box_entry(nodes, index, RIGHT, o, inverse, best[0])
            first, other = links[index, 0], links[index, 1]
            if far < near:
                near, far = far, near
                first, other = other, first
            if far < MISS:
                tree.stack[top], tree.entries[top] = other, far
                top = U(top + U(1))
            if near < MISS:
                link = first
                continue
        elif kind <= U(MOVING_LEAF):
            # A triangle that moves takes two rows.
            step, bit, count = U(1), I(0), kind
            if kind > U(MAX_LEAF):
                step, bit, count = U(2), PRIM_MOVES, U(kind - U(MAX_LEAF))
            for i in range(count):
                prim = I(I(index + U(i) * step) | bit)
                best = triangle_hit(tree, prim, o, d, inverse, t_min, time, place, best)
            if wanted == ANY and best[3] != NO_HIT:
                return I(DONE), top, best
        elif kind != U(NOTHING):
            return link, top, best
        link, top = popped(tree, top, best[0])


@shared
def closest_hit(tree, o, d, t_min, t_max, time, wanted):
    """(t, u, v, prim, place) of the nearest triangle in (t_min, t_max); prim NO_HIT where there is none.

    ``time``: 0 where the shutter opens, 1 where it closes. ``wanted`` is NEAREST or ANY."""
    best = (t_max, ZERO, ZERO, NO_HIT, IN_WORLD)
    top, link, place = U(0), I(INNER), IN_WORLD
    here_o, here_d = o, d
    while True:
        link, top, best = walk_space(
            tree, link, top, here_o, here_d, t_min, time, place, best, wanted
        )
        kind = U(U(link) & KIND_MASK)
        if kind == U(DONE):
            return best
        if kind == U(EXIT):
            place, here_o, here_d = IN_WORLD, o, d
            link, top = popped(tree, top, best[0])
            continue
        tree.stack[top], tree.entries[top] = I(EXIT), FIRST
        top = U(top + U(1))
        row = U(U(link) >> KIND_BITS)
        place = I(row * U(TRI_ROW))
        here_o, here_d = ray_into(tree.pool, place, o, d, time)
        link = tree.numbers[row]
