"""Energy, reciprocity and densities of every kind of surface, for any parameters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from node_agent.kernels.pathtracer.albedo_table import (
    albedo_tables,
    cosine_steps,
    ggx_albedo,
    glass_albedo,
    index_steps,
    roughness_steps,
)
from node_agent.kernels.pathtracer.arrays import AT_GGX
from node_agent.kernels.pathtracer.bsdf import (
    COSINES,
    GLASS_COSINES,
    evaluate,
    glass_of,
    lobes_of,
    sample,
)
from node_agent.kernels.pathtracer.geometry import ONE, ZERO

F = np.float32
TABLE = np.concatenate([np.zeros(AT_GGX, np.float32), *map(np.ravel, albedo_tables())])
compiled = njit(nogil=True, error_model="numpy", _nrt=False)
BLACK = (ZERO, ZERO, ZERO)


@compiled
def surface(floats, options, cosine, chance):
    """The lobes of (base, metallic, roughness, ior, coat, coat roughness, glass, thin)."""
    base = (options[0], options[0], options[0])
    if options[6] > ZERO:
        return glass_of(floats, base, options[2], options[3], options[7] > ZERO, cosine, chance)
    coat = (options[4], options[5])
    return lobes_of(floats, base, options[1], options[2], options[3], BLACK, False, coat, cosine)


@compiled
def value(floats, options, wo, wi):
    """(f times the cosine, pdf)."""
    f, pdf = evaluate(surface(floats, options, wo[2], ZERO), wo, wi)
    return f[0], pdf


@compiled
def compensation(floats, options, cosine):
    """What single scattering is multiplied by."""
    return surface(floats, options, cosine, ZERO)[3][0]


@compiled
def reflected(floats, options, wo, numbers, out):
    """By ``sample``: the weight of each of the directions that (n, 3) random numbers lead to."""
    for i in range(len(numbers)):
        lobes = surface(floats, options, wo[2], numbers[i, 2])
        wi = sample(lobes, wo, numbers[i, 0], numbers[i, 1])
        f, pdf = evaluate(lobes, wo, wi)
        out[i] = f[0] / pdf if pdf > ZERO else ZERO


@compiled
def integrated(floats, options, wo, numbers, out):
    """By directions all round: (f times the cosine, pdf), times the whole sphere."""
    for i in range(len(numbers)):
        z = ONE - F(2) * numbers[i, 0]
        r = F(np.sqrt(max(ONE - z * z, ZERO)))
        turn = numbers[i, 1] * F(2 * np.pi)
        wi = (r * F(np.cos(turn)), r * F(np.sin(turn)), z)
        f, pdf = value(floats, options, wo, wi)
        out[i, 0], out[i, 1] = f * F(4 * np.pi), pdf * F(4 * np.pi)


def direction(cosine, turn=0.3):
    sine = np.sqrt(1 - cosine**2)
    return F(sine * np.cos(turn)), F(sine * np.sin(turn)), F(cosine)


unit = st.floats(0, 1, width=32)
cosines = st.floats(0.0625, 1, width=32)
opaque = st.tuples(
    unit, unit, unit, st.floats(1, 2.5, width=32), unit, unit, st.just(0.0), st.just(0.0)
)
glass = st.tuples(
    unit,
    st.just(0.0),
    unit,
    st.floats(0.5, 2.5, width=32),
    unit,
    unit,
    st.just(1.0),
    st.sampled_from([0.0, 1.0]),
)
NUMBERS = np.random.default_rng(1).random((4096, 3), dtype=np.float32)


def row(options):
    return np.array(options, np.float32)


@settings(max_examples=60, deadline=None)
@given(st.one_of(opaque, glass), cosines)
def test_no_surface_reflects_more_than_it_gets(options, cosine):
    weights = np.empty(len(NUMBERS), np.float32)
    reflected(TABLE, row(options), direction(cosine), NUMBERS, weights)
    assert np.isfinite(weights).all()
    assert weights.min() >= 0
    error = weights.astype(float).std() / np.sqrt(len(weights))
    # The table's interpolation.
    assert weights.mean(dtype=float) <= 1.012 + 4 * error


ROUGHNESSES = (0.0, 0.03, 0.1, 0.2, 0.3, 0.45, 0.6, 0.7, 0.85, 1.0)
WHITE_ONES = {
    "plastic": (1, 0, 1.5, 0, 0, 0, 0),
    "metal": (1, 1, 1.5, 0, 0, 0, 0),
    "half metal": (1, 0.5, 1.5, 0, 0, 0, 0),
    "smooth coat": (1, 0, 1.5, 1, 0.1, 0, 0),
    "coated metal": (1, 1, 1.5, 1, 0.3, 0, 0),
    "glass": (1, 0, 1.5, 0, 0, 1, 0),
    "glass from inside": (1, 0, 1 / 1.5, 0, 0, 1, 0),
    "pane": (1, 0, 1.5, 0, 0, 1, 1),
}


@pytest.mark.parametrize("kind", WHITE_ONES)
def test_a_white_surface_gives_back_all_light_at_any_roughness_and_angle(kind):
    """Kulla and Conty's furnace: within 1 %, where single scattering alone loses up to 70 %."""
    base, *more = WHITE_ONES[kind]
    count = 1 << 14
    # An additive recurrence (Roberts 2018) beside even steps: even over the cube.
    n = np.arange(count)[:, None] * [1 / count, 0.7548776662, 0.5698402910] % 1
    numbers, weights = n.astype(np.float32), np.empty(count, np.float32)
    for roughness in ROUGHNESSES:
        metallic, *rest = more
        for cosine in (0.03, 0.1, 0.3, 0.6, 1.0):
            options = row((base, metallic, roughness, *rest))
            reflected(TABLE, options, direction(cosine), numbers, weights)
            error = weights.std(dtype=float) / count**0.75
            found = weights.mean(dtype=float)
            assert abs(found - 1) < 0.01 + error, (roughness, cosine)


