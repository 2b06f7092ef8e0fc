"""GGX's microfacets: how their normals lie, how they hide one another, and which of them are seen.

Walter et al. 2007; Heitz, "Understanding the Masking-Shadowing Function", 2014, and "Sampling the GGX
Distribution of Visible Normals", 2018; Dupuy and Benyoub, "Sampling Visible GGX Normals with Spherical Caps", 2023;
PBRT 4, 9.6.
"""

from __future__ import annotations

import numpy as np

from node_agent.kernels.pathtracer.geometry import ONE, PI, ZERO, normalised, on_circle, root
from node_agent.kernels.pathtracer.jit import shared

F = np.float32

MIRROR_COSINE = np.float32(1e-5)


@shared
def smith_lambda(w, alpha):
    """Smith's auxiliary function of GGX (PBRT 4, 9.6.2)."""
    tan2 = (w[0] * w[0] + w[1] * w[1]) / max(w[2] * w[2], MIRROR_COSINE * MIRROR_COSINE)
    return (root(ONE + alpha * alpha * tan2) - ONE) * F(0.5)


@shared
def ggx_density(h, alpha):
    """GGX's distribution of normals; this form keeps its digits near the peak."""
    x, y = h[0] / alpha, h[1] / alpha
    e = x * x + y * y + h[2] * h[2]
    return ONE / (PI * alpha * alpha * e * e)


@shared
def visible_normal(w, alpha, u0, u1):
    """A microfacet normal as seen from w (Heitz 2018; spherical caps of Dupuy and Benyoub 2023)."""
    s = normalised((w[0] * alpha, w[1] * alpha, w[2]))
    z = (ONE - u1) * (ONE + s[2]) - s[2]
    p = on_circle(root(ONE - z * z), u0)
    return normalised(((p[0] + s[0]) * alpha, (p[1] + s[1]) * alpha, max(z + s[2], ZERO)))
