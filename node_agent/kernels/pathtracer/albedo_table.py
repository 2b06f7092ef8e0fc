"""How much light the specular lobes reflect, as tables: ``albedo_tables.npz``, and the quadrature it is made by.

* ``ggx``: with Schlick's Fresnel, F = F0 (1 - s) + F90 s, a lobe's albedo is exactly F0 A + F90 B, where A and
  B depend on roughness and angle alone (Karis' split sum, 2013, here without any environment).
* ``glass``: what rough glass reflects and lets through together (Turquin 2019, section 6), as 1 / E, which
  depends on roughness, angle and refractive index.

Both go by their square roots, since everything happens at grazing angles and on smooth surfaces. The file is committed, for its 50 million
points take a minute: ``python -m node_agent.kernels.pathtracer.albedo_table`` makes it anew.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from node_agent.kernels.pathtracer.bsdf import (
    COSINES,
    GLASS_COSINES,
    GLASS_INDICES,
    ROUGHNESSES,
    SMALLEST_ALPHA,
)

F64 = NDArray[np.float64]
FILE = Path(__file__).with_name("albedo_tables.npz")
POINTS = 192
"""Quadrature points along each of the two random numbers."""
SMALLEST_COSINE = 1e-3


@cache
def albedo_tables() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(A and B (ROUGHNESSES, COSINES, 2), 1 / E of glass (GLASS_INDICES, ROUGHNESSES, GLASS_COSINES)), float32."""
    with np.load(FILE, allow_pickle=False) as file:
        return file["ggx"].astype(np.float32), file["glass"].astype(np.float32)


def roughness_steps() -> F64:
    """(ROUGHNESSES,) where the tables have a row."""
    return np.linspace(0.0, 1.0, ROUGHNESSES) ** 2


def cosine_steps(count: int) -> F64:
    """(count,) where the tables have a column."""
    return np.maximum(np.linspace(0.0, 1.0, count) ** 2, SMALLEST_COSINE)


def index_steps() -> F64:
    """(GLASS_INDICES,) the refractive indices of glass: even steps of (eta - 1) / (eta + 1), from -1/2 to 1/2."""
    x = np.linspace(-0.5, 0.5, GLASS_INDICES)
    return (1.0 + x) / (1.0 - x)


def ggx_albedo(roughness: float, cosine: float, points: int = POINTS) -> tuple[float, float]:
    """(A, B) at one place."""
    alpha = max(roughness**2, float(SMALLEST_ALPHA))
    hz, cosine_h = _visible_normals(alpha, cosine, points)
    weight = _shadowing(alpha, cosine, 2.0 * cosine_h * hz - cosine)
    s = np.clip(1.0 - cosine_h, 0.0, 1.0) ** 5
    return float((weight * (1.0 - s)).mean()), float((weight * s).mean())


def glass_albedo(roughness: float, cosine: float, eta: float, points: int = POINTS) -> float:
    """E of glass at one place."""
    alpha = max(roughness**2, float(SMALLEST_ALPHA))
    hz, cosine_h = _visible_normals(alpha, cosine, points)
    r, inside = _fresnel(cosine_h, eta)
    reflected = r * _shadowing(alpha, cosine, 2.0 * cosine_h * hz - cosine)
    below = (cosine_h / eta - inside) * hz - cosine / eta
    return float((reflected + (1.0 - r) * _shadowing(alpha, cosine, -below)).mean())


def _visible_normals(alpha: float, cosine: float, points: int) -> tuple[F64, F64]:
    """Heights of microfacet normals and their cosines to the view, by spherical caps as ``visible_normal`` has
    it; the view lies in the xz plane."""
    middles = (np.arange(points) + 0.5) / points
    phi, height = 2.0 * np.pi * middles[:, None], middles[None, :]
    sx, sz = np.sqrt(1.0 - cosine**2) * alpha, cosine
    length = np.hypot(sx, sz)
    sx, sz = sx / length, sz / length
    z = (1.0 - height) * (1.0 + sz) - sz
    sine = np.sqrt(np.maximum(1.0 - z**2, 0.0))
    hx, hy = (sine * np.cos(phi) + sx) * alpha, sine * np.sin(phi) * alpha
    hz = np.maximum(z + sz, 0.0)
    norm = np.sqrt(hx**2 + hy**2 + hz**2)
    return hz / norm, np.sqrt(1.0 - cosine**2) * hx / norm + cosine * hz / norm


def _shadowing(alpha: float, cosine: float, out: F64) -> F64:
    """The weight of a sampled direction, by its cosine; 0 where that lies on the wrong side."""
    lambda_o, lambda_i = _lambda(np.array(cosine), alpha), _lambda(out, alpha)
    return np.where(out > 0.0, (1.0 + lambda_o) / (1.0 + lambda_o + lambda_i), 0.0)


def _lambda(cosine: F64, alpha: float) -> F64:
    """Smith's auxiliary function of GGX."""
    tan2 = 1.0 / np.maximum(np.abs(cosine), 1e-5) ** 2 - 1.0
    return (np.sqrt(1.0 + alpha**2 * np.maximum(tan2, 0.0)) - 1.0) / 2.0


def _fresnel(cosine: F64, eta: float) -> tuple[F64, F64]:
    """(reflectance, cosine behind) of a dielectric (PBRT 4, 9.3.5)."""
    cosine = np.clip(cosine, 0.0, 1.0)
    inside2 = 1.0 - (1.0 - cosine**2) / eta**2
    inside = np.sqrt(np.maximum(inside2, 0.0))
    parallel = (eta * cosine - inside) / np.maximum(eta * cosine + inside, 1e-12)
    square = (cosine - eta * inside) / np.maximum(cosine + eta * inside, 1e-12)
    return np.where(inside2 <= 0.0, 1.0, (parallel**2 + square**2) / 2.0), inside


def make() -> None:
    """Write the file."""
    ggx = [
        [ggx_albedo(roughness, cosine) for cosine in cosine_steps(COSINES)]
        for roughness in roughness_steps()
    ]
    glass = [
        [
            [1.0 / glass_albedo(roughness, cosine, eta) for cosine in cosine_steps(GLASS_COSINES)]
            for roughness in roughness_steps()
        ]
        for eta in index_steps()
    ]
    np.savez_compressed(FILE, ggx=np.array(ggx, np.float32), glass=np.array(glass, np.float32))


if __name__ == "__main__":
    make()
