"""Adaptive sampling: the same error from fewer samples, and the same bits however it is cut up."""

from __future__ import annotations

import numpy as np
import pytest

from node_agent.kernels.interface import KernelRefusal
from node_agent.kernels.pathtracer import adaptive
from node_agent.kernels.pathtracer.adaptive import PILOT
from node_agent.kernels.pathtracer.film import FILM_PLANES, LIMIT, SAMPLES
from tests.rendering.render import TRACER, film_hash, render, spec_of, state_of
from tests.rendering.scenes import cornell

SIZE = {"width": 40, "height": 28}
WISH = {**SIZE, "samples": 96, "samples_per_pass": 8, "adaptive": 0.08}


@pytest.fixture(scope="module")
def packed():
    return cornell().pack()


def rendered(packed, threads=2, **more):
    spec = spec_of(**(WISH | more))
    state = state_of(packed, spec, threads)
    TRACER.advance(state, 0, spec.passes)
    return state


@pytest.fixture(scope="module")
def whole(packed):
    return rendered(packed)


def test_calm_pixels_stop_and_noisy_ones_go_on(whole):
    counts = whole.film[:, SAMPLES]
    assert counts.min() >= PILOT
    assert (counts < 96).any()
    assert (counts == 96).any()
    assert (counts == np.minimum(whole.film[:, LIMIT], 96)).all()


def test_the_same_work_leaves_less_error_where_it_shows(packed, whole):
    truth = render(packed, **SIZE, samples=1024)["beauty"][..., :3]
    even = int(whole.film[:, SAMPLES].mean()) + 1
    plain = render(packed, **SIZE, samples=even)["beauty"][..., :3]
    own = TRACER.finish(whole)["beauty"][..., :3]
    assert worst(own, truth) < worst(plain, truth)


def worst(image, truth):
    """The 95th percentile of relative error: the grain that a person sees."""
    error = np.abs(image - truth).mean(axis=-1) / (truth.mean(axis=-1) + adaptive.FLOOR)
    return np.percentile(error, 95)


@pytest.mark.parametrize("threads", [1, 3])
def test_any_number_of_threads(packed, whole, threads):
    assert film_hash(rendered(packed, threads)) == film_hash(whole)


@pytest.mark.parametrize("samples_per_pass", [5, 32, 96])
def test_any_pass(packed, whole, samples_per_pass):
    assert film_hash(rendered(packed, samples_per_pass=samples_per_pass)) == film_hash(whole)


def test_passes_in_any_order(packed, whole):
    spec = spec_of(**WISH)
    state = state_of(packed, spec)
    for number in (7, 0, 11, 3, 1, 2, 10, 9, 8, 6, 5, 4):
        TRACER.advance(state, number, 1)
    assert film_hash(state) == film_hash(whole)


@pytest.mark.parametrize("stop", [2, 4, 9])
def test_yielded_and_resumed(packed, whole, stop):
    spec = spec_of(**WISH)
    state = state_of(packed, spec)
    TRACER.advance(state, 0, stop)
    again = TRACER.restore_scene(spec, packed, TRACER.checkpoint(state), state.target)
    TRACER.advance(again, stop, spec.passes - stop)
    assert film_hash(again) == film_hash(whole)


@pytest.mark.parametrize("cut", [16, 40, 80])
def test_split_and_merged(packed, whole, cut):
    first = rendered(packed, samples=cut)
    second = rendered(packed, first_sample=cut, samples=96 - cut)
    TRACER.merge(first, second)
    assert film_hash(first) == film_hash(whole)
    other = rendered(packed, samples=cut)
    TRACER.merge(second, other)
    assert film_hash(second) == film_hash(whole)


def test_samples_of_another_wish_do_not_mix(packed, whole):
    other = rendered(packed, first_sample=96, adaptive=0.2)
    with pytest.raises(KernelRefusal, match="different frames"):
        TRACER.merge(other, whole)


def test_a_flat_film_needs_the_pilot_alone():
    film = np.zeros((30, FILM_PLANES), np.int64)
    film[:, SAMPLES] = PILOT
    assert (adaptive.sample_limits(film, (6, 5), 0.01) == PILOT).all()


def test_pooling_is_the_sum_over_the_neighbours_also_where_running_sums_wrap():
    values = np.random.default_rng(1).integers(-(2**50), 2**50, (9, 11))
    values[0, :] = 2**56
    got = adaptive._pooled(values.ravel(), (11, 9)).reshape(9, 11)
    reach = adaptive.REACH
    for y, x in np.ndindex(9, 11):
        around = values[max(y - reach, 0) : y + reach + 1, max(x - reach, 0) : x + reach + 1]
        assert got[y, x] == float(sum(int(v) for v in around.flat))


def test_variance_is_that_of_the_mean(packed):
    # Over many independent frames the variance plane must be what the means spread by.
    spread = [render(packed, **SIZE, samples=16, seed=seed) for seed in range(24)]
    light = np.stack([f["beauty"][..., :3] @ [0.2126, 0.7152, 0.0722] for f in spread])
    told = np.mean([f["variance"][..., 0] for f in spread], axis=0)
    found = light.var(axis=0, ddof=1)
    dim = light.mean(axis=0) < 1.0
    # Sobol' points are better than independent ones: what is told may be more, not less.
    assert 0.3 < found[dim].sum() / told[dim].sum() < 1.1
