"""Intel Open Image Denoise as the last step of a frame, where it is asked for and installed (``denoise`` extra).

Knows nothing of films: planes in, one plane out. The library is large and many nodes never need it, so it is
imported by the first frame that asks. Its result may differ between kinds of CPU; what a frame is merged,
resumed and compared by is the film, which it does not touch.
"""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]


def require() -> Any:
    """The library. Raises OSError, which blames the node, where it is not installed."""
    try:
        return importlib.import_module("pyoidn")
    except ImportError as error:
        raise OSError(
            "The step asks for denoise, and this node has no Open Image Denoise: "
            "pip install 'windfire[denoise]' there, or leave the option out."
        ) from error


def denoised(beauty: F32, albedo: F32, normal: F32) -> F32:
    """(height, width, 3) float32: light without noise, guided by the noisy albedo (0 to 1) and normals.

    ``beauty`` (height, width, 3 or more) is linear and may exceed 1. Raises OSError."""
    try:
        return require().denoise(
            np.ascontiguousarray(beauty[..., :3]), np.clip(albedo, 0.0, 1.0), normal, hdr=True
        )
    except RuntimeError as error:
        raise OSError(f"Open Image Denoise failed: {error}") from error
