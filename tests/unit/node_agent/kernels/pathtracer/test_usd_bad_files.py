"""Files that cannot be rendered: each is refused in one sentence that names it; nothing crashes."""

import os

import numpy as np
import pytest
from pxr import Usd

from node_agent.kernels.interface import KernelRefusal
from tests.unit.node_agent.kernels.pathtracer.usd_files import HEADER, mesh, read, read_body, write


def refused(path, **options: object) -> str:
    with pytest.raises(KernelRefusal) as caught:
        read(path, **options)
    sentence = str(caught.value)
    assert path.name in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def test_a_missing_file(tmp_path):
    assert "does not exist" in refused(tmp_path / "gone.usda")


def test_a_folder(tmp_path):
    (tmp_path / "folder.usda").mkdir()
    refused(tmp_path / "folder.usda")


def test_another_kind_of_file(tmp_path):
    (tmp_path / "scene.txt").write_text("#usda 1.0\n")
    assert "must end in .usd" in refused(tmp_path / "scene.txt")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path):
    path = write(tmp_path, mesh())
    path.chmod(0)
    refused(path)


@pytest.mark.parametrize("suffix", [".usd", ".usda", ".usdc", ".usdz"])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0\1\2garbage",
        b"#usda 1.0\ndef {",
        b"PXR-USDC" + b"\xff" * 200,
        b"PK\3\4" + b"\0" * 80,
    ],
)
def test_garbage(tmp_path, suffix, content):
    path = tmp_path / f"scene{suffix}"
    path.write_bytes(content)
    refused(path)


def test_a_truncated_binary_file_at_many_places(tmp_path):
    whole = tmp_path / "whole.usdc"
    stage = Usd.Stage.Open(str(write(tmp_path, mesh())))  # a layer lives as long as its stage
    stage.GetRootLayer().Export(str(whole))
    data = whole.read_bytes()
    for length in np.linspace(0, len(data) - 1, 24).astype(int):
        path = tmp_path / f"cut{length}.usdc"
        path.write_bytes(data[:length])
        refused(path)


@pytest.mark.parametrize(
    "body", ["", 'def Xform "X" {}\n', 'def SphereLight "L" {}\n', 'def Mesh "M" {}\n']
)
def test_nothing_to_see(tmp_path, body):
    assert "shows no geometry at frame 1" in refused(write(tmp_path, body))


def test_a_prototype_that_holds_its_own_instancer_ends(tmp_path):
    body = f"""
def PointInstancer "P" {{
    int[] protoIndices = [0, 0]
    point3f[] positions = [(0, 0, 0), (5, 0, 0)]
    rel prototypes = [</P>]
}}
{mesh()}
"""
    packed, warnings = read_body(tmp_path, body)
    assert len(packed.triangles) == 2
    assert any("point instancer that cannot be followed" in warning for warning in warnings)


def test_a_camera_without_a_lens(tmp_path):
    body = mesh() + 'def Camera "C" {\nfloat focalLength = 0\n}\n'
    assert "/C has no focal length" in refused(write(tmp_path, body))


def test_a_frame_far_outside_the_range_holds_the_last_sample(tmp_path):
    body = (
        mesh()
        .replace("points = [", "points.timeSamples = { 1: [")
        .replace("(0, 1, 0)]", "(0, 1, 0)] }")
    )
    packed, _ = read(write(tmp_path, body, header=HEADER), frame=1e9)
    assert len(packed.triangles) == 2


def test_many_triangles_are_read_without_a_loop_over_them(tmp_path):
    """Ten thousand calls a second is what a loop in Python makes; this must not come near the time limit."""
    side = 350
    stage = Usd.Stage.CreateInMemory()
    from pxr import UsdGeom, Vt

    grid = UsdGeom.Mesh.Define(stage, "/M")
    x, y = np.meshgrid(np.arange(side + 1), np.arange(side + 1))
    points = np.stack([x.ravel(), y.ravel(), np.sin(x.ravel())], axis=1).astype(np.float32)
    first = (np.arange(side)[:, None] * (side + 1) + np.arange(side)).ravel()
    quads = np.stack([first, first + 1, first + side + 2, first + side + 1], axis=1).astype(
        np.int32
    )
    grid.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(points))
    grid.CreateFaceVertexCountsAttr(Vt.IntArray.FromNumpy(np.full(side * side, 4, np.int32)))
    grid.CreateFaceVertexIndicesAttr(Vt.IntArray.FromNumpy(quads.ravel()))
    path = tmp_path / "big.usdc"
    stage.GetRootLayer().Export(str(path))
    packed, _ = read(path)
    assert (
        len(packed.triangles) == 4 * 2 * side * side
    )  # a subdivision surface, by its default scheme
