"""Drawing from tabulated distributions."""

from __future__ import annotations

import numpy as np

from node_agent.kernels.pathtracer.jit import shared

U = np.uint32


@shared
def search(cdf, start, count, u):
    """The first of ``count`` entries from ``start`` on that is above u, counted from ``start``.

    The last, where none is: a running sum in float32 may end just below 1."""
    low, high = U(0), U(count - 1)
    while low < high:
        middle = U((low + high) >> U(1))
        if cdf[U(start + middle)] > u:
            high = middle
        else:
            low = U(middle + U(1))
    return low
