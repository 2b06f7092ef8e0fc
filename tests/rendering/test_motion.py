"""The plane ``forward`` against motions that are known on paper."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from node_agent.kernels.interface import KernelSpec, Target
from tests.rendering.render import TRACER, spec_of, state_of
from tests.rendering.scenes import Builder, look_at

WIDTH, HEIGHT = 24, 16
TAN = 0.5


def wall(shift=(0.0, 0.0, 0.0), eye=(0, 0, 5), target=(0, 0, 0), size=1.0, bend=0.0):
    """A square that faces the camera, moved, and with its right edge bent upwards."""
    b = Builder()
    corners = np.array([[-size, -size, 0], [size, -size, 0], [size, size, 0], [-size, size, 0]])
    corners = corners + shift + np.array([[0], [bend], [bend], [0]]) * [0, 1, 0]
    b.mesh(corners, [[0, 1, 2], [0, 2, 3]], b.matt(0.5))
    b.look(eye, target, TAN)
    return b.pack()


def forward(now, later, **more):
    """(height, width, 2)."""
    spec = spec_of(WIDTH, HEIGHT, samples=1, motion=1, **more)
    state = state_of(now, spec)
    state.reader = lambda frame: now if frame == spec.frame else later
    TRACER.advance(state, 0, 1)
    return TRACER.finish(state)["forward"]


def test_what_moves_across_and_up_moves_by_so_many_pixels():
    plane = forward(wall(size=9), wall((0.3, 0.2, 0), size=9))
    # 5 units away the image is 5 units wide.
    per_unit = WIDTH / (2 * TAN * 5)
    assert plane.shape == (HEIGHT, WIDTH, 2)
    np.testing.assert_allclose(plane[..., 0], 0.3 * per_unit, atol=1e-3)
    np.testing.assert_allclose(plane[..., 1], 0.2 * per_unit, atol=1e-3)


def test_a_camera_that_comes_nearer_lets_all_go_outwards():
    plane = forward(wall(size=9), wall(size=9, eye=(0, 0, 4)))
    x = np.arange(WIDTH) + 0.5 - WIDTH / 2
    y = HEIGHT / 2 - (np.arange(HEIGHT) + 0.5)
    np.testing.assert_allclose(plane[..., 0], np.broadcast_to(x / 4, (HEIGHT, WIDTH)), atol=0.02)
    np.testing.assert_allclose(plane[..., 1].T, np.broadcast_to(y / 4, (WIDTH, HEIGHT)), atol=0.02)


def test_what_bends_moves_by_how_far_it_is_along():
    plane = forward(wall(size=9), wall(size=9, bend=0.9))
    across = ((np.arange(WIDTH) + 0.5) / WIDTH - 0.5) * 5
    expected = 0.9 * (across + 9) / 18 * WIDTH / 5
    np.testing.assert_allclose(plane[HEIGHT // 2, :, 1], expected, atol=0.02)


def test_behind_what_stands_still_the_sky_turns_with_the_camera():
    turned = replace(wall(), camera=replace(wall().camera, to_world=look_at((0, 0, 5), (1, 0, 0))))
    plane = forward(wall(size=0.01), turned)
    # The middle of the image goes to the left, by the tangent of the angle.
    middle = plane[HEIGHT // 2, WIDTH // 2 - 1 : WIDTH // 2 + 1, 0].mean()
    assert abs(middle + 0.2 / TAN * WIDTH / 2) < 0.1


def test_a_frame_with_other_meshes_has_no_motion():
    b = Builder()
    b.sphere(b.matt(0.5), rings=4)
    assert not forward(wall(), b.pack()).any()


SCENE = """#usda 1.0
def Xform "Mover" {
    double3 xformOp:translate.timeSamples = { 1: (0, 0, 0), 3: (0.4, 0, 0) }
    uniform token[] xformOpOrder = ["xformOp:translate"]
    def Mesh "M" {
        int[] faceVertexCounts = [4]
        int[] faceVertexIndices = [0, 1, 2, 3]
        point3f[] points = [(-9, -9, 0), (9, -9, 0), (9, 9, 0), (-9, 9, 0)]
        uniform token subdivisionScheme = "none"
    }
}
def Camera "Cam" {
    double3 xformOp:translate = (0, 0, 5)
    uniform token[] xformOpOrder = ["xformOp:translate"]
    float focalLength = 20
    float horizontalAperture = 20
}
"""


def test_a_usd_scene_says_where_its_meshes_go(tmp_path: Path):
    path = tmp_path / "moves.usda"
    path.write_text(SCENE)
    spec = KernelSpec(
        scene=path, frame=1.0, width=8, height=8, samples=1, options={"motion": 1, "max_depth": 1}
    )
    state = TRACER.prepare(spec, Target("cpu", 1), lambda _: None)
    TRACER.advance(state, 0, 1)
    plane = TRACER.finish(state)["forward"]
    np.testing.assert_allclose(plane[..., 0], 0.2 / 5 * 8, atol=1e-3)
    np.testing.assert_allclose(plane[..., 1], 0.0, atol=1e-4)
