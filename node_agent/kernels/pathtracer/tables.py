"""Drawing from tabulated distributions: running sums that end in 1."""

from __future__ import annotations

import numpy as np

from node_agent.kernels.pathtracer.geometry import ZERO
from node_agent.kernels.pathtracer.jit import shared

F = np.float32
U = np.uint32
SMALLEST = np.float32(1e-12)
BELOW_ONE = np.float32(1.0 - 2.0**-24)


@shared
def chance_of(floats, start, index):
    """(chance, the sum below) of entry ``index`` of the running sums from ``start`` on."""
    below = floats[U(start + index - 1)] if index > 0 else ZERO
    return floats[U(start + index)] - below, below


@shared
def pick(floats, start, count, u):
    """(index, chance, u): an entry of ``count`` running sums by u in [0, 1), and u made new. PBRT 4, A.4.1.

    The last entry where no sum is above u: they may end just below 1 in float32."""
    low, high = start, start + count - 1
    while low < high:
        middle = (low + high) >> 1
        if floats[U(middle)] > u:
            high = middle
        else:
            low = middle + 1
    chance, below = chance_of(floats, start, low - start)
    renewed = (u - below) / max(chance, SMALLEST)
    return low - start, chance, min(max(renewed, ZERO), BELOW_ONE)
