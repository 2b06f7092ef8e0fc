"""Random numbers: reproducible, in range, stratified."""

import numpy as np
from numba import njit

from node_agent.kernels.pathtracer.rng import draw, draw_pair, pixel_key, reverse_bits

U = np.uint32


@njit
def pairs(pixel, dimension, count):
    out = np.empty((count, 3), np.float32)
    key = pixel_key(U(1), U(pixel))
    for i in range(count):
        bits = reverse_bits(U(i))
        out[i, 0], out[i, 1] = draw_pair(key, bits, U(dimension))
        out[i, 2] = draw(key, bits, U(dimension))
    return out


def test_each_elementary_square_holds_one_point():
    """What a (0, 2)-sequence promises: any 2^a x 2^b grid of 4,096 cells holds one of 4,096 points each."""
    for pixel, dimension in ((0, 0), (1, 6), (1000, 11)):
        points = pairs(pixel, dimension, 4096)
        for a in range(13):
            cells = (points[:, :2] * [2**a, 2 ** (12 - a)]).astype(int)
            assert len({(x, y) for x, y in cells}) == 4096


def test_pixels_and_dimensions_are_independent():
    series = np.concatenate([pairs(p, d, 512) for p, d in ((0, 0), (1, 0), (0, 1), (2, 5))], axis=1)
    correlation = np.corrcoef(series.T)
    np.testing.assert_allclose(correlation, np.eye(12), atol=0.2)
    assert series.min() >= 0
    assert series.max() < 1
