"""Where a ray meets the triangles, on the CPU: an eight-way BVH, eight boxes or eight triangles a step.

Wald, Benthin and Boulos, "Getting Rid of Packets", 2008, and Ernst and Greiner, "Multi Bounding Volume
Hierarchies", 2008: one ray against the boxes of one wide node keeps all lanes busy where the rays
themselves have nothing in common, as after a bounce.

``nodes`` (n, 6, 8) float32: the planes of eight boxes, see ``simd``.
``links`` (n, 8) int32: for each box a node, or ~k: k below MOVING a block of triangles, from there on a
block of moving ones, from INSTANCE on the record of an instance, see ``places``.
``pool`` (m * 80,) float32: eight triangles each, see ``simd``. Of moving ones the block behind
says how far they go while the shutter is open. A record begins where a block would.
``stack`` (STACK8,) int32 and ``entries`` (ENTRIES8,) float32: the caller's scratch.

One tree over all instances leads to the trees of their meshes (PBRT 4, 7.1.2). The stack is one: where the
walk enters an instance it leaves EXIT behind, and above that it is in the instance's space.

The order in which boxes are met does not matter to the result: see ``hits``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from node_agent.kernels.pathtracer.bvh8_build import aligned
from node_agent.kernels.pathtracer.geometry import ZERO
from node_agent.kernels.pathtracer.hits import IN_WORLD, NO_HIT, settle
from node_agent.kernels.pathtracer.jit import inlined, shared
from node_agent.kernels.pathtracer.places import ROOT, ray_into
from node_agent.kernels.pathtracer.simd import (
    BLOCK_ROWS,
    LANES,
    NUMBER_ROW,
    int_at,
    lowest_lane,
    move_block,
    slab8,
    triangle_at,
    triangles8,
)
from node_agent.kernels.pathtracer.traverse import ANY, PRIM_MOVES, reciprocal

F = np.float32
U = np.uint32
I = np.int32  # noqa: E741

STACK8 = 1024
"""Each node on the way down leaves at most seven behind, a builder keeps a tree below depth 64, and a walk
is in two trees at most."""
SCRATCH = np.uint32(STACK8 // LANES)
"""The row of ``entries`` where vector results lie; three rows."""
MOVED = np.uint32(14)
"""The block of ``entries`` for triangles that move, behind those."""
ENTRIES8 = (int(MOVED) + 1) * BLOCK_ROWS * LANES
ONE_BIT = np.uint32(1)
NONE = np.uint32(0)
EIGHT = np.uint32(LANES)
AT = np.uint32(STACK8)
ROWS = np.uint32(BLOCK_ROWS)
NUMBER = np.uint32(NUMBER_ROW)
BLOCK_FLOATS = BLOCK_ROWS * LANES

MOVING, INSTANCE = 1 << 27, 1 << 28
STILL_LINKS, MOVING_LINKS = np.int32(~(MOVING - 1)), np.int32(~(INSTANCE - 1))
"""The lowest links of their kinds."""
EXIT, DONE = np.int32(-(2**31)), np.int32(-(2**31) + 1)
LATER = np.float32(1.0 + 2.0**-20)
"""A product with an inverse of so much more, rounded, is above ``settle``'s, which is rounded twice: a box lets
through whatever its triangles' own boxes do."""
FIRST = np.float32(-1.0)
"""The entry of what no hit may keep from being taken from the stack."""


class Tree8(NamedTuple):
    """What ``closest_hit8`` walks, and the scratch of the thread that walks."""

    nodes: NDArray[np.float32]
    links: NDArray[np.int32]
    pool: NDArray[np.float32]
    stack: NDArray[np.int32]
    entries: NDArray[np.float32]


@shared
def number8(tree, prim):
    """The number in the scene of triangle ``prim``, a lane of a block: eight times the block, and the lane."""
    slot = U(prim & ~PRIM_MOVES)
    return int_at(tree.pool, U((slot >> U(3)) * ROWS + NUMBER), U(slot & U(7)))


@shared
def triangle8(tree, prim, time):
    """(corner, edge, edge) of triangle ``prim`` in its own space at a moment."""
    slot = U(prim & ~PRIM_MOVES)
    block, lane = U(slot >> U(3)), U(slot & U(7))
    corner, e1, e2 = triangle_at(tree.pool, block, lane)
    if prim & PRIM_MOVES:
        a, b, c = triangle_at(tree.pool, U(block + ONE_BIT), lane)
        corner = (corner[0] + time * a[0], corner[1] + time * a[1], corner[2] + time * a[2])
        e1 = (e1[0] + time * b[0], e1[1] + time * b[1], e1[2] + time * b[2])
        e2 = (e2[0] + time * c[0], e2[1] + time * c[1], e2[2] + time * c[2])
    return corner, e1, e2


@inlined
def comes_first(tree, t, prim, place, best):
    """Whether a hit comes before ``best``: see ``hits``."""
    if t != best[0] or best[3] == NO_HIT:
        return t < best[0]
    if place != best[4]:
        return place < best[4]
    return number8(tree, prim) < number8(tree, best[3])


