"""Depth of field by the size of its circle of confusion, and that Russian roulette takes nothing away."""

from __future__ import annotations

import numpy as np
import pytest

from node_agent.kernels.pathtracer.options import UNCLAMPED, Options
from tests.rendering.render import beauty
from tests.rendering.scenes import Builder

SIZE, TAN, LENS, FOCUS = 32, 0.1, 0.2, 2.0


@pytest.mark.parametrize("away", [1.5, 2.0, 4.0])
def test_what_is_out_of_focus_fills_its_circle_of_confusion(away):
    """A lamp ``away`` from a lens of radius R, focused at f, is spread over a disk of R |1/f - 1/away| (PBRT 4,
    5.2.3), whose mean square radius is half of its square; by the lamp's own shape two thirds of its half width's."""
    b = Builder()
    half = 0.015 * away
    lamp = b.matt(0.0, emit=(1, 1, 1))
    b.quad((-half, -half, 0), (2 * half, 0, 0), (0, 2 * half, 0), lamp)
    b.look((0, 0, away), (0, 0, 0), TAN, lens_radius=LENS, focus_distance=FOCUS)
    light = beauty(b.pack(), width=SIZE, samples=256, max_depth=1)[..., 0]
    place = ((np.arange(SIZE) + 0.5) / SIZE * 2 - 1) * TAN
    square = place[None, :] ** 2 + place[:, None] ** 2
    found = (light * square).sum() / light.sum()
    blur = LENS * abs(1 / FOCUS - 1 / away)
    pixel = 2 * TAN / SIZE
    assert found == pytest.approx(blur**2 / 2 + 0.015**2 * 2 / 3 + pixel**2 / 6, rel=0.06)


def test_roulette_keeps_the_sum_of_all_bounces():
    """In a box whose walls emit E and reflect rho, L = E / (1 - rho): of 64 bounces roulette leaves about ten."""
    b = Builder()
    wall = b.material((0.9,) * 3, specular=(0, 0, 0), roughness=1.0, emit=(0.05,) * 3)
    for axis in range(3):
        for side in (-1.0, 1.0):
            corner, u, v = np.full(3, -1.0), np.zeros(3), np.zeros(3)
            corner[axis] = side
            u[(axis + 1) % 3], v[(axis + 2) % 3] = 2.0, 2.0
            b.quad(corner, u, v, wall)
    b.look((0.3, 0.2, 0.9), (-0.2, 0, -1), 1.0)
    found = beauty(b.pack(), width=16, samples=128, max_depth=64).mean()
    assert found == pytest.approx(0.5 * (1 - 0.9**64), rel=0.012)


def test_light_is_not_clamped_unless_somebody_asks():
    assert Options().clamp == UNCLAMPED
    b = Builder()
    b.quad((-1, -1, 0), (2, 0, 0), (0, 2, 0), b.matt(0.0, emit=(5e4,) * 3))
    b.look((0, 0, 3), (0, 0, 0), 0.1)
    assert beauty(b.pack(), width=2, samples=4) == pytest.approx(5e4)