def test_the_committed_tables_are_what_the_quadrature_gives():
    ggx, glass = albedo_tables()
    for j, i in ((3, 4), (14, 20), (23, 31)):
        roughness = roughness_steps()[j]
        found = ggx_albedo(roughness, cosine_steps(COSINES)[i], points=96)
        np.testing.assert_allclose(ggx[j, i], found, atol=2e-3)
    for k, j, i in ((3, 15, 5), (12, 23, 15), (8, 12, 8)):
        place = roughness_steps()[j], cosine_steps(GLASS_COSINES)[i], index_steps()[k]
        assert glass[k, j, i] == pytest.approx(1 / glass_albedo(*place, points=96), abs=4e-3)


def test_sampling_and_evaluating_agree():
    """The light from all round, by either way; and the density adds up to no more than 1."""
    rng = np.random.default_rng(2)
    numbers = rng.random((1 << 18, 3), dtype=np.float32)
    for options in (
        (0.8, 0.0, 0.6, 1.5, 0, 0, 0, 0),
        (0.8, 0.7, 0.5, 1.5, 0, 0, 0, 0),
        (0.8, 0.2, 0.7, 1.5, 0.8, 0.5, 0, 0),
        (0.9, 0.0, 0.6, 1.5, 0, 0, 1, 0),
        (0.9, 0.0, 0.6, 1 / 1.5, 0, 0, 1, 0),
        (0.9, 0.0, 0.6, 1.5, 0, 0, 1, 1),
    ):
        for cosine in (0.3, 0.9):
            wo, weights = direction(cosine), np.empty(len(numbers), np.float32)
            reflected(TABLE, row(options), wo, numbers, weights)
            values = np.empty((len(numbers), 2), np.float32)
            integrated(TABLE, row(options), wo, numbers, values)
            found, density = values.mean(axis=0, dtype=float)
            error = np.hypot(weights.std(), values[:, 0].std()) / np.sqrt(len(numbers))
            assert abs(weights.mean(dtype=float) - found) < 5 * error + 0.003, (options, cosine)
            spread = values[:, 1].std() / np.sqrt(len(numbers))
            assert density < 1 + 5 * spread, (options, cosine)


@settings(max_examples=100, deadline=None)
@given(
    st.floats(0.125, 1, width=32),
    st.floats(1.125, 2.5, width=32),
    cosines,
    cosines,
    st.floats(0, 6.25),
)
def test_what_passes_through_glass_passes_back(roughness, eta, here, there, turn):
    """Veach's reciprocity of refraction: between the two ways lies the square of the indices' ratio.

    Without the compensation, which follows one direction, as its author has it."""
    wo, (x, y, z) = direction(here), direction(there, turn)
    below = (x, y, F(-z))
    outer, inner = (row((1, 0, roughness, index, 0, 0, 1, 0)) for index in (eta, 1 / eta))
    turned_wo, turned_wi = (x, y, z), (wo[0], wo[1], F(-wo[2]))
    forth = value(TABLE, outer, wo, below)[0] / compensation(TABLE, outer, wo[2])
    back = value(TABLE, inner, turned_wo, turned_wi)[0] / compensation(TABLE, inner, z)
    # Values are times the cosine of the second direction.
    np.testing.assert_allclose(forth / z, back / wo[2] * eta**2, rtol=0.02, atol=1e-4)


@settings(max_examples=100, deadline=None)
@given(st.floats(0.0625, 0.25, width=32), cosines, cosines, st.floats(0, 6.25))
def test_reflection_is_reciprocal(roughness, here, there, turn):
    """Of a metal; of rougher ones the compensation follows one direction, as its author has it."""
    wo, wi = direction(here), direction(there, turn)
    metal = row((0.5, 1, roughness, 1.5, 0, 0, 0, 0))
    forth, back = value(TABLE, metal, wo, wi)[0] / wi[2], value(TABLE, metal, wi, wo)[0] / wo[2]
    np.testing.assert_allclose(forth, back, rtol=0.06, atol=1e-5)
