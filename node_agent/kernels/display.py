"""From linear light to what a screen shows: the one transform of previews, thumbnails, movies and viewers.

Exposure in stops, a soft shoulder instead of a hard white, and IEC 61966-2-1's curve. Every picture of a
frame goes through here, so that a preview and the finished frame look the same.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

KNEE = 0.8
"""Linear up to here; above, values near 1 but never reach it."""


def to_display(rgb: NDArray[np.floating], exposure: float = 0.0) -> NDArray[np.uint8]:
    """Display values 0 to 255 of linear Rec.709 radiance, any shape; NaN is black.

    Called by ``node_agent.worker.media`` and by the path tracer's ``preview``."""
    with np.errstate(over="ignore", invalid="ignore"):
        x = np.nan_to_num(rgb * np.float32(2.0**exposure), nan=0.0, posinf=1e20, neginf=0.0)
    x = np.maximum(x, 0.0)
    shoulder = KNEE + (1.0 - KNEE) * (1.0 - np.exp(-np.maximum(x - KNEE, 0.0) / (1.0 - KNEE)))
    x = np.where(x > KNEE, shoulder, x)
    curve = np.where(x <= 0.0031308, 12.92 * x, 1.055 * np.maximum(x, 1e-9) ** (1 / 2.4) - 0.055)
    return np.clip(curve * 255.0 + 0.5, 0, 255).astype(np.uint8)


def from_display(values: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Linear light of 8-bit sRGB values, for pictures that come as such; the shoulder is not undone."""
    x = values.astype(np.float64) / 255.0
    linear = np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)
    return linear.astype(np.float32)
