"""Lights: picking one, sampling a direction to it, and what a ray that meets one by itself receives.

A light with a shape of its own (rectangle, disk, sphere, distant, dome) is seen by every ray and stops
none: what lies behind a rectangle light is lit through it. Emissive triangles are ordinary geometry.
Rectangles and disks emit on the side of their normal, spheres outwards, triangles on both sides.

``sample_light`` returns (wi, distance, radiance, pdf): pdf per solid angle, without the chance that the
light was picked; DELTA for a light of zero size. PBRT 4, 12.1 to 12.6.
"""

from __future__ import annotations

import numpy as np

from node_agent.kernels.pathtracer.arrays import (
    AT_LIGHT_CDF,
    AT_LIGHT_IDS,
    AT_LIGHT_LINKS,
    AT_LIGHT_NODES,
    AT_LIGHTS,
    AT_PICKS,
    AT_SEEN_LINKS,
    AT_SEEN_NODES,
    AT_TRI_IDS,
    KIND,
    LIGHT_CHANCE,
    LIGHT_COLUMNS,
    LIGHT_GROUP,
    LIGHT_IDS_WIDTH,
    LIGHT_NODE,
    LIGHT_PRIM,
    LIGHT_RADIANCE,
    MIS,
    N_ANALYTIC,
    N_LIGHTS,
    N_LOOPED,
    N_PICKS,
    N_SEEN_NODES,
    ONLY_LIGHTS,
    STRATEGY,
    TRI_IDS_WIDTH,
    TRI_MATERIAL,
)
from node_agent.kernels.pathtracer.geometry import (
    BLACK,
    FAR,
    ONE,
    TWO,
    TWO_PI,
    ZERO,
    along,
    dot,
    hit_point,
    hit_uv,
    on_circle,
    root,
    scaled,
    to_world,
    vec3,
)
from node_agent.kernels.pathtracer.jit import shared
from node_agent.kernels.pathtracer.light_tree import chance_of_leaf, next_met, picked
from node_agent.kernels.pathtracer.scene import (
    LIGHT_DISK,
    LIGHT_DISTANT,
    LIGHT_DOME,
    LIGHT_SPHERE,
    LIGHT_TRIANGLE,
)
from node_agent.kernels.pathtracer.sky import sky_sample, sky_seen
from node_agent.kernels.pathtracer.surface import emission_at, presence_at
from node_agent.kernels.pathtracer.tables import pick
from node_agent.kernels.pathtracer.traverse import reciprocal

F = np.float32
U = np.uint32

DELTA = np.float32(-1.0)
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
def emitter_weight(strategy, bsdf_pdf, light_pdf):
    """The weight of light that a ray met by itself; ``bsdf_pdf`` may be UNWEIGHTED."""
    if bsdf_pdf == UNWEIGHTED:
        return ONE
    return ZERO if strategy == ONLY_LIGHTS else mis_weight(strategy, bsdf_pdf, light_pdf)


@shared
def pick_light(tables, p, n, u):
    """(light, chance, u): a light for a surface at p with unit normal n (zero: none), and the random number made new;
    light -1 where none can reach it."""
    ints = tables.ints
    entry, chance, u = pick(tables.floats, ints[AT_LIGHT_CDF] + 0, ints[N_PICKS], u)
    light = ints[U(ints[AT_PICKS] + entry)] + 0
    if light >= 0:
        return light, chance, u
    light, share, u = picked(tables, ints[AT_LIGHT_NODES] + 0, ints[AT_LIGHT_LINKS] + 0, p, n, u)
    return light, chance * share, u


@shared
def towards(p, q):
    """(direction, squared distance) from p to q."""
    to = along(q, p, -ONE)
    distance2 = dot(to, to)
    return scaled(to, ONE / root(distance2)), distance2


@shared
def plane_sample(floats, at, kind, p, u0, u1):
    """A point of a rectangle or a disk, uniform over its area (PBRT 4, 6.3, 6.5)."""
    a = (TWO * u0 - ONE, TWO * u1 - ONE, ZERO)
    if kind == LIGHT_DISK:
        a = on_circle(root(u1), u0)
    q = along(along(vec3(floats, at), vec3(floats, at + 3), a[0]), vec3(floats, at + 6), a[1])
    wi, distance2 = towards(p, q)
    cosine = -dot(wi, vec3(floats, at + 9))
    if not cosine > ZERO:
        return NOTHING
    pdf = distance2 / (cosine * floats[U(at + 12)])
    return wi, root(distance2), vec3(floats, at + LIGHT_RADIANCE), pdf


