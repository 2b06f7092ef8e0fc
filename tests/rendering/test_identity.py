"""The same samples give the same bits, however they were split, ordered, interrupted or threaded."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from node_agent.kernels.interface import KernelRefusal, Target
from node_agent.kernels.pathtracer import launch_cpu
from node_agent.kernels.pathtracer.film import new_film
from tests.rendering.render import TRACER, film_hash, spec_of, state_of
from tests.rendering.scenes import cornell

SIZE = {"width": 40, "height": 28}


@pytest.fixture(scope="module")
def packed():
    return cornell().pack()


def whole(packed, threads=1, **more):
    spec = spec_of(**SIZE, **({"samples": 12, "samples_per_pass": 12} | more))
    state = state_of(packed, spec, threads)
    TRACER.advance(state, 0, spec.passes)
    return state


@pytest.fixture(scope="module")
def reference(packed):
    return film_hash(whole(packed))


@pytest.mark.parametrize("threads", [2, 3])
def test_any_number_of_threads(packed, reference, threads):
    assert film_hash(whole(packed, threads)) == reference


@pytest.mark.parametrize("tile", [5, 16, 64])
def test_any_tile(packed, reference, tile):
    state = state_of(packed, spec_of(**SIZE, samples=12))
    launch_cpu.launch(state.scene, state.film, 0, 12, 2, tile_size=tile)
    assert film_hash(state) == reference


@pytest.mark.parametrize("samples_per_pass", [1, 5, 12, 100])
def test_any_pass(packed, reference, samples_per_pass):
    assert film_hash(whole(packed, samples_per_pass=samples_per_pass)) == reference


def test_passes_in_any_order(packed, reference):
    spec = spec_of(**SIZE, samples=12, samples_per_pass=4)
    for order in itertools.permutations(range(3)):
        state = state_of(packed, spec)
        for number in order:
            TRACER.advance(state, number, 1)
        assert film_hash(state) == reference


def test_parts_merge_in_any_order(packed, reference):
    parts = [whole(packed, first_sample=a, samples=n) for a, n in ((0, 3), (3, 8), (11, 1))]
    for order in itertools.permutations(parts):
        total = state_of(packed, spec_of(**SIZE, samples=12, samples_per_pass=12))
        for part in order:
            TRACER.merge(total, part)
        assert film_hash(total) == reference
        assert total.ranges == [(0, 12)]
        assert TRACER.passes_done(total) == 1


def test_yield_and_resume(packed, reference):
    spec = spec_of(**SIZE, samples=12, samples_per_pass=4)
    state = state_of(packed, spec, threads=2)
    for number in range(3):
        TRACER.advance(state, number, 1)
        data = TRACER.checkpoint(state)
        state = TRACER.restore_scene(spec, packed, data, Target("cpu", 1 + number % 2))
        assert TRACER.passes_done(state) == number + 1
    assert film_hash(state) == reference


def test_another_seed_or_sample_gives_other_bits(packed, reference):
    assert film_hash(whole(packed, seed=1)) != reference
    assert film_hash(whole(packed, first_sample=12)) != reference


def test_a_pass_is_not_added_twice(packed):
    spec = spec_of(**SIZE, samples=12, samples_per_pass=4)
    state = state_of(packed, spec)
    TRACER.advance(state, 1, 2)
    assert TRACER.passes_done(state) == 0
    for wrong in ((2, 1), (0, 3), (3, 1), (-1, 1), (0, 0)):
        with pytest.raises(ValueError, match=r"passes|samples"):
            TRACER.advance(state, *wrong)


def test_merge_refuses_the_same_samples_and_other_frames(packed):
    state = whole(packed)
    with pytest.raises(KernelRefusal, match="same samples"):
        TRACER.merge(state, whole(packed, first_sample=11, samples=2))
    with pytest.raises(KernelRefusal, match="different frames"):
        TRACER.merge(state, whole(packed, first_sample=12, seed=3))


def test_a_failing_thread_is_heard(packed, monkeypatch):
    state = state_of(packed, spec_of(**SIZE, samples=1), threads=3)

    def fail(*_args):
        raise RuntimeError("out of luck")

    monkeypatch.setattr(launch_cpu, "render_tile", fail)
    with pytest.raises(RuntimeError, match="out of luck"):
        launch_cpu.launch(state.scene, new_film(40, 28), 0, 1, 3)


def test_preview_is_no_larger_than_asked(packed):
    state = whole(packed)
    for limits in ((40, 28), (20, 100), (7, 7), (1, 1), (1000, 1000)):
        image = TRACER.preview(state, *limits)
        assert image.dtype == np.uint8
        assert image.shape[0] <= limits[1]
        assert image.shape[1] <= limits[0]
        assert image.max() > 30
    empty = TRACER.preview(state_of(packed, spec_of(**SIZE)), 40, 28)
    assert not empty.any()
