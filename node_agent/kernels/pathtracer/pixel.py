"""One pixel's samples: the body that both launchers call.

A unidirectional path tracer with next-event estimation (PBRT 4, 13.4): at each vertex one light is sampled,
and the ray that goes on may meet a light by itself; the power heuristic weighs the two. Surfaces with an
opacity below 1 let a ray through by chance. ``max_depth`` counts the path's segments as Mitsuba does:
1 sees only what emits, 2 adds direct light, and so on.
"""

from __future__ import annotations

import math

import numpy as np

from node_agent.kernels.pathtracer.arrays import (
    CAM_FAR,
    CAM_FOCUS,
    CAM_LENS,
    CAM_NEAR,
    CAM_SHIFT_X,
    CAM_SHIFT_Y,
    CAM_TAN_X,
    CAM_TAN_Y,
    CLAMP,
    HEIGHT,
    LIGHT_CHANCE,
    MAX_DEPTH,
    N_LIGHTS,
    ONLY_BSDF,
    ONLY_LIGHTS,
    SEED,
    STRATEGY,
    TRANSPARENT,
    TRI_LIGHT,
    TRI_MATERIAL,
    WIDTH,
)
from node_agent.kernels.pathtracer.bsdf import evaluate, sample
from node_agent.kernels.pathtracer.film import add_sample
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
    normalised,
    ray_origin,
    root,
    scaled,
    times,
    to_local,
    to_world,
)
from node_agent.kernels.pathtracer.jit import shared
from node_agent.kernels.pathtracer.lights import (
    DELTA,
    UNWEIGHTED,
    light_along,
    mis_weight,
    pick_light,
    sample_light,
)
from node_agent.kernels.pathtracer.rng import (
    DIM_FILM,
    DIM_LENS,
    DIM_LIGHT,
    DIM_OPACITY,
    DIM_ROULETTE,
    DIM_SCATTER,
    DIMENSIONS_A_VERTEX,
    FIRST_VERTEX,
    draw,
    draw_pair,
    pixel_key,
    reverse_bits,
)
from node_agent.kernels.pathtracer.surface import (
    base_at,
    emission_at,
    lobes_at,
    presence_at,
    shading_normal,
)
from node_agent.kernels.pathtracer.traverse import NEAREST, NO_HIT, closest_hit

F = np.float32
U = np.uint32

PAST = np.float32(1.0 + 2.0**-19)
"""A ray that goes through a surface starts again this much farther along."""
SHORT = np.float32(1.0 - 2.0**-12)
"""A shadow ray ends this much before its light, which may be a triangle."""
MOST_LAYERS = 64
"""Transparent surfaces that one path or one shadow ray may cross."""
ROULETTE_BOUNCES = 3
"""Russian roulette begins after as many bounces."""
BLACK = (ZERO, ZERO, ZERO)