@shared
def plane_hit(floats, at, kind, o, d):
    """(t, pdf) where a ray meets a rectangle or disk from its front; t is FAR where it does not."""
    n = vec3(floats, at + 9)
    cosine = -dot(d, n)
    if not cosine > ZERO:
        return FAR, ZERO
    to = along(o, vec3(floats, at), -ONE)
    t = dot(to, n) / cosine
    q = along(to, d, t)
    edge_u, edge_v = vec3(floats, at + 3), vec3(floats, at + 6)
    a, b = dot(q, edge_u) / dot(edge_u, edge_u), dot(q, edge_v) / dot(edge_v, edge_v)
    size = a * a + b * b if kind == LIGHT_DISK else max(abs(a), abs(b))
    if not size <= ONE:
        return FAR, ZERO
    return t, t * t / (cosine * floats[U(at + 12)])


@shared
def cone_direction(axis, one_minus_cosine, u0, u1):
    """A direction uniform in a cone (PBRT 4, A.5.4), from 1 - cos so that a narrow one keeps its digits."""
    drop = u0 * one_minus_cosine
    p = on_circle(root(drop * (TWO - drop)), u1)
    return to_world((p[0], p[1], ONE - drop), axis)


@shared
def sphere_cone(floats, at, p):
    """(direction, 1 - cos): the cone that a sphere fills as seen from p; 0 from inside (PBRT 4, 6.2.4)."""
    axis, distance2 = towards(p, vec3(floats, at))
    sine2 = floats[U(at + 3)] * floats[U(at + 3)] / distance2
    return axis, sine2 / (ONE + root(ONE - sine2)) if sine2 < ONE else ZERO


@shared
def sphere_distance(floats, at, o, d):
    """Where a ray enters a sphere, or FAR."""
    to = along(vec3(floats, at), o, -ONE)
    middle = dot(to, d)
    off = along(to, d, -middle)
    inside2 = floats[U(at + 3)] * floats[U(at + 3)] - dot(off, off)
    return middle - root(inside2) if inside2 >= ZERO and middle > ZERO else FAR


@shared
def sphere_sample(floats, at, p, u0, u1):
    """A direction uniform in the cone that a sphere fills."""
    axis, one_minus_cosine = sphere_cone(floats, at, p)
    if not one_minus_cosine > ZERO:
        return NOTHING
    wi = cone_direction(axis, one_minus_cosine, u0, u1)
    t = sphere_distance(floats, at, p, wi)
    if not t < FAR:  # the rim, by a rounding error
        return NOTHING
    return wi, max(t, ZERO), vec3(floats, at + LIGHT_RADIANCE), ONE / (TWO_PI * one_minus_cosine)


@shared
def sphere_hit(floats, at, o, d):
    """(t, pdf) where a ray meets a sphere from outside; t is FAR where it does not."""
    _, one_minus_cosine = sphere_cone(floats, at, o)
    if not one_minus_cosine > ZERO:
        return FAR, ZERO
    return sphere_distance(floats, at, o, d), ONE / (TWO_PI * one_minus_cosine)


@shared
def distant_sample(floats, at, u0, u1):
    """A direction to a distant light: its own, or one in its cone."""
    axis, radiance = vec3(floats, at), vec3(floats, at + LIGHT_RADIANCE)
    one_minus_cosine = ONE - floats[U(at + 3)]
    if one_minus_cosine <= ZERO:
        return axis, FAR, radiance, DELTA
    wi = cone_direction(axis, one_minus_cosine, u0, u1)
    return wi, FAR, radiance, ONE / (TWO_PI * one_minus_cosine)


@shared
def distant_pdf(floats, at, d):
    """The density of world direction d by ``distant_sample``; 0 outside the cone."""
    one_minus_cosine = ONE - floats[U(at + 3)]
    inside = one_minus_cosine > ZERO and ONE - dot(d, vec3(floats, at)) <= one_minus_cosine
    return ONE / (TWO_PI * one_minus_cosine) if inside else ZERO


@shared
def triangle_sample(tables, at, number, p, u0, u1):
    """A point of an emissive triangle, uniform over its area (PBRT 4, 6.5.2)."""
    r = root(u0)
    u, v = r * (ONE - u1), r * u1
    floats = tables.floats
    q, normal = hit_point(vec3(floats, at), vec3(floats, at + 3), vec3(floats, at + 6), u, v)
    wi, distance2 = towards(p, q)
    # The normal's length is twice the area, so this product is 2 area cos.
    facing = abs(dot(wi, normal))
    if not facing > ZERO:
        return NOTHING
    material = tables.ints[U(tables.ints[AT_TRI_IDS] + number * TRI_IDS_WIDTH + TRI_MATERIAL)]
    uv = hit_uv(tables, number, u, v)
    radiance = scaled(emission_at(tables, material, uv), presence_at(tables, material, uv))
    return wi, root(distance2), radiance, TWO * distance2 / facing


