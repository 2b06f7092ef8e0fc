"""Builds the eight-way BVH that ``traverse8`` walks, on as many threads as there are.

Binned surface area heuristic, top down (Wald, "On fast Construction of SAH-based Bounding Volume
Hierarchies", 2007). A node's range of triangles is cut in two, then the larger of the two boxes, and so
on up to eight: what collapsing a two-way tree greedily gives (Wald, Benthin and Boulos, 2008; Ernst and
Greiner, 2008), without the two-way tree. Ranges of up to eight triangles become a block.

Two stages, each over *tasks*, ranges of some ten thousand triangles that threads take without the GIL:
``grow`` cuts ranges into nodes in a scratch table with room for the worst case, then ``move_task``
copies the nodes to their final place, close together in depth-first order, and fills the blocks. Where a
task ends depends on its range alone, so the tree is the same for any number of threads.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from node_agent.kernels.pathtracer.bvh8_split import (
    BINS,
    BOXES,
    LARGEST,
    MIDDLES,
    ROWS,
    SWEEP,
    cut_node,
)
from node_agent.kernels.pathtracer.jit import entry, inlined, shared
from node_agent.kernels.pathtracer.shapes import Triangles
from node_agent.kernels.pathtracer.simd import (
    BLOCK_ROWS,
    LANES,
    PLANE_ROWS,
    copy_row,
    fill_row,
    lower_middle,
)

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]

TASK = 1 << 14
"""Triangles; a larger range is cut into tasks of its own."""
INFINITE = np.float32(np.inf)
NODE, START, END, DEPTH = range(4)
"""Columns of a stack row: the node to fill, its range of records, how deep it is."""


class Built8(NamedTuple):
    """One tree: what ``traverse8`` walks of it, before ``trees8`` puts several together."""

    nodes: F32
    links: I32
    blocks: F32


class _Work(NamedTuple):
    """One thread's scratch."""

    rows: F32
    counts: NDArray[np.int64]
    areas: F32
    parts: NDArray[np.int64]
    """(8, 3): start, end and depth of a node's parts."""
    stack: NDArray[np.int64]
    middles: F32
    """The row of MIDDLES that belongs to each stack row."""


@shared
def write_box(nodes, node, lane, rows, row):
    """One of a node's boxes."""
    for axis in range(3):
        nodes[node, axis, lane] = rows[row, axis]
        nodes[node, axis + 3, lane] = -rows[row, axis + 4]


@entry
def grow(records, nodes, links, held, rows, counts, areas, parts, stack, middles, deferred):
    """Cut the range in ``stack[0]``, a row of (node, start, end, depth), into nodes.

    ``held`` (n, 8) gets the number of triangles behind each link: 0 another node, -1 nothing. A range
    above TASK gives one node, whose inner links are left to the caller, listed in ``deferred`` as
    (node, lane, start, end, depth) with the rows of ``middles`` from 0 on. Returns (nodes used, blocks,
    deferred)."""
    first = stack[0, NODE]
    defer = stack[0, END] - stack[0, START] > TASK
    free, blocks, put_off, top = first + 1, 0, 0, 1
    while top > 0:
        top -= 1
        node = stack[top, NODE]
        parts[0, 0], parts[0, 1], parts[0, 2] = (
            stack[top, START],
            stack[top, END],
            stack[top, DEPTH],
        )
        copy_row(rows, MIDDLES, middles, top)
        used = cut_node(records, rows, counts, areas, parts)
        for lane in range(LANES):
            if lane >= used:
                fill_row(rows, SWEEP, INFINITE)
                write_box(nodes, node, lane, rows, SWEEP)
                links[node, lane], held[node, lane] = 0, -1
                continue
            write_box(nodes, node, lane, rows, BOXES + lane)
            start, end, depth = parts[lane, 0], parts[lane, 1], parts[lane, 2]
            if end - start <= LANES:
                links[node, lane], held[node, lane] = ~start, end - start
                blocks += 1
                continue
            held[node, lane] = 0
            if defer:
                deferred[put_off, 0], deferred[put_off, 1], deferred[put_off, 2] = node, lane, start
                deferred[put_off, 3], deferred[put_off, 4] = end, depth
                copy_row(middles, put_off, rows, MIDDLES + lane)
                put_off += 1
                continue
            links[node, lane] = free
            stack[top, NODE], stack[top, START], stack[top, END] = free, start, end
            stack[top, DEPTH] = depth
            copy_row(middles, top, rows, MIDDLES + lane)
            free += 1
            top += 1
    return free - first, blocks, put_off


