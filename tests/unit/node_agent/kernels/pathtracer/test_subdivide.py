"""Refinement against what is known of Catmull-Clark surfaces in closed form."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pxr import Usd

from node_agent.kernels.pathtracer.mipmaps import image_of
from node_agent.kernels.pathtracer.subdivide import (
    SHARP,
    Cage,
    crease_points,
    refine,
    refine_values,
)
from node_agent.kernels.pathtracer.usd_geometry import read_mesh
from node_agent.kernels.pathtracer.usd_primvars import primvar_at_corners
from tests.unit.node_agent.kernels.pathtracer.usd_files import read_body

NO_EDGES = np.empty((0, 2), np.int64)


def cage_of(points, faces, edges=NO_EDGES, sharpness=(), **more):
    points = np.array(points, np.float64)
    return Cage(
        points,
        np.array([len(face) for face in faces]),
        np.concatenate([np.array(face) for face in faces]),
        np.array(edges, np.int64).reshape(-1, 2),
        np.array(sharpness, np.float64),
        more.pop("corners", np.zeros(len(points))),
        **more,
    )


def cube(**more):
    points = [(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    return cage_of(points, faces, **more)


def grid(size, wave=0.0):
    at = np.arange(size)
    points = [(x, y, wave * np.sin(x) * np.cos(y)) for y in at for x in at]
    faces = [
        (y * size + x, y * size + x + 1, (y + 1) * size + x + 1, (y + 1) * size + x)
        for y in at[:-1]
        for x in at[:-1]
    ]
    return cage_of(points, faces)


def refined(cage, levels):
    for _ in range(levels):
        cage, _ = refine(cage)
    return cage


def test_a_cube_one_level_down():
    cage, face = refine(cube())
    assert len(cage.points) == 8 + 12 + 6
    assert list(np.bincount(face)) == [4] * 6
    # (F + 2R + (n - 3) P) / n with n = 3: the mean of (1/3, 1/3, 1/3) + 2 (2/3, 2/3, 2/3) over 3.
    assert np.allclose(np.abs(cage.points[:8]), 5 / 9)
    # An edge point: the mean of its two ends and two face points.
    assert np.allclose(np.sort(np.abs(cage.points[8:20]), axis=1), [0, 0.75, 0.75])
    assert np.allclose(np.sort(np.abs(cage.points[20:]), axis=1), [0, 0, 1])


def test_a_cube_becomes_closed_and_round():
    cage = refined(cube(), 4)
    radius = np.linalg.norm(cage.points, axis=1)
    assert radius.max() / radius.min() < 1.18
    edges = np.sort(np.stack([cage.indices, np.roll(cage.indices.reshape(-1, 4), -1, 1).ravel()]).T)
    _, uses = np.unique(edges, axis=0, return_counts=True)
    assert (uses == 2).all()


def test_a_flat_grid_stays_flat_and_keeps_its_outline():
    cage = refined(grid(5), 2)
    assert np.allclose(cage.points[:, 2], 0)
    assert np.allclose([cage.points.min(axis=0), cage.points.max(axis=0)], [[0] * 3, [4, 4, 0]])


def test_without_the_corner_rule_corners_are_cut():
    cage = grid(3)
    cage = Cage(
        *(cage.points, cage.counts, cage.indices, cage.edges, cage.sharpness, cage.corners),
        corners_stay=False,
    )
    assert np.allclose(refine(cage)[0].points[0], [1 / 8, 1 / 8, 0])


def test_the_interior_is_a_bicubic_spline():
    """On a regular grid the rules are those of the uniform B-spline: weights 1/64 (1, 6, 36)."""
    cage = grid(5, wave=1.0)
    rows = cage.points.reshape(5, 5, 3)[1:4, 1:4]
    weights = np.array([[1, 6, 1], [6, 36, 6], [1, 6, 1]]) / 64
    assert np.allclose(refine(cage)[0].points[12], np.einsum("ij,ijk->k", weights, rows))


@pytest.mark.parametrize("levels", [1, 3])
def test_a_cube_of_sharp_edges_stays_a_cube(levels):
    base = cube()
    pairs = np.unique(
        np.sort(np.stack([base.indices, np.roll(base.indices.reshape(-1, 4), -1, 1).ravel()]).T),
        axis=0,
    )
    cage = refined(cube(edges=pairs, sharpness=[SHARP] * len(pairs)), levels)
    assert np.allclose(np.abs(cage.points).max(axis=1), 1)
    assert crease_points(cage)[:8].all()


def test_a_semi_sharp_edge_lies_between():
    def height(sharpness):
        # The ridge of a roof of four faces.
        points = [(x, y, z) for y, z in ((-1, 0), (0, 1), (1, 0)) for x in (-1, 0, 1)]
        faces = [(0, 1, 4, 3), (1, 2, 5, 4), (3, 4, 7, 6), (4, 5, 8, 7)]
        edges = [(3, 4), (4, 5)]
        return refine(cage_of(points, faces, edges, [sharpness] * 2))[0].points[4, 2]

    smooth, half, sharp = height(0.0), height(0.5), height(1.0)
    assert smooth < half < sharp
    assert half == pytest.approx((smooth + sharp) / 2)
    assert sharp == pytest.approx(1)


def test_bilinear_moves_nothing():
    cage = cube(smooth=False)
    assert np.allclose(refined(cage, 3).points[:8], cage.points)


def test_values_at_corners_are_bilinear():
    counts = np.array([3, 4])
    values = np.array([[0.0], [3], [6], [0], [0], [4], [4]])
    out = refine_values(counts, values).reshape(7, 4)
    assert np.allclose(out[0], [0, 1.5, 3, 3])
    assert np.allclose(out[4], [0, 2, 2, 0])


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_moving_the_cage_moves_the_surface(data):
    """Refinement commutes with affine maps, on any mesh, broken ones (edges of many faces) too."""
    n = data.draw(st.integers(3, 8))
    face = st.lists(st.integers(0, n - 1), min_size=3, max_size=5, unique=True)
    faces = data.draw(st.lists(face, min_size=1, max_size=6))
    points = np.array(
        data.draw(st.lists(st.tuples(*[st.integers(-9, 9)] * 3), min_size=n, max_size=n)), float
    )
    matrix = np.array([[1, 2, 0], [0, 1, 3], [2, 0, 1.0]])
    moved = refined(cage_of(points @ matrix + [5, 6, 7], faces), 2).points
    assert np.allclose(moved, refined(cage_of(points, faces), 2).points @ matrix + [5, 6, 7])


def prim(scheme="catmullClark", extra=""):
    return f"""def Mesh "M" {{
    int[] faceVertexCounts = [4, 4]
    int[] faceVertexIndices = [0, 1, 2, 3, 1, 4, 5, 2]
    point3f[] points = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (1, 0, -1), (1, 1, -1)]
    uniform token subdivisionScheme = "{scheme}"
    {extra}
}}
"""


def has_fold(packed):
    """Whether the edge between the two squares is where it was."""
    return np.isclose(packed.positions[:, [0, 2]], [1, 0]).all(axis=1).any()


class TestInAStage:
    def test_a_surface_is_refined_and_round(self, tmp_path):
        packed, warnings = read_body(tmp_path, prim())
        assert len(packed.triangles) == 2 * 2 * 4**3
        assert not has_fold(packed)
        assert not [w for w in warnings if "subdivision" in w]
        assert np.allclose(np.linalg.norm(packed.corner_normals, axis=2), 1, atol=1e-5)

    def test_a_sharp_fold_stays(self, tmp_path):
        extra = """int[] creaseIndices = [1, 2]
        int[] creaseLengths = [2]
        float[] creaseSharpnesses = [10]"""
        packed, _ = read_body(tmp_path, prim(extra=extra))
        assert has_fold(packed)
        # Both sides of the fold are flat to the eye, too.
        assert np.allclose(np.abs(packed.corner_normals).max(axis=2), 1, atol=1e-5)

    def test_what_hangs_on_corners_and_faces_follows(self, tmp_path):
        extra = """texCoord2f[] primvars:st = [(0, 0), (1, 0), (1, 1), (0, 1), (1, 0), (2, 0), (2, 1), (1, 1)] (
            interpolation = "faceVarying")
        color3f[] primvars:displayColor = [(1, 0, 0), (0, 0, 1)] (interpolation = "uniform")"""
        coloured, _ = read_body(tmp_path, prim("bilinear", extra))
        # Four texels a triangle, as many of either square.
        found = [tuple(row) for row in image_of(coloured, 0)[..., :3].reshape(-1, 3).tolist()]
        assert found.count((1, 0, 0)) == found.count((0, 0, 1)) == 4 * 128
        stage = Usd.Stage.Open(str(tmp_path / "scene.usda"))
        made = read_mesh(stage.GetPrimAtPath("/M"), Usd.TimeCode(1), print)
        st = primvar_at_corners(made.prim, "st", 2, made.topology, Usd.TimeCode(1))
        at = made.points[made.triangles]
        # Unfolded, the coordinates are the length along the sheet: x, then -z.
        assert np.allclose(st[..., 0], at[..., 0] - at[..., 2], atol=1e-6)
        assert np.allclose(st[..., 1], at[..., 1], atol=1e-6)

    def test_authored_normals_mean_polygons(self, tmp_path):
        extra = 'normal3f[] normals = [(0, 0, 1)] (interpolation = "constant")'
        packed, _ = read_body(tmp_path, prim(extra=extra))
        assert len(packed.triangles) == 4

    def test_creases_that_do_not_fit_are_named(self, tmp_path):
        extra = """int[] creaseIndices = [1, 99]
        int[] creaseLengths = [2]
        float[] creaseSharpnesses = [10]"""
        packed, warnings = read_body(tmp_path, prim(extra=extra))
        assert any("/M has creases that do not fit" in warning for warning in warnings)
        assert not has_fold(packed)