@inlined
def block_hit(tree, blocks, block, first, o, d, inverse, t_min, place, best):
    """``best``, or the nearest hit of a block's triangles where that comes first. ``first``: its lane 0 as prim."""
    entries = tree.entries
    hits = triangles8(blocks, block, o, d, t_min, best[0], entries, SCRATCH)
    while hits != NONE:
        lane = lowest_lane(hits)
        hits = U(hits & U(hits - ONE_BIT))
        corner, e1, e2 = triangle_at(blocks, block, lane)
        t = settle(corner, e1, e2, o, inverse, entries[U(AT + lane)])
        prim = I(first + I(lane))
        if comes_first(tree, t, prim, place, best):
            u, v = entries[U(AT + EIGHT + lane)], entries[U(AT + EIGHT + EIGHT + lane)]
            best = (t, u, v, prim, place)
    return best


@inlined
def push_others(tree, node, hits, top, child, entry, wanted):
    """(nearest child, new top): of a child and those in ``hits``, all but the nearest onto the stack, the
    nearer the higher. A shadow ray takes them as they come, for it stops at the first triangle."""
    base = top
    while hits != NONE:
        lane = lowest_lane(hits)
        hits = U(hits & U(hits - ONE_BIT))
        other, other_entry = int_at(tree.links, node, lane), tree.entries[U(AT + lane)]
        place = top
        if wanted != ANY:
            if other_entry < entry:
                other, child = child, other
                other_entry, entry = entry, other_entry
            while place > base and tree.entries[U(place - ONE_BIT)] < other_entry:
                tree.stack[place] = tree.stack[U(place - ONE_BIT)]
                tree.entries[place] = tree.entries[U(place - ONE_BIT)]
                place = U(place - ONE_BIT)
        tree.stack[place] = other
        tree.entries[place] = other_entry
        top = U(top + ONE_BIT)
    return child, top


@inlined
def popped(tree, top, t):
    """(link, new top): what on the stack begins before ``t``, or DONE."""
    while top > NONE and tree.entries[U(top - ONE_BIT)] > t:
        top = U(top - ONE_BIT)
    if top == NONE:
        return DONE, top
    top = U(top - ONE_BIT)
    return tree.stack[top], top


@inlined
def walk_space(tree, child, top, o, d, t_min, time, place, best, wanted):
    """(link, top, best): walk on from link ``child`` until one leads to another space."""
    inverse = (reciprocal(d[0]), reciprocal(d[1]), reciprocal(d[2]))
    near = (
        U(0) if inverse[0] > ZERO else U(3),
        U(1) if inverse[1] > ZERO else U(4),
        U(2) if inverse[2] > ZERO else U(5),
    )
    far_inverse = (inverse[0] * LATER, inverse[1] * LATER, inverse[2] * LATER)
    entries = tree.entries
    while True:
        if child >= I(0):
            node = U(child)
            hits = slab8(tree.nodes, node, near, o, inverse, far_inverse, best[0], entries, SCRATCH)
            if hits != NONE:
                lane = lowest_lane(hits)
                child = int_at(tree.links, node, lane)
                hits = U(hits & U(hits - ONE_BIT))
                if hits != NONE:
                    entry = entries[U(AT + lane)]
                    child, top = push_others(tree, node, hits, top, child, entry, wanted)
                continue
        elif child >= STILL_LINKS:
            block = U(~child)
            first = I(block << U(3))
            best = block_hit(tree, tree.pool, block, first, o, d, inverse, t_min, place, best)
        elif child >= MOVING_LINKS:
            block = U(U(~child) - U(MOVING))
            first = I(I(block << U(3)) | PRIM_MOVES)
            move_block(entries, MOVED, tree.pool, block, time)
            best = block_hit(tree, entries, MOVED, first, o, d, inverse, t_min, place, best)
        else:
            return child, top, best
        if wanted == ANY and best[3] != NO_HIT:
            return DONE, top, best
        child, top = popped(tree, top, best[0])


@shared
def closest_hit8(tree, o, d, t_min, t_max, time, wanted):
    """(t, u, v, prim, place) of the nearest triangle in (t_min, t_max); prim NO_HIT where there is none.

    ``time``: 0 where the shutter opens, 1 where it closes. ``wanted`` is NEAREST or ANY."""
    best = (t_max, ZERO, ZERO, NO_HIT, IN_WORLD)
    top, child, place = U(0), I(0), IN_WORLD
    here_o, here_d = o, d
    while True:
        child, top, best = walk_space(
            tree, child, top, here_o, here_d, t_min, time, place, best, wanted
        )
        if child == DONE:
            return best
        if child == EXIT:
            place, here_o, here_d = IN_WORLD, o, d
            child, top = popped(tree, top, best[0])
            continue
        tree.stack[top] = EXIT
        tree.entries[top] = FIRST
        top = U(top + ONE_BIT)
        place = I((U(~child) - U(INSTANCE)) * U(BLOCK_FLOATS))
        here_o, here_d = ray_into(tree.pool, place, o, d, time)
        child = int_at(tree.pool, U(0), U(U(place) + U(ROOT)))


@shared
def any_hit8(tree, o, d, t_min, t_max, time):
    """Whether any triangle lies in (t_min, t_max)."""
    return closest_hit8(tree, o, d, t_min, t_max, time, ANY)[3] != NO_HIT


def scratch8() -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """A thread's ``stack`` and ``entries``."""
    return np.empty(STACK8, np.int32), aligned((ENTRIES8,))
