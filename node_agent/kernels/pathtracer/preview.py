"""The picture so far, for a screen: small, exposed, and with a soft shoulder instead of a hard white."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from node_agent.kernels.pathtracer.film import BEAUTY, GRID, SAMPLES

KNEE = 0.8
"""Linear up to here; above, values near 1 but never reach it."""


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
    return to_srgb(mean * 2.0**exposure)


def to_srgb(linear: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Display values of linear Rec.709: shoulder, IEC 61966-2-1's curve, 8 bits."""
    x = np.maximum(linear, 0.0)
    shoulder = KNEE + (1.0 - KNEE) * (1.0 - np.exp(-np.maximum(x - KNEE, 0.0) / (1.0 - KNEE)))
    x = np.where(x > KNEE, shoulder, x)
    curve = np.where(x <= 0.0031308, 12.92 * x, 1.055 * np.maximum(x, 1e-9) ** (1 / 2.4) - 0.055)
    return np.clip(curve * 255.0 + 0.5, 0, 255).astype(np.uint8)
