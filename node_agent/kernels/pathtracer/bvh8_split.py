"""How a range of triangles is cut into the eight parts of a node: see ``bvh8_build``.

Binned surface area heuristic (Wald, "On fast Construction of SAH-based Bounding Volume Hierarchies", 2007),
with the cost of a range in blocks of eight triangles rather than in triangles.

``records`` (n, 8) float32: for each triangle its box's lower corner, its number as int32, and the
negative upper corner: so that the box around two boxes is one minimum over eight lanes.
"""

from __future__ import annotations

import numpy as np

from node_agent.kernels.pathtracer.jit import inlined, shared
from node_agent.kernels.pathtracer.simd import (
    LANES,
    bins3,
    fill_row,
    lower_middle,
    lower_row,
    swap_rows,
)

F = np.float32

BINS = 16
MEDIAN_DEPTH = 38
"""Below this depth a range is cut in half unseen: 38 + log2(2^24 triangles) stays below 64."""
LARGEST = np.float32(3.4e38)

# Rows of ``rows``, the scratch of one thread: boxes and middles of the eight parts, the sweep's box, bins.
BOXES, MIDDLES, SWEEP, FIRST_BIN = 0, 8, 16, 17
ROWS = FIRST_BIN + 3 * BINS


@shared
def half_area(rows, row):
    """Half the surface of the box in a row."""
    x, y, z = rows[row, 0] + rows[row, 4], rows[row, 1] + rows[row, 5], rows[row, 2] + rows[row, 6]
    return x * y + y * z + z * x


@shared
def blocks_of(count):
    """What testing ``count`` triangles costs."""
    return F((count + LANES - 1) // LANES)


@shared
def scale_of(rows, middles):
    """(lows, bins per unit) of a part's middles on the three axes; where they have no extent, no matter."""
    low = (rows[middles, 0], rows[middles, 1], rows[middles, 2])
    width = (
        -rows[middles, 4] - low[0],
        -rows[middles, 5] - low[1],
        -rows[middles, 6] - low[2],
    )
    return low, (F(BINS) / width[0], F(BINS) / width[1], F(BINS) / width[2])


@inlined
def fill_bins(records, start, end, low, scale, rows, counts):
    """Sort a range of triangles into BINS slabs along each axis, by their box's middle."""
    for b in range(len(counts)):
        fill_row(rows, FIRST_BIN + b, LARGEST)
        counts[b] = 0
    for i in range(start, end):
        bins = bins3(records, i, low, scale, F(BINS - 1))
        for axis in range(3):
            b = axis * BINS + bins[axis]
            counts[b] += 1
            lower_row(rows, FIRST_BIN + b, records, i)


@inlined
def sweep(axis, rows, counts, areas):
    """(cost, bin) of the best cut along one axis; the cost is half area times blocks."""
    first = FIRST_BIN + axis * BINS
    best_cost, best_bin = LARGEST, 0
    fill_row(rows, SWEEP, LARGEST)
    count = 0
    for b in range(len(areas) - 1, 0, -1):
        lower_row(rows, SWEEP, rows, first + b)
        count += counts[axis * BINS + b]
        areas[b] = half_area(rows, SWEEP) * blocks_of(count) if count > 0 else LARGEST
    fill_row(rows, SWEEP, LARGEST)
    count = 0
    for b in range(1, len(areas)):
        lower_row(rows, SWEEP, rows, first + b - 1)
        count += counts[axis * BINS + b - 1]
        if count > 0:
            cost = half_area(rows, SWEEP) * blocks_of(count) + areas[b]
            if cost < best_cost:
                best_cost, best_bin = cost, b
    return best_cost, best_bin


@inlined
def partition(records, start, end, low, scale, axis, cut):
    """Move the triangles below bin ``cut`` to the front of the range; the index of the first behind."""
    i, j = start, end
    while True:
        while i < j and bins3(records, i, low, scale, F(BINS - 1))[axis] < cut:
            i += 1
        while i < j and bins3(records, j - 1, low, scale, F(BINS - 1))[axis] >= cut:
            j -= 1
        if i >= j:
            return i
        swap_rows(records, i, j - 1)


@shared
def measure(records, parts, part, rows):
    """The box around a part's range, and the range of its middles."""
    fill_row(rows, BOXES + part, LARGEST)
    fill_row(rows, MIDDLES + part, LARGEST)
    for i in range(parts[part, 0], parts[part, 1]):
        lower_row(rows, BOXES + part, records, i)
        lower_middle(rows, MIDDLES + part, records, i)


@inlined
def split(records, part, other, rows, counts, areas, parts):
    """Cut ``part`` in two; the upper half becomes part ``other``."""
    start, end, depth = parts[part, 0], parts[part, 1], parts[part, 2]
    middle = start + (end - start) // 2
    if depth < MEDIAN_DEPTH:
        low, scale = scale_of(rows, MIDDLES + part)
        fill_bins(records, start, end, low, scale, rows, counts)
        best_cost, best_axis, best_bin = LARGEST, -1, 0
        for axis in range(3):
            cost, cut = sweep(axis, rows, counts, areas)
            if cost < best_cost:
                best_cost, best_axis, best_bin = cost, axis, cut
        if best_axis >= 0:
            middle = partition(records, start, end, low, scale, best_axis, best_bin)
    parts[part, 1], parts[part, 2] = middle, depth + 1
    parts[other, 0], parts[other, 1], parts[other, 2] = middle, end, depth + 1
    for half in range(2):
        measure(records, parts, part if half == 0 else other, rows)


@inlined
def cut_node(records, rows, counts, areas, parts):
    """Cut part 0 into up to eight, the largest first; returns how many."""
    used = 1
    if parts[0, 1] - parts[0, 0] <= LANES:
        measure(records, parts, 0, rows)
        return min(parts[0, 1] - parts[0, 0], 1)
    fill_row(rows, BOXES, LARGEST)
    while used < LANES:
        largest, part = F(-1.0), -1
        for k in range(used):
            area = half_area(rows, BOXES + k)
            if parts[k, 1] - parts[k, 0] > LANES and area > largest:
                largest, part = area, k
        if part < 0:
            return used
        split(records, part, used, rows, counts, areas, parts)
        used += 1
    return used
