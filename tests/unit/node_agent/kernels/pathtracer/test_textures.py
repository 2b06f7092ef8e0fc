"""Bilinear lookups and wrap modes, against numpy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from node_agent.kernels.pathtracer.textures import BLACK, CLAMP, MIRROR, REPEAT, lookup
from tests.rendering.render import spec_of, state_of
from tests.rendering.scenes import Builder

H, W = 3, 4
TEXELS = np.arange(H * W * 4, dtype=np.float32).reshape(H, W, 4)


@njit
def look(tables, u, v):
    return lookup(tables, 0, (u, v, np.float32(0)))


def tables(mode):
    b = Builder()
    b.texture(TEXELS, wrap=(mode, mode))
    b.matt(tex_base=0)
    return state_of(b.pack(), spec_of()).scene.tables


def expected(mode, u, v):
    x, y = u * W - 0.5, v * H - 0.5
    total = np.zeros(4)
    for j in (int(np.floor(y)), int(np.floor(y)) + 1):
        for i in (int(np.floor(x)), int(np.floor(x)) + 1):
            weight = (1 - abs(x - i)) * (1 - abs(y - j))
            if mode == BLACK:
                inside = 0 <= i < W and 0 <= j < H
                total += weight * TEXELS[j, i] if inside else 0
                continue
            pad = {REPEAT: "wrap", CLAMP: "edge", MIRROR: "symmetric"}[mode]
            far = 40
            rows = np.pad(np.arange(H), far, mode=pad)
            columns = np.pad(np.arange(W), far, mode=pad)
            total += weight * TEXELS[rows[j + far], columns[i + far]]
    return total


@pytest.mark.parametrize("mode", [REPEAT, CLAMP, MIRROR, BLACK])
@given(st.floats(-3, 3, width=32), st.floats(-3, 3, width=32))
def test_against_numpy(mode, u, v):
    got = look(tables(mode), np.float32(u), np.float32(v))
    np.testing.assert_allclose(got, expected(mode, u, v), atol=2e-3)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e30])
def test_coordinates_that_are_no_place_are_black(bad):
    assert look(tables(REPEAT), np.float32(bad), np.float32(0.5)) == (0, 0, 0, 0)
