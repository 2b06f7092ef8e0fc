"""The specular lobe's albedo as a table, computed once a process by quadrature in numpy.

With Schlick's Fresnel, F = F0 (1 - s) + F90 s, the albedo is exactly F0 A + F90 B, where A and B depend on
roughness and angle alone (Karis' split sum, 2013, here without any environment). 20 ms, so not a file.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from node_agent.kernels.pathtracer.bsdf import COSINES, ROUGHNESSES, SMALLEST_ALPHA

POINTS = 24
"""Quadrature points along each of the two random numbers; doubling it moves no entry by over 0.003."""


def _lambda(cosine: NDArray[np.float64], alpha: NDArray[np.float64]) -> NDArray[np.float64]:
    """Smith's auxiliary function of GGX."""
    tan2 = 1.0 / np.maximum(cosine, 1e-5) ** 2 - 1.0
    return (np.sqrt(1.0 + alpha**2 * np.maximum(tan2, 0.0)) - 1.0) / 2.0


@cache
def albedo_table() -> NDArray[np.float32]:
    """(ROUGHNESSES, COSINES, 2) float32: A and B at even steps of roughness and cosine, both 0 to 1."""
    roughness = np.linspace(0.0, 1.0, ROUGHNESSES)[:, None, None, None]
    cosine = np.maximum(np.linspace(0.0, 1.0, COSINES), 1e-3)[None, :, None, None]
    alpha = np.maximum(roughness**2, float(SMALLEST_ALPHA))
    middles = (np.arange(POINTS) + 0.5) / POINTS
    phi, height = 2.0 * np.pi * middles[:, None], middles[None, :]
    # Visible normals by spherical caps, as bsdf.visible_normal does it; wo lies in the xz plane.
    sx, sz = np.sqrt(1.0 - cosine**2) * alpha, cosine
    length = np.hypot(sx, sz)
    sx, sz = sx / length, sz / length
    z = (1.0 - height) * (1.0 + sz) - sz
    sine = np.sqrt(np.maximum(1.0 - z**2, 0.0))
    hx, hy, hz = (
        (sine * np.cos(phi) + sx) * alpha,
        sine * np.sin(phi) * alpha,
        np.maximum(z + sz, 0),
    )
    norm = np.sqrt(hx**2 + hy**2 + hz**2)
    hx, hz = hx / norm, hz / norm
    cosine_h = np.sqrt(1.0 - cosine**2) * hx + cosine * hz
    out = 2.0 * cosine_h * hz - cosine
    lambda_o, lambda_i = _lambda(cosine, alpha), _lambda(out, alpha)
    weight = np.where(out > 0.0, (1.0 + lambda_o) / (1.0 + lambda_o + lambda_i), 0.0)
    s = np.clip(1.0 - cosine_h, 0.0, 1.0) ** 5
    a, b = (weight * (1.0 - s)).mean(axis=(2, 3)), (weight * s).mean(axis=(2, 3))
    return np.ascontiguousarray(np.stack([a, b], axis=-1), dtype=np.float32)
