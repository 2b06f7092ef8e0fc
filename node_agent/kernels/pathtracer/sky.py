"""Dome lights: a constant, or a latitude-longitude image sampled by its brightness. PBRT 4, 12.5.2.

Directions as OpenEXR and UsdLux have it: in the dome's own space +Y is the image's top, its middle column
looks along +Z, and the column a quarter from the left along +X.

``at`` and ``ids`` are where the light's row begins in ``floats`` and ``ints``. Tables of a textured dome:
h running sums of rows, then h x w of columns; rows go from the bottom (v = 0) up.
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
    ONE,
    PI,
    TWO,
    TWO_PI,
    ZERO,
    cosine_and_sine,
    on_circle,
    root,
    rotated,
    rotated_back,
    times,
    turn_of,
    vec3,
)
from node_agent.kernels.pathtracer.jit import shared
from node_agent.kernels.pathtracer.tables import chance_of, pick
from node_agent.kernels.pathtracer.textures import lookup

F = np.float32
U = np.uint32

SPHERE_PDF = np.float32(1.0 / (4.0 * math.pi))
SMALLEST_SINE = np.float32(1e-4)


@shared
def sky_place(floats, at, d):
    """(u, v, sine): where a world direction lies in the dome's image, and the sine from its pole."""
    e = rotated(floats, at, d)
    sine = root(e[0] * e[0] + e[2] * e[2])
    return HALF - turn_of(e[0], e[2]), HALF + TWO * turn_of(e[1], sine), sine


@shared
def sky_density(chance, w, h, sine):
    """Per solid angle, of a texel of an image w x h that is picked with ``chance``."""
    return chance * F(w * h) / (TWO_PI * PI * max(sine, SMALLEST_SINE))


@shared
def sky_seen(tables, at, ids, d):
    """(radiance, pdf) of a dome in world direction d; pdf as of ``sky_sample``."""
    floats, ints = tables.floats, tables.ints
    radiance = vec3(floats, at + LIGHT_RADIANCE)
    texture = ints[U(ids + LIGHT_TEXTURE)]
    if texture < 0:
        return radiance, SPHERE_PDF
    u, v, sine = sky_place(floats, at, d)
    start, w, h = ints[U(ids + SKY_START)], ints[U(ids + SKY_W)], ints[U(ids + SKY_H)]
    column = min(max(int(u * F(w)), 0), w - 1)
    row = min(max(int(v * F(h)), 0), h - 1)
    of_row, _ = chance_of(floats, start + 0, row)
    of_column, _ = chance_of(floats, start + h + row * w, column)
    c = lookup(tables, texture, (u, v, ZERO))
    return times(radiance, (c[0], c[1], c[2])), sky_density(of_row * of_column, w, h, sine)


@shared
def sky_sample(tables, at, ids, u0, u1):
    """A world direction by the dome's brightness, or uniform where it has no image."""
    floats, ints = tables.floats, tables.ints
    if ints[U(ids + LIGHT_TEXTURE)] < 0:
        z = ONE - TWO * u1
        p = on_circle(root(ONE - z * z), u0)
        return (p[0], p[1], z)
    start, w, h = ints[U(ids + SKY_START)], ints[U(ids + SKY_W)], ints[U(ids + SKY_H)]
    row, _, v = pick(floats, start + 0, h, u1)
    column, _, u = pick(floats, start + h + row * w, w, u0)
    cosine, sine = cosine_and_sine(((F(row) + v) / F(h) - HALF) * HALF)
    p = on_circle(cosine, HALF - (F(column) + u) / F(w))
    return rotated_back(floats, at, (p[1], sine, p[0]))
