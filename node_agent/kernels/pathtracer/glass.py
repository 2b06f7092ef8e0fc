"""Rough glass: what a dielectric with a microfacet surface reflects and lets through.

* Solid: Walter et al., "Microfacet Models for Refraction through Rough Surfaces", 2007, with GGX, sampled
  by visible normals; Fresnel's equations for a dielectric (PBRT 4, 9.3.5, 9.7). Light is not scaled by the
  square of the refractive index: what a path gains where it enters it loses where it leaves.
* Thin: two parallel faces, between which light goes to and fro: of R and T there come 2R / (1 + R) and the
  rest, which goes on straight, as far apart as the reflection is (PBRT 4, 9.5.1).

``eta``: the index behind the surface by that in front of it, as seen from wo. ``tint`` colours what passes.
What is lost between the microfacets ``bsdf.glass_boost`` gives back.
"""

from __future__ import annotations

import numpy as np

from node_agent.kernels.pathtracer.geometry import (
    BLACK,
    ONE,
    TWO,
    WHITE,
    ZERO,
    along,
    dot,
    normalised,
    root,
    scaled,
)
from node_agent.kernels.pathtracer.jit import shared
from node_agent.kernels.pathtracer.microfacets import ggx_density, smith_lambda, visible_normal

F = np.float32

SOLID, THIN = np.float32(-1.0), np.float32(-2.0)
"""In place of the probability of the specular lobe."""
FOUR = np.float32(4.0)


@shared
def fresnel(cosine, eta):
    """What a dielectric reflects of unpolarised light that comes at ``cosine`` (PBRT 4, 9.3.5)."""
    cosine = min(max(cosine, ZERO), ONE)
    sine2 = (ONE - cosine * cosine) / (eta * eta)
    if sine2 >= ONE:
        return ONE
    other = root(ONE - sine2)
    parallel = (eta * cosine - other) / (eta * cosine + other)
    square = (cosine - eta * other) / (cosine + eta * other)
    return (parallel * parallel + square * square) / TWO


@shared
def reflectance(cosine, eta, kind):
    """The share that is reflected, of a solid's face or a thin sheet."""
    r = fresnel(cosine, eta)
    return r if kind == SOLID else TWO * r / (ONE + r)


@shared
def mirrored(wo, h):
    """The reflection of wo by a microfacet."""
    return along(scaled(h, TWO * dot(wo, h)), wo, -ONE)


@shared
def glass_sample(kind, eta, alpha, wo, pair, chance):
    """A direction for ``glass_evaluate``; the zero vector where the sample is lost."""
    h = visible_normal(wo, alpha, pair[0], pair[1])
    cosine = dot(wo, h)
    wi = mirrored(wo, h)
    if chance < reflectance(cosine, eta, kind):
        return wi if wi[2] > ZERO else BLACK
    if kind == THIN:
        return (wi[0], wi[1], -wi[2]) if wi[2] > ZERO else BLACK
    inside2 = ONE - (ONE - cosine * cosine) / (eta * eta)
    if inside2 <= ZERO:
        return BLACK
    wi = along(scaled(wo, -ONE / eta), h, cosine / eta - root(inside2))
    return normalised(wi) if wi[2] < ZERO else BLACK


@shared
def glass_evaluate(kind, eta, alpha, tint, wo, wi):
    """(rgb, pdf): the BSDF times the cosine of wi, on either side, and the density of ``glass_sample``."""
    if wo[2] <= ZERO or wi[2] == ZERO:
        return BLACK, ZERO
    lambda_o = smith_lambda(wo, alpha)
    if wi[2] > ZERO or kind == THIN:
        up = (wi[0], wi[1], abs(wi[2]))
        h = normalised(along(wo, up, ONE))
        r = reflectance(dot(wo, h), eta, kind)
        share = r if wi[2] > ZERO else ONE - r
        peak = share * ggx_density(h, alpha) / (FOUR * wo[2])
        both = peak / (ONE + lambda_o + smith_lambda(up, alpha))
        return scaled(WHITE if wi[2] > ZERO else tint, both), peak / (ONE + lambda_o)
    h = normalised(along(wo, wi, eta))
    if h[2] < ZERO:
        h = scaled(h, -ONE)
    cosine, behind = dot(wo, h), dot(wi, h)
    if cosine <= ZERO or behind >= ZERO:
        return BLACK, ZERO
    root_ = behind + cosine / eta
    jacobian = -behind / max(root_ * root_, F(1e-12))
    share = ONE - fresnel(cosine, eta)
    peak = share * ggx_density(h, alpha) * cosine * jacobian / wo[2]
    below = (wi[0], wi[1], -wi[2])
    both = peak / (ONE + lambda_o + smith_lambda(below, alpha))
    return scaled(tint, both), peak / (ONE + lambda_o)
