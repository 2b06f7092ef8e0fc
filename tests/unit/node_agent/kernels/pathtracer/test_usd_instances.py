"""Instances of a USD stage stay instances where that saves much, and show the very same."""

from __future__ import annotations

import numpy as np
import pytest

from node_agent.kernels.pathtracer import scene as s
from node_agent.kernels.pathtracer import usd_pack
from tests.unit.node_agent.kernels.pathtracer.usd_files import (
    SQUARE,
    corners,
    mesh,
    read_body,
)

GLOW = """
def Material "Mat" {
    token outputs:surface.connect = </Mat/S.outputs:surface>
    def Shader "S" {
        uniform token info:id = "UsdPreviewSurface"
        color3f inputs:emissiveColor = (1, 2, 3)
        token outputs:surface
    }
}
"""
PAIR = f"""
    def Mesh "A" {{{SQUARE}}}
    def Mesh "B" {{{SQUARE}
        double3 xformOp:translate = (0, 2, 0)
        uniform token[] xformOpOrder = ["xformOp:translate"]
    }}
"""
CROWD = f"""
def PointInstancer "Crowd" {{
    point3f[] positions = [(0, 0, 0), (5, 0, 0), (0, 0, 5)]
    float3[] scales = [(1, 1, 1), (2, 1, 1), (-1, 1, 1)]
    int[] protoIndices = [0, 0, 0]
    rel prototypes = [</Crowd/Unit>]
    def Xform "Unit" {{{PAIR}}}
}}
"""
ASSET = f'class Xform "Asset" {{{PAIR}}}'
SCENEGRAPH = ASSET + "".join(
    f"""
def Xform "I{k}" (instanceable = true
    inherits = </Asset>) {{
    double3 xformOp:translate = ({k}, 0, {-k})
    uniform token[] xformOpOrder = ["xformOp:translate"]
}}
"""
    for k in range(4)
)


@pytest.fixture
def keen(monkeypatch):
    """Instances from the first triangle on that they save."""
    monkeypatch.setattr(usd_pack, "INSTANCE_SAVES", 1)


def drawn(packed):
    """(t, 3, 3) corners in world space of all that is drawn, in no order."""
    local = corners(packed)
    ends = [*packed.meshes, len(local)]
    found = [local[: ends[0]] if len(packed.meshes) else local]
    for number, place in zip(packed.instance_meshes, packed.instance_places, strict=True):
        found.append(local[ends[number] : ends[number + 1]] @ place[:, :3].T + place[:, 3])
    points = np.concatenate(found).round(4)
    # A mirroring instance turns its triangles round; which way is no matter here.
    return sorted(tuple(sorted(map(tuple, triangle.tolist()))) for triangle in points)


@pytest.mark.parametrize(("body", "count"), [(CROWD, 3), (SCENEGRAPH, 4)])
def test_what_is_drawn_together_is_one_mesh(tmp_path, keen, body, count):
    packed, _ = read_body(tmp_path, body)
    assert packed.meshes.tolist() == [0]
    assert packed.instance_meshes.tolist() == [0] * count
    assert len(packed.triangles) == 4


@pytest.mark.parametrize("body", [CROWD, SCENEGRAPH])
def test_instances_show_what_their_triangles_would(tmp_path, monkeypatch, body):
    body = mesh(name="Ground") + body
    flat, _ = read_body(tmp_path, body)
    assert not len(flat.meshes)
    monkeypatch.setattr(usd_pack, "INSTANCE_SAVES", 1)
    kept, _ = read_body(tmp_path, body)
    assert len(kept.triangles) == 2 + 4
    assert drawn(kept) == drawn(flat)
    assert kept.digest != flat.digest


def test_instances_of_another_look_are_another_mesh(tmp_path, keen):
    red = "rel material:binding = </Mat>"
    applied = 'prepend apiSchemas = ["MaterialBindingAPI"]'
    body = GLOW + SCENEGRAPH.replace('"I3" (', f'"I3" ({applied}\n    ')
    body = body.replace("(3, 0, -3)", f"(3, 0, -3)\n    {red}")
    packed, _ = read_body(tmp_path, body)
    # Three that are kept once, and the one that shines, in world space as a light.
    assert packed.instance_meshes.tolist() == [0, 0, 0]
    assert packed.meshes.tolist() == [4]
    assert packed.light_kinds.tolist() == [s.LIGHT_TRIANGLE] * 4


def test_the_made_camera_frames_instances(tmp_path, monkeypatch):
    """A crowd alone: its places count, not the unit's own."""
    far = CROWD.replace("(5, 0, 0)", "(500, 0, 0)")
    flat, _ = read_body(tmp_path, far)
    monkeypatch.setattr(usd_pack, "INSTANCE_SAVES", 1)
    kept, _ = read_body(tmp_path, far)
    np.testing.assert_allclose(kept.camera.to_world, flat.camera.to_world, rtol=1e-4)


def test_an_instance_without_extent_is_left_out(tmp_path, keen):
    flat = "float3 xformOp:scale = (0, 1, 1)"
    body = SCENEGRAPH.replace("double3 xformOp:translate = (0, 0, 0)", flat, 1)
    body = body.replace('["xformOp:translate"]\n}', '["xformOp:scale"]\n}', 1)
    packed, warnings = read_body(tmp_path, body)
    assert len(packed.instance_meshes) == 3
    assert any("/I0 has a transform without an extent" in warning for warning in warnings)
