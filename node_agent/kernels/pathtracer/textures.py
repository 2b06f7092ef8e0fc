"""Texture lookups: one level of an image, bilinear, with UsdUVTexture's four wrap modes. PBRT 4, 10.4.

Texture coordinates are (u, v, area): ``area`` is that of the part of the unit square which the lookup stands for,
0 for a point. The level is the coarsest whose texels are no larger than that, a function of the sample
alone; the samples of a pixel do the rest, since each stands for a sixteenth of it (``footprint``). Which texels
a level has, and as what, see ``mipmaps``; columns of the tables: see ``scene``.
"""

from __future__ import annotations

import numpy as np

from node_agent.kernels.pathtracer.arrays import (
    AT_CURVES,
    AT_LEVELS,
    AT_SCALES,
    AT_TEXTURES,
)
from node_agent.kernels.pathtracer.geometry import HALF, ONE, ZERO
from node_agent.kernels.pathtracer.jit import shared
from node_agent.kernels.pathtracer.scene import (
    FORMAT_FLOAT,
    FORMAT_GREY8,
    FORMAT_HALF,
    FORMAT_RGBA8,
    LEVEL_H,
    LEVEL_OFFSET,
    LEVEL_W,
    LEVEL_WIDTH,
    TEX_CURVE,
    TEX_FORMAT,
    TEX_LEVEL,
    TEX_LEVELS,
    TEX_TILES_S,
    TEX_TILES_T,
    TEX_WRAP_S,
    TEX_WRAP_T,
    TEXTURE_WIDTH,
)

F = np.float32
U = np.uint32
I64 = np.int64
REPEAT, CLAMP, MIRROR, BLACK = range(4)
LARGEST = np.float32(2.0**22)
NOTHING = (ZERO, ZERO, ZERO, ZERO)
FOUR = np.float32(4.0)
QUARTER = np.float32(0.25)
TILE_SHIFT, TILE_MASK = 5, 31
FROM_SHORT = np.float32(1.0 / 65535.0)
BYTE_MASK, SHORT_MASK = U(0xFF), U(0xFFFF)
POWERS = 512
"""Where the powers begin among the numbers at AT_CURVES."""
HALF_POWERS = 125
"""By how much the exponent of a float32 is more than that of a half of the same size, less the mantissas' bits."""


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
def float_of(floats, powers, sign, exponent, mantissa):
    """The number that these say, by a table of powers of two: no float is made from bits on a CPU and a GPU alike."""
    x = F(mantissa) * floats[U(powers + exponent)]
    return -x if sign != U(0) else x


@shared
def whole_float(floats, powers, word):
    """The float32 whose bits are ``word``."""
    exponent, mantissa = I64((word >> U(23)) & BYTE_MASK), U(word & U(0x7FFFFF))
    if exponent > 0:
        mantissa = U(mantissa + U(0x800000))
    return float_of(floats, powers, word >> U(31), max(exponent, 1), mantissa)


@shared
def half_float(floats, powers, bits):
    """The half whose bits are the lower 16 of ``bits``."""
    exponent, mantissa = I64((bits >> U(10)) & U(31)), U(bits & U(1023))
    if exponent > 0:
        mantissa = U(mantissa + U(1024))
    sign = (bits >> U(15)) & U(1)
    return float_of(floats, powers, sign, max(exponent, 1) + HALF_POWERS, mantissa)


@shared
def byte_texel(tables, kind, curve, at, k):
    """RGBA of texel ``k`` of the level at ``at``, of bytes."""
    floats, plain = tables.floats, tables.ints[AT_CURVES]
    if kind == FORMAT_GREY8:
        word = U(tables.texels[U(at + (k >> 2))] >> U((k & 3) << 3))
        grey = floats[U(curve + I64(word & BYTE_MASK))]
        return (grey, grey, grey, ONE)
    word = tables.texels[U(at + k)]
    return (
        floats[U(curve + I64(word & BYTE_MASK))],
        floats[U(curve + I64((word >> U(8)) & BYTE_MASK))],
        floats[U(curve + I64((word >> U(16)) & BYTE_MASK))],
        floats[U(plain + I64(word >> U(24)))],
    )


@shared
def texel(tables, kind, curve, at, k):
    """RGBA of texel ``k`` of the level that begins at the word ``at``; ``curve``: where its curve begins."""
    if kind <= FORMAT_RGBA8:
        return byte_texel(tables, kind, curve, at, k)
    floats, powers, texels = tables.floats, tables.ints[AT_CURVES] + POWERS, tables.texels
    if kind == FORMAT_FLOAT:
        first = at + (k << 2)
        return (
            whole_float(floats, powers, texels[U(first)]),
            whole_float(floats, powers, texels[U(first + 1)]),
            whole_float(floats, powers, texels[U(first + 2)]),
            whole_float(floats, powers, texels[U(first + 3)]),
        )
    low, high = texels[U(at + (k << 1))], texels[U(at + (k << 1) + 1)]
    if kind == FORMAT_HALF:
        return (
            half_float(floats, powers, low),
            half_float(floats, powers, U(low >> U(16))),
            half_float(floats, powers, high),
            half_float(floats, powers, U(high >> U(16))),
        )
    return (
        F(low & SHORT_MASK) * FROM_SHORT,
        F(low >> U(16)) * FROM_SHORT,
        F(high & SHORT_MASK) * FROM_SHORT,
        F(high >> U(16)) * FROM_SHORT,
    )


