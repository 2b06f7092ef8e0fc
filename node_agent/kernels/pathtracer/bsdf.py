"""How a surface scatters: UsdPreviewSurface's diffuse and specular lobes, with energy kept.

All directions are unit vectors in the frame of the shading normal (z), pointing away from the surface.

* Diffuse: Lambert (PBRT 4, 9.2).
* Specular: GGX with the height-correlated Smith term and Schlick's Fresnel (Walter et al. 2007; Heitz 2014;
  PBRT 4, 9.6), sampled by visible normals (Heitz 2018, by the spherical caps of Dupuy and Benyoub 2023).
* What single scattering loses between the microfacets is given back by Turquin's factor ("Practical
  multiple scattering compensation for microfacet models", 2019).
* What has an index of refraction of 1, or F0 = 0 in the specular workflow, has no interface: it is matt, without
  the white rim that Schlick's formula alone would give it.
* Diffuse gets what the specular lobe leaves over at this angle: 1 - E(cos_o). With white everywhere
  the two sum to 1, so a white furnace stays white.

E, the specular lobe's albedo, is linear in F0 and F90: A and B of it come from a table in ``floats`` from
AT_GGX on, (ROUGHNESSES, COSINES, 2), see ``albedo_table``.

* A clear coat is a dielectric lobe on top, which leaves 1 - E(cos_o) of the light to what lies below.
* A surface that lets light through is glass, see ``glass``, for as large a share of its paths, chosen by chance.

The lobes of one hit are (diffuse rgb, F0 rgb, F90 rgb, compensation rgb, alpha, the probability of sampling
the specular lobe, the coat's strength, its alpha). Of glass: (tint, (eta, 0, 0), (a random number left over,
0, 0), ..., alpha, SOLID or THIN, ...). A GPU has no register for a number more.
"""

from __future__ import annotations

import numpy as np