@entry
def fill_records(positions, triangles, records, numbers, first, end, rows):
    """Records [first, end) of the same triangles; row 0 of ``rows`` gets the range of their middles.

    ``numbers`` is ``records`` seen as int32. The corners are what a corner and an edge make: see ``hits``."""
    fill_row(rows, 0, LARGEST)
    for i in range(first, end):
        for k in range(3):
            a = positions[triangles[i, 0], k]
            b = a + (positions[triangles[i, 1], k] - a)
            c = a + (positions[triangles[i, 2], k] - a)
            records[i, k] = min(min(a, b), c)
            records[i, k + 4] = -max(max(a, b), c)
        numbers[i, 3], numbers[i, 7] = i, 0
        lower_middle(rows, 0, records, i)


@inlined
def write_block(positions, triangles, names, numbers, start, count, blocks, block_numbers, block):
    """Triangles [start, start + count) of the tree's order into a block; its other lanes NaN."""
    for lane in range(LANES):
        if lane < count:
            source = numbers[start + lane, 3]
            for k in range(3):
                a = positions[triangles[source, 0], k]
                blocks[block, k, lane] = a
                blocks[block, 3 + k, lane] = positions[triangles[source, 1], k] - a
                blocks[block, 6 + k, lane] = positions[triangles[source, 2], k] - a
            block_numbers[block, BLOCK_ROWS - 1, lane] = names[source]
        else:
            for k in range(9):
                blocks[block, k, lane] = np.nan
            block_numbers[block, BLOCK_ROWS - 1, lane] = -1


@entry
def move_task(
    positions, triangles, names, numbers, nodes, links, held, moved,
    tree_nodes, tree_links, blocks, block_numbers, at,
):  # fmt: skip
    """Copy a task's nodes to their final places and fill its blocks. ``at``: (first node, nodes, block)."""
    first, count, block = at
    for node in range(first, first + count):
        place = moved[node]
        for row in range(PLANE_ROWS):
            copy_row(tree_nodes, place * PLANE_ROWS + row, nodes, node * PLANE_ROWS + row)
        for lane in range(LANES):
            link, behind = links[node, lane], held[node, lane]
            if behind > 0:
                write_block(
                    positions,
                    triangles,
                    names,
                    numbers,
                    ~link,
                    behind,
                    blocks,
                    block_numbers,
                    block,
                )
                tree_links[place, lane] = ~block
                block += 1
            else:
                tree_links[place, lane] = moved[link] if behind == 0 else 0


class _Task(NamedTuple):
    """A range of records to cut."""

    node: int
    start: int
    end: int
    depth: int
    middles: F32


class _Grown(NamedTuple):
    """What came of a task: its nodes from ``node`` on, how many, and its blocks."""

    start: int
    depth: int
    node: int
    nodes: int
    blocks: int