@shared
def add_texel(sum_, tables, form, level, column, row, weight):
    """``sum_`` (RGBA and the weights so far) and a texel times ``weight``; nothing where column or row is -1.

    ``form``: format and where the curve begins; ``level``: first word, width, height."""
    if column < 0 or row < 0:
        return sum_
    at, w, h = level
    across, wide = (w + TILE_MASK) >> TILE_SHIFT, min(w, TILE_MASK + 1)
    tile = (row >> TILE_SHIFT) * across + (column >> TILE_SHIFT)
    k = tile * wide * min(h, TILE_MASK + 1) + (row & TILE_MASK) * wide + (column & TILE_MASK)
    c = texel(tables, form[0], form[1], at, k)
    return (
        sum_[0] + weight * c[0],
        sum_[1] + weight * c[1],
        sum_[2] + weight * c[2],
        sum_[3] + weight * c[3],
        sum_[4] + weight,
    )


@shared
def level_of(ints, row, area):
    """(first word, width, height) of the coarsest level whose texels have no more than ``area``."""
    at = ints[AT_LEVELS] + ints[U(row + TEX_LEVEL)] * LEVEL_WIDTH
    last = at + (ints[U(row + TEX_LEVELS)] - 1) * LEVEL_WIDTH
    texels = area * F(ints[U(at + LEVEL_W)]) * F(ints[U(at + LEVEL_H)])
    while texels >= FOUR and at < last:
        texels *= QUARTER
        at += LEVEL_WIDTH
    return ints[U(at + LEVEL_OFFSET)], ints[U(at + LEVEL_W)], ints[U(at + LEVEL_H)]


@shared
def tile_of(tables, texture, uv):
    """(texture, coordinates): the texture of the unit square that uv lies in, where ``texture`` is made of several;
    -1 where that has none."""
    row = tables.ints[AT_TEXTURES] + texture * TEXTURE_WIDTH
    across, up = tables.ints[U(row + TEX_TILES_S)], tables.ints[U(row + TEX_TILES_T)]
    if across == 0:
        return texture + 0, uv
    if not (abs(uv[0]) < LARGEST and abs(uv[1]) < LARGEST):
        return -1, uv
    i, j = floor(uv[0]), floor(uv[1])
    if i < 0 or j < 0 or i >= across or j >= up:
        return -1, uv
    return texture + 1 + j * across + i, (uv[0] - F(i), uv[1] - F(j), uv[2])


@shared
def lookup(tables, texture, uv):
    """RGBA at texture coordinates uv, see the module; texel centres lie at half-integers, v = 0 is the first row."""
    texture, uv = tile_of(tables, texture, uv)
    ints = tables.ints
    row = ints[AT_TEXTURES] + texture * TEXTURE_WIDTH
    if texture < 0 or ints[U(row + TEX_LEVELS)] == 0:
        return NOTHING
    level = level_of(ints, row, uv[2])
    w, h = level[1], level[2]
    x, y = uv[0] * F(w) - HALF, uv[1] * F(h) - HALF
    # Also what keeps NaN and infinity from becoming an index.
    if not (abs(x) < LARGEST and abs(y) < LARGEST):
        return NOTHING
    i, j = floor(x), floor(y)
    fx, fy = x - F(i), y - F(j)
    wrap_s, wrap_t = ints[U(row + TEX_WRAP_S)], ints[U(row + TEX_WRAP_T)]
    left, right = wrapped(i, w, wrap_s), wrapped(i + 1, w, wrap_s)
    low, high = wrapped(j, h, wrap_t), wrapped(j + 1, h, wrap_t)
    form = (ints[U(row + TEX_FORMAT)], ints[AT_CURVES] + 256 * ints[U(row + TEX_CURVE)])
    c = (ZERO, ZERO, ZERO, ZERO, ZERO)
    c = add_texel(c, tables, form, level, left, low, (ONE - fx) * (ONE - fy))
    c = add_texel(c, tables, form, level, right, low, fx * (ONE - fy))
    c = add_texel(c, tables, form, level, left, high, (ONE - fx) * fy)
    c = add_texel(c, tables, form, level, right, high, fx * fy)
    return scaled_by(tables.floats, ints[AT_SCALES] + texture * 8, c)


@shared
def scaled_by(floats, at, c):
    """RGBA with the texture's scale and bias; the latter by how much of the texture was met."""
    return (
        c[0] * floats[U(at)] + c[4] * floats[U(at + 4)],
        c[1] * floats[U(at + 1)] + c[4] * floats[U(at + 5)],
        c[2] * floats[U(at + 2)] + c[4] * floats[U(at + 6)],
        c[3] * floats[U(at + 3)] + c[4] * floats[U(at + 7)],
    )
