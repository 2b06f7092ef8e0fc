"""What a ray finds where it hits: normals, and the material with its textures read. PBRT 4, 10.

A texture that is bound replaces the material's constant, as UsdPreviewSurface has it.
"""

from __future__ import annotations

import numpy as np

from node_agent.kernels.pathtracer import scene as s
from node_agent.kernels.pathtracer.arrays import (
    AT_MATERIALS,
    AT_SLOTS,
    AT_TEXTURES,
)
from node_agent.kernels.pathtracer.bsdf import glass_of, lobes_of
from node_agent.kernels.pathtracer.geometry import (
    BLACK,
    ONE,
    ZERO,
    along,
    cross,
    dot,
    normalised,
    scaled,
    uvs_of,
    vec3,
)
from node_agent.kernels.pathtracer.jit import shared
from node_agent.kernels.pathtracer.textures import lookup

F = np.float32
U = np.uint32

# (texture slot, column of the constant), typed: see ``arrays``.
SLOT_BASE, BASE = np.int64(s.TEX_BASE), np.int64(s.BASE_R)
SLOT_METALLIC, METALLIC = np.int64(s.TEX_METALLIC), np.int64(s.METALLIC)
SLOT_ROUGHNESS, ROUGHNESS = np.int64(s.TEX_ROUGHNESS), np.int64(s.ROUGHNESS)
SLOT_EMIT, EMIT = np.int64(s.TEX_EMIT), np.int64(s.EMIT_R)
SLOT_OPACITY, OPACITY = np.int64(s.TEX_OPACITY), np.int64(s.OPACITY)
THRESHOLD, IOR, SPECULAR, USE_SPECULAR = s.OPACITY_THRESHOLD, s.IOR, s.SPECULAR_R, s.USE_SPECULAR
TRANSMISSION, THIN, COAT, COAT_ROUGHNESS = s.TRANSMISSION, s.THIN, s.COAT, s.COAT_ROUGHNESS
GROUP = s.GROUP
MATERIAL_WIDTH, TEXTURE_SLOTS, TEXTURE_WIDTH = s.MATERIAL_WIDTH, s.TEXTURE_SLOTS, s.TEXTURE_WIDTH
TEX_CHANNEL, TEX_NORMAL = s.TEX_CHANNEL, s.TEX_NORMAL

GRAZING = np.float32(1e-4)
SMALLEST_IOR = np.float32(0.1)
"""Of glass; less is nonsense in a file."""


@shared
def unit(x):
    """x clamped to [0, 1]; NaN becomes 0."""
    return min(x, ONE) if x > ZERO else ZERO


@shared
def constant(tables, material, column):
    """A number of a material's row."""
    at = tables.ints[AT_MATERIALS] + material * MATERIAL_WIDTH
    return tables.floats[U(at + column)]


@shared
def colour_at(tables, material, slot, column, uv):
    """A colour of the material at a hit: its texture in ``slot``, or its constant."""
    texture = tables.ints[U(tables.ints[AT_SLOTS] + material * TEXTURE_SLOTS + slot)]
    if texture < 0:
        at = tables.ints[AT_MATERIALS] + material * MATERIAL_WIDTH
        return vec3(tables.floats, at + column)
    c = lookup(tables, texture, uv)
    return (c[0], c[1], c[2])


@shared
def value_at(tables, material, slot, column, uv):
    """A number in [0, 1] of the material at a hit: its texture's chosen channel, or its constant."""
    texture = tables.ints[U(tables.ints[AT_SLOTS] + material * TEXTURE_SLOTS + slot)]
    if texture < 0:
        return unit(constant(tables, material, column))
    c = lookup(tables, texture, uv)
    channel = tables.ints[U(tables.ints[AT_TEXTURES] + texture * TEXTURE_WIDTH + TEX_CHANNEL)]
    low = c[1] if channel == 1 else c[0]
    high = c[3] if channel == 3 else c[2]
    return unit(high if channel >= 2 else low)


@shared
def emission_at(tables, material, uv):
    """The emitted radiance at a hit; what is negative counts as none."""
    c = colour_at(tables, material, SLOT_EMIT, EMIT, uv)
    return c if min(min(c[0], c[1]), c[2]) >= ZERO else BLACK


