"""The light table as the kernels see it."""

from __future__ import annotations

import dataclasses

import numpy as np

from node_agent.kernels.pathtracer.arrays import AT_LIGHT_IDS, LIGHT_GROUP, LIGHT_IDS_WIDTH
from node_agent.kernels.pathtracer.scene import Names
from tests.rendering.render import spec_of, state_of
from tests.rendering.scenes import Builder


def test_a_light_keeps_its_group_however_the_lights_are_sorted():
    b = Builder()
    b.quad((-1, -1, 0), (2, 0, 0), (0, 2, 0), b.matt(0.0, emit=(1, 1, 1)))
    b.sphere_light((0, 0, 3), 0.5, 1.0)
    names = Names(light_groups=tuple("abcdefg"))
    groups = np.array([4, 5, 6], np.int32)
    packed = dataclasses.replace(b.pack(), light_groups=groups, names=names)
    tables = state_of(packed, spec_of()).scene.tables
    ids = tables.ints[tables.ints[AT_LIGHT_IDS] :][: 3 * LIGHT_IDS_WIDTH].reshape(3, -1)
    assert ids[:, LIGHT_GROUP].tolist() == [6, 4, 5]
