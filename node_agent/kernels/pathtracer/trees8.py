"""The CPU's tree of a whole scene: the trees of its meshes, and one over their instances, in one table.

Two levels (PBRT 4, 7.1.2): see ``traverse8`` for what the links mean. A scene of triangles in world space alone
is one tree, copied nowhere. Otherwise node 0 leads to what stands in world space, what moves there, and
the tree over the instances.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from node_agent.kernels.pathtracer.bvh8_build import (
    Built8,
    aligned,
    boxed,
    build8,
    grow_all,
    in_turn,
    moved_nodes,
)
from node_agent.kernels.pathtracer.places import MOVES, RECORD_WIDTH, ROOT, TO_LOCAL, TO_WORLD, WAY
from node_agent.kernels.pathtracer.shapes import Shape, Shapes, Triangles, instance_boxes
from node_agent.kernels.pathtracer.simd import BLOCK_ROWS, LANES, NUMBER_ROW, PLANE_ROWS
from node_agent.kernels.pathtracer.traverse8 import INSTANCE, MOVING, Tree8, scratch8
from node_agent.kernels.pathtracer.trees_kept import Keeper

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]

SMALL = 1 << 14
"""Meshes of fewer triangles are built side by side, each by one thread."""


class _Table:
    """The parts of the whole tree, and where each begins."""

    def __init__(self) -> None:
        self.nodes: list[F32] = []
        self.links: list[I32] = []
        self.blocks: list[F32] = []
        self.node_count = self.block_count = 0

    def add(self, nodes: F32, links: I32, blocks: F32) -> int:
        """Append a part whose links are final; returns its first node."""
        first = self.node_count
        self.nodes.append(nodes)
        self.links.append(links)
        self.blocks.append(blocks)
        self.node_count += len(nodes)
        self.block_count += len(blocks)
        return first

    def add_tree(self, built: Built8, moves: bool) -> int:
        """Append a tree of triangles; returns its root."""
        below = built.links >= 0
        block = ~built.links
        leaf = MOVING + 2 * block if moves else block
        links = np.where(below, built.links + self.node_count, ~(leaf + self.block_count))
        return self.add(built.nodes, links.astype(np.int32), built.blocks)

    def tree(self) -> Tree8:
        """All parts in one."""
        nodes = aligned((self.node_count, PLANE_ROWS, LANES))
        blocks = aligned((self.block_count, BLOCK_ROWS, LANES))
        np.concatenate(self.nodes, out=nodes)
        np.concatenate(self.blocks, out=blocks)
        return Tree8(nodes, np.concatenate(self.links), blocks.reshape(-1), *scratch8())


def build_trees8(shapes: Shapes, threads: int, keeper: Keeper | None = None) -> Tree8:
    """The tree that ``closest_hit8`` walks; its hits are the same for any number of threads. ``keeper``: has the
    trees of the frame before, and gets those of this one."""
    keeper = keeper or Keeper()
    tree = _whole_tree(shapes, threads, keeper)
    keeper.forget()
    return tree


def _whole_tree(shapes: Shapes, threads: int, keeper: Keeper) -> Tree8:
    if (
        not shapes.meshes
        and len(shapes.world) < 2
        and not any(s.close is not None for s in shapes.world)
    ):
        shape = shapes.world[0] if shapes.world else Shape(_nothing(), None)
        built = keeper.tree(shape, threads, _built)
        return Tree8(built.nodes, built.links, built.blocks.reshape(-1), *scratch8())
    table = _Table()
    top_nodes, top_links = _empty_nodes(1), np.zeros((1, LANES), np.int32)
    table.add(top_nodes, top_links, aligned((0, BLOCK_ROWS, LANES)))
    roots = [
        table.add_tree(keeper.tree(shape, threads, _built), shape.close is not None)
        for shape in shapes.world
    ]
    built = _built_meshes(shapes.meshes, threads, keeper)
    mesh_roots = [
        table.add_tree(tree, mesh.close is not None)
        for tree, mesh in zip(built, shapes.meshes, strict=True)
    ]
    if len(shapes.places):
        roots.append(_add_instances(table, shapes, built, mesh_roots, threads))
    for lane, root in enumerate(roots):
        top_links[0, lane] = root
        top_nodes[0, :, lane] = _around(_node(table, root))
    return table.tree()


def _nothing() -> Triangles:
    none = np.zeros((0, 3), np.int32)
    return Triangles(np.zeros((0, 3), np.float32), none, none[:, 0].copy())


def _empty_nodes(count: int) -> F32:
    """Nodes of boxes that no ray meets."""
    nodes = aligned((count, PLANE_ROWS, LANES))
    nodes[:, :3], nodes[:, 3:] = np.inf, -np.inf
    return nodes


def _node(table: _Table, number: int) -> F32:
    """One node's planes, of the parts so far."""
    for part in table.nodes:
        if number < len(part):
            return part[number]
        number -= len(part)
    raise IndexError(number)


def _around(node: F32) -> F32:
    """(6,) the planes of the box around a node's boxes."""
    return np.concatenate([node[:3].min(axis=1), node[3:].max(axis=1)])


