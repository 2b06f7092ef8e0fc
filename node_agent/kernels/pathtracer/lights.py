"""Lights: picking one, sampling a direction to it, and what a ray that meets one by itself receives.

A light with a shape of its own (rectangle, disk, sphere, distant, dome) is seen by every ray and stops
none: what lies behind a rectangle light is lit through it. Emissive triangles are ordinary geometry.
Rectangles and disks emit on the side of their normal, spheres outwards, triangles on both sides.

``sample_light`` returns (wi, distance, radiance, pdf): pdf per solid angle, without the chance that the
light was picked; DELTA for a light of zero size. PBRT 4, 12.1 to 12.6.
"""

from __future__ import annotations

import math

import numpy as np

from node_agent.kernels.pathtracer.arrays import (
    KIND,
    LIGHT_CHANCE,
    LIGHT_PRIM,
    LIGHT_RADIANCE,
    MIS,
    N_ANALYTIC,
    N_LIGHTS,
    ONLY_LIGHTS,
    STRATEGY,
    TRI_MATERIAL,
)
from node_agent.kernels.pathtracer.geometry import (
    FAR,
    ONE,
    TWO,
    TWO_PI,
    ZERO,
    along,
    corner_uv,
    dot,
    hit_point,
    root,
    row3,
    scaled,
    to_world,
)
from node_agent.kernels.pathtracer.jit import shared
from node_agent.kernels.pathtracer.scene import (
    LIGHT_DISK,
    LIGHT_DISTANT,
    LIGHT_DOME,
    LIGHT_SPHERE,
    LIGHT_TRIANGLE,
)
from node_agent.kernels.pathtracer.sky import sky_pdf, sky_radiance, sky_sample
from node_agent.kernels.pathtracer.surface import emission_at, presence_at
from node_agent.kernels.pathtracer.tables import search

F = np.float32
U = np.uint32

DELTA = np.float32(-1.0)
BLACK = (ZERO, ZERO, ZERO)
UP = (ZERO, ZERO, ONE)
NOTHING = (UP, ZERO, BLACK, ZERO)
"""A sample that is worth nothing."""
UNWEIGHTED = np.float32(-1.0)
"""In place of a density: the ray was not sampled from a BSDF, so that no other way leads to the light."""


@shared
def mis_weight(strategy, own, other):
    """Veach's power heuristic for the way of density ``own`` (PBRT 4, 2.2.3), written to survive infinity."""
    if strategy != MIS:
        return ONE
    ratio = other / own
    return ONE / (ONE + ratio * ratio)


@shared
def pick_light(scene, u):
    """(light, u): a light by its chance, and the random number made new."""
    n = scene.config[N_LIGHTS]
    light = search(scene.light_cdf, 0, n, u)
    below = scene.light_cdf[U(light - 1)] if light > 0 else ZERO
    return light, min(max((u - below) / scene.lights[light, LIGHT_CHANCE], ZERO), F(0.99999994))


@shared
def plane_sample(lights, light, kind, p, u0, u1):
    """A point of a rectangle or a disk, uniform over its area (PBRT 4, 6.3, 6.5)."""
    a, b = TWO * u0 - ONE, TWO * u1 - ONE
    if kind == LIGHT_DISK:
        phi, r = TWO_PI * u0, root(u1)
        a, b = r * F(math.cos(phi)), r * F(math.sin(phi))
    q = along(along(row3(lights, light, 0), row3(lights, light, 3), a), row3(lights, light, 6), b)
    to = along(q, p, -ONE)
    distance2 = dot(to, to)
    distance = root(distance2)
    wi = scaled(to, ONE / distance)
    cosine = -dot(wi, row3(lights, light, 9))
    if not cosine > ZERO:
        return NOTHING
    pdf = distance2 / (cosine * lights[light, 12])
    return wi, distance, row3(lights, light, LIGHT_RADIANCE), pdf


@shared
def plane_hit(lights, light, kind, o, d):
    """(t, pdf) where a ray meets a rectangle or disk from its front; t is FAR where it does not."""
    n = row3(lights, light, 9)
    cosine = -dot(d, n)
    if not cosine > ZERO:
        return FAR, ZERO
    centre = row3(lights, light, 0)
    t = dot(along(o, centre, -ONE), n) / cosine
    q = along(along(o, d, t), centre, -ONE)
    edge_u, edge_v = row3(lights, light, 3), row3(lights, light, 6)
    a, b = dot(q, edge_u) / dot(edge_u, edge_u), dot(q, edge_v) / dot(edge_v, edge_v)
    size = a * a + b * b if kind == LIGHT_DISK else max(abs(a), abs(b))
    if not size <= ONE:
        return FAR, ZERO
    return t, t * t / (cosine * lights[light, 12])


@shared
def cone_direction(axis, one_minus_cosine, u0, u1):
    """A direction uniform in a cone (PBRT 4, A.5.4), from 1 - cos so that a narrow one keeps its digits."""
    drop = u0 * one_minus_cosine
    sine = root(drop * (TWO - drop))
    phi = TWO_PI * u1
    return to_world((sine * F(math.cos(phi)), sine * F(math.sin(phi)), ONE - drop), axis)


