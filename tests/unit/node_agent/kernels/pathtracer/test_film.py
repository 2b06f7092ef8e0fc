"""The film's grid: rounding, clamping, refusal of NaN, means."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from node_agent.kernels.pathtracer.film import (
    FILM_PLANES,
    LARGEST,
    SAMPLES,
    add_sample,
    new_film,
    quantise,
    resolve,
)

F = np.float32


@njit
def quantised(x):
    return quantise(x)


@njit
def add(film, values):
    a, b, c, d = values[0], values[1], values[2], values[3]
    add_sample(
        film,
        0,
        ((a[0], a[1], a[2]), (b[0], b[1], b[2]), (c[0], c[1], c[2]), (d[0], d[1], d[2])),
    )


@given(st.floats(-1e7, 1e7, width=32))
def test_rounds_to_the_nearest_step_and_clamps(x):
    clamped = float(np.clip(F(x), -LARGEST, LARGEST))
    exact = clamped * 2.0**24
    assert abs(quantised(F(x)) - exact) <= 0.5


def test_half_a_million_samples_at_the_clamp_fit():
    assert int(quantised(F(1e30))) * 2**19 < 2**63


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_sample_that_is_no_number_is_left_out_whole(bad):
    for place in range(12):
        values = np.ones((4, 3), F)
        values.flat[place] = bad
        film = new_film(1, 1)
        add(film, values)
        assert not film.any()


def test_planes_are_means_and_depth_is_over_hits():
    film = new_film(2, 1)
    hit, miss = np.full((4, 3), 2.0, F), np.zeros((4, 3), F)
    hit[1] = 1.0, 6.0, 0.0  # alpha, depth
    hit[3] = 0.0, 0.0, 1.0
    add(film, hit)
    add(film, miss)
    planes = resolve(film, 2, 1)
    assert film.shape == (2, FILM_PLANES)
    assert film[0, SAMPLES] == 2
    np.testing.assert_array_equal(planes["beauty"][0, 0], [1, 1, 1, 0.5])
    assert planes["depth"][0, 0] == 6.0
    np.testing.assert_array_equal(planes["normal"][0, 0], [0, 0, 1])
    assert planes["samples"].tolist() == [[[2.0], [0.0]]]
    assert not planes["beauty"][0, 1].any()
