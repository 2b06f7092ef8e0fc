"""Trees of meshes kept from one frame to the next: what stands still is used again, what moves is refitted.

A refit leaves a tree's nodes as they are and makes their boxes anew, from the leaves up (PBRT 4, 7.3; Wald,
Boulos and Shirley, "Ray Tracing Deformable Scenes using Dynamic Bounding Volume Hierarchies", 2007). The
picture is the same as from a tree that is built anew, to the last bit: see ``hits``. Where the boxes
have grown so much that rays would take far longer, the tree is built again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from node_agent.kernels.pathtracer.bvh8_build import Built8, aligned, in_turn
from node_agent.kernels.pathtracer.jit import entry, inlined
from node_agent.kernels.pathtracer.shapes import Shape
from node_agent.kernels.pathtracer.simd import LANES, NUMBER_ROW

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
F = np.float32

WORST = 1.6
"""A tree whose boxes' areas, by that of the whole, have grown by this is built again."""
SLACK = np.float32(2.0**-20)
"""As in ``trees8``: a triangle between is where rounding puts it."""
PIECE = 1 << 12
"""Blocks or nodes that a thread takes at a time."""


@inlined
def refit_block(positions, corners, rows, first_name, blocks, numbers, block, boxes, at):
    """Write a block's triangles where they are now, and grow row ``at`` of ``boxes`` by them."""
    for lane in range(8):
        name = numbers[block, NUMBER_ROW, lane]
        if name < 0:
            continue
        row = rows[name - first_name]
        for k in range(3):
            a = positions[corners[row, 0], k]
            e1, e2 = positions[corners[row, 1], k] - a, positions[corners[row, 2], k] - a
            blocks[block, k, lane] = a
            blocks[block, 3 + k, lane], blocks[block, 6 + k, lane] = e1, e2
            boxes[at, k] = min(boxes[at, k], min(min(a, a + e1), a + e2))
            boxes[at, 3 + k] = max(boxes[at, 3 + k], max(max(a, a + e1), a + e2))


@entry
def refit_blocks(positions, close, corners, rows, first_name, blocks, numbers, step, boxes, span):
    """Refit the blocks of leaves [span[0], span[1]). ``step`` 2: each is followed by the ways of its triangles."""
    for leaf in range(span[0], span[1]):
        for k in range(3):
            boxes[leaf, k], boxes[leaf, 3 + k] = np.inf, -np.inf
        block = leaf * step
        if step == 2:
            refit_block(close, corners, rows, first_name, blocks, numbers, block + 1, boxes, leaf)
        refit_block(positions, corners, rows, first_name, blocks, numbers, block, boxes, leaf)
        if step == 2:
            for row in range(9):
                for lane in range(8):
                    blocks[block + 1, row, lane] -= blocks[block, row, lane]
            for k in range(6):
                size = max(abs(boxes[leaf, k % 3]), abs(boxes[leaf, k % 3 + 3])) * SLACK
                boxes[leaf, k] += -size if k < 3 else size


@entry
def refit_nodes(nodes, links, boxes):
    """Make all boxes anew, from the last node to the first: what is below a node lies behind it. Returns the
    sum of all boxes' areas by that of the whole."""
    total = 0.0
    area = 0.0
    for node in range(len(nodes) - 1, -1, -1):
        area = 0.0
        whole = (F(np.inf), F(np.inf), F(np.inf), F(-np.inf), F(-np.inf), F(-np.inf))
        for lane in range(8):
            if not nodes[node, 0, lane] <= nodes[node, 3, lane]:
                continue
            link = links[node, lane]
            for k in range(3):
                if link < 0:
                    low, high = boxes[~link, k], boxes[~link, 3 + k]
                else:
                    low, high = F(np.inf), F(-np.inf)
                    for below in range(8):
                        low = min(low, nodes[link, k, below])
                        high = max(high, nodes[link, 3 + k, below])
                nodes[node, k, lane], nodes[node, 3 + k, lane] = low, high
            x = nodes[node, 3, lane] - nodes[node, 0, lane]
            y = nodes[node, 4, lane] - nodes[node, 1, lane]
            z = nodes[node, 5, lane] - nodes[node, 2, lane]
            area += x * y + y * z + z * x
            whole = (
                min(whole[0], nodes[node, 0, lane]),
                min(whole[1], nodes[node, 1, lane]),
                min(whole[2], nodes[node, 2, lane]),
                max(whole[3], nodes[node, 3, lane]),
                max(whole[4], nodes[node, 4, lane]),
                max(whole[5], nodes[node, 5, lane]),
            )
        total += area
        if node == 0:
            x, y, z = whole[3] - whole[0], whole[4] - whole[1], whole[5] - whole[2]
            area = x * y + y * z + z * x
    return total / area if area > 0.0 else 0.0


