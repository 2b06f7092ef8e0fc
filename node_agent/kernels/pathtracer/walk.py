"""Which walk a tree takes: eight-way where ``pack`` built that, for the CPU; two-way otherwise."""

from __future__ import annotations

from node_agent.kernels.pathtracer.jit import inlined, shared
from node_agent.kernels.pathtracer.traverse import closest_hit as closest_hit2
from node_agent.kernels.pathtracer.traverse8 import closest_hit8


@shared
def _closest_hit(nodes, tree, o, d, t_min, t_max, wanted):
    # Numba drops the other branch before it types it: CUDA never sees ``closest_hit8``.
    if nodes.ndim == 3:
        return closest_hit8(tree, o, d, t_min, t_max, wanted)
    return closest_hit2(tree, o, d, t_min, t_max, wanted)


@inlined
def closest_hit(tree, o, d, t_min, t_max, wanted):
    """(t, u, v, prim) of the nearest triangle in (t_min, t_max); prim NO_HIT where there is none.

    ``wanted`` is NEAREST or ANY. The answer is the same for either tree, to the last bit: see ``hits``."""
    return _closest_hit(tree.nodes, tree, o, d, t_min, t_max, wanted)
