"""One pixel's samples: the body that both launchers call.

A unidirectional path tracer with next-event estimation (PBRT 4, 13.4): at each vertex one light is sampled,
and the ray that goes on may meet a light by itself; the power heuristic weighs the two. Surfaces with an
opacity below 1 let a ray through by chance. ``max_depth`` counts the path's segments as Mitsuba does:
1 sees only what emits, 2 adds direct light, and so on.
"""

from __future__ import annotations

import numpy as np

from node_agent.kernels.pathtracer.arrays import (
    AT_TRI_IDS,
    CAM_FAR,
    CAM_FOCUS,
    CAM_LENS,
    CAM_NEAR,
    CAM_ORIGIN,
    CAM_ROTATION,
    CAM_SHIFT_X,
    CAM_SHIFT_Y,
    CAM_TAN_X,
    CAM_TAN_Y,
    CAM_WAY,
    CLAMP,
    HEIGHT,
    MAX_DEPTH,
    MOTION,
    N_LIGHTS,
    ONLY_BSDF,
    SEED,
    STRATEGY,
    TRANSPARENT,
    TRI_IDS_WIDTH,
    TRI_MATERIAL,
    WIDTH,
)
from node_agent.kernels.pathtracer.bsdf import evaluate, sample
from node_agent.kernels.pathtracer.film import add_light, add_sample, has_enough
from node_agent.kernels.pathtracer.footprint import (
    camera_cone,
    cone_and_uv,
    scattered,
)
from node_agent.kernels.pathtracer.geometry import (
    BLACK,
    FAR,
    ONE,
    TWO,
    WHITE,
    ZERO,
    along,
    dot,
    hit_normal,
    hit_point,
    hit_uv,
    largest,
    normalised,
    on_circle,
    ray_origin,
    root,
    rotated,
    scaled,
    times,
    to_local,
    to_world,
    vec3,
)
from node_agent.kernels.pathtracer.hits import IN_WORLD, NO_HIT
from node_agent.kernels.pathtracer.jit import inlined, shared
from node_agent.kernels.pathtracer.lights import (
    DELTA,
    UNWEIGHTED,
    emitter_weight,
    light_chance,
    light_group,
    light_met,
    light_of,
    mis_weight,
    next_seen,
    pick_light,
    sample_light,
)
from node_agent.kernels.pathtracer.rng import (
    DIM_FILM,
    DIM_LENS,
    DIM_LIGHT,
    DIM_LOBE,
    DIM_ROULETTE,
    DIM_SCATTER,
    DIM_TIME,
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
    group_of,
    lobes_at,
    presence_at,
    shading_normals,
)
from node_agent.kernels.pathtracer.traverse import ANY, NEAREST
from node_agent.kernels.pathtracer.walk import closest_hit, normal_of, number_of, triangle_of

F = np.float32
U = np.uint32
I32 = np.int32
"""Of counters: one that Numba makes 64 bits wide costs a GPU a register more."""

PAST = np.float32(1.0 + 2.0**-19)
"""A ray that goes through a surface starts again this much farther along."""
SHORT = np.float32(1.0 - 2.0**-12)
"""A shadow ray ends this much before its light, which may be a triangle."""
MOST_LAYERS = 64
"""Transparent surfaces that one path or one shadow ray may cross."""
ROULETTE_BOUNCES = 3
"""Russian roulette begins after as many bounces."""
CENTRE = (ZERO, ZERO)


