"""Builds the trees of ``light_tree``: lights halved again and again along the longest axis, all nodes of a depth at once.

In numpy: twenty thousand emissive triangles take a few milliseconds, and the tree is no deeper than their
logarithm. Sums and square roots alone, no libm: the same tree on every machine.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from node_agent.kernels.pathtracer import arrays as a

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I32 = NDArray[np.int32]


class Emitters(NamedTuple):
    """Lights as the tree sees them."""

    lights: NDArray[np.int64]
    """(n,) rows of the light table."""
    low: F64
    """(n, 3) corners around each."""
    high: F64
    axes: F64
    """(n, 3) unit, where each shines to the half-space around; zero: to everywhere."""
    both_sides: NDArray[np.bool_]
    """(n,) whether it shines to the opposite half-space as well."""
    flux: F64
    """(n,)."""


class Nodes(NamedTuple):
    """A tree, node by node: see ``arrays``."""

    floats: F32
    """(2 n - 1, NODE_WIDTH)."""
    links: I32
    """(2 n - 1, NODE_LINK_WIDTH)."""
    leaf_of: I32
    """(n,) the node of each emitter."""


NO_NODES = Nodes(
    np.zeros((0, a.NODE_WIDTH), np.float32),
    np.zeros((0, a.NODE_LINK_WIDTH), np.int32),
    np.zeros(0, np.int32),
)
"""The tree of no lights."""


def build_nodes(emitters: Emitters) -> Nodes:
    """The tree over at least one emitter."""
    count = len(emitters.lights)
    floats = np.zeros((2 * count - 1, a.NODE_WIDTH), np.float32)
    links = np.zeros((2 * count - 1, a.NODE_LINK_WIDTH), np.int32)
    leaf_of = np.zeros(count, np.int32)
    order = np.arange(count)
    # Of the nodes of one depth: their numbers, their first emitters in ``order``, and how many.
    node, first, size = np.zeros(1, np.int64), np.zeros(1, np.int64), np.array([count])
    while len(node):
        floats[node] = _rows(emitters, order, first, size)
        links[node, a.NODE_SKIP] = node + 2 * size - 1
        leaf = size == 1
        links[node[leaf], a.NODE_LINK] = -1 - emitters.lights[order[first[leaf]]]
        leaf_of[order[first[leaf]]] = node[leaf]
        node, first, size = node[~leaf], first[~leaf], size[~leaf]
        if not len(node):
            break
        order = _sorted(emitters, order, first, size)
        half = size // 2
        left, right = node + 1, node + 2 * half
        links[node, a.NODE_LINK] = right
        links[left, a.NODE_PARENT] = links[right, a.NODE_PARENT] = node
        node = np.stack([left, right], axis=1).ravel()
        first = np.stack([first, first + half], axis=1).ravel()
        size = np.stack([half, size - half], axis=1).ravel()
    return Nodes(floats, links, leaf_of)


def _members(first: NDArray, size: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    """(places in the order, which node each belongs to, where each node's begin) of nodes one behind another."""
    starts = np.cumsum(size) - size
    of = np.repeat(np.arange(len(size)), size)
    return np.arange(size.sum()) - starts[of] + first[of], of, starts


def _rows(emitters: Emitters, order: NDArray, first: NDArray, size: NDArray) -> F32:
    """(k, NODE_WIDTH): bounds, cone and flux of nodes."""
    places, of, starts = _members(first, size)
    held = order[places]
    rows = np.zeros((len(size), a.NODE_WIDTH))
    rows[:, a.NODE_LOW : a.NODE_LOW + 3] = np.minimum.reduceat(emitters.low[held], starts)
    rows[:, a.NODE_HIGH : a.NODE_HIGH + 3] = np.maximum.reduceat(emitters.high[held], starts)
    flux = emitters.flux[held]
    rows[:, a.NODE_FLUX] = np.add.reduceat(flux, starts)
    both = np.maximum.reduceat(emitters.both_sides[held], starts)
    rows[:, a.NODE_BOTH_SIDES] = both
    axes = emitters.axes[held]
    # Of what shines to both sides an axis may be turned round; here, to the side of the node's first.
    turned = (both[of] & ((axes * axes[starts][of]).sum(axis=1) < 0))[:, None]
    axes = np.where(turned, -axes, axes)
    axis = np.add.reduceat(axes * (flux + 1e-30)[:, None], starts)
    length = np.sqrt((axis**2).sum(axis=1, keepdims=True))
    axis = axis / np.where(length > 0, length, 1)
    cosine = (axes * axis[of]).sum(axis=1)
    cosine = np.where(both[of], np.abs(cosine), cosine)
    everywhere = (axes == 0).all(axis=1) | (length[of, 0] == 0)
    rows[:, a.NODE_AXIS : a.NODE_AXIS + 3] = axis
    # Rounded to float32, the cone must still hold all of them.
    cosine = np.where(everywhere, -1.0, np.maximum(cosine - 1e-6, -1.0))
    rows[:, a.NODE_CONE] = np.minimum.reduceat(cosine, starts)
    return rows.astype(np.float32)


def _sorted(emitters: Emitters, order: NDArray, first: NDArray, size: NDArray) -> NDArray:
    """``order`` with the emitters of each node sorted along the axis in which their middles lie farthest apart."""
    places, of, starts = _members(first, size)
    held = order[places]
    middles = emitters.low[held] + emitters.high[held]
    spread = np.maximum.reduceat(middles, starts) - np.minimum.reduceat(middles, starts)
    along = middles[np.arange(len(held)), spread.argmax(axis=1)[of]]
    order = order.copy()
    order[places] = held[np.lexsort((held, along, of))]
    return order
