"""Builds the bounding volume hierarchy: binned surface area heuristic, top down, one thread.

Wald, "On fast Construction of SAH-based Bounding Volume Hierarchies", 2007; PBRT 4, 7.3.2. Node 0 has the whole scene as its one child, so that a scene of no triangles, or
of one leaf, needs no case of its own.
"""

from __future__ import annotations

import numpy as np

from node_agent.kernels.pathtracer.jit import entry, shared

F = np.float32
BINS = 16
EMPTY = -1
MEDIAN_DEPTH = 34
"""Below this depth a range is cut in half unseen: 34 + log2(2^26 triangles) stays below 62."""
HUGE = np.float32(1e30)
WALK_COST = np.float32(1.5)
"""What a step down costs, in triangle tests."""


@shared
def half_area(box):
    """Half the surface of a box (6,): min xyz, max xyz."""
    x, y, z = box[3] - box[0], box[4] - box[1], box[5] - box[2]
    return x * y + y * z + z * x


@shared
def grow(box, other):
    """Enlarge ``box`` by ``other``, both (6,)."""
    for k in range(3):
        box[k] = min(box[k], other[k])
        box[k + 3] = max(box[k + 3], other[k + 3])


@shared
def clear(box):
    """The empty box: whatever it grows by, it becomes."""
    for k in range(3):
        box[k] = HUGE
        box[k + 3] = -HUGE


@shared
def fill_bins(boxes, order, start, end, extent, bin_boxes, bin_counts):
    """Sort the triangles of a range into BINS slabs along each axis, by their box's middle."""
    for axis in range(3):
        for b in range(BINS):
            clear(bin_boxes[axis, b])
            bin_counts[axis, b] = 0
    for i in range(start, end):
        box = boxes[order[i]]
        for axis in range(3):
            b = bin_of(box, axis, extent)
            bin_counts[axis, b] += 1
            grow(bin_boxes[axis, b], box)


@shared
def bin_of(box, axis, extent):
    """The slab that a triangle's middle lies in; ``extent`` (6,) holds the range of twice the middles."""
    width = extent[axis + 3] - extent[axis]
    if not width > F(0.0):
        return 0
    place = (box[axis] + box[axis + 3] - extent[axis]) * (F(BINS) / width)
    return min(max(int(place), 0), BINS - 1)


@shared
def best_split(bin_boxes, bin_counts, extent, right_areas, box):
    """(cost, axis, bin): split below ``bin`` along ``axis``; the cost is half area times triangles."""
    best_cost, best_axis, best_bin = F(3e38), -1, 0
    for axis in range(3):
        if not extent[axis + 3] > extent[axis]:
            continue
        clear(box)
        count = 0
        for b in range(BINS - 1, 0, -1):
            grow(box, bin_boxes[axis, b])
            count += bin_counts[axis, b]
            right_areas[b] = half_area(box) * F(count) if count > 0 else F(3e38)
        clear(box)
        count = 0
        for b in range(1, BINS):
            grow(box, bin_boxes[axis, b - 1])
            count += bin_counts[axis, b - 1]
            if count > 0:
                cost = half_area(box) * F(count) + right_areas[b]
                if cost < best_cost:
                    best_cost, best_axis, best_bin = cost, axis, b
    return best_cost, best_axis, best_bin


@shared
def partition(boxes, order, start, end, extent, axis, split):
    """Move the triangles below bin ``split`` to the front of the range; the index of the first behind."""
    middle = start
    for i in range(start, end):
        if bin_of(boxes[order[i]], axis, extent) < split:
            order[middle], order[i] = order[i], order[middle]
            middle += 1
    return middle


@shared
def measure(boxes, order, start, end, box, extent):
    """The box around a range, and the range of twice its triangles' middles, both (6,)."""
    clear(box)
    clear(extent)
    for i in range(start, end):
        other = boxes[order[i]]
        grow(box, other)
        for k in range(3):
            twice = other[k] + other[k + 3]
            extent[k] = min(extent[k], twice)
            extent[k + 3] = max(extent[k + 3], twice)


def build(boxes, max_leaf):
    """(nodes, links, order) of a tree over ``boxes`` (n, 6) float32, finite.

    ``links`` (n, 4) int32: for each child (index, count). count 0: an inner node; above: a leaf of as many boxes
    from ``index`` on in ``order``; EMPTY: nothing. ``order`` (n,) int32 lists the boxes as the leaves hold
    them. A leaf larger than ``max_leaf`` is split even where the heuristic sees no gain."""
    count = len(boxes)
    order = np.arange(count, dtype=np.int32)
    nodes, links = np.empty((count + 1, 12), np.float32), np.empty((count + 1, 4), np.int32)
    bins = np.empty((3, BINS, 6), np.float32), np.empty((3, BINS), np.int64)
    scratch = np.empty((2, 6), np.float32), np.empty(BINS, np.float32)
    stack = np.empty((128, 5), np.int64)
    used = fill_tree(boxes, order, nodes, links, *bins, *scratch, stack, max_leaf)
    return nodes[:used].copy(), links[:used].copy(), order


@entry
def fill_tree(
    boxes, order, nodes, links, bin_boxes, bin_counts, two_boxes, right_areas, stack, max_leaf
):
    """Fill ``nodes`` and ``links``, permute ``order``; returns the number of nodes used.

    ``stack`` holds (start, end, parent, side, depth); each pop pushes two, so it is one deeper than
    the tree. The rest is scratch, since code without reference counts cannot allocate."""
    extent, scratch = two_boxes[0], two_boxes[1]
    links[0, 0], links[0, 1], links[0, 2], links[0, 3] = 0, EMPTY, 0, EMPTY
    nodes[0, :] = HUGE
    used = 1
    top = 0
    if len(order) > 0:
        stack[0, 0], stack[0, 1], stack[0, 2], stack[0, 3], stack[0, 4] = 0, len(order), 0, 0, 0
        top = 1
    while top > 0:
        top -= 1
        start, end, parent, side, depth = stack[top]
        box = nodes[parent, side * 6 : side * 6 + 6]
        measure(boxes, order, start, end, box, extent)
        count = end - start
        middle = start + count // 2
        if depth < MEDIAN_DEPTH and count > 1:
            fill_bins(boxes, order, start, end, extent, bin_boxes, bin_counts)
            cost, axis, split = best_split(bin_boxes, bin_counts, extent, right_areas, scratch)
            area = half_area(box)
            if axis < 0 or (count <= max_leaf and cost + WALK_COST * area >= area * F(count)):
                middle = start if count <= max_leaf else middle
            else:
                middle = partition(boxes, order, start, end, extent, axis, split)
        if count == 1 or middle == start:
            links[parent, side * 2], links[parent, side * 2 + 1] = start, count
            continue
        links[parent, side * 2], links[parent, side * 2 + 1] = used, 0
        for child in range(2):
            stack[top, 0] = start if child == 0 else middle
            stack[top, 1] = middle if child == 0 else end
            stack[top, 2], stack[top, 3], stack[top, 4] = used, child, depth + 1
            top += 1
        used += 1
    return used
