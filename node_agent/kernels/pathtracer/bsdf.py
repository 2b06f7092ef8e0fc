"""How a surface scatters: UsdPreviewSurface's diffuse and specular lobes, with energy kept.

All directions are unit vectors in the frame of the shading normal (z), pointing away from the surface.

* Diffuse: Lambert (PBRT 4, 9.2).
* Specular: GGX with the height-correlated Smith term and Schlick's Fresnel (Walter et al. 2007; Heitz 2014;
  PBRT 4, 9.6), sampled by visible normals (Heitz 2018, by the spherical caps of Dupuy and Benyoub 2023).
* What single scattering loses between the microfacets is given back by Turquin's factor ("Practical
  multiple scattering compensation for microfacet models", 2019).
* Diffuse gets what the specular lobe leaves over at this angle: 1 - E(cos_o). With white everywhere
  the two sum to 1, so a white furnace stays white.

E, the specular lobe's albedo, is linear in F0 and F90: A and B of it come from a table in ``floats`` from
AT_GGX on, (ROUGHNESSES, COSINES, 2), see ``albedo_table``.

The lobes of one hit are (diffuse rgb, F0 rgb, F90 rgb, compensation rgb, alpha, the probability of sampling
the specular lobe).
"""

from __future__ import annotations

import numpy as np

from node_agent.kernels.pathtracer.arrays import AT_GGX
from node_agent.kernels.pathtracer.geometry import (
    BLACK,
    INV_PI,
    ONE,
    PI,
    TWO,
    WHITE,
    ZERO,
    along,
    dot,
    largest,
    luminance,
    normalised,
    on_circle,
    root,
    scaled,
    times,
    vec3,
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
    z = (ONE - u1) * (ONE + s[2]) - s[2]
    p = on_circle(root(ONE - z * z), u0)
    return normalised(((p[0] + s[0]) * alpha, (p[1] + s[1]) * alpha, max(z + s[2], ZERO)))


@shared
def schlick(cosine):
    """(1 - cosine)^5: how far Fresnel has gone from F0 to F90."""
    m = min(max(ONE - cosine, ZERO), ONE)
    return m * m * m * m * m


@shared
def specular_albedo(floats, roughness, cosine):
    """(A, B): the specular lobe reflects F0 A + F90 B of the light from ``cosine``, before compensation."""
    x = min(max(cosine, ZERO), ONE) * F(COSINES - 1)
    y = min(max(roughness, ZERO), ONE) * F(ROUGHNESSES - 1)
    i, j = min(int(x), COSINES - 2), min(int(y), ROUGHNESSES - 2)
    fx, fy = x - F(i), y - F(j)
    low = U(AT_GGX + (j * COSINES + i) * 2)
    high = U(low + U(COSINES * 2))
    # Each vec3 reads A, B of one cosine, and A of the next.
    near = along(scaled(vec3(floats, low), ONE - fy), vec3(floats, high), fy)
    next_ = along(scaled(vec3(floats, low + 2), ONE - fy), vec3(floats, high + 2), fy)
    return near[0] + fx * (next_[0] - near[0]), near[1] + fx * (next_[1] - near[1])


@shared
def lobes_of(floats, base, metallic, roughness, ior, specular, use_specular, cosine):
    """The lobes of a surface seen at ``cosine``: UsdPreviewSurface's two workflows."""
    diffuse, f0, f90, coat = base, specular, WHITE, specular
    if not use_specular:
        r = (ONE - ior) / (ONE + ior)
        tint = scaled(base, metallic)
        f90 = along(tint, WHITE, ONE - metallic)
        f0 = along(tint, WHITE, (ONE - metallic) * r * r)
        diffuse, coat = scaled(base, ONE - metallic), scaled(WHITE, r * r)
    a, b = specular_albedo(floats, roughness, cosine)
    lost = (ONE - a - b) / max(a + b, F(1e-3))
    boost = along(WHITE, f0, lost)
    reflected = largest(times(along(scaled(f0, a), f90, b), boost))
    # What the coat over the diffuse part leaves: of a half metal that is the dielectric half's alone. By
    # its brightest channel, so that no tint is made up.
    coated = largest(times(along(scaled(coat, a), WHITE, b), along(WHITE, coat, lost)))
    diffuse = scaled(diffuse, max(ONE - coated, ZERO))
    matt = luminance(diffuse)
    # Both lobes cover the hemisphere, so each is tried now and then wherever it has any energy.
    p_specular = reflected / max(reflected + matt, F(1e-6))
    p_specular = min(max(p_specular, F(0.1)), F(0.9)) if matt > ZERO else ONE
    alpha = max(roughness * roughness, SMALLEST_ALPHA)
    return diffuse, f0, f90, boost, alpha, p_specular


@shared
def evaluate(lobes, wo, wi):
    """(rgb, pdf): the BSDF times the cosine of wi, and the density by which ``sample`` picks wi."""
    diffuse, f0, f90, boost, alpha, p_specular = lobes
    if wo[2] <= ZERO or wi[2] <= ZERO:
        return BLACK, ZERO
    h = normalised(along(wo, wi, ONE))
    lambda_o = smith_lambda(wo, alpha)
    # Walter et al. 2007, eq. 20, with the cosine of wi: F D G2 / (4 cos_o).
    peak = ggx_density(h, alpha) / (F(4.0) * wo[2])
    both = peak / (ONE + lambda_o + smith_lambda(wi, alpha))
    s = schlick(dot(wo, h))
    matt = wi[2] * INV_PI
    specular = times(along(scaled(f0, ONE - s), f90, s), boost)
    pdf = p_specular * peak / (ONE + lambda_o) + (ONE - p_specular) * matt
    return along(scaled(diffuse, matt), specular, both), pdf


@shared
def sample(lobes, wo, u0, u1):
    """A direction wi for ``evaluate``; below the surface where the sample is lost."""
    alpha, p_specular = lobes[4], lobes[5]
    if u0 < p_specular:
        h = visible_normal(wo, alpha, u0 / p_specular, u1)
        return along(scaled(h, TWO * dot(wo, h)), wo, -ONE)
    # A cosine-weighted direction (PBRT 4, 9.2): a disk, lifted (Malley).
    p = on_circle(root(u1), (u0 - p_specular) / (ONE - p_specular))
    return (p[0], p[1], root(ONE - u1))