@shared
def camera_ray(camera, width, height, pixel, jitter, lens):
    """(origin, direction, t_min, t_max, cosine) through a pixel; a thin lens (PBRT 4, 5.2.3).

    ``cosine`` is to the camera's axis: distance times it is depth."""
    x = (F(pixel % width) + jitter[0]) / F(width) * TWO - ONE
    y = ONE - (F(pixel // width) + jitter[1]) / F(height) * TWO
    focus = camera[CAM_FOCUS]
    target = (
        (x + camera[CAM_SHIFT_X]) * camera[CAM_TAN_X] * focus,
        (y + camera[CAM_SHIFT_Y]) * camera[CAM_TAN_Y] * focus,
        -focus,
    )
    r, phi = camera[CAM_LENS] * root(lens[0]), TWO_PI * lens[1]
    start = (r * F(math.cos(phi)), r * F(math.sin(phi)), ZERO)
    d = normalised(along(target, start, -ONE))
    m = camera
    origin = (
        m[0] * start[0] + m[1] * start[1] + m[3],
        m[4] * start[0] + m[5] * start[1] + m[7],
        m[8] * start[0] + m[9] * start[1] + m[11],
    )
    direction = (
        m[0] * d[0] + m[1] * d[1] + m[2] * d[2],
        m[4] * d[0] + m[5] * d[1] + m[6] * d[2],
        m[8] * d[0] + m[9] * d[1] + m[10] * d[2],
    )
    cosine = -d[2]
    return (
        origin,
        normalised(direction),
        camera[CAM_NEAR] / cosine,
        camera[CAM_FAR] / cosine,
        cosine,
    )


@shared
def visibility(scene, stack, entries, o, d, distance):
    """The share of light, 0 to 1, that a ray of this length lets through."""
    left, t_min = ONE, ZERO
    opaque = scene.config[TRANSPARENT] == 0
    for _ in range(MOST_LAYERS):
        t, u, v, prim = closest_hit(
            scene.nodes, scene.links, scene.tris, stack, entries, o, d, t_min, distance, opaque
        )
        if prim == NO_HIT:
            return left
        if opaque:
            return ZERO
        p = U(prim)
        uv = corner_uv(scene.corners, p, u, v)
        left *= ONE - presence_at(scene, U(scene.tri_info[p, TRI_MATERIAL]), uv)
        if left <= ZERO:
            return ZERO
        t_min = t * PAST
    return ZERO


@shared
def direct_light(scene, stack, entries, p, normals, lobes, wo, random):
    """The light that one light, picked and sampled, sends by way of point p towards wo: next-event estimation."""
    light, u0 = pick_light(scene, random[0])
    wi, distance, radiance, pdf = sample_light(scene, light, p, u0, random[1])
    local = to_local(wi, normals[1])
    if pdf == ZERO or dot(wi, normals[0]) <= ZERO or local[2] <= ZERO:
        return BLACK
    f = evaluate(lobes, wo, local)
    chance = scene.lights[light, LIGHT_CHANCE]
    weight = ONE
    if pdf == DELTA:
        pdf = ONE
    else:
        weight = mis_weight(scene.config[STRATEGY], pdf * chance, f[3])
    arriving = scaled(times(radiance, (f[0], f[1], f[2])), weight / (pdf * chance))
    if not max(max(arriving[0], arriving[1]), arriving[2]) > ZERO:
        return BLACK
    start = ray_origin(p, normals[0], wi)
    return scaled(arriving, visibility(scene, stack, entries, start, wi, distance * SHORT))


@shared
def own_light(scene, prim, material, uv, normal, d, t, bsdf_pdf):
    """The light that a surface itself emits towards the ray d, weighted against its being sampled."""
    radiance = emission_at(scene, material, uv)
    light = scene.tri_info[prim, TRI_LIGHT]
    if light < 0 or bsdf_pdf == UNWEIGHTED:
        return radiance
    # The normal's length is twice the area.
    pdf = TWO * t * t / abs(dot(d, normal)) * scene.lights[U(light), LIGHT_CHANCE]
    return scaled(radiance, emitter_weight(scene.config[STRATEGY], bsdf_pdf, pdf))


@shared
def emitter_weight(strategy, bsdf_pdf, light_pdf):
    """The weight of light that was met by chance; none of it where only sampled light counts."""
    return ZERO if strategy == ONLY_LIGHTS else mis_weight(strategy, bsdf_pdf, light_pdf)


@shared
def gather(total, throughput, light, limit):
    """``total`` and the light that arrives by a path, clamped to ``limit`` in its brightest channel."""
    c = times(throughput, light)
    brightest = max(max(c[0], c[1]), c[2])
    return along(total, c, limit / brightest if brightest > limit else ONE)


@shared
def trace(scene, stack, entries, key, sample_bits, pixel):
    """One sample of a pixel: 11 float32, radiance rgb, alpha, albedo rgb, normal xyz, depth."""
    config = scene.config
    o, d, t_min, t_max, axis_cosine = camera_ray(
        scene.camera,
        config[WIDTH],
        config[HEIGHT],
        pixel,
        draw_pair(key, sample_bits, DIM_FILM),
        draw_pair(key, sample_bits, DIM_LENS),
    )
    total, throughput = BLACK, (ONE, ONE, ONE)
    first = (ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO)
    bsdf_pdf = UNWEIGHTED
    limit = FAR
    bounces = 0
    for segment in range(config[MAX_DEPTH] + MOST_LAYERS):
        t, u, v, hit = closest_hit(
            scene.nodes, scene.links, scene.tris, stack, entries, o, d, t_min, t_max, NEAREST
        )
        met = light_along(scene, o, d, t_min, FAR if hit == NO_HIT else t, bsdf_pdf)
        total = gather(total, throughput, met, limit)
        if hit == NO_HIT:
            break
        prim = U(hit)
        material = U(scene.tri_info[prim, TRI_MATERIAL])
        uv = corner_uv(scene.corners, prim, u, v)
        if config[TRANSPARENT] != 0:
            chance = draw(key, sample_bits, U(U(segment + 1) << U(16)) + DIM_OPACITY)
            if chance >= presence_at(scene, material, uv):
                t_min = t * PAST
                continue
        p, normal = hit_point(scene.tris, prim, u, v)
        emitted = own_light(scene, prim, material, uv, normal, d, t, bsdf_pdf)
        total = gather(total, throughput, emitted, limit)
        base = base_at(scene, material, uv)
        normals = shading_normal(scene, prim, material, u, v, uv, normalised(normal), d)
        if bounces == 0:
            first = (ONE,) + base + normals[1] + (t * axis_cosine,)
        bounces += 1
        if bounces >= config[MAX_DEPTH]:
            break
        dimension = U(FIRST_VERTEX + U(bounces) * DIMENSIONS_A_VERTEX)
        wo = to_local((-d[0], -d[1], -d[2]), normals[1])
        lobes = lobes_at(scene, material, uv, base, wo[2])
        if config[N_LIGHTS] > 0 and config[STRATEGY] != ONLY_BSDF:
            pair = draw_pair(key, sample_bits, U(dimension + DIM_LIGHT))
            arriving = direct_light(scene, stack, entries, p, normals, lobes, wo, pair)
            total = gather(total, throughput, arriving, limit)
        pair = draw_pair(key, sample_bits, U(dimension + DIM_SCATTER))
        local = sample(lobes, wo, pair[0], pair[1])
        f = evaluate(lobes, wo, local)
        d = normalised(to_world(local, normals[1]))
        if not f[3] > ZERO or dot(d, normals[0]) <= ZERO:
            break
        throughput = times(throughput, (f[0] / f[3], f[1] / f[3], f[2] / f[3]))
        brightest = max(max(throughput[0], throughput[1]), throughput[2])
        if bounces > ROULETTE_BOUNCES:
            keep = min(brightest, F(0.95))
            if draw(key, sample_bits, U(dimension + DIM_ROULETTE)) >= keep:
                break
            throughput = scaled(throughput, ONE / keep)
        o, t_min, t_max = ray_origin(p, normals[0], d), ZERO, FAR
        bsdf_pdf, limit = f[3], scene.camera[CLAMP]
    return total + first


@shared
def sample_pixel(scene, film, stack, entries, pixel, first_sample, samples):
    """Add samples [first_sample, first_sample + samples) of one pixel to the film."""
    key = pixel_key(scene.config[SEED], pixel)
    for i in range(samples):
        sample_bits = reverse_bits(U(first_sample + i))
        add_sample(film, pixel, trace(scene, stack, entries, key, sample_bits, pixel))
