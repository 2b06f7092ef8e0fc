"""Many lights: the tree picks by the very chances that it says, the picture stays, and the noise falls."""

from __future__ import annotations

import numpy as np
import pytest

from node_agent.kernels.pathtracer import pack_lights
from node_agent.kernels.pathtracer.arrays import MIS, N_LIGHTS, N_SEEN_NODES, ONLY_BSDF, ONLY_LIGHTS
from node_agent.kernels.pathtracer.jit import entry
from node_agent.kernels.pathtracer.lights import light_chance, pick_light
from tests.rendering.render import beauty, spec_of, state_of
from tests.rendering.scenes import Builder


@entry
def picks(tables, places, normals, numbers, lights, chances):
    for i in range(len(places)):
        p, n = (
            (places[i, 0], places[i, 1], places[i, 2]),
            (normals[i, 0], normals[i, 1], normals[i, 2]),
        )
        lights[i], chances[i, 0], _ = pick_light(tables, p, n, numbers[i])
        chances[i, 1] = light_chance(tables, max(lights[i], 0), p, n)
        for light in range(tables.ints[N_LIGHTS]):
            chances[i, 2] += light_chance(tables, light, p, n)


def room(count=40, seed=2, dome=True) -> Builder:
    """A floor and a wall with lights of every kind about."""
    b, random = Builder(), np.random.default_rng(seed)
    b.quad((-4, 0, 4), (8, 0, 0), (0, 0, -8), b.matt(0.6))
    b.quad((-4, 0, -4), (8, 0, 0), (0, 4, 0), b.material((0.6, 0.5, 0.4), roughness=0.3))
    lamp = b.matt(0.0, emit=(3, 4, 5))
    for k in range(count):
        x, y, z = random.uniform((-3.5, 0.4, -3.5), (3.5, 3, 3.5))
        u, v = random.normal(size=(2, 3)) * 0.1
        if k % 4 == 0:
            b.sphere_light((x, y, z), 0.1, random.uniform(1, 20))
        elif k % 4 == 1:
            b.rect_light((x, y, z), u, np.cross(u, v) / np.linalg.norm(u), random.uniform(1, 20))
        elif k % 4 == 2:
            b.disk_light((x, y, z), u, np.cross(u, v) / np.linalg.norm(u), random.uniform(1, 20))
        else:
            b.mesh(np.array([[0, 0, 0], u, v]) + np.array([x, y, z]), [[0, 1, 2]], lamp)
    if dome:
        b.dome(0.2)
    b.look((0, 2.5, 7), (0, 1, 0), 0.5)
    return b


def test_a_light_is_picked_by_the_chance_that_is_told():
    random = np.random.default_rng(1)
    count = 400
    places = random.uniform((-4, 0, -4), (4, 3, 4), (count, 3)).astype(np.float32)
    normals = random.normal(size=(count, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    normals[::5] = 0
    lights, chances = np.empty(count, np.int64), np.zeros((count, 3), np.float32)
    tables = state_of(room().pack(), spec_of()).scene.tables
    numbers = random.random(count).astype(np.float32)
    picks(tables, places, normals.astype(np.float32), numbers, lights, chances)
    found = lights >= 0
    np.testing.assert_allclose(chances[found, 0], chances[found, 1], rtol=1e-4)
    assert len(np.unique(lights)) > 20
    # What is missing is as often picked in vain: lamps that no bound told from some that reach the surface.
    assert chances[:, 2].max() < 1.001
    assert abs((1 - chances[:, 2]).mean() - (~found).mean()) < 0.05


def test_all_ways_to_find_the_light_agree():
    packed = room().pack()
    more = {"width": 12, "samples": 512, "max_depth": 3}
    both = beauty(packed, strategy=MIS, **more).mean()
    assert beauty(packed, strategy=ONLY_LIGHTS, **more).mean() == pytest.approx(both, rel=0.03)
    assert beauty(packed, strategy=ONLY_BSDF, **more).mean() == pytest.approx(both, rel=0.06)


def test_the_lights_that_rays_meet_are_those_of_the_loop(monkeypatch):
    packed = room(60).pack()
    state = state_of(packed, spec_of())
    assert state.scene.tables.ints[N_SEEN_NODES] == 2 * 45 - 1
    more = {"width": 24, "samples": 16, "max_depth": 2, "strategy": ONLY_BSDF}
    by_tree = beauty(packed, **more)
    monkeypatch.setattr(pack_lights, "FEW", 10**6)
    np.testing.assert_allclose(by_tree, beauty(packed, **more), rtol=1e-4, atol=1e-5)


def street(lamps=1000) -> Builder:
    """A long street of lamps that shine down, of which each lights a little of it."""
    b, random = Builder(), np.random.default_rng(5)
    b.quad((-5, 0, 5), (10, 0, 0), (0, 0, -210), b.matt(0.5))
    for k in range(lamps):
        at = (random.uniform(-4, 4), random.uniform(0.3, 1.0), -200 * k / lamps)
        b.disk_light(at, (0.02, 0, 0), (0, 0, 0.02), random.uniform(50, 500))
    b.look((0, 3, 4), (0, 0, -10), 0.5)
    return b


def test_a_thousand_lamps_make_far_less_noise_than_by_their_power(monkeypatch):
    packed = street().pack()
    more = {"width": 24, "max_depth": 2, "strategy": ONLY_LIGHTS}
    truth = beauty(packed, samples=512, **more)
    tree = beauty(packed, samples=16, seed=1, **more)
    monkeypatch.setattr(pack_lights, "FEW", 10**6)
    power = beauty(packed, samples=16, seed=1, **more)
    weight = 1 / (truth + 0.01 * truth.mean()) ** 2
    assert tree.mean() == pytest.approx(truth.mean(), rel=0.1)
    error, other = (((image - truth) ** 2 * weight).mean() for image in (tree, power))
    assert error < other / 5
