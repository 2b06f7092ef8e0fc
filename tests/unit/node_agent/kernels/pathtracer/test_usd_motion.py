"""What a USD stage says of motion while the shutter is open."""

from __future__ import annotations

import numpy as np
import pytest

from node_agent.kernels.pathtracer import usd_pack
from tests.unit.node_agent.kernels.pathtracer.usd_files import SQUARE, mesh, read_body


def camera(opens=-0.25, closes=0.25, more=""):
    return f"""
def Camera "Cam" {{
    double shutter:open = {opens}
    double shutter:close = {closes}
    {more or "double3 xformOp:translate = (0, 0, 5)"}
    uniform token[] xformOpOrder = ["xformOp:translate"]
}}
"""


GOING = """
    double3 xformOp:translate.timeSamples = {0: (0, 0, 0), 4: (4, 0, 0)}
    uniform token[] xformOpOrder = ["xformOp:translate"]
"""
GROWING = """
    point3f[] points.timeSamples = {
        0: [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)], 4: [(0, 0, 0), (1, 0, 0), (1, 5, 0), (0, 5, 0)]}
"""
PLAIN = SQUARE.replace("point3f[] points = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)]", "")


def test_a_closed_shutter_blurs_nothing(tmp_path):
    packed, _ = read_body(tmp_path, mesh(GOING) + camera(0, 0), frame=2)
    assert not len(packed.positions_close)
    assert packed.camera.to_world_close is None
    assert packed.positions[:, 0].tolist() == [2, 3, 3, 2]


@pytest.mark.parametrize(
    ("body", "column", "opens", "closes"),
    [
        (mesh(GOING), 0, [1.75, 2.75, 2.75, 1.75], [2.25, 3.25, 3.25, 2.25]),
        (mesh(GROWING, body=PLAIN), 1, [0, 0, 2.75, 2.75], [0, 0, 3.25, 3.25]),
    ],
    ids=["transform", "points"],
)
def test_what_moves_is_read_at_both_ends(tmp_path, body, column, opens, closes):
    still = mesh(name="Still")
    packed, _ = read_body(tmp_path, still + body + camera(), frame=2)
    assert packed.positions[4:, column].tolist() == opens
    assert packed.positions_close[4:, column].tolist() == closes
    np.testing.assert_array_equal(packed.positions_close[:4], packed.positions[:4])


def test_a_moving_camera(tmp_path):
    way = "double3 xformOp:translate.timeSamples = {0: (0, 0, 0), 4: (0, 4, 0)}"
    packed, _ = read_body(tmp_path, mesh() + camera(0.0, 0.5, way), frame=1)
    assert packed.camera.to_world[1, 3] == 1.0
    assert packed.camera.to_world_close[1, 3] == 1.5


def test_instances_that_move_are_one_mesh_with_two_places(tmp_path, monkeypatch):
    monkeypatch.setattr(usd_pack, "INSTANCE_SAVES", 1)
    body = f"""
def PointInstancer "Crowd" {{
    point3f[] positions.timeSamples = {{0: [(0, 0, 0), (5, 0, 0)], 4: [(0, 0, 4), (5, 0, 0)]}}
    int[] protoIndices = [0, 0]
    rel prototypes = [</Crowd/Unit>]
    def Xform "Unit"
    {{
        def Mesh "A" {{{SQUARE}}}
        def Mesh "B" {{{SQUARE}}}
    }}
}}
"""
    packed, _ = read_body(tmp_path, body + camera(), frame=2)
    assert len(packed.triangles) == 4
    assert packed.instance_places[:, 2, 3].tolist() == [1.75, 0]
    assert packed.instance_places_close[:, 2, 3].tolist() == [2.25, 0]
    assert not len(packed.positions_close)


def test_a_mesh_whose_faces_change_stands_still(tmp_path):
    faces = """
    int[] faceVertexCounts.timeSamples = {0: [4], 2: [3]}
    int[] faceVertexIndices.timeSamples = {0: [0, 1, 2, 3], 2: [0, 1, 2]}
    uniform token subdivisionScheme = "none"
"""
    packed, _ = read_body(tmp_path, mesh(GROWING, body=faces) + camera(0.0, 1.0), frame=1)
    assert not len(packed.positions_close)


def test_a_broken_shutter_is_closed(tmp_path):
    packed, _ = read_body(tmp_path, mesh(GOING) + camera(0.5, -0.5), frame=2)
    assert not len(packed.positions_close)
