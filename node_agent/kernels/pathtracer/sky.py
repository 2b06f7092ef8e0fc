"""Dome lights: a constant, or a latitude-longitude image sampled by its brightness. PBRT 4, 12.5.2.

Directions as OpenEXR and UsdLux have it: in the dome's own space +Y is the image's top, its middle column
looks along +Z, and the column a quarter from the left along +X.

Tables of a textured dome, in ``sky`` from its start: h running sums of rows, then h x w of columns. The
rows go from the bottom (v = 0) up.
"""

from __future__ import annotations

import math

import numpy as np

from node_agent.kernels.pathtracer.arrays import (
    LIGHT_RADIANCE,
    LIGHT_TEXTURE,
    SKY_H,
    SKY_START,
    SKY_W,
)
from node_agent.kernels.pathtracer.geometry import (
    HALF,
    INV_PI,
    ONE,
    PI,
    TWO,
    TWO_PI,
    ZERO,
    root,
    row3,
    times,
)
from node_agent.kernels.pathtracer.jit import shared
from node_agent.kernels.pathtracer.tables import search
from node_agent.kernels.pathtracer.textures import lookup

F = np.float32
U = np.uint32

SPHERE_PDF = np.float32(1.0 / (4.0 * math.pi))
SMALLEST_SINE = np.float32(1e-4)


@shared
def sky_place(scene, light, d):
    """(u, v, sine): where a world direction lies in the dome's image, and the sine from its pole."""
    m = scene.lights
    x = m[light, 0] * d[0] + m[light, 1] * d[1] + m[light, 2] * d[2]
    y = m[light, 3] * d[0] + m[light, 4] * d[1] + m[light, 5] * d[2]
    z = m[light, 6] * d[0] + m[light, 7] * d[1] + m[light, 8] * d[2]
    sine = root(x * x + z * z)
    u = HALF - F(math.atan2(x, z)) * HALF * INV_PI
    v = HALF + F(math.atan2(y, sine)) * INV_PI
    return u, v, sine


@shared
def sky_radiance(scene, light, d):
    """The radiance of a dome in world direction d."""
    radiance = row3(scene.lights, light, LIGHT_RADIANCE)
    texture = scene.light_ids[light, LIGHT_TEXTURE]
    if texture < 0:
        return radiance
    u, v, _ = sky_place(scene, light, d)
    c = lookup(scene.textures, scene.texels, texture, u, v)
    return times(radiance, (c[0], c[1], c[2]))


@shared
def step(cdf, first, index):
    """The chance of entry ``index`` of the running sums that begin at ``first``."""
    below = cdf[U(first + index - 1)] if index > 0 else ZERO
    return cdf[U(first + index)] - below


@shared
def sky_pdf(scene, light, d):
    """The density per solid angle with which ``sky_sample`` picks world direction d."""
    if scene.light_ids[light, LIGHT_TEXTURE] < 0:
        return SPHERE_PDF
    u, v, sine = sky_place(scene, light, d)
    start = scene.light_ids[light, SKY_START]
    w, h = scene.light_ids[light, SKY_W], scene.light_ids[light, SKY_H]
    column = min(max(int(u * F(w)), 0), w - 1)
    row = min(max(int(v * F(h)), 0), h - 1)
    chance = step(scene.sky, start, row) * step(scene.sky, start + h + row * w, column)
    return chance * F(w * h) / (TWO_PI * PI * max(sine, SMALLEST_SINE))


@shared
def sky_sample(scene, light, u0, u1):
    """(wi, pdf): a world direction by the dome's brightness, or uniform where it has no image."""
    if scene.light_ids[light, LIGHT_TEXTURE] < 0:
        y = ONE - TWO * u1
        sine = root(ONE - y * y)
        phi = TWO_PI * u0
        return (sine * F(math.sin(phi)), y, sine * F(math.cos(phi))), SPHERE_PDF
    start = scene.light_ids[light, SKY_START]
    w, h = scene.light_ids[light, SKY_W], scene.light_ids[light, SKY_H]
    row = search(scene.sky, start, h, u1)
    row_chance = step(scene.sky, start, row)
    row_below = scene.sky[U(start + row - 1)] if row > 0 else ZERO
    columns = start + h + row * w
    column = search(scene.sky, columns, w, u0)
    column_chance = step(scene.sky, columns, column)
    column_below = scene.sky[U(columns + column - 1)] if column > 0 else ZERO
    u = (F(column) + min((u0 - column_below) / max(column_chance, F(1e-12)), ONE)) / F(w)
    v = (F(row) + min((u1 - row_below) / max(row_chance, F(1e-12)), ONE)) / F(h)
    longitude, latitude = (HALF - u) * TWO_PI, (v - HALF) * PI
    sine = F(math.cos(latitude))
    x, y, z = sine * F(math.sin(longitude)), F(math.sin(latitude)), sine * F(math.cos(longitude))
    m = scene.lights
    wi = (
        m[light, 0] * x + m[light, 3] * y + m[light, 6] * z,
        m[light, 1] * x + m[light, 4] * y + m[light, 7] * z,
        m[light, 2] * x + m[light, 5] * y + m[light, 8] * z,
    )
    pdf = row_chance * column_chance * F(w * h) / (TWO_PI * PI * max(sine, SMALLEST_SINE))
    return wi, pdf
