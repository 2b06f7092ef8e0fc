"""Which walk a tree takes: eight-way where ``pack`` built that, for the CPU; two-way otherwise.

A hit is (t, u, v, prim, place): ``prim`` is where the tree holds the triangle, ``place`` where it holds the
record of the instance that the triangle was met in, or IN_WORLD. Only this module's functions read them.
"""

from __future__ import annotations

from node_agent.kernels.pathtracer.geometry import normalised
from node_agent.kernels.pathtracer.hits import IN_WORLD
from node_agent.kernels.pathtracer.jit import inlined, shared
from node_agent.kernels.pathtracer.places import normal_out, point_out, vector_out
from node_agent.kernels.pathtracer.traverse import closest_hit as closest_hit2
from node_agent.kernels.pathtracer.traverse import number2, triangle2
from node_agent.kernels.pathtracer.traverse8 import closest_hit8, number8, triangle8


# Numba drops the other branch before it types it: CUDA never sees ``traverse8``.
@shared
def _closest_hit(nodes, tree, o, d, t_min, t_max, time, wanted):
    if nodes.ndim == 3:
        return closest_hit8(tree, o, d, t_min, t_max, time, wanted)
    return closest_hit2(tree, o, d, t_min, t_max, time, wanted)


@shared
def _number(nodes, tree, prim):
    return number8(tree, prim) if nodes.ndim == 3 else number2(tree, prim)


@shared
def _triangle(nodes, tree, prim, time):
    return triangle8(tree, prim, time) if nodes.ndim == 3 else triangle2(tree, prim, time)


@inlined
def closest_hit(tree, o, d, t_min, t_max, time, wanted):
    """(t, u, v, prim, place) of the nearest triangle in (t_min, t_max); prim NO_HIT where there is none.

    ``time``: 0 where the shutter opens, 1 where it closes. ``wanted`` is NEAREST or ANY. The answer is the
    same for either tree, to the last bit: see ``hits``."""
    return _closest_hit(tree.nodes, tree, o, d, t_min, t_max, time, wanted)


@shared
def number_of(tree, prim):
    """The number in the scene of the triangle that was hit."""
    return _number(tree.nodes, tree, prim)


@shared
def triangle_of(tree, prim, place, time):
    """(corner, edge, edge) of the triangle that was hit, in world space at that moment."""
    corner, e1, e2 = _triangle(tree.nodes, tree, prim, time)
    if place == IN_WORLD:
        return corner, e1, e2
    return (
        point_out(tree.pool, place, corner, time),
        vector_out(tree.pool, place, e1, time),
        vector_out(tree.pool, place, e2, time),
    )


@shared
def normal_of(tree, place, n, time):
    """The unit normal of what was hit, in world space; ``n``, of any length, is in its own."""
    if place == IN_WORLD:
        return normalised(n)
    return normalised(normal_out(tree.pool, place, n, time))
