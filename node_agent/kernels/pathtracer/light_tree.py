"""Which light to sample, by what the lights may send to a point: a tree of them, by power, distance and direction.

Conty Estevez and Kulla, "Importance Sampling of Many Lights with Adaptive Tree Splitting", 2018, as PBRT 4,
12.6.3 has it: at each node one of two children is taken by chance in proportion to their ``importance``. What
a ray that meets a light by itself needs, the chance that the light would have been picked, is found from the
light's node upwards. Any function of the place gives the right picture, as long as both ways take the same.

A node is a row of NODE_WIDTH floats and one of LINK_WIDTH ints: see ``arrays``. The left child of an inner node
is the node behind it. What is seen of the lights themselves goes through a tree of the same form (``next_met``), box by
box and without a stack. ``light_nodes`` builds them.
"""

from __future__ import annotations

import numpy as np

from node_agent.kernels.pathtracer.arrays import (
    NODE_AXIS,
    NODE_BOTH_SIDES,
    NODE_CONE,
    NODE_FLUX,
    NODE_HIGH,
    NODE_LINK,
    NODE_LINK_WIDTH,
    NODE_LOW,
    NODE_PARENT,
    NODE_SKIP,
    NODE_WIDTH,
)
from node_agent.kernels.pathtracer.geometry import HALF, ONE, ZERO, along, dot, root, scaled, vec3
from node_agent.kernels.pathtracer.hits import ROUND_UP
from node_agent.kernels.pathtracer.jit import shared
from node_agent.kernels.pathtracer.tables import BELOW_ONE

F = np.float32
U = np.uint32
QUARTER = np.float32(0.25)
NEAREST_SQUARED = np.float32(1e-20)
NOBODY = (-1, ZERO, ZERO)
"""No light can reach the point: (light, chance, random number)."""


@shared
def sine_of(cosine):
    """Of an angle from 0 to pi."""
    return root(max(ONE - cosine * cosine, ZERO))


@shared
def less(cosine, by):
    """The cosine of max(a - b, 0), by those of a and b, both from 0 to pi."""
    return ONE if cosine > by else cosine * by + sine_of(cosine) * sine_of(by)


@shared
def importance(floats, at, p, n):
    """What the lights of the node at ``at`` may send to a surface at p with unit normal n, up to a factor.

    0 where they all lie behind the surface or face away. n may be zero: then all directions count."""
    low, high = vec3(floats, at + NODE_LOW), vec3(floats, at + NODE_HIGH)
    middle, size = scaled(along(low, high, ONE), HALF), along(high, low, -ONE)
    to = along(p, middle, -ONE)
    radius2 = dot(size, size) * QUARTER
    distance2 = max(dot(to, to), NEAREST_SQUARED)
    wi = scaled(to, ONE / root(distance2))
    # The angle that the ball around the node's box fills as seen from p; all from within.
    ball = root(ONE - radius2 / distance2) if distance2 > radius2 else -ONE
    leaves = dot(wi, vec3(floats, at + NODE_AXIS))
    if floats[U(at + NODE_BOTH_SIDES)] > ZERO:
        leaves = abs(leaves)
    cosine = less(less(leaves, floats[U(at + NODE_CONE)]), ball)
    arrives = ONE
    if dot(n, n) > ZERO:
        arrives = less(-dot(wi, n), ball)
    if cosine <= ZERO or arrives <= ZERO:
        return ZERO
    return floats[U(at + NODE_FLUX)] * cosine * arrives / max(distance2, radius2)


@shared
def picked(tables, nodes, links, p, n, u):
    """(light, chance, u): a light of the tree whose tables start at ``nodes`` and ``links``, and u made new."""
    floats, ints = tables.floats, tables.ints
    node, chance = 0, ONE
    while True:
        link = ints[U(links + node * NODE_LINK_WIDTH + NODE_LINK)]
        if link < 0:
            return -1 - link, chance, u
        left = importance(floats, nodes + (node + 1) * NODE_WIDTH, p, n)
        right = importance(floats, nodes + link * NODE_WIDTH, p, n)
        total = left + right
        if not total > ZERO:
            return NOBODY
        share = left / total
        if u < share:
            node, chance, u = node + 1, chance * share, u / share
        else:
            share = right / total
            node, chance, u = link + 0, chance * share, (u - (ONE - share)) / share
        u = min(max(u, ZERO), BELOW_ONE)


@shared
def chance_of_leaf(tables, nodes, links, leaf, p, n):
    """The chance that ``picked`` picks the light of the node ``leaf``."""
    floats, ints = tables.floats, tables.ints
    node, chance = leaf + 0, ONE
    while node > 0:
        parent = ints[U(links + node * NODE_LINK_WIDTH + NODE_PARENT)]
        right = ints[U(links + parent * NODE_LINK_WIDTH + NODE_LINK)]
        other = right if node == parent + 1 else parent + 1
        mine = importance(floats, nodes + node * NODE_WIDTH, p, n)
        total = mine + importance(floats, nodes + other * NODE_WIDTH, p, n)
        if not total > ZERO:
            return ZERO
        chance *= mine / total
        node = parent + 0
    return chance


@shared
def is_met(floats, at, o, inverse, t_max):
    """Whether a ray passes through the box of the node at ``at``."""
    low, high = vec3(floats, at + NODE_LOW), vec3(floats, at + NODE_HIGH)
    enter, leave = ZERO, t_max
    for k in range(3):
        a, b = (low[k] - o[k]) * inverse[k], (high[k] - o[k]) * inverse[k]
        enter, leave = max(enter, min(a, b)), min(leave, max(a, b))
    return enter <= leave * ROUND_UP


@shared
def next_met(tables, nodes, links, count, node, o, inverse, t_max):
    """(light, node): the next light, from ``node`` on, whose box a ray meets, and where to go on; -1: there is none."""
    floats, ints = tables.floats, tables.ints
    while node < count:
        at = links + node * NODE_LINK_WIDTH
        if is_met(floats, nodes + node * NODE_WIDTH, o, inverse, t_max):
            link = ints[U(at + NODE_LINK)]
            node += 1
            if link < 0:
                return -1 - link, node
        else:
            node = ints[U(at + NODE_SKIP)] + 0
    return -1, node
