"""Texture lookups: bilinear, with UsdUVTexture's four wrap modes. PBRT 4, 10.4.

Layout of ``textures`` (n, 6) int32 and ``texels`` (k, 4) float32: see ``scene``.
"""

from __future__ import annotations

import numpy as np

from node_agent.kernels.pathtracer.geometry import HALF, ONE, ZERO
from node_agent.kernels.pathtracer.jit import shared
from node_agent.kernels.pathtracer.scene import (
    TEX_CHANNEL,
    TEX_H,
    TEX_OFFSET,
    TEX_W,
    TEX_WRAP_S,
    TEX_WRAP_T,
)

F = np.float32
U = np.uint32
I = np.int32  # noqa: E741

REPEAT, CLAMP, MIRROR, BLACK = range(4)
LARGEST = np.float32(2.0**22)


@shared
def floor32(x):
    """The largest whole number not above x, as int32; x within +-2^23."""
    whole = I(x)
    return I(whole - 1) if F(whole) > x else whole


@shared
def wrap(i, size, mode):
    """Column or row ``i`` brought into [0, size), or -1 for black outside."""
    if mode == CLAMP:
        return min(max(i, 0), size - 1)
    if mode == MIRROR:
        i = i % (2 * size)
        return i if i < size else 2 * size - 1 - i
    if mode == BLACK:
        return i if 0 <= i < size else -1
    return i % size


@shared
def texel(textures, texels, texture, column, row):
    """One RGBA texel, wrapped."""
    x = wrap(column, textures[texture, TEX_W], textures[texture, TEX_WRAP_S])
    y = wrap(row, textures[texture, TEX_H], textures[texture, TEX_WRAP_T])
    if x < 0 or y < 0:
        return (ZERO, ZERO, ZERO, ZERO)
    k = U(textures[texture, TEX_OFFSET] + y * textures[texture, TEX_W] + x)
    return (texels[k, 0], texels[k, 1], texels[k, 2], texels[k, 3])


@shared
def lookup(textures, texels, texture, u, v):
    """RGBA at texture coordinates (u, v); texel centres lie at half-integers, v = 0 is the first row."""
    x = u * F(textures[texture, TEX_W]) - HALF
    y = v * F(textures[texture, TEX_H]) - HALF
    # Also what keeps NaN and infinity from becoming an index.
    if not (abs(x) < LARGEST and abs(y) < LARGEST):
        return (ZERO, ZERO, ZERO, ZERO)
    column, row = floor32(x), floor32(y)
    fx, fy = x - F(column), y - F(row)
    r, g, b, a = ZERO, ZERO, ZERO, ZERO
    for corner in range(4):
        right, above = corner & 1, corner >> 1
        c = texel(textures, texels, texture, column + right, row + above)
        weight = (fx if right else ONE - fx) * (fy if above else ONE - fy)
        r, g, b, a = r + weight * c[0], g + weight * c[1], b + weight * c[2], a + weight * c[3]
    return (r, g, b, a)


@shared
def colour_or(textures, texels, texture, uv, constant):
    """The RGB of a bound texture, or the constant where ``texture`` is -1."""
    if texture < 0:
        return constant
    c = lookup(textures, texels, texture, uv[0], uv[1])
    return (c[0], c[1], c[2])


@shared
def value_or(textures, texels, texture, uv, constant):
    """The chosen channel of a bound texture (red where it has none), or the constant."""
    if texture < 0:
        return constant
    c = lookup(textures, texels, texture, uv[0], uv[1])
    channel = textures[texture, TEX_CHANNEL]
    if channel == 1:
        return c[1]
    if channel == 2:
        return c[2]
    return c[3] if channel == 3 else c[0]