@dataclass(slots=True)
class _Kept:
    """One mesh's tree, and what it was built over."""

    points: bytes
    """Of the positions."""
    built: Built8
    cost: float
    """Of its boxes when it was built."""


class Keeper:
    """Remembers the trees of the last frame; see ``forget``."""

    def __init__(self) -> None:
        self.reused = self.refitted = self.rebuilt = 0
        """How many trees there were of each kind, for tests and benchmarks."""
        self._last: dict[bytes, _Kept] = {}
        self._next: dict[bytes, _Kept] = {}

    def tree(self, shape: Shape, threads: int, build: Callable[[Shape, int], Built8]) -> Built8:
        """The tree of a shape as it is now: the last frame's, that refitted, or one that ``build`` makes. Its
        nodes and blocks are not to be changed."""
        topology, points = _digests(shape)
        kept, built, cost = self._last.get(topology), None, 0.0
        if kept is not None and kept.points == points:
            built, cost = kept.built, kept.cost
            self.reused += 1
        elif kept is not None:
            built, grown = refitted(kept.built, shape, threads)
            cost = kept.cost
            built = built if grown <= WORST * cost else None
            self.refitted += built is not None
        if built is None:
            built = build(shape, threads)
            cost = cost_of(built.nodes)
            self.rebuilt += 1
        self._next[topology] = _Kept(points, built, cost)
        return built

    def forget(self) -> None:
        """The end of a frame: what it had no use for is let go."""
        self._last, self._next = self._next, {}


def _digests(shape: Shape) -> tuple[bytes, bytes]:
    """(faces and numbers, positions) as short keys."""
    positions, corners, names = shape.triangles
    if not len(corners):
        return b"", b""
    used = slice(int(corners.min()), int(corners.max()) + 1)
    topology = hashlib.sha256(corners.data)
    topology.update(f"{shape.close is not None} {len(names)} {names[0]} {names[-1]}".encode())
    points = hashlib.sha256(np.ascontiguousarray(positions[used]).data)
    if shape.close is not None:
        points.update(np.ascontiguousarray(shape.close[used]).data)
    return topology.digest(), points.digest()


def cost_of(nodes: F32) -> float:
    """The areas of all boxes by that of the whole: what a ray's walk costs."""
    with np.errstate(invalid="ignore"):
        size = np.maximum(np.nan_to_num(nodes[:, 3:] - nodes[:, :3], neginf=0.0), 0.0)
    x, y, z = size[:, 0].astype(float), size[:, 1].astype(float), size[:, 2].astype(float)
    whole = nodes[0, 3:].max(axis=1) - nodes[0, :3].min(axis=1)
    area = whole[0] * whole[1] + whole[1] * whole[2] + whole[2] * whole[0]
    return float((x * y + y * z + z * x).sum() / area) if area > 0 else 0.0


def refitted(built: Built8, shape: Shape, threads: int) -> tuple[Built8, float]:
    """(a copy of a tree with its triangles where they are now, its boxes' cost)."""
    positions, corners, names = shape.triangles
    nodes, blocks = aligned(built.nodes.shape), aligned(built.blocks.shape)
    nodes[...], blocks[...] = built.nodes, built.blocks
    close = positions if shape.close is None else np.require(shape.close, np.float32, ["C", "W"])
    step = 1 if shape.close is None else 2
    if step == 2:  # only the blocks of the opening have numbers
        blocks[1::2, NUMBER_ROW] = blocks[::2, NUMBER_ROW]
    count = len(blocks) // step
    boxes = np.empty((max(count, 1), 6), np.float32)
    first = int(names[0]) if len(names) else 0
    rows = np.zeros(int(names[-1]) - first + 1 if len(names) else 1, np.int32)
    rows[names - first] = np.arange(len(names), dtype=np.int32)
    numbers = blocks.view(np.int32)

    def refit(start: int) -> tuple[None, list[int]]:
        span = start, min(start + PIECE, count)
        refit_blocks(positions, close, corners, rows, first, blocks, numbers, step, boxes, span)
        return None, []

    in_turn(list(range(0, count, PIECE)), refit, threads)
    cost = refit_nodes(nodes, built.links, boxes)
    assert LANES == 8  # the loops above are written for it
    return Built8(nodes, built.links, blocks), cost