@shared
def sample_light(tables, light, p, u0, u1):
    """(wi, distance, radiance, pdf) from point p to a light; see the module."""
    floats, ints = tables.floats, tables.ints
    if light < 0:
        return NOTHING
    at, ids = ints[AT_LIGHTS] + light * LIGHT_COLUMNS, ints[AT_LIGHT_IDS] + light * LIGHT_IDS_WIDTH
    kind = ints[U(ids + KIND)]
    if kind == LIGHT_TRIANGLE:
        return triangle_sample(tables, at, ints[U(ids + LIGHT_PRIM)], p, u0, u1)
    if kind == LIGHT_SPHERE:
        return sphere_sample(floats, at, p, u0, u1)
    if kind == LIGHT_DISTANT:
        return distant_sample(floats, at, u0, u1)
    if kind == LIGHT_DOME:
        wi = sky_sample(tables, at, ids, u0, u1)
        radiance, pdf = sky_seen(tables, at, ids, wi)
        return wi, FAR, radiance, pdf
    return plane_sample(floats, at, kind, p, u0, u1)


@shared
def light_seen(tables, light, o, d):
    """(t, radiance, pdf) where a ray meets a light with a shape of its own; pdf 0 where it does not.

    Distant lights and domes are met at FAR."""
    floats, ints = tables.floats, tables.ints
    at, ids = ints[AT_LIGHTS] + light * LIGHT_COLUMNS, ints[AT_LIGHT_IDS] + light * LIGHT_IDS_WIDTH
    kind = ints[U(ids + KIND)]
    if kind == LIGHT_DOME:
        radiance, pdf = sky_seen(tables, at, ids, d)
        return FAR, radiance, pdf
    radiance = vec3(floats, at + LIGHT_RADIANCE)
    if kind == LIGHT_DISTANT:
        pdf = distant_pdf(floats, at, d)
        return FAR, scaled(radiance, ONE if pdf > ZERO else ZERO), pdf
    if kind == LIGHT_SPHERE:
        t, pdf = sphere_hit(floats, at, o, d)
    else:
        t, pdf = plane_hit(floats, at, kind, o, d)
    return t, scaled(radiance, ONE if t < FAR else ZERO), pdf


@shared
def light_met(tables, light, ray, n, bsdf_pdf):
    """What a ray (origin, direction, t_min, t_max) gathers from one light, if it meets that in (t_min, t_max],
    weighted against ``sample_light``. ``t_max`` FAR means that nothing stopped it; ``n``: see ``light_chance``."""
    o, d, t_min, t_max = ray
    t, radiance, pdf = light_seen(tables, light, o, d)
    if not (t > t_min and t <= t_max):
        return BLACK
    if bsdf_pdf == UNWEIGHTED:
        return radiance
    pdf *= light_chance(tables, light, o, n)
    return scaled(radiance, emitter_weight(tables.ints[STRATEGY], bsdf_pdf, pdf))


@shared
def light_group(tables, light):
    """The number of a light's group."""
    return tables.ints[U(tables.ints[AT_LIGHT_IDS] + light * LIGHT_IDS_WIDTH + LIGHT_GROUP)]


@shared
def next_seen(tables, light, node, ray):
    """(light, node): the light with a shape of its own that follows, of those that a ray may meet; by what this gave
    before, at first (-1, 0). Light -1: there is none."""
    ints = tables.ints
    if light + 1 < ints[N_LOOPED]:
        return light + 1, node + 0
    o, d, _, t_max = ray
    count = ints[N_SEEN_NODES] + 0
    if node >= count:
        return -1, node + 0
    inverse = (reciprocal(d[0]), reciprocal(d[1]), reciprocal(d[2]))
    nodes, links = ints[AT_SEEN_NODES] + 0, ints[AT_SEEN_LINKS] + 0
    return next_met(tables, nodes, links, count, node + 0, o, inverse, t_max)


@shared
def light_chance(tables, light, p, n):
    """The chance that ``pick_light`` picks a light for the surface at p with unit normal n."""
    ints = tables.ints
    chance = tables.floats[U(ints[AT_LIGHTS] + light * LIGHT_COLUMNS + LIGHT_CHANCE)]
    leaf = ints[U(ints[AT_LIGHT_IDS] + light * LIGHT_IDS_WIDTH + LIGHT_NODE)]
    if leaf < 0:
        return chance
    nodes, links = ints[AT_LIGHT_NODES] + 0, ints[AT_LIGHT_LINKS] + 0
    return chance * chance_of_leaf(tables, nodes, links, leaf, p, n)


@shared
def light_of(tables, number):
    """The light that a triangle is, or -1; found by bisection, since few are."""
    ints = tables.ints
    low, high = ints[N_ANALYTIC], ints[N_LIGHTS]
    while low < high:
        middle = (low + high) >> 1
        if ints[U(ints[AT_LIGHT_IDS] + middle * LIGHT_IDS_WIDTH + LIGHT_PRIM)] < number:
            low = middle + 1
        else:
            high = middle
    if low >= ints[N_LIGHTS]:
        return -1
    here = ints[U(ints[AT_LIGHT_IDS] + low * LIGHT_IDS_WIDTH + LIGHT_PRIM)]
    return low if here == number else -1