@shared
def sphere_hit(lights, light, o, d):
    """(t, pdf) where a ray meets a sphere from outside (PBRT 4, 6.2.4); t is FAR where it does not."""
    radius2 = lights[light, 3] * lights[light, 3]
    to = along(row3(lights, light, 0), o, -ONE)
    middle = dot(to, d)
    off = along(to, d, -middle)
    inside2 = radius2 - dot(off, off)
    distance2 = dot(to, to)
    if inside2 < ZERO or middle <= ZERO or distance2 <= radius2:
        return FAR, ZERO
    sine2 = radius2 / distance2
    one_minus_cosine = sine2 / (ONE + root(ONE - sine2))
    return middle - root(inside2), ONE / (TWO_PI * one_minus_cosine)


@shared
def sphere_sample(lights, light, p, u0, u1):
    """A direction uniform in the cone that a sphere fills (PBRT 4, 6.2.4)."""
    radius = lights[light, 3]
    to = along(row3(lights, light, 0), p, -ONE)
    distance2 = dot(to, to)
    sine2 = radius * radius / distance2
    if not sine2 < ONE:
        return NOTHING
    one_minus_cosine = sine2 / (ONE + root(ONE - sine2))
    wi = cone_direction(scaled(to, ONE / root(distance2)), one_minus_cosine, u0, u1)
    middle = dot(to, wi)
    off = along(to, wi, -middle)
    t = middle - root(radius * radius - dot(off, off))
    pdf = ONE / (TWO_PI * one_minus_cosine)
    return wi, max(t, ZERO), row3(lights, light, LIGHT_RADIANCE), pdf


@shared
def distant_sample(lights, light, u0, u1):
    """A direction to a distant light: its own, or one in its cone."""
    axis = row3(lights, light, 0)
    radiance = row3(lights, light, LIGHT_RADIANCE)
    one_minus_cosine = ONE - lights[light, 3]
    if one_minus_cosine <= ZERO:
        return axis, FAR, radiance, DELTA
    wi = cone_direction(axis, one_minus_cosine, u0, u1)
    return wi, FAR, radiance, ONE / (TWO_PI * one_minus_cosine)


@shared
def triangle_sample(scene, light, p, u0, u1):
    """A point of an emissive triangle, uniform over its area (PBRT 4, 6.5.2)."""
    prim = U(scene.light_ids[light, LIGHT_PRIM])
    r = root(u0)
    u, v = r * (ONE - u1), r * u1
    q, normal = hit_point(scene.tris, prim, u, v)
    to = along(q, p, -ONE)
    distance2 = dot(to, to)
    distance = root(distance2)
    wi = scaled(to, ONE / distance)
    # The normal's length is twice the area, so this product is 2 area cos.
    facing = abs(dot(wi, normal))
    if not facing > ZERO:
        return NOTHING
    material = U(scene.tri_info[prim, TRI_MATERIAL])
    uv = corner_uv(scene.corners, prim, u, v)
    radiance = scaled(emission_at(scene, material, uv), presence_at(scene, material, uv))
    return wi, distance, radiance, TWO * distance2 / facing


@shared
def sample_light(scene, light, p, u0, u1):
    """(wi, distance, radiance, pdf) from point p to a light; see the module."""
    kind = scene.light_ids[light, KIND]
    if kind == LIGHT_TRIANGLE:
        return triangle_sample(scene, light, p, u0, u1)
    if kind == LIGHT_SPHERE:
        return sphere_sample(scene.lights, light, p, u0, u1)
    if kind == LIGHT_DISTANT:
        return distant_sample(scene.lights, light, u0, u1)
    if kind == LIGHT_DOME:
        wi, pdf = sky_sample(scene, light, u0, u1)
        return wi, FAR, sky_radiance(scene, light, wi), pdf
    return plane_sample(scene.lights, light, kind, p, u0, u1)


@shared
def light_hit(scene, light, o, d):
    """(t, radiance, pdf) where a ray meets a light with a shape of its own; nothing: radiance black.

    Distant lights and domes are met at FAR."""
    kind = scene.light_ids[light, KIND]
    if kind == LIGHT_DOME:
        return FAR, sky_radiance(scene, light, d), sky_pdf(scene, light, d)
    radiance = row3(scene.lights, light, LIGHT_RADIANCE)
    if kind == LIGHT_DISTANT:
        one_minus_cosine = ONE - scene.lights[light, 3]
        drop = ONE - dot(d, row3(scene.lights, light, 0))
        seen = one_minus_cosine > ZERO and drop <= one_minus_cosine
        return FAR, radiance if seen else BLACK, ONE / (TWO_PI * max(one_minus_cosine, F(1e-9)))
    if kind == LIGHT_SPHERE:
        t, pdf = sphere_hit(scene.lights, light, o, d)
    else:
        t, pdf = plane_hit(scene.lights, light, kind, o, d)
    return t, radiance if t < FAR else BLACK, pdf


@shared
def light_along(scene, o, d, t_min, t_max, bsdf_pdf):
    """What a ray gathers from the lights it meets in (t_min, t_max), weighted against ``sample_light``.

    ``t_max`` FAR means that nothing stopped it; ``bsdf_pdf`` may be UNWEIGHTED."""
    total = BLACK
    strategy = scene.config[STRATEGY]
    if strategy == ONLY_LIGHTS and bsdf_pdf != UNWEIGHTED:
        return total
    for i in range(scene.config[N_ANALYTIC]):
        light = U(i)
        t, radiance, pdf = light_hit(scene, light, o, d)
        if t <= t_min or t > t_max or radiance == BLACK:
            continue
        weight = ONE
        if bsdf_pdf != UNWEIGHTED:
            weight = mis_weight(strategy, bsdf_pdf, pdf * scene.lights[light, LIGHT_CHANCE])
        total = along(total, radiance, weight)
    return total