def _built(shape: Shape, threads: int) -> Built8:
    """One mesh's tree. Of one that moves, over the boxes that its triangles sweep, with a block of ways behind
    each block."""
    if shape.close is None:
        return build8(shape.triangles, threads)
    positions, corners, names = shape.triangles
    low, high = np.full((len(corners), 3), np.inf), np.full((len(corners), 3), -np.inf)
    for points in (positions, shape.close):
        first = points[corners[:, 0]]
        for k in range(3):
            ends = first + (points[corners[:, k]] - first)
            low, high = np.minimum(low, ends), np.maximum(high, ends)
    # A triangle between is where rounding puts it, a little outside.
    slack = 2.0**-20 * np.maximum(np.abs(low), np.abs(high))
    boxes = (low - slack).astype(np.float32), (high + slack).astype(np.float32)
    built = build8(shape.triangles, threads, boxes)
    numbers = built.blocks.view(np.int32)[:, NUMBER_ROW]
    rows = corners[np.searchsorted(names, numbers).clip(0, max(len(names) - 1, 0))]
    pair = aligned((len(built.blocks), 2, BLOCK_ROWS, LANES))
    pair[:, 0], pair[:, 1] = built.blocks, np.nan
    first = shape.close[rows[..., 0]].transpose(0, 2, 1)
    for k in range(3):
        end = first if k == 0 else shape.close[rows[..., k]].transpose(0, 2, 1) - first
        pair[:, 1, 3 * k : 3 * k + 3] = end - built.blocks[:, 3 * k : 3 * k + 3]
    return Built8(built.nodes, built.links, pair.reshape(-1, BLOCK_ROWS, LANES))


def _built_meshes(meshes: list[Shape], threads: int, keeper: Keeper) -> list[Built8]:
    """The meshes' trees: small ones side by side, large ones one after the other by all threads."""

    def build_one(place: int) -> tuple[tuple[int, Built8], list[int]]:
        return (place, keeper.tree(meshes[place], 1, _built)), []

    small = [k for k, mesh in enumerate(meshes) if len(mesh.triangles.corners) < SMALL]
    found = dict(in_turn(small, build_one, threads if len(small) > 1 else 1))
    found |= {
        k: keeper.tree(mesh, threads, _built) for k, mesh in enumerate(meshes) if k not in found
    }
    return [found[k] for k in range(len(meshes))]


def _add_instances(
    table: _Table, shapes: Shapes, built: list[Built8], mesh_roots: list[int], threads: int
) -> int:
    """Append the records of all instances and the tree over them; returns its root."""
    count = len(shapes.places)
    blocks = aligned((count, BLOCK_ROWS, LANES))
    roots = np.array(mesh_roots, np.int32)[shapes.instance_meshes]
    fill_records(blocks.reshape(count, -1), shapes, roots)
    first_record = table.block_count
    low, high = instance_boxes(shapes, [tree.nodes[0] for tree in built])
    records, middles = boxed(low, high)
    growth, grown = grow_all(records, middles, threads)
    moved = moved_nodes(growth, grown)
    own = np.concatenate([np.arange(t.node, t.node + t.nodes) for t in grown])
    nodes, links, held = growth.nodes[own], growth.links[own], growth.held[own]
    order = ~(INSTANCE + first_record + records.view(np.int32)[:, 3])
    several = np.nonzero(held > 1)
    leaves, leaf_links = _leaves(records, order, ~links[several], held[several])
    base = table.node_count
    final = np.where(held == 0, base + moved[links * (held == 0)], 0)
    final[held == 1] = order[~links[held == 1]]
    final[several] = base + len(nodes) + np.arange(len(leaves))
    links = np.concatenate([final, leaf_links]).astype(np.int32)
    return table.add(np.concatenate([nodes, leaves]), links, blocks)


def _leaves(records: F32, order: I32, starts: I32, counts: NDArray) -> tuple[F32, I32]:
    """(nodes, links) whose boxes are instances: a range of records each."""
    nodes = _empty_nodes(len(starts))
    place = starts[:, None] + np.arange(LANES)
    inside = np.arange(LANES) < counts[:, None]
    place = np.where(inside, place, 0)
    for axis in range(3):
        nodes[:, axis] = np.where(inside, records[place, axis], np.inf)
        nodes[:, axis + 3] = np.where(inside, -records[place, axis + 4], -np.inf)
    return nodes, np.where(inside, order[place], 0)


def fill_records(records: F32, shapes: Shapes, roots: I32) -> None:
    """Write the instances' records, see ``places``, into the rows of a table that is as wide or wider."""
    places, close = shapes.places, shapes.places_close
    count = len(places)
    linear = places[:, :, :3]
    inverse = np.linalg.inv(linear)
    records[:, :RECORD_WIDTH] = 0.0
    records[:, TO_LOCAL : TO_LOCAL + 9] = inverse.reshape(count, 9)
    shift = -(inverse @ places[:, :, 3:])
    records[:, TO_LOCAL + 9 : TO_WORLD] = shift[:, :, 0]
    records[:, TO_WORLD : TO_WORLD + 9] = linear.reshape(count, 9)
    records[:, TO_WORLD + 9 : WAY] = places[:, :, 3]
    if close is not places:
        way = close - places
        records[:, WAY : WAY + 9] = way[:, :, :3].reshape(count, 9)
        records[:, WAY + 9 : MOVES] = way[:, :, 3]
        records[:, MOVES] = (way != 0).any(axis=(1, 2))
    records.view(np.int32)[:, ROOT] = roots
