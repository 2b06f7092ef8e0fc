"""Where a ray meets the triangles, on the CPU: an eight-way BVH, eight boxes or eight triangles a step.

Wald, Benthin and Boulos, "Getting Rid of Packets", 2008, and Ernst and Greiner, "Multi Bounding Volume
Hierarchies", 2008: one ray against the boxes of one wide node keeps all lanes busy where the rays
themselves have nothing in common, as after a bounce.

``nodes`` (n, 6, 8) float32: the planes of eight boxes, see ``simd``.
``links`` (n, 8) int32: for each box a node, or ~block.
``blocks`` (m, 10, 8) float32: eight triangles each, see ``simd``.
``ranks`` (n_triangles, 1) float32: see ``hits``.
``stack`` (STACK8,) int32 and ``entries`` (ENTRIES8,) float32: the caller's scratch.

The order in which boxes are met does not matter to the result: see ``hits``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from node_agent.kernels.pathtracer.bvh8_build import Built8, aligned
from node_agent.kernels.pathtracer.geometry import ZERO
from node_agent.kernels.pathtracer.hits import NO_HIT, ROUND_UP, nearer, settle
from node_agent.kernels.pathtracer.jit import inlined, shared
from node_agent.kernels.pathtracer.simd import (
    BLOCK_ROWS,
    LANES,
    NUMBER_ROW,
    int_at,
    lowest_lane,
    slab8,
    triangle_at,
    triangles8,
)
from node_agent.kernels.pathtracer.traverse import ANY, reciprocal

F = np.float32
U = np.uint32
I = np.int32  # noqa: E741

STACK8 = 512
"""Each node on the way down leaves at most seven behind, and the builder keeps trees below depth 64."""
SCRATCH = np.uint32(STACK8 // LANES)
"""The row of ``entries`` where vector results lie; three rows."""
ENTRIES8 = STACK8 + 3 * LANES
ONE_BIT = np.uint32(1)
NONE = np.uint32(0)
EIGHT = np.uint32(LANES)
AT = np.uint32(STACK8)
ROWS = np.uint32(BLOCK_ROWS)
NUMBER = np.uint32(NUMBER_ROW)


class Tree8(NamedTuple):
    """What ``closest_hit8`` walks, and the scratch of the thread that walks."""

    nodes: NDArray[np.float32]
    links: NDArray[np.int32]
    blocks: NDArray[np.float32]
    ranks: NDArray[np.float32]
    stack: NDArray[np.int32]
    entries: NDArray[np.float32]


@inlined
def block_hit(tree, block, o, d, inverse, t_min, best):
    """``best`` (t, u, v, prim), or the nearest hit of a block's triangles where that is nearer."""
    entries = tree.entries
    hits = triangles8(tree.blocks, block, o, d, t_min, best[0], entries, SCRATCH)
    while hits != NONE:
        lane = lowest_lane(hits)
        hits = U(hits & U(hits - ONE_BIT))
        corner, e1, e2 = triangle_at(tree.blocks, block, lane)
        t = settle(corner, e1, e2, o, inverse, entries[U(AT + lane)])
        prim = int_at(tree.blocks, U(block * ROWS + NUMBER), lane)
        if nearer(tree.ranks, t, prim, best):
            u, v = entries[U(AT + EIGHT + lane)], entries[U(AT + EIGHT + EIGHT + lane)]
            best = (t, u, v, prim)
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


@shared
def closest_hit8(tree, o, d, t_min, t_max, wanted):
    """(t, u, v, prim) of the nearest triangle in (t_min, t_max); prim NO_HIT where there is none.

    ``wanted`` is NEAREST or ANY."""
    inverse = (reciprocal(d[0]), reciprocal(d[1]), reciprocal(d[2]))
    near = (
        U(0) if inverse[0] > ZERO else U(3),
        U(1) if inverse[1] > ZERO else U(4),
        U(2) if inverse[2] > ZERO else U(5),
    )
    entries = tree.entries
    best = (t_max, ZERO, ZERO, NO_HIT)
    top = U(0)
    child = I(0)
    while True:
        if child >= I(0):
            node = U(child)
            hits = slab8(tree.nodes, node, near, o, inverse, best[0], ROUND_UP, entries, SCRATCH)
            if hits != NONE:
                lane = lowest_lane(hits)
                child = int_at(tree.links, node, lane)
                hits = U(hits & U(hits - ONE_BIT))
                if hits != NONE:
                    entry = entries[U(AT + lane)]
                    child, top = push_others(tree, node, hits, top, child, entry, wanted)
                continue
        else:
            best = block_hit(tree, U(~child), o, d, inverse, t_min, best)
            if wanted == ANY and best[3] != NO_HIT:
                return best
        while top > NONE and entries[U(top - ONE_BIT)] > best[0]:
            top = U(top - ONE_BIT)
        if top == NONE:
            return best
        top = U(top - ONE_BIT)
        child = tree.stack[top]


@shared
def any_hit8(tree, o, d, t_min, t_max):
    """Whether any triangle lies in (t_min, t_max)."""
    return closest_hit8(tree, o, d, t_min, t_max, ANY)[3] != NO_HIT


def scratch8() -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """A thread's ``stack`` and ``entries``."""
    return np.empty(STACK8, np.int32), aligned((ENTRIES8,))


def tree8(built: Built8) -> Tree8:
    """What ``closest_hit8`` takes."""
    return Tree8(
        built.nodes, built.links, built.blocks, built.order[:, None].astype(np.float32), *scratch8()
    )
