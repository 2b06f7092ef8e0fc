"""Planes of the light of each group: together the beauty to the bit, apart what each group's lights give."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from node_agent.kernels.interface import KernelRefusal, Target
from node_agent.kernels.pathtracer import scene as s
from node_agent.kernels.pathtracer.film import BEAUTY, FILM_PLANES
from node_agent.kernels.pathtracer.scene import Names
from tests.rendering.render import TRACER, film_hash, spec_of, state_of
from tests.rendering.scenes import Builder

GROUPS = ("rest", "lamp", "bulb")
SIZE = {"width": 20, "height": 16}


def lit(*kept: str):
    """A floor and a ball under a dome (of no group), a lamp and a bulb; with the lights of ``kept`` groups alone."""
    b = Builder()
    b.quad((-3, -1, 3), (6, 0, 0), (0, 0, -6), b.matt((0.7, 0.5, 0.4)))
    b.sphere(b.material((0.8, 0.8, 0.9), roughness=0.3), 0.7, (0, -0.3, 0), rings=12)
    if "lamp" in kept:
        b.quad((-0.5, 2, -0.5), (1, 0, 0), (0, 0, 1), b.matt(0.0, emit=(6, 5, 3)))
    if "bulb" in kept:
        b.sphere_light((1.5, 0.5, 1), 0.2, (4, 8, 9))
    if "rest" in kept:
        b.dome(0.3)
    b.look((0, 0.6, 4), (0, -0.2, 0), 0.45)
    packed = b.pack()
    kinds = {s.LIGHT_TRIANGLE: 1, s.LIGHT_SPHERE: 2, s.LIGHT_DOME: 0}
    packed.materials[:, s.GROUP] = packed.materials[:, s.EMIT_R] > 0
    numbers = np.array([kinds[kind] for kind in packed.light_kinds], np.int32)
    return replace(packed, light_groups=numbers, names=Names(light_groups=GROUPS))


@pytest.fixture(scope="module")
def packed():
    return lit(*GROUPS)


def whole(packed, threads=1, **more):
    spec = spec_of(**SIZE, **({"samples": 64, "samples_per_pass": 16, "light_groups": 1} | more))
    state = state_of(packed, spec, threads)
    TRACER.advance(state, 0, spec.passes)
    return state


@pytest.fixture(scope="module")
def reference(packed):
    return whole(packed)


def test_the_groups_add_up_to_the_beauty_to_the_bit(reference):
    film = reference.film
    groups = film[:, FILM_PLANES:].reshape(len(film), len(GROUPS), 3)
    np.testing.assert_array_equal(groups.sum(axis=1), film[:, BEAUTY : BEAUTY + 3])
    assert (groups.max(axis=(0, 2)) > 0).all()


def test_the_picture_is_the_one_without_groups(packed, reference):
    plain = TRACER.finish(whole(packed, light_groups=0))
    planes = TRACER.finish(reference)
    assert set(planes) - set(plain) == {f"light_{name}" for name in GROUPS}
    np.testing.assert_allclose(planes["beauty"], plain["beauty"], atol=1e-6)
    np.testing.assert_array_equal(planes["samples"], plain["samples"])


@pytest.mark.parametrize("name", GROUPS)
def test_each_plane_is_the_light_of_its_own_lights(name, reference):
    alone = TRACER.finish(whole(lit(name), samples=256, light_groups=0))["beauty"]
    found = TRACER.finish(reference)[f"light_{name}"]
    expected = alone[..., :3].mean(axis=(0, 1))
    np.testing.assert_allclose(found.mean(axis=(0, 1)), expected, rtol=0.04)


def test_threads_splits_and_checkpoints_change_no_bit(packed, reference):
    assert film_hash(whole(packed, threads=3)) == film_hash(reference)
    spec = reference.spec
    begun = state_of(packed, spec)
    TRACER.advance(begun, 0, 1)
    data = TRACER.checkpoint(begun)
    resumed = TRACER.restore_scene(spec, packed, data, Target("cpu", 2))
    TRACER.advance(resumed, 1, spec.passes - 1)
    assert film_hash(resumed) == film_hash(reference)
    halves = [replace(spec, samples=32, first_sample=first) for first in (0, 32)]
    parts = [state_of(packed, half) for half in halves]
    for part in parts:
        TRACER.advance(part, 0, part.spec.passes)
    TRACER.merge(*parts)
    assert film_hash(parts[0]) == film_hash(reference)


def test_a_checkpoint_without_groups_is_of_another_frame(packed, reference):
    data = TRACER.checkpoint(whole(packed, samples=16, light_groups=0))
    with pytest.raises(KernelRefusal, match="another render spec"):
        TRACER.restore_scene(reference.spec, packed, data, Target("cpu", 1))


def test_a_light_of_a_group_that_is_not_there_is_refused(packed):
    wrong = replace(packed, names=Names(light_groups=GROUPS[:2]))
    with pytest.raises(KernelRefusal, match="group outside 0 to 1"):
        state_of(wrong, spec_of(**SIZE, samples=1))
