"""From linear light to what a screen shows: the one transform of previews, thumbnails, movies and viewers.

Exposure in stops, then the output transform of ACES 1.3 for an sRGB screen (Academy S-2014-003, as
OpenColorIO's built-in configuration has it): a filmic shoulder that keeps a lamp from becoming a white hole,
and what a compositor sees under the same view. Every picture of a frame goes through here, so that a preview
and the finished frame look the same. ``to_srgb`` is IEC 61966-2-1's curve alone, for what is display-referred
already. The version of ACES is pinned: a picture must not change with the library.
"""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

CONFIG = "cg-config-v1.0.0_aces-v1.3_ocio-v2.1"
SOURCE, DISPLAY, VIEW = "Linear Rec.709 (sRGB)", "sRGB - Display", "ACES 1.0 - SDR Video"
BRIGHTEST = 65504.0
"""Of a half float; the transform is level long before."""


def to_display(rgb: NDArray[np.floating], exposure: float = 0.0) -> NDArray[np.uint8]:
    """Display values 0 to 255 of linear Rec.709 radiance, (..., 3); NaN and what is negative are black.

    Called by ``node_agent.worker.media`` and by the path tracer's ``preview``."""
    pixels = _exposed(rgb, exposure)
    _aces().applyRGB(pixels)
    return _bytes(pixels)


def to_srgb(rgb: NDArray[np.floating], exposure: float = 0.0) -> NDArray[np.uint8]:
    """Display values 0 to 255 of linear light by sRGB's curve alone, any shape; what is above 1 is white."""
    x = np.clip(_exposed(rgb, exposure), 0.0, 1.0)
    return _bytes(
        np.where(x <= 0.0031308, 12.92 * x, 1.055 * np.maximum(x, 1e-9) ** (1 / 2.4) - 0.055)
    )


def from_display(values: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Linear light of 8-bit sRGB values, for pictures that come as such; the inverse of ``to_srgb``."""
    x = values.astype(np.float64) / 255.0
    linear = np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)
    return linear.astype(np.float32)


def _exposed(rgb: NDArray[np.floating], exposure: float) -> NDArray[np.float32]:
    """A contiguous copy, finite and not negative."""
    with np.errstate(over="ignore", invalid="ignore"):
        x = np.asarray(rgb, np.float32) * np.float32(2.0**exposure)
    x = np.nan_to_num(x, copy=False, nan=0.0, posinf=BRIGHTEST, neginf=0.0)
    return np.ascontiguousarray(np.clip(x, 0.0, BRIGHTEST))


def _bytes(values: NDArray[np.floating]) -> NDArray[np.uint8]:
    return np.clip(values * 255.0 + 0.5, 0, 255).astype(np.uint8)


@cache
def _aces() -> Any:
    """OpenColorIO's processor; imported when the first picture is made."""
    ocio: Any = importlib.import_module("PyOpenColorIO")
    config = ocio.Config.CreateFromBuiltinConfig(CONFIG)
    view = ocio.DisplayViewTransform(src=SOURCE, display=DISPLAY, view=VIEW)
    return config.getProcessor(view).getDefaultCPUProcessor()
