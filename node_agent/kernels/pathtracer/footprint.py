"""How much of a surface a sample stands for: ray cones, by which textures pick their levels.

Akenine-Moeller et al., "Texture Level of Detail Strategies for Real-Time Ray Tracing", Ray Tracing Gems, 20.3: a
ray is the axis of a cone (width, spread), as wide as ``width`` where it starts and wider by ``spread`` with each unit of distance. Where
it meets a surface, its square by the triangle's density of texture coordinates is the area that a lookup stands
for. Two things differ, since a pixel here is the mean of many samples. A cone stands for SHARE of a
pixel along each axis, so that what is blurred stays below what the pixel blurs itself. And at a grazing angle it is
taken as narrow as it is across, not as long as it is along the surface: the samples cover that.

A ray that was scattered stands for the share 1 / (pdf SAMPLES) of the sphere of directions, or for that of the ray
before where that was more (after Suykens and Willems, "Path Differentials and Applications", 2001).
"""

from __future__ import annotations

import math

import numpy as np

from node_agent.kernels.pathtracer.arrays import CAM_SPREAD, HAS_UVS
from node_agent.kernels.pathtracer.geometry import ONE, ZERO, dot, root, uvs_of
from node_agent.kernels.pathtracer.jit import shared

F = np.float32

SHARE = 0.25
SAMPLES = 1.0 / SHARE**2
SCATTERED = np.float32(2.0 / math.sqrt(math.pi * SAMPLES))
"""The spread of a cone of 1 / SAMPLES steradian."""


@shared
def camera_cone(floats):
    """(width, spread) of a camera ray."""
    return (ZERO, floats[CAM_SPREAD])


@shared
def scattered(cone, pdf):
    """The cone of a ray that was scattered with this density per steradian."""
    return (cone[0], max(cone[1], SCATTERED * root(ONE / pdf)))


@shared
def cone_and_uv(tables, number, cone, t, uv, normal):
    """The cone ``t`` farther along, and texture coordinates with the area that it stands for there.

    ``normal``: the triangle's, as long as twice its area."""
    cone = (cone[0] + t * cone[1], cone[1])
    if tables.ints[HAS_UVS] == 0:
        return cone, uv
    a, b, c = uvs_of(tables, number)
    double = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])
    area = cone[0] * cone[0] * abs(double) / root(dot(normal, normal))
    return cone, (uv[0], uv[1], area)