from node_agent.kernels.pathtracer.arrays import AT_GGX
from node_agent.kernels.pathtracer.geometry import (
    BLACK,
    INV_PI,
    ONE,
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
from node_agent.kernels.pathtracer.glass import SOLID, THIN, glass_evaluate, glass_sample, mirrored
from node_agent.kernels.pathtracer.jit import shared
from node_agent.kernels.pathtracer.microfacets import ggx_density, smith_lambda, visible_normal

F = np.float32
U = np.uint32

ROUGHNESSES, COSINES = 16, 32
SMALLEST_ALPHA = np.float32(1e-3)
"""Roughness 0.03: smoother is a mirror to the eye, and float32 keeps some precision around the peak."""
COAT_F0 = np.float32(0.04)
"""Of a clear coat, which has an index of refraction of 1.5."""
COAT_SHARE = np.float32(0.25)
"""Of the directions that are sampled, by the coat where there is one."""
BELOW_ONE = np.float32(1.0 - 2.0**-24)


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
def glass_of(base, roughness, ior, thin, chance):
    """The lobes of glass; ``ior`` is that behind the surface by that in front."""
    kind = THIN if thin or abs(ior - ONE) < F(1e-3) else SOLID
    alpha = max(roughness * roughness, SMALLEST_ALPHA)
    return base, (ior, ZERO, ZERO), (chance, ZERO, ZERO), WHITE, alpha, kind, ZERO, alpha


@shared
def lobes_of(floats, base, metallic, roughness, ior, specular, use_specular, coat, cosine):
    """The lobes of a surface seen at ``cosine``: UsdPreviewSurface's two workflows. ``coat``: strength and
    roughness of a clear one."""
    diffuse, f0, f90, under = base, specular, WHITE, specular
    rim = ONE if largest(specular) > ZERO else ZERO
    if not use_specular:
        r = (ONE - ior) / (ONE + ior)
        tint = scaled(base, metallic)
        rim = ZERO if r == ZERO else ONE
        f90 = along(tint, WHITE, (ONE - metallic) * rim)
        f0 = along(tint, WHITE, (ONE - metallic) * r * r)
        diffuse, under = scaled(base, ONE - metallic), scaled(WHITE, r * r)
    else:
        f90 = scaled(WHITE, rim)
    a, b = specular_albedo(floats, roughness, cosine)
    lost = (ONE - a - b) / max(a + b, F(1e-3))
    boost = along(WHITE, f0, lost)
    reflected = largest(times(along(scaled(f0, a), f90, b), boost))
    # What the coat over the diffuse part leaves: of a half metal that is the dielectric half's alone. By
    # its brightest channel, so that no tint is made up.
    coated = largest(times(along(scaled(under, a), WHITE, b * rim), along(WHITE, under, lost)))
    diffuse = scaled(diffuse, max(ONE - coated, ZERO))
    matt = luminance(diffuse)
    # Both lobes cover the hemisphere, so each is tried now and then wherever it has any energy.
    p_specular = reflected / max(reflected + matt, F(1e-6))
    if not matt > ZERO:
        p_specular = ONE
    elif reflected > ZERO:
        p_specular = min(max(p_specular, F(0.1)), F(0.9))
    alpha = max(roughness * roughness, SMALLEST_ALPHA)
    coat_alpha = alpha
    if coat[0] > ZERO:
        a, b = specular_albedo(floats, coat[1], cosine)
        shine = coat[0] * (COAT_F0 * a + b)
        coat_alpha = max(coat[1] * coat[1], SMALLEST_ALPHA)
        diffuse, boost = scaled(diffuse, ONE - shine), scaled(boost, ONE - shine)
    return diffuse, f0, f90, boost, alpha, p_specular, coat[0], coat_alpha


@shared
def with_coat(lobes, h, wo, wi, below):
    """``below``, (rgb, pdf), with the clear coat above it."""
    alpha = lobes[7]
    lambda_o = smith_lambda(wo, alpha)
    peak = ggx_density(h, alpha) / (F(4.0) * wo[2])
    s = schlick(dot(wo, h))
    shine = lobes[6] * (COAT_F0 + (ONE - COAT_F0) * s)
    shine *= peak / (ONE + lambda_o + smith_lambda(wi, alpha))
    pdf = COAT_SHARE * peak / (ONE + lambda_o) + (ONE - COAT_SHARE) * below[1]
    return along(below[0], WHITE, shine), pdf


@shared
def evaluate(lobes, wo, wi):
    """(rgb, pdf): the BSDF times the cosine of wi, and the density by which ``sample`` picks wi."""
    diffuse, f0, f90, boost, alpha, p_specular = lobes[:6]
    if p_specular < ZERO:
        return glass_evaluate(p_specular, f0[0], alpha, diffuse, wo, wi)
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
    found = (along(scaled(diffuse, matt), specular, both), pdf)
    return with_coat(lobes, h, wo, wi, found) if lobes[6] > ZERO else found


@shared
def sample(lobes, wo, u0, u1):
    """A direction wi for ``evaluate``; where the sample is lost, one below the surface of what is no glass, or
    the zero vector."""
    alpha, p_specular = lobes[4], lobes[5]
    if p_specular < ZERO:
        return glass_sample(p_specular, lobes[1][0], alpha, wo, (u0, u1), lobes[2][0])
    if lobes[6] > ZERO:
        if u0 < COAT_SHARE:
            return mirrored(wo, visible_normal(wo, lobes[7], u0 / COAT_SHARE, u1))
        u0 = min((u0 - COAT_SHARE) / (ONE - COAT_SHARE), BELOW_ONE)
    if u0 < p_specular:
        return mirrored(wo, visible_normal(wo, alpha, u0 / p_specular, u1))
    # A cosine-weighted direction (PBRT 4, 9.2): a disk, lifted (Malley).
    p = on_circle(root(u1), (u0 - p_specular) / (ONE - p_specular))
    return (p[0], p[1], root(ONE - u1))