@shared
def camera_ray(tables, pixel, key, sample_bits, time):
    """(origin, direction, t_min, t_max, cosine) through a pixel; a thin lens (PBRT 4, 5.2.3).

    ``cosine`` is to the camera's axis: distance times it is depth. A moving camera's matrix goes linearly
    from that where the shutter opens, ``time`` 0, to that where it closes."""
    camera, width, height = tables.floats, tables.ints[WIDTH], tables.ints[HEIGHT]
    jitter, lens = draw_pair(key, sample_bits, DIM_FILM), CENTRE
    if camera[CAM_LENS] > ZERO:
        lens = draw_pair(key, sample_bits, DIM_LENS)
    x = (F(pixel % width) + jitter[0]) / F(width) * TWO - ONE
    y = ONE - (F(pixel // width) + jitter[1]) / F(height) * TWO
    x, y = (
        (x + camera[CAM_SHIFT_X]) * camera[CAM_TAN_X],
        (y + camera[CAM_SHIFT_Y]) * camera[CAM_TAN_Y],
    )
    start = on_circle(camera[CAM_LENS] * root(lens[0]), lens[1])
    focus = scaled((x, y, -ONE), camera[CAM_FOCUS])
    d = normalised(along(focus, start, -ONE))
    o = along(vec3(camera, CAM_ORIGIN), rotated(camera, CAM_ROTATION, start), ONE)
    cosine = -d[2]
    ahead = rotated(camera, CAM_ROTATION, d)
    if tables.ints[MOTION] != 0:
        way = along(vec3(camera, CAM_WAY + CAM_ORIGIN), rotated(camera, CAM_WAY, start), ONE)
        o, ahead = along(o, way, time), along(ahead, rotated(camera, CAM_WAY, d), time)
    d = normalised(ahead)
    return o, d, camera[CAM_NEAR] / cosine, camera[CAM_FAR] / cosine, cosine


@shared
def material_of(tables, number):
    """The row of a triangle's material."""
    return tables.ints[U(tables.ints[AT_TRI_IDS] + number * TRI_IDS_WIDTH + TRI_MATERIAL)]


@shared
def visibility(tree, tables, ray, time):
    """The share of light, 0 to 1, that a ray (origin, direction, length) lets through at a moment."""
    o, d, distance = ray
    left, t_min = ONE, ZERO
    wanted = ANY if tables.ints[TRANSPARENT] == 0 else NEAREST
    for _ in range(MOST_LAYERS):
        t, u, v, prim, _ = closest_hit(tree, o, d, t_min, distance, time, wanted)
        if prim == NO_HIT:
            return left
        if wanted == ANY:
            return ZERO
        number = number_of(tree, prim)
        uv = hit_uv(tables, number, u, v)
        left *= ONE - presence_at(tables, material_of(tables, number), uv)
        if left <= ZERO:
            return ZERO
        t_min = t * PAST
    return ZERO


@shared
def direct_light(tables, p, normals, lobes, wo, random):
    """Next-event estimation: (light, group, (origin, direction, length)), the light that one light, picked and
    sampled, sends by way of point p towards wo, if nothing stops it on the ray that is also returned."""
    light, chance, u0 = pick_light(tables, p, normals[0], random[0])
    wi, distance, radiance, pdf = sample_light(tables, light, p, u0, random[1])
    local = to_local(wi, normals[1])
    if pdf == ZERO or dot(wi, normals[0]) * local[2] <= ZERO:
        return BLACK, I32(0), (p, wi, ZERO)
    f, bsdf_pdf = evaluate(lobes, wo, local)
    if pdf == DELTA:
        weight = ONE / chance
    else:
        pdf *= chance
        weight = mis_weight(tables.ints[STRATEGY], pdf, bsdf_pdf) / pdf
    arriving = scaled(times(radiance, f), weight)
    group = light_group(tables, light)
    return arriving, group, (ray_origin(p, normals[0], wi), wi, distance * SHORT)


@shared
def own_light(tables, number, place, radiance, normal, ray, t, n, bsdf_pdf):
    """The light that a surface itself emits towards a ray, at the distance t, weighted against its being
    sampled from the ray's origin, where the normal is n."""
    if place != IN_WORLD or bsdf_pdf == UNWEIGHTED or not largest(radiance) > ZERO:
        return radiance
    light = light_of(tables, number)
    if light < 0:
        return radiance
    # The normal's length is twice the area.
    pdf = TWO * t * t / abs(dot(ray[1], normal)) * light_chance(tables, light, ray[0], n)
    return scaled(radiance, emitter_weight(tables.ints[STRATEGY], bsdf_pdf, pdf))


@shared
def gathered(tables, film, pixel, ray, n, bsdf_pdf, throughput, limit, total):
    """``total`` and what a ray brings from the lights that it meets; ``n``: the normal where it starts."""
    light, node = next_seen(tables, -1, 0, ray)
    while light >= 0:
        met = light_met(tables, light, ray, n, bsdf_pdf)
        met = clamped(times(throughput, met), limit)
        if largest(met) > ZERO:
            total = add_light(film, pixel, light_group(tables, light), total, met)
        light, node = next_seen(tables, light, node, ray)
    return total


@shared
def clamped(c, limit):
    """Light, dimmed so that its brightest channel is at most ``limit``."""
    brightest = largest(c)
    return scaled(c, limit / brightest) if brightest > limit else c


@shared
def surviving(throughput, chance):
    """Russian roulette (PBRT 4, 2.2.4): black by as large a chance as the path has become dim, else as much
    brighter."""
    keep = min(largest(throughput), F(0.95))
    return scaled(throughput, ONE / keep) if chance < keep else BLACK


@inlined
def trace(tree, tables, film, key, sample_bits, pixel):
    """One sample of a pixel: radiance rgb, (alpha, depth, 0), albedo rgb, normal xyz."""
    ints = tables.ints
    max_depth, transparent = ints[MAX_DEPTH], ints[TRANSPARENT] != 0
    sample_lights = ints[N_LIGHTS] > 0 and ints[STRATEGY] != ONLY_BSDF
    time = draw_pair(key, sample_bits, DIM_TIME)[0] if ints[MOTION] != 0 else ZERO
    o, d, t_min, t_max, axis_cosine = camera_ray(tables, pixel, key, sample_bits, time)
    total, seen, bounces, n = BLACK, (BLACK, BLACK, BLACK), I32(0), BLACK
    throughput, limit, bsdf_pdf, cone = WHITE, FAR, UNWEIGHTED, camera_cone(tables.floats)
    for segment in range(I32(max_depth + MOST_LAYERS)):
        t, u, v, prim, place = closest_hit(tree, o, d, t_min, t_max, time, NEAREST)
        ray = (o, d, t_min, FAR if prim == NO_HIT else t)
        total = gathered(tables, film, pixel, ray, n, bsdf_pdf, throughput, limit, total)
        if prim == NO_HIT:
            break
        number = number_of(tree, prim)
        material, uv = material_of(tables, number), hit_uv(tables, number, u, v)
        if transparent:
            chance = draw(key, sample_bits, U(U(segment + 1) << U(16)))
            if chance >= presence_at(tables, material, uv):
                t_min = t * PAST
                continue
        corner, e1, e2 = triangle_of(tree, prim, place, time)
        p, normal = hit_point(corner, e1, e2, u, v)
        cone, uv = cone_and_uv(tables, number, cone, t, uv, normal)
        emitted = emission_at(tables, material, uv)
        emitted = own_light(tables, number, place, emitted, normal, ray, t, n, bsdf_pdf)
        if largest(emitted) > ZERO:
            emitted = clamped(times(throughput, emitted), limit)
            total = add_light(film, pixel, group_of(tables, material), total, emitted)
        base = base_at(tables, material, uv)
        outward = normal_of(tree, place, hit_normal(ints, number, u, v), time)
        normals = shading_normals(tables, number, e1, e2, material, uv, normal, outward, d)
        if bounces == 0:
            seen = (ONE, t * axis_cosine, ZERO), base, normals[1]
        bounces = I32(bounces + 1)
        if bounces >= max_depth:
            break
        dimension = U(FIRST_VERTEX + U(bounces) * DIMENSIONS_A_VERTEX)
        wo = to_local(scaled(d, -ONE), normals[1])
        chance = draw(key, sample_bits, U(dimension + DIM_LOBE))
        lobes = lobes_at(tables, material, uv, base, wo[2], normals[2], chance)
        arriving, group, shadow = BLACK, I32(0), (p, d, ZERO)
        if sample_lights:
            pair = draw_pair(key, sample_bits, U(dimension + DIM_LIGHT))
            arriving, group, shadow = direct_light(tables, p, normals, lobes, wo, pair)
        # The next ray before the shadow ray: of the surface nothing has to outlive a traversal.
        pair = draw_pair(key, sample_bits, U(dimension + DIM_SCATTER))
        local = sample(lobes, wo, pair[0], pair[1])
        f, bsdf_pdf = evaluate(lobes, wo, local)
        d = normalised(to_world(local, normals[1]))
        goes_on = bsdf_pdf > ZERO and dot(d, normals[0]) * local[2] > ZERO
        o, t_min, t_max = ray_origin(p, normals[0], d), ZERO, FAR
        arriving = clamped(times(throughput, arriving), limit)
        if largest(arriving) > ZERO:
            lit = visibility(tree, tables, shadow, time)
            total = add_light(film, pixel, group, total, scaled(arriving, lit))
        if not goes_on:
            break
        throughput = scaled(times(throughput, f), ONE / bsdf_pdf)
        if bounces > ROULETTE_BOUNCES:
            chance = draw(key, sample_bits, U(dimension + DIM_ROULETTE))
            throughput = surviving(throughput, chance)
            if not largest(throughput) > ZERO:
                break
        limit, cone, n = tables.floats[CLAMP], scattered(cone, bsdf_pdf), normals[0]
    return total, seen[0], seen[1], seen[2]


@inlined
def sample_pixel(tree, tables, film, pixel, first_sample, samples):
    """Add samples [first_sample, first_sample + samples) of one pixel to the film."""
    key = pixel_key(U(tables.ints[SEED]), U(pixel))
    for i in range(samples):
        if has_enough(film, pixel, first_sample + i):
            break
        sample_bits = reverse_bits(U(first_sample + i))
        add_sample(film, pixel, trace(tree, tables, film, key, sample_bits, pixel))
