"""Texture lookups: bilinear, with UsdUVTexture's four wrap modes. PBRT 4, 10.4.

Columns of the texture table: see ``scene``; texels lie flat, four numbers each.
"""

from __future__ import annotations

import numpy as np

from node_agent.kernels.pathtracer.arrays import AT_TEXTURES
from node_agent.kernels.pathtracer.geometry import HALF, ONE, ZERO
from node_agent.kernels.pathtracer.jit import shared
from node_agent.kernels.pathtracer.scene import (
    TEX_H,
    TEX_OFFSET,
    TEX_W,
    TEX_WRAP_S,
    TEX_WRAP_T,
    TEXTURE_WIDTH,
)

F = np.float32
U = np.uint32
REPEAT, CLAMP, MIRROR, BLACK = range(4)
LARGEST = np.float32(2.0**22)
NOTHING = (ZERO, ZERO, ZERO, ZERO)


@shared
def wrapped(i, size, mode):
    """Column or row ``i`` brought into [0, size), or -1 for black outside."""
    if mode == CLAMP:
        return min(max(i, 0), size - 1)
    if mode == BLACK:
        return i if 0 <= i < size else -1
    period = 2 * size if mode == MIRROR else size
    i %= period
    return i if i < size else period - 1 - i


@shared
def floor(x):
    """The largest whole number not above x, as int64."""
    whole = int(x)
    return whole - 1 if F(whole) > x else whole


@shared
def add_texel(sum_, texels, first, column, row, width, weight):
    """``sum_`` and a texel's RGBA times ``weight``; nothing where column or row is -1."""
    if column < 0 or row < 0:
        return sum_
    k = U(first + row * width + column) * 4
    return (
        sum_[0] + weight * texels[k],
        sum_[1] + weight * texels[k + 1],
        sum_[2] + weight * texels[k + 2],
        sum_[3] + weight * texels[k + 3],
    )


@shared
def lookup(tables, texture, uv):
    """RGBA at texture coordinates uv; texel centres lie at half-integers, v = 0 is the first row."""
    row = tables.ints[AT_TEXTURES] + texture * TEXTURE_WIDTH
    w, h = tables.ints[U(row + TEX_W)], tables.ints[U(row + TEX_H)]
    x, y = uv[0] * F(w) - HALF, uv[1] * F(h) - HALF
    # Also what keeps NaN and infinity from becoming an index.
    if not (abs(x) < LARGEST and abs(y) < LARGEST):
        return NOTHING
    i, j = floor(x), floor(y)
    fx, fy = x - F(i), y - F(j)
    wrap_s, wrap_t = tables.ints[U(row + TEX_WRAP_S)], tables.ints[U(row + TEX_WRAP_T)]
    left, right = wrapped(i, w, wrap_s), wrapped(i + 1, w, wrap_s)
    low, high = wrapped(j, h, wrap_t), wrapped(j + 1, h, wrap_t)
    first = tables.ints[U(row + TEX_OFFSET)]
    c = add_texel(NOTHING, tables.texels, first, left, low, w, (ONE - fx) * (ONE - fy))
    c = add_texel(c, tables.texels, first, right, low, w, fx * (ONE - fy))
    c = add_texel(c, tables.texels, first, left, high, w, (ONE - fx) * fy)
    return add_texel(c, tables.texels, first, right, high, w, fx * fy)
