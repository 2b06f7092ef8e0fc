"""How a surface scatters: UsdPreviewSurface's diffuse and specular lobes, with energy kept.

All directions are unit vectors in the frame of the shading normal (z), pointing away from the surface.

* Diffuse: Lambert (PBRT 4, 9.2).
* Specular: GGX with the height-correlated Smith term and Schlick's Fresnel (Walter et al. 2007; Heitz 2014;
  PBRT 4, 9.6), sampled by visible normals (Heitz 2018, by the spherical caps of Dupuy and Benyoub 2023).
* What single scattering loses between the microfacets is given back by Turquin's factor ("Practical
  multiple scattering compensation for microfacet models", 2019), with Fresnel's part as Fdez-Agueera has it ("A
  Multiple-Scattering Microfacet Model for Real-Time Image-based Lighting", 2019).
* What has an index of refraction of 1, or F0 = 0 in the specular workflow, has no interface: it is matt, without
  the white rim that Schlick's formula alone would give it.
* Diffuse gets what the specular lobe leaves over at this angle: 1 - E(cos_o). With white everywhere
  the two sum to 1, so a white furnace stays white.

E, the specular lobe's albedo, is linear in F0 and F90: A and B of it come from a table in ``floats`` from
AT_GGX on, (ROUGHNESSES, COSINES, 2), see ``albedo_table``; glass has a table of its own behind it, from
AT_GLASS on, (GLASS_INDICES, ROUGHNESSES, GLASS_COSINES).

* A clear coat is a dielectric lobe on top, which leaves 1 - E(cos_o) of the light to what lies below.
* A surface that lets light through is glass, see ``glass``, for as large a share of its paths, chosen by chance.

The lobes of one hit are (diffuse rgb, F0 rgb, F90 rgb, compensation rgb, alpha, the probability of sampling
the specular lobe, the coat's strength, its alpha). Of glass: (tint, (eta, 0, 0), (a random number left over,
0, 0), (compensation, 0, 0), alpha, SOLID or THIN, ...). A GPU has no register for a number more.
"""

from __future__ import annotations

import numpy as np

from node_agent.kernels.pathtracer.arrays import AT_GGX
from node_agent.kernels.pathtracer.geometry import (
    BLACK,
    HALF,
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

ROUGHNESSES, COSINES = 24, 32
GLASS_INDICES, GLASS_COSINES = 17, 16
AT_GLASS = AT_GGX + ROUGHNESSES * COSINES * 2
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
def between(floats, at, share):
    """A table's value between the places ``at`` and the next."""
    low = floats[U(at)]
    return low + share * (floats[U(at + 1)] - low)


@shared
def specular_albedo(floats, roughness, cosine):
    """(A, B): the specular lobe reflects F0 A + F90 B of the light from ``cosine``, before compensation."""
    x = root(min(max(cosine, ZERO), ONE)) * F(COSINES - 1)
    y = root(min(max(roughness, ZERO), ONE)) * F(ROUGHNESSES - 1)
    i, j = min(int(x), COSINES - 2), min(int(y), ROUGHNESSES - 2)
    fx, fy = x - F(i), y - F(j)
    low = U(AT_GGX + (j * COSINES + i) * 2)
    high = U(low + U(COSINES * 2))
    # Each vec3 reads A, B of one cosine, and A of the next.
    near = along(scaled(vec3(floats, low), ONE - fy), vec3(floats, high), fy)
    next_ = along(scaled(vec3(floats, low + 2), ONE - fy), vec3(floats, high + 2), fy)
    return near[0] + fx * (next_[0] - near[0]), near[1] + fx * (next_[1] - near[1])


@shared
def glass_boost(floats, roughness, eta, cosine):
    """1 / E of solid glass seen at ``cosine``: its compensation."""
    x = root(min(max(cosine, ZERO), ONE)) * F(GLASS_COSINES - 1)
    y = root(min(max(roughness, ZERO), ONE)) * F(ROUGHNESSES - 1)
    z = min(max((eta - ONE) / (eta + ONE) + HALF, ZERO), ONE) * F(GLASS_INDICES - 1)
    i, j, k = (
        min(int(x), GLASS_COSINES - 2),
        min(int(y), ROUGHNESSES - 2),
        min(int(z), GLASS_INDICES - 2),
    )
    fx, fy, fz = x - F(i), y - F(j), z - F(k)
    at = U(AT_GLASS + (k * ROUGHNESSES + j) * GLASS_COSINES + i)
    up = U(at + U(ROUGHNESSES * GLASS_COSINES))
    near, far = between(floats, at, fx), between(floats, at + U(GLASS_COSINES), fx)
    low = near + fy * (far - near)
    near, far = between(floats, up, fx), between(floats, up + U(GLASS_COSINES), fx)
    return low + fz * (near + fy * (far - near) - low)


@shared
def glass_of(floats, base, roughness, ior, thin, cosine, chance):
    """The lobes of glass seen at ``cosine``; ``ior`` is that behind the surface by that in front."""
    alpha = max(roughness * roughness, SMALLEST_ALPHA)
    if thin or abs(ior - ONE) < F(1e-3):
        kind = THIN
        a, b = specular_albedo(floats, roughness, cosine)
        boost = ONE / max(a + b, F(1e-3))
    else:
        kind = SOLID
        boost = glass_boost(floats, roughness, ior, cosine)
    lobe = (chance, ZERO, ZERO), (boost, ZERO, ZERO)
    return base, (ior, ZERO, ZERO), lobe[0], lobe[1], alpha, kind, ZERO, alpha


@shared
def lobes_of(floats, base, metallic, roughness, ior, specular, use_specular, coat, cosine):
    """The lobes of a surface seen at ``cosine``: UsdPreviewSurface's two workflows. ``coat``: strength and
    roughness of a clear one."""
    a, b = specular_albedo(floats, roughness, cosine)
    lost = (ONE - a - b) / max(a + b, F(1e-3))
    rim = ONE if largest(specular) > ZERO else ZERO
    diffuse, f0, f90 = base, specular, scaled(WHITE, rim)
    boost = along(WHITE, f0, lost)
    single = along(scaled(f0, a), f90, b)
    coated = reflected = largest(times(single, boost))
    if not use_specular:
        r = (ONE - ior) / (ONE + ior)
        r, rim = r * r, ZERO if r == ZERO else ONE
        tint = scaled(base, metallic)
        f90 = along(tint, WHITE, (ONE - metallic) * rim)
        f0 = along(tint, WHITE, (ONE - metallic) * r)
        diffuse = scaled(base, ONE - metallic)
        # What goes to and fro between the microfacets grows with the square of F0: of a half metal it is the
        # mean of a metal's and a dielectric's, not that of one in the middle.
        coated = (r * a + b * rim) * (ONE + r * lost)
        both = scaled(times(tint, along(WHITE, base, lost)), a + b)
        both = along(both, WHITE, (ONE - metallic) * coated)
        single = along(scaled(f0, a), f90, b)
        boost = (
            both[0] / max(single[0], F(1e-6)),
            both[1] / max(single[1], F(1e-6)),
            both[2] / max(single[2], F(1e-6)),
        )
        reflected = largest(both)
    # What the lobe over the diffuse part leaves: of a half metal that is the dielectric half's alone. By
    # its brightest channel, so that no tint is made up.
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
        f, pdf = glass_evaluate(p_specular, f0[0], alpha, diffuse, wo, wi)
        return scaled(f, boost[0]), pdf
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
