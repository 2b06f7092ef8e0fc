"""How a surface scatters: UsdPreviewSurface's diffuse and specular lobes, with energy kept.

All directions are unit vectors in the frame of the shading normal (z), pointing away from the surface.

* Diffuse: Lambert (PBRT 4, 9.2).
* Specular: GGX with the height-correlated Smith term and Schlick's Fresnel (Walter et al. 2007; Heitz 2014;
  PBRT 4, 9.6), sampled by visible normals (Heitz 2018, by the spherical caps of Dupuy and Benyoub 2023).
* What single scattering loses between the microfacets is given back by Turquin's factor ("Practical
  multiple scattering compensation for microfacet models", 2019).
* Diffuse gets what the specular lobe leaves over at this angle: 1 - E(cos_o). With white everywhere
  the two sum to 1, so a white furnace stays white.

E, the specular lobe's albedo, is linear in F0 and F90 and comes from ``ggx``: (ROUGHNESSES, COSINES, 2)
float32, see ``albedo_table``.

The lobes of one hit are a tuple of 14 float32: diffuse rgb, F0 rgb, F90 rgb, compensation rgb, alpha, and
the probability of sampling the specular lobe.
"""

from __future__ import annotations

import math

import numpy as np

from node_agent.kernels.pathtracer.geometry import (
    INV_PI,
    ONE,
    PI,
    TWO,
    TWO_PI,
    ZERO,
    dot,
    luminance,
    normalised,
    root,
)
from node_agent.kernels.pathtracer.jit import shared

F = np.float32
U = np.uint32

ROUGHNESSES, COSINES = 16, 32
SMALLEST_ALPHA = np.float32(1e-3)
"""Roughness 0.03: smoother is a mirror to the eye, and float32 keeps some precision around the peak."""
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
    phi = TWO_PI * u0
    z = (ONE - u1) * (ONE + s[2]) - s[2]
    sine = root(ONE - z * z)
    x = sine * F(math.cos(phi)) + s[0]
    y = sine * F(math.sin(phi)) + s[1]
    return normalised((x * alpha, y * alpha, max(z + s[2], ZERO)))


@shared
def schlick(cosine):
    """(1 - cosine)^5: how far Fresnel has gone from F0 to F90."""
    m = min(max(ONE - cosine, ZERO), ONE)
    return m * m * m * m * m


@shared
def specular_albedo(ggx, roughness, cosine):
    """(A, B): the specular lobe reflects F0 A + F90 B of the light from ``cosine``, before compensation."""
    x = min(max(cosine, ZERO), ONE) * F(COSINES - 1)
    y = min(max(roughness, ZERO), ONE) * F(ROUGHNESSES - 1)
    i, j = U(min(U(x), U(COSINES - 2))), U(min(U(y), U(ROUGHNESSES - 2)))
    fx, fy = x - F(i), y - F(j)
    a, b = ZERO, ZERO
    for corner in range(4):
        right, above = U(corner & 1), U(corner >> 1)
        weight = (fx if right else ONE - fx) * (fy if above else ONE - fy)
        a += weight * ggx[U(j + above), U(i + right), 0]
        b += weight * ggx[U(j + above), U(i + right), 1]
    return a, b


@shared
def lobes_of(ggx, base, metallic, roughness, ior, specular, use_specular, cosine):
    """The lobes of a surface seen at ``cosine``: UsdPreviewSurface's two workflows."""
    if use_specular:
        diffuse, f0, f90 = base, specular, (ONE, ONE, ONE)
    else:
        r = (ONE - ior) / (ONE + ior)
        keep = ONE - metallic
        f90 = (
            keep + metallic * base[0],
            keep + metallic * base[1],
            keep + metallic * base[2],
        )
        dielectric = keep * r * r
        f0 = (
            dielectric + metallic * base[0],
            dielectric + metallic * base[1],
            dielectric + metallic * base[2],
        )
        diffuse = (base[0] * keep, base[1] * keep, base[2] * keep)
    a, b = specular_albedo(ggx, roughness, cosine)
    lost = (ONE - a - b) / max(a + b, F(1e-3))
    boost = (ONE + f0[0] * lost, ONE + f0[1] * lost, ONE + f0[2] * lost)
    # What the specular lobe leaves: by its brightest channel, so that no tint is made up.
    reflected = max(
        max((f0[0] * a + f90[0] * b) * boost[0], (f0[1] * a + f90[1] * b) * boost[1]),
        (f0[2] * a + f90[2] * b) * boost[2],
    )
    keep = max(ONE - reflected, ZERO)
    diffuse = (diffuse[0] * keep, diffuse[1] * keep, diffuse[2] * keep)
    matt = luminance(diffuse)
    p_specular = reflected / max(reflected + matt, F(1e-6))
    # Both lobes cover the hemisphere, so each is tried now and then wherever it has any energy.
    p_specular = min(max(p_specular, F(0.1)), F(0.9)) if matt > ZERO else ONE
    alpha = max(roughness * roughness, SMALLEST_ALPHA)
    return diffuse + f0 + f90 + boost + (alpha, p_specular)


@shared
def evaluate(lobes, wo, wi):
    """(r, g, b, pdf): the BSDF times the cosine of wi, and the density by which ``sample`` picks wi."""
    if wo[2] <= ZERO or wi[2] <= ZERO:
        return (ZERO, ZERO, ZERO, ZERO)
    alpha, p_specular = lobes[12], lobes[13]
    h = normalised((wo[0] + wi[0], wo[1] + wi[1], wo[2] + wi[2]))
    lambda_o = smith_lambda(wo, alpha)
    # Walter et al. 2007, eq. 20, with the cosine of wi: F D G2 / (4 cos_o).
    peak = ggx_density(h, alpha) / (F(4.0) * wo[2])
    both = peak / (ONE + lambda_o + smith_lambda(wi, alpha))
    s = schlick(dot(wo, h))
    matt = wi[2] * INV_PI
    pdf = p_specular * peak / (ONE + lambda_o) + (ONE - p_specular) * matt
    return (
        lobes[0] * matt + (lobes[3] + (lobes[6] - lobes[3]) * s) * lobes[9] * both,
        lobes[1] * matt + (lobes[4] + (lobes[7] - lobes[4]) * s) * lobes[10] * both,
        lobes[2] * matt + (lobes[5] + (lobes[8] - lobes[5]) * s) * lobes[11] * both,
        pdf,
    )


@shared
def sample(lobes, wo, u0, u1):
    """A direction wi for ``evaluate``; below the surface where the sample is lost."""
    p_specular = lobes[13]
    if u0 < p_specular:
        h = visible_normal(wo, lobes[12], u0 / p_specular, u1)
        k = TWO * dot(wo, h)
        return (k * h[0] - wo[0], k * h[1] - wo[1], k * h[2] - wo[2])
    # A cosine-weighted direction (PBRT 4, 9.2): a disk, lifted (Malley).
    phi = TWO_PI * (u0 - p_specular) / (ONE - p_specular)
    r = root(u1)
    return (r * F(math.cos(phi)), r * F(math.sin(phi)), root(ONE - u1))
