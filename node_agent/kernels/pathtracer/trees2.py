"""The tree of a whole scene for CUDA, and for plain Python: see ``traverse`` for its layout.

As ``trees8``: the trees of the meshes and one over their instances, in one table.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from node_agent.kernels.interface import KernelRefusal
from node_agent.kernels.pathtracer.arrays import Tree
from node_agent.kernels.pathtracer.bvh_build import EMPTY, build
from node_agent.kernels.pathtracer.shapes import Shape, Shapes, instance_boxes
from node_agent.kernels.pathtracer.traverse import (
    INNER,
    INSTANCE,
    INSTANCE_ROWS,
    KINDS,
    MAX_LEAF,
    NOTHING,
    TRI_ROW,
)
from node_agent.kernels.pathtracer.trees8 import fill_records

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
MOST_ROWS = 2**31 // KINDS


class _Table:
    """The whole tree while it grows."""

    def __init__(self) -> None:
        self.nodes: list[F32] = []
        self.links: list[NDArray[np.int64]] = []
        self.rows: list[F32] = []
        self.numbers: list[I32] = []
        self.node_count = self.row_count = 0

    def add_nodes(self, nodes: F32, links: NDArray) -> int:
        """Append nodes; returns the link to the first."""
        first = self.node_count
        self.nodes.append(nodes)
        self.links.append(links)
        self.node_count += len(nodes)
        return first * KINDS + INNER

    def add_rows(self, rows: F32, numbers: I32) -> None:
        """Append rows of ``tris``."""
        self.rows.append(rows)
        self.numbers.append(numbers)
        self.row_count += len(rows)
        if max(self.row_count, self.node_count) >= MOST_ROWS:
            raise KernelRefusal(
                f"The scene has more than {MOST_ROWS} triangles, too many for a GPU."
            )


def build_trees2(shapes: Shapes) -> Tree:
    """The tree that ``closest_hit`` walks."""
    table = _Table()
    joins = max(len(shapes.world) + bool(len(shapes.places)) - 1, 1)
    top_nodes, top_links = np.zeros((joins, 12), np.float32), np.full((joins, 2), NOTHING, np.int64)
    top_nodes[:, [0, 1, 2, 6, 7, 8]], top_nodes[:, [3, 4, 5, 9, 10, 11]] = 1e30, -1e30
    table.add_nodes(top_nodes, top_links)
    roots = [_add_shape(table, shape) for shape in shapes.world]
    if len(shapes.places):
        roots.append(_add_instances(table, shapes))
    for number, (box, link) in enumerate(roots):
        # The last node holds two roots, those before it one and the next node.
        node, side = min(number, joins - 1), number - min(number, joins - 1)
        top_nodes[node, 6 * side : 6 * side + 6], top_links[node, side] = box, link
    for node in range(joins - 2, -1, -1):
        below = top_nodes[node + 1].reshape(2, 2, 3)
        top_nodes[node, 6:9], top_nodes[node, 9:] = below[:, 0].min(axis=0), below[:, 1].max(axis=0)
        top_links[node, 1] = (node + 1) * KINDS + INNER
    return _finished(table)


def _finished(table: _Table) -> Tree:
    scratch: Any = np.empty(0, np.int32), np.empty(0, np.float32)
    rows = table.rows or [np.zeros((0, TRI_ROW), np.float32)]
    numbers = table.numbers or [np.zeros(0, np.int32)]
    links = np.concatenate(table.links).astype(np.int32)
    flat = np.concatenate(rows).astype(np.float32).reshape(-1)
    nodes = np.concatenate(table.nodes).astype(np.float32)
    return Tree(nodes, links, flat, np.concatenate(numbers).astype(np.int32), *scratch)


def _edges(points: F32, corners: I32) -> F32:
    """(n, 9): first corner and the edges from it."""
    a, b, c = (points[corners[:, k]] for k in range(3))
    return np.concatenate([a, b - a, c - a], axis=1)


def _boxes(rows: F32) -> F32:
    """(n, 6): around corners and what corner and edge make, see ``hits``."""
    a = rows[:, :3]
    ends = np.stack([a, a + rows[:, 3:6], a + rows[:, 6:9]])
    return np.concatenate([ends.min(axis=0), ends.max(axis=0)], axis=1)


def _add_shape(table: _Table, shape: Shape) -> tuple[F32, int]:
    """Append a mesh's tree; returns its box and the link to it."""
    positions, corners, names = shape.triangles
    rows = _edges(positions, corners)
    boxes, width, kind = _boxes(rows), 1, 0
    if shape.close is not None:
        later = _edges(shape.close, corners)
        other = _boxes(later)
        slack = 2.0**-20 * np.maximum(np.abs(boxes), np.abs(other))
        boxes[:, :3] = (np.minimum(boxes, other) - slack)[:, :3]
        boxes[:, 3:] = (np.maximum(boxes, other) + slack)[:, 3:]
        rows, width, kind = np.stack([rows, later - rows], axis=1), 2, MAX_LEAF
    nodes, links, order = build(boxes.astype(np.float32), MAX_LEAF)
    index, count = links.reshape(-1, 2, 2).transpose(2, 0, 1).astype(np.int64)
    coded = np.where(
        count > 0,
        (table.row_count + width * index) * KINDS + kind + count,
        np.where(count == 0, (table.node_count + index) * KINDS + INNER, NOTHING),
    )
    table.add_rows(rows[order].reshape(-1, TRI_ROW), np.repeat(names[order], width))
    table.add_nodes(nodes, coded)
    return nodes[0, :6], int(coded[0, 0])


def _add_instances(table: _Table, shapes: Shapes) -> tuple[F32, int]:
    """Append the meshes, the records of all instances and the tree over them; returns its box and link."""
    meshes = [_add_shape(table, mesh) for mesh in shapes.meshes]
    count = len(shapes.places)
    records = np.zeros((count, INSTANCE_ROWS * TRI_ROW), np.float32)
    roots = np.array([link for _, link in meshes], np.int32)[shapes.instance_meshes]
    fill_records(records, shapes, roots)
    numbers = np.zeros((count, INSTANCE_ROWS), np.int32)
    numbers[:, 0] = roots
    nodes, links, order = build(_boxes_of(shapes, meshes), 1)
    index, held = links.reshape(-1, 2, 2).transpose(2, 0, 1).astype(np.int64)
    record = table.row_count + INSTANCE_ROWS * order[np.where(held > 0, index, 0)].astype(np.int64)
    inner = (table.node_count + index) * KINDS + INNER
    coded = np.where(held > 0, record * KINDS + INSTANCE, np.where(held == EMPTY, NOTHING, inner))
    table.add_rows(records.reshape(-1, TRI_ROW), numbers.reshape(-1))
    table.add_nodes(nodes, coded)
    return nodes[0, :6], int(coded[0, 0])


def _boxes_of(shapes: Shapes, meshes: list[tuple[F32, int]]) -> F32:
    low, high = instance_boxes(shapes, [box[:, None] for box, _ in meshes])
    return np.concatenate([low, high], axis=1)