@shared
def group_of(tables, material):
    """The number of the light group that a material's emission is of."""
    return int(constant(tables, material, GROUP))


@shared
def presence_at(tables, material, uv):
    """How much of a ray the surface stops, 0 to 1: opacity, or its cut at the threshold."""
    opacity = value_at(tables, material, SLOT_OPACITY, OPACITY, uv)
    threshold = constant(tables, material, THRESHOLD)
    if threshold > ZERO:
        return ONE if opacity >= threshold else ZERO
    return opacity


@shared
def base_at(tables, material, uv):
    """The base colour at a hit, 0 to 1."""
    c = colour_at(tables, material, SLOT_BASE, BASE, uv)
    return (unit(c[0]), unit(c[1]), unit(c[2]))


@shared
def lobes_at(tables, material, uv, base, cosine, outside, chance):
    """The lobes (see ``bsdf``) at a hit that is seen at ``cosine``, from ``outside`` or not. ``chance`` in
    [0, 1) decides whether it is glass, and is left over for what glass does."""
    floats, at = tables.floats, tables.ints[AT_MATERIALS] + material * MATERIAL_WIDTH
    metallic = value_at(tables, material, SLOT_METALLIC, METALLIC, uv)
    roughness = value_at(tables, material, SLOT_ROUGHNESS, ROUGHNESS, uv)
    ior = max(floats[U(at + IOR)], ZERO)
    glass = unit(floats[U(at + TRANSMISSION)]) * (ONE - metallic)
    if chance < glass:
        eta = max(ior, SMALLEST_IOR)
        thin = floats[U(at + THIN)] > ZERO
        eta = eta if outside or thin else ONE / eta
        return glass_of(floats, base, roughness, eta, thin, cosine, chance / glass)
    return lobes_of(
        floats,
        base,
        metallic,
        roughness,
        ior,
        vec3(floats, at + SPECULAR),
        floats[U(at + USE_SPECULAR)] > ZERO,
        (unit(floats[U(at + COAT)]), unit(floats[U(at + COAT_ROUGHNESS)])),
        cosine,
    )


@shared
def mapped_normal(tables, number, e1, e2, texture, uv, n):
    """The unit normal n bent by a tangent-space normal map (PBRT 4, 10.5.3); e1 and e2: the triangle's edges."""
    a, b, c = uvs_of(tables, number)
    du1, dv1, du2, dv2 = b[0] - a[0], b[1] - a[1], c[0] - a[0], c[1] - a[1]
    flip = ONE if du1 * dv2 - du2 * dv1 >= ZERO else -ONE
    tangent = along(scaled(e1, dv2 * flip), e2, -dv1 * flip)
    tangent = normalised(along(tangent, n, -dot(tangent, n)))
    m = lookup(tables, texture, uv)
    bent = along(along(scaled(n, m[2]), tangent, m[0]), cross(n, tangent), m[1] * flip)
    return normalised(bent)


@shared
def shading_normals(tables, number, e1, e2, material, uv, normal, outward, d):
    """(geometric, shading, outside): both unit and on the side that the ray d comes from, and whether that is
    where the surface's own normal points.

    ``normal`` is the geometric one, of any length, ``outward`` the interpolated one. The shading normal falls back to
    the former where it would be seen from behind, so that the path always goes on above the surface."""
    normal = normalised(normal)
    texture = tables.ints[U(tables.ints[AT_SLOTS] + material * TEXTURE_SLOTS + TEX_NORMAL)]
    if texture >= 0:
        outward = mapped_normal(tables, number, e1, e2, texture, uv, outward)
    # By the interpolated normal, since a mirroring instance turns the geometric one round.
    outside = (dot(normal, d) < ZERO) == (dot(normal, outward) >= ZERO)
    if dot(normal, d) > ZERO:
        normal = scaled(normal, -ONE)
    if dot(outward, normal) < ZERO:
        outward = scaled(outward, -ONE)
    # Also for a zero or NaN normal, which a broken mesh may carry.
    return normal, outward if -dot(outward, d) > GRAZING else normal, outside
