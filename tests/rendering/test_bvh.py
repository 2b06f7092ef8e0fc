"""The two-way tree against every triangle tried in turn by numpy in double precision."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from node_agent.kernels.pathtracer.hits import NO_HIT
from node_agent.kernels.pathtracer.shapes import Shapes
from node_agent.kernels.pathtracer.traverse import (
    ANY,
    INNER,
    KINDS,
    NEAREST,
    STACK_DEPTH,
    closest_hit,
)
from node_agent.kernels.pathtracer.trees2 import build_trees2
from tests.rendering.test_wide_bvh import shape_of


@njit(nogil=True, error_model="numpy", _nrt=False)
def walk(tree, origins, directions, wanted, t, prims):
    for i in range(len(origins)):
        o = (origins[i, 0], origins[i, 1], origins[i, 2])
        d = (directions[i, 0], directions[i, 1], directions[i, 2])
        hit = closest_hit(tree, o, d, np.float32(0), np.float32(1e30), np.float32(0), wanted)
        t[i], prims[i] = hit[0], hit[3]


def brute(corners, o, d):
    """Nearest t of each ray, inf for none, and how close it came to an edge (a tie that rounding decides)."""
    e1, e2 = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    p = np.cross(d[:, None], e2[None])
    det = (p * e1).sum(-1)
    with np.errstate(all="ignore"):
        s = o[:, None] - corners[None, :, 0]
        u = (s * p).sum(-1) / det
        q = np.cross(s, e1[None])
        v = (d[:, None] * q).sum(-1) / det
        t = (e2 * q).sum(-1) / det
        inside = np.minimum(np.minimum(u, v), 1 - u - v)
        hits = np.where((inside >= 0) & (t > 0), t, np.inf)
        close = np.where((t > -1e-3) & (np.abs(inside) < 1e-3), 1, 0).any(axis=1)
    return np.nan_to_num(hits, nan=np.inf, posinf=np.inf).min(axis=1, initial=np.inf), close


def tree_of(corners):
    none = np.zeros((0, 3, 4))
    tree = build_trees2(Shapes([shape_of(corners)], [], np.zeros(0, np.int32), none, none))
    scratch = np.empty(STACK_DEPTH, np.int32), np.empty(STACK_DEPTH, np.float32)
    return tree._replace(stack=scratch[0], entries=scratch[1])


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(0, 300), st.sampled_from([0.02, 0.3, 1.5]))
def test_nearest_hit_of_random_triangles(seed, count, size):
    rng = np.random.default_rng(seed)
    centres = rng.uniform(-1, 1, (count, 1, 3))
    corners = (centres + size * rng.uniform(-1, 1, (count, 3, 3))).astype(np.float32)
    tree = tree_of(corners)
    assert sorted(tree.numbers) == list(range(count))
    o = rng.uniform(-2, 2, (64, 3)).astype(np.float32)
    d = rng.normal(size=(64, 3)).astype(np.float32)
    d[:8, rng.integers(3)] = 0.0  # parallel to a side of every box
    d /= np.linalg.norm(d, axis=1, keepdims=True)
    expected, close = brute(corners.astype(float), o.astype(float), d.astype(float))
    t, prims = np.empty(64, np.float32), np.empty(64, np.int32)
    walk(tree, o, d, NEAREST, t, prims)
    found = np.where(prims == NO_HIT, np.inf, t)
    np.testing.assert_allclose(found[~close], expected[~close], rtol=2e-3, atol=2e-4)
    walk(tree, o, d, ANY, t, prims)
    assert ((prims != NO_HIT) == np.isfinite(expected))[~close].all()


def test_a_long_row_of_equal_centres_stays_shallow():
    """Boxes around one point cannot be told apart by their middles: the tree must not become a list."""
    sizes = np.linspace(1, 2, 5000, dtype=np.float32)[:, None, None]
    corners = sizes * np.array([[-1, -1, 0], [1, -1, 0], [0, 2, 0]], np.float32)
    tree = tree_of(corners)

    def depth(node):
        below = [link // KINDS for link in tree.links[node] if link % KINDS == INNER]
        return 1 + max(map(depth, below), default=0)

    assert depth(0) < 64