def aligned(shape: tuple[int, ...]) -> F32:
    """Uninitialised, from a cache line's start on, so that no row lies across two."""
    size = int(np.prod(shape))
    room = np.empty(size + 16, np.float32)
    skip = -(room.ctypes.data // 4) % 16
    return room[skip : skip + size].reshape(shape)


def _work() -> _Work:
    return _Work(
        rows=np.empty((ROWS, LANES), np.float32),
        counts=np.empty(3 * BINS, np.int64),
        areas=np.empty(BINS, np.float32),
        parts=np.empty((LANES, 3), np.int64),
        stack=np.empty((512, 4), np.int64),
        middles=np.empty((512, LANES), np.float32),
    )


class _Growth:
    """The first stage: tasks that give nodes in a scratch table, and tasks."""

    def __init__(self, records: F32) -> None:
        count = len(records)
        # At most 62 levels, each of at most count / TASK ranges above TASK; then the small tasks'
        # regions: c >= 9 triangles give at most (c - 1) / 7 nodes, so range start / 7 is free.
        self.tops = 62 * (count // TASK) + 1
        self.records = records
        self.next_top = itertools.count()
        room = self.tops + count // 7 + 1
        self.nodes = aligned((room, PLANE_ROWS, LANES))
        self.links = np.empty((room, LANES), np.int32)
        self.held = np.empty((room, LANES), np.int8)
        self.work: dict[int, _Work] = {}

    def task(self, start: int, end: int, depth: int, middles: F32) -> _Task:
        is_top = end - start > TASK or start == 0 == depth
        node = next(self.next_top) if is_top else self.tops + start // 7
        return _Task(node, start, end, depth, middles)

    def run(self, task: _Task) -> tuple[_Grown, list[_Task]]:
        """Cut one task's range; what is left to cut."""
        work = self.work.setdefault(threading.get_ident(), _work())
        work.stack[0] = task.node, task.start, task.end, task.depth
        work.middles[0] = task.middles
        deferred = np.empty((LANES, 5), np.int64)
        nodes, blocks, left = grow(self.records, self.nodes, self.links, self.held, *work, deferred)
        more = []
        for (node, lane, *part), middles in zip(deferred[:left], work.middles, strict=False):
            start, end, depth = (int(value) for value in part)
            child = self.task(start, end, depth, middles.copy())
            self.links[node, lane] = child.node
            more.append(child)
        return _Grown(task.start, task.depth, task.node, nodes, blocks), more


def in_turn(
    tasks: list[Any], run: Callable[[Any], tuple[Any, list[Any]]], threads: int
) -> list[Any]:
    """The results of all tasks and of those that they lead to, in no order."""
    results = []
    if threads == 1:
        while tasks:
            result, more = run(tasks.pop())
            results.append(result)
            tasks.extend(more)
        return results
    with ThreadPoolExecutor(threads, "bvh8") as pool:
        running = {pool.submit(run, task) for task in tasks}
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                result, more = future.result()
                results.append(result)
                running |= {pool.submit(run, task) for task in more}
    return results


def boxed(low: F32, high: F32) -> tuple[F32, F32]:
    """(records, their middles) of boxes given by their corners (n, 3), as ``fill_records`` makes them."""
    records = aligned((len(low), LANES))
    numbers = records.view(np.int32)
    records[:, :3], records[:, 4:7] = low, -high
    numbers[:, 3], numbers[:, 7] = np.arange(len(low)), 0
    middles = np.zeros(LANES, np.float32)
    if len(low):
        twice = low + high
        middles[:3], middles[4:7] = twice.min(axis=0), -twice.max(axis=0)
    return records, middles


def build8(triangles: Triangles, threads: int = 1, boxes: tuple[F32, F32] | None = None) -> Built8:
    """A tree over triangles; over boxes around them, (low, high) corners, where they are given."""
    threads = threads if len(triangles.corners) > TASK else 1
    records, middles = boxed(*boxes) if boxes else _records(triangles, threads)
    growth, grown = grow_all(records, middles, threads)
    return _gather(triangles, records.view(np.int32), growth, grown, threads)


def _records(triangles: Triangles, threads: int) -> tuple[F32, F32]:
    """(records, the range of their middles) of triangles; see ``bvh8_split``."""
    count = len(triangles.corners)
    records = aligned((count, LANES))
    numbers = records.view(np.int32)
    chunk = max(-(-count // threads), 1)

    def fill(first: int) -> tuple[F32, list[int]]:
        rows = np.empty((1, LANES), np.float32)
        end = min(first + chunk, count)
        fill_records(*triangles[:2], records, numbers, first, end, rows)
        return rows[0], []

    middles = in_turn(list(range(0, max(count, 1), chunk)), fill, threads)
    return records, np.min(middles, axis=0)


def grow_all(records: F32, middles: F32, threads: int) -> tuple[_Growth, list[_Grown]]:
    """The first stage: nodes in a scratch table, task by task in their final order."""
    growth = _Growth(records)
    root = growth.task(0, len(records), 0, middles)
    grown = in_turn([root], growth.run, threads)
    # Whole tasks move: the upper ones in front, then by their place in the order.
    grown.sort(key=lambda task: (task.node >= growth.tops, task.depth, task.start))
    return growth, grown


def moved_nodes(growth: _Growth, grown: list[_Grown]) -> I32:
    """Where each of the scratch table's nodes goes."""
    moved = np.empty(len(growth.nodes), np.int32)
    first = 0
    for task in grown:
        moved[task.node : task.node + task.nodes] = np.arange(first, first + task.nodes)
        first += task.nodes
    return moved


def _gather(
    triangles: Triangles, numbers: I32, growth: _Growth, grown: list[_Grown], threads: int
) -> Built8:
    """The second stage: the tasks' nodes one behind the other, and the blocks."""
    blocks_before = [0, *itertools.accumulate(task.blocks for task in grown)]
    count = sum(task.nodes for task in grown)
    nodes = aligned((count, PLANE_ROWS, LANES))
    links = np.empty((count, LANES), np.int32)
    blocks = aligned((blocks_before[-1], BLOCK_ROWS, LANES))
    moved = moved_nodes(growth, grown)

    def settle_one(place: int) -> tuple[None, list[int]]:
        task = grown[place]
        move_task(
            *triangles, numbers, growth.nodes, growth.links, growth.held, moved, nodes, links,
            blocks, blocks.view(np.int32), (task.node, task.nodes, blocks_before[place]),
        )  # fmt: skip
        return None, []

    in_turn(list(range(len(grown))), settle_one, threads)
    return Built8(nodes, links, blocks)
