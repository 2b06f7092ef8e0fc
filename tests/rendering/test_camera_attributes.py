"""What a frame's header says of its camera and time, against what the frame shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from node_agent.kernels.pathtracer.camera_attributes import camera_attributes, time_code
from tests.rendering.render import TRACER, spec_of, state_of
from tests.rendering.scenes import Builder, look_at


def shown(width, height):
    """(attributes, position (h, w, 3), depth (h, w)) of a floor seen from aside through a shifted lens."""
    b = Builder()
    b.quad((-50, 0, 50), (100, 0, 0), (0, 0, -100), b.matt(0.5))
    b.look((1, 3, 4), (0.2, 0, 0), 0.3, shift_x=0.2, shift_y=-0.1, near=0.5, far=100.0)
    spec = spec_of(width, height, samples=4, cryptomatte=1)
    state = state_of(b.pack(), spec)
    TRACER.advance(state, 0, spec.passes)
    planes = TRACER.finish(state)
    return TRACER.attributes(state), planes["position"], planes["depth"][..., 0]


def test_matrices_lead_from_the_position_plane_to_the_pixel_and_its_depth():
    width, height = 24, 16
    attributes, position, depth = shown(width, height)
    points = np.concatenate([position, np.ones((height, width, 1))], axis=2)
    ndc = points @ attributes["worldToNDC"]
    ndc = ndc[..., :3] / ndc[..., 3:]
    x, y = np.meshgrid((np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height)
    np.testing.assert_allclose(ndc[..., 0], x, atol=0.3 / width)
    np.testing.assert_allclose(ndc[..., 1], y, atol=0.3 / height)
    assert ndc[..., 2].min() > 0
    assert ndc[..., 2].max() < 1
    seen = points @ attributes["worldToCamera"]
    np.testing.assert_allclose(seen[..., 2], depth, rtol=0.02)


def test_a_moving_camera_is_the_one_halfway():
    b = Builder()
    close = look_at((2, 0, 5), (2, 0, 0))
    camera = replace(b.camera, to_world_close=close)
    matrix = camera_attributes(camera, (4, 4), 0.0, 24.0)["worldToCamera"]
    np.testing.assert_allclose(np.array([1, 0, 0, 1]) @ matrix, [0, 0, 5, 1], atol=1e-5)


@pytest.mark.parametrize(
    ("frame", "rate", "code", "fraction"),
    [
        (0.0, 24.0, "00:00:00:00", (24, 1)),
        (1001.0, 24.0, "00:00:41:17", (24, 1)),
        (90000.0, 25.0, "01:00:00:00", (25, 1)),
        (30.0, 24000 / 1001, "00:00:01:06", (24000, 1001)),
        (-1.0, 24.0, "", (24, 1)),
        (0.5, 24.0, "", (24, 1)),
    ],
)
def test_time(frame, rate, code, fraction):
    assert time_code(frame, rate) == code
    attributes = camera_attributes(Builder().camera, (4, 4), frame, rate)
    assert attributes["framesPerSecond"] == fraction
    assert attributes.get("timeCode", "") == code
