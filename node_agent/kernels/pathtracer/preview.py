"""The picture so far: averaged to the size of a screen; ``display`` makes it what the screen shows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from node_agent.kernels.display import to_display
from node_agent.kernels.pathtracer.film import BEAUTY, GRID, SAMPLES


def preview(
    film: NDArray[np.int64],
    size: tuple[int, int],
    limits: tuple[int, int],
    exposure: float,
) -> NDArray[np.uint8]:
    """(h, w, 3) uint8 sRGB, no larger than ``limits``; ``size`` and ``limits`` are (width, height).

    ``exposure`` in stops. Whole blocks of pixels are averaged, weighted by their samples."""
    width, height = size
    block = max(-(-width // max(limits[0], 1)), -(-height // max(limits[1], 1)), 1)
    image = film.reshape(height, width, -1)
    columns, rows = np.arange(0, width, block), np.arange(0, height, block)
    if block == 1:
        light, counts = image[..., BEAUTY : BEAUTY + 3], image[..., SAMPLES]
    else:
        across = np.add.reduceat(image[..., BEAUTY : BEAUTY + 3], columns, axis=1)
        light = np.add.reduceat(across, rows, axis=0)
        across = np.add.reduceat(image[..., SAMPLES], columns, axis=1)
        counts = np.add.reduceat(across, rows, axis=0)
    mean = light / (np.maximum(counts, 1) * float(GRID))[..., None]
    return to_display(mean, exposure)
