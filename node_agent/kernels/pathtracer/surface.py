"""What a ray finds where it hits: normals, and the material with its textures read. PBRT 4, 10.

A texture that is bound replaces the material's constant, as UsdPreviewSurface has it.
"""

from __future__ import annotations

import numpy as np

from node_agent.kernels.pathtracer.bsdf import lobes_of
from node_agent.kernels.pathtracer.geometry import (
    ONE,
    ZERO,
    along,
    corner_normal,
    cross,
    dot,
    normalised,
    row3,
    scaled,
)
from node_agent.kernels.pathtracer.jit import shared
from node_agent.kernels.pathtracer.scene import (
    BASE_R,
    EMIT_R,
    IOR,
    METALLIC,
    OPACITY,
    OPACITY_THRESHOLD,
    ROUGHNESS,
    SPECULAR_R,
    TEX_BASE,
    TEX_EMIT,
    TEX_METALLIC,
    TEX_NORMAL,
    TEX_OPACITY,
    TEX_ROUGHNESS,
    USE_SPECULAR,
)
from node_agent.kernels.pathtracer.textures import colour_or, lookup, value_or

F = np.float32
U = np.uint32

GRAZING = np.float32(1e-4)


@shared
def unit(x):
    """x clamped to [0, 1]; NaN becomes 0."""
    return min(x, ONE) if x > ZERO else ZERO


@shared
def colour_at(scene, material, uv, slot, column):
    """A colour of the material at a hit: its texture in ``slot``, or its constant at ``column``."""
    texture = scene.material_textures[material, slot]
    return colour_or(
        scene.textures, scene.texels, texture, uv, row3(scene.materials, material, column)
    )


@shared
def value_at(scene, material, uv, slot, column):
    """A scalar of the material at a hit."""
    texture = scene.material_textures[material, slot]
    return value_or(scene.textures, scene.texels, texture, uv, scene.materials[material, column])


@shared
def emission_at(scene, material, uv):
    """The emitted radiance at a hit, never negative."""
    c = colour_at(scene, material, uv, TEX_EMIT, EMIT_R)
    return (max(c[0], ZERO), max(c[1], ZERO), max(c[2], ZERO))


@shared
def presence_at(scene, material, uv):
    """How much of a ray the surface stops, 0 to 1: opacity, or its cut at the threshold."""
    opacity = unit(value_at(scene, material, uv, TEX_OPACITY, OPACITY))
    threshold = scene.materials[material, OPACITY_THRESHOLD]
    if threshold > ZERO:
        return ONE if opacity >= threshold else ZERO
    return opacity


@shared
def base_at(scene, material, uv):
    """The base colour at a hit, 0 to 1."""
    c = colour_at(scene, material, uv, TEX_BASE, BASE_R)
    return (unit(c[0]), unit(c[1]), unit(c[2]))


@shared
def lobes_at(scene, material, uv, base, cosine):
    """The lobes (see ``bsdf``) at a hit that is seen at ``cosine``."""
    return lobes_of(
        scene.ggx,
        base,
        unit(value_at(scene, material, uv, TEX_METALLIC, METALLIC)),
        unit(value_at(scene, material, uv, TEX_ROUGHNESS, ROUGHNESS)),
        max(scene.materials[material, IOR], ZERO),
        row3(scene.materials, material, SPECULAR_R),
        scene.materials[material, USE_SPECULAR] > ZERO,
        cosine,
    )


@shared
def mapped_normal(scene, prim, texture, uv, n):
    """The unit normal n bent by a tangent-space normal map (PBRT 4, 10.5.3)."""
    corners = scene.corners
    e1, e2 = row3(scene.tris, prim, 3), row3(scene.tris, prim, 6)
    du1, dv1 = corners[prim, 11] - corners[prim, 9], corners[prim, 12] - corners[prim, 10]
    du2, dv2 = corners[prim, 13] - corners[prim, 9], corners[prim, 14] - corners[prim, 10]
    flip = ONE if du1 * dv2 - du2 * dv1 >= ZERO else -ONE
    tangent = scaled(along(scaled(e1, dv2), e2, -dv1), flip)
    tangent = normalised(along(tangent, n, -dot(tangent, n)))
    bitangent = scaled(cross(n, tangent), flip)
    c = lookup(scene.textures, scene.texels, texture, uv[0], uv[1])
    return normalised(along(along(scaled(n, c[2]), tangent, c[0]), bitangent, c[1]))


@shared
def shading_normal(scene, prim, material, u, v, uv, normal, d):
    """(geometric, shading): both unit and on the side that the ray d comes from.

    ``normal`` is the unit geometric one. The shading normal falls back to it where it would be seen from
    behind, so that the path always goes on above the surface."""
    outward = normalised(corner_normal(scene.corners, prim, u, v))
    texture = scene.material_textures[material, TEX_NORMAL]
    if texture >= 0:
        outward = mapped_normal(scene, prim, texture, uv, outward)
    if dot(normal, d) > ZERO:
        normal = scaled(normal, -ONE)
    if dot(outward, normal) < ZERO:
        outward = scaled(outward, -ONE)
    # Also for a zero or NaN normal, which a broken mesh may carry.
    return normal, outward if -dot(outward, d) > GRAZING else normal
