"""Meshes, solids, transforms and instances of a USD stage, as triangles."""

import numpy as np
import pytest

from node_agent.kernels.pathtracer import scene as s
from node_agent.kernels.pathtracer import usd_subdivision
from node_agent.kernels.pathtracer.mipmaps import image_of
from tests.unit.node_agent.kernels.pathtracer.usd_files import (
    HEADER,
    SQUARE,
    area,
    corners,
    mesh,
    normals,
    read,
    read_body,
    write,
)

L_SHAPE = """
    int[] faceVertexCounts = [6]
    int[] faceVertexIndices = [0, 1, 2, 3, 4, 5]
    point3f[] points = [(0, 0, 0), (2, 0, 0), (2, 1, 0), (1, 1, 0), (1, 2, 0), (0, 2, 0)]
    uniform token subdivisionScheme = "none"
"""


class TestPolygons:
    def test_a_quad_is_two_triangles_that_face_as_authored(self, tmp_path):
        packed, _ = read_body(tmp_path, mesh())
        assert packed.triangles.shape == (2, 3)
        assert np.allclose(normals(packed), [0, 0, 1])
        assert area(packed) == pytest.approx(1.0)

    def test_a_face_that_is_not_convex_keeps_its_area(self, tmp_path):
        packed, _ = read_body(tmp_path, mesh(body=L_SHAPE))
        assert len(packed.triangles) == 4
        assert np.allclose(normals(packed), [0, 0, 1])
        assert area(packed) == pytest.approx(3.0)

    def test_faces_of_all_sizes_stay_in_order(self, tmp_path):
        body = """
        int[] faceVertexCounts = [5, 3, 4, 2]
        int[] faceVertexIndices = [0, 1, 2, 3, 4, 0, 1, 2, 0, 1, 2, 3, 0, 1]
        point3f[] points = [(0, 0, 0), (2, 0, 0), (2, 1, 0), (1, 2, 0), (0, 1, 0)]
        color3f[] primvars:displayColor = [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1)] (
            interpolation = "uniform"
        )
        uniform token subdivisionScheme = "none"
        """
        packed, _ = read_body(tmp_path, mesh(body=body))
        assert len(packed.triangles) == 3 + 1 + 2

    def test_holes_are_left_out(self, tmp_path):
        body = SQUARE.replace("[4]", "[4, 3]").replace("[0, 1, 2, 3]", "[0, 1, 2, 3, 0, 1, 2]")
        packed, _ = read_body(tmp_path, mesh("int[] holeIndices = [0]", body=body))
        assert len(packed.triangles) == 1

    def test_left_handed_meshes_are_turned_round(self, tmp_path):
        packed, _ = read_body(tmp_path, mesh('uniform token orientation = "leftHanded"'))
        assert np.allclose(normals(packed), [0, 0, -1])
        assert np.allclose(packed.corner_normals, [0, 0, -1])

    def test_triangles_without_area_are_left_out_silently(self, tmp_path):
        body = SQUARE.replace("(0, 1, 0)]", "(1, 1, 0)]")
        packed, warnings = read_body(tmp_path, mesh(body=body))
        assert len(packed.triangles) == 1
        assert not [w for w in warnings if "area" in w]


class TestNormals:
    def test_a_surface_too_fine_to_refine_is_its_cage_smooth(self, tmp_path, monkeypatch):
        monkeypatch.setattr(usd_subdivision, "LEVELS", ())
        bent = """
        int[] faceVertexCounts = [4, 4]
        int[] faceVertexIndices = [0, 1, 2, 3, 1, 4, 5, 2]
        point3f[] points = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (1, 0, -1), (1, 1, -1)]
        """
        packed, warnings = read_body(tmp_path, mesh(body=bent))
        assert sum("not refined" in warning for warning in warnings) == 1
        shared = np.isclose(corners(packed)[..., 0], 1) & np.isclose(corners(packed)[..., 2], 0)
        half = np.sqrt(0.5)
        assert np.allclose(packed.corner_normals[shared], [half, 0, half], atol=1e-6)

    def test_polygons_without_normals_are_faceted(self, tmp_path):
        packed, warnings = read_body(tmp_path, mesh())
        assert np.allclose(packed.corner_normals, [0, 0, 1])
        assert not [w for w in warnings if "subdivision" in w]

    @pytest.mark.parametrize(
        ("interpolation", "count"),
        [("constant", 1), ("uniform", 1), ("vertex", 4), ("varying", 4), ("faceVarying", 4)],
    )
    def test_authored_normals_of_every_interpolation(self, tmp_path, interpolation, count):
        values = ", ".join(["(0, 3, 4)"] * count)
        extra = f'normal3f[] normals = [{values}] (interpolation = "{interpolation}")'
        packed, _ = read_body(tmp_path, mesh(extra))
        assert np.allclose(packed.corner_normals, [0, 0.6, 0.8])

    def test_indexed_normals_primvar_wins(self, tmp_path):
        extra = """
        normal3f[] normals = [(1, 0, 0)] (interpolation = "constant")
        normal3f[] primvars:normals = [(0, 1, 0), (0, 0, 1)] (interpolation = "faceVarying")
        int[] primvars:normals:indices = [0, 1, 1, 1]
        """
        packed, _ = read_body(tmp_path, mesh(extra))
        at_origin = (corners(packed) == 0).all(axis=2)
        assert np.allclose(packed.corner_normals[at_origin], [0, 1, 0])
        assert np.allclose(packed.corner_normals[~at_origin], [0, 0, 1])

    def test_normals_that_do_not_fit_are_named_and_replaced(self, tmp_path):
        extra = 'normal3f[] normals = [(1, 0, 0), (1, 0, 0)] (interpolation = "vertex")'
        packed, warnings = read_body(tmp_path, mesh(extra))
        assert any("/M has normals that do not fit" in warning for warning in warnings)
        assert np.allclose(packed.corner_normals, [0, 0, 1])

    def test_broken_normals_become_the_face_s_own(self, tmp_path):
        extra = 'normal3f[] normals = [(nan, 0, 0)] (interpolation = "constant")'
        packed, _ = read_body(tmp_path, mesh(extra))
        assert np.isfinite(packed.corner_normals).all()
        assert np.allclose(np.linalg.norm(packed.corner_normals, axis=2), 1)


class TestTextureCoordinates:
    @pytest.mark.parametrize("name", ["st", "UVMap", "my_own"])
    def test_any_name_serves_an_unbound_mesh(self, tmp_path, name):
        extra = f"""texCoord2f[] primvars:{name} = [(0, 0), (1, 0), (1, 1), (0, 1)] (
            interpolation = "vertex"
        )"""
        packed, _ = read_body(tmp_path, mesh(extra + _bound(), body=SQUARE) + _material(name))
        assert np.allclose(packed.corner_uvs, corners(packed)[..., :2])

    def test_indexed_and_face_varying(self, tmp_path):
        extra = """
        texCoord2f[] primvars:st = [(0, 0), (1, 1)] (interpolation = "faceVarying")
        int[] primvars:st:indices = [0, 0, 1, 1]
        """
        packed, _ = read_body(tmp_path, mesh(extra + _bound()) + _material("st"))
        assert np.allclose(packed.corner_uvs, corners(packed)[..., 1:2])

    def test_indices_out_of_range_give_zero(self, tmp_path):
        extra = """
        texCoord2f[] primvars:st = [(1, 1)] (interpolation = "faceVarying")
        int[] primvars:st:indices = [0, 0, 7, -2]
        """
        packed, _ = read_body(tmp_path, mesh(extra + _bound()) + _material("st"))
        assert not packed.corner_uvs.any()


def _bound() -> str:
    return "\nrel material:binding = </Mat>\n"


def _material(primvar: str) -> str:
    return f"""
def Material "Mat" {{
    token outputs:surface.connect = </Mat/S.outputs:surface>
    def Shader "S" {{
        uniform token info:id = "UsdPreviewSurface"
        color3f inputs:diffuseColor.connect = </Mat/T.outputs:rgb>
        token outputs:surface
    }}
    def Shader "T" {{
        uniform token info:id = "UsdUVTexture"
        asset inputs:file = @missing.png@
        float2 inputs:st.connect = </Mat/R.outputs:result>
        float3 outputs:rgb
    }}
    def Shader "R" {{
        uniform token info:id = "UsdPrimvarReader_float2"
        string inputs:varname = "{primvar}"
        float2 outputs:result
    }}
}}
"""


class TestPlaces:
    def test_time_samples_are_read_between_frames(self, tmp_path):
        body = """
def Xform "X" {
    double3 xformOp:translate.timeSamples = { 1: (0, 0, 0), 11: (10, 0, 0) }
    uniform token[] xformOpOrder = ["xformOp:translate"]
    """
        packed, _ = read_body(tmp_path, body + mesh() + "}", frame=4.5)
        assert corners(packed)[..., 0].min() == pytest.approx(3.5)

    def test_points_with_time_samples(self, tmp_path):
        moved = "[(0, 0, 2), (1, 0, 2), (1, 1, 2), (0, 1, 2)]"
        still = "[(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)]"
        body = SQUARE.replace(
            f"points = {still}", f"points.timeSamples = {{ 1: {still}, 3: {moved} }}"
        )
        packed, _ = read_body(tmp_path, mesh(body=body), frame=2.0)
        assert np.allclose(packed.positions[:, 2], 1.0)

    def test_a_mirroring_transform_keeps_the_outside_outside(self, tmp_path):
        body = """
def Xform "X" {
    float3 xformOp:scale = (-2, 1, 1)
    uniform token[] xformOpOrder = ["xformOp:scale"]
    """
        packed, _ = read_body(tmp_path, body + mesh() + "}")
        assert np.allclose(normals(packed), [0, 0, 1])
        assert np.allclose(packed.corner_normals, [0, 0, 1])
        assert area(packed) == pytest.approx(2.0)

    def test_normals_stay_square_under_uneven_scale(self, tmp_path):
        body = """
def Xform "X" {
    float3 xformOp:scale = (1, 5, 1)
    float xformOp:rotateX = 30
    uniform token[] xformOpOrder = ["xformOp:scale", "xformOp:rotateX"]
    """
        packed, _ = read_body(tmp_path, body + mesh() + "}")
        assert np.allclose(packed.corner_normals, normals(packed)[:, None], atol=1e-6)

    def test_a_transform_without_extent_leaves_the_mesh_out(self, tmp_path):
        body = """
def Xform "X" {
    float3 xformOp:scale = (0, 1, 1)
    uniform token[] xformOpOrder = ["xformOp:scale"]
    """
        packed, warnings = read_body(tmp_path, body + mesh() + "}\n" + mesh(name="Other"))
        assert len(packed.triangles) == 2
        assert any("/X/M has a transform without an extent" in w for w in warnings)


class TestVisibility:
    @pytest.mark.parametrize(
        "hidden",
        [
            'token visibility = "invisible"',
            'uniform token purpose = "guide"',
            'uniform token purpose = "proxy"',
        ],
    )
    def test_what_is_not_rendered(self, tmp_path, hidden):
        packed, _ = read_body(tmp_path, mesh() + mesh(hidden, name="Hidden"))
        assert len(packed.triangles) == 2

    def test_render_purpose_and_inherited_guide(self, tmp_path):
        body = mesh('uniform token purpose = "render"')
        body += 'def Xform "G" { uniform token purpose = "guide"\n' + mesh(name="N") + "}"
        packed, _ = read_body(tmp_path, body)
        assert len(packed.triangles) == 2

    def test_visibility_at_the_frame(self, tmp_path):
        blink = 'token visibility.timeSamples = { 1: "inherited", 5: "invisible"\n}'
        body = mesh() + mesh(blink, name="Blink")
        assert len(read_body(tmp_path, body, frame=1)[0].triangles) == 4
        assert len(read_body(tmp_path, body, frame=6)[0].triangles) == 2

    @pytest.mark.parametrize("specifier", ["class", "over"])
    def test_classes_and_overs_are_not_drawn(self, tmp_path, specifier):
        body = f'{specifier} "Parts" {{\n{mesh(name="Part")}}}\n' + mesh()
        assert len(read_body(tmp_path, body)[0].triangles) == 2


class TestInstances:
    def test_scenegraph_instances(self, tmp_path):
        body = f'class "Proto" {{\n{mesh()}}}\n' + "".join(
            f"""
def Xform "I{k}" (instanceable = true
    references = </Proto>) {{
    double3 xformOp:translate = ({10 * k}, 0, 0)
    uniform token[] xformOpOrder = ["xformOp:translate"]
}}"""
            for k in range(3)
        )
        packed, _ = read_body(tmp_path, body)
        assert len(packed.triangles) == 6
        assert sorted(set(corners(packed)[..., 0].ravel())) == [0, 1, 10, 11, 20, 21]

    def test_point_instancer_with_scale_orientation_and_mask(self, tmp_path):
        body = f"""
def PointInstancer "P" {{
    int[] protoIndices = [0, 1, 0, 0]
    point3f[] positions = [(0, 0, 0), (10, 0, 0), (20, 0, 0), (30, 0, 0)]
    float3[] scales = [(1, 1, 1), (2, 2, 2), (1, 1, 1), (1, 1, 1)]
    int64[] ids = [7, 8, 9, 10]
    int64[] invisibleIds = [10]
    rel prototypes = [</P/A>, </P/B>]
    double3 xformOp:translate = (0, 0, 5)
    uniform token[] xformOpOrder = ["xformOp:translate"]
    {mesh(name="A")}
    def Xform "B" {{
        double3 xformOp:translate = (0, 3, 0)
        uniform token[] xformOpOrder = ["xformOp:translate"]
        {mesh(name="C")}
    }}
}}
"""
        packed, _ = read_body(tmp_path, body)
        assert len(packed.triangles) == 6
        assert np.allclose(corners(packed)[..., 2], 5)
        doubled = corners(packed)[4:]
        assert doubled[..., 0].min() == 10
        assert doubled[..., 0].max() == 12
        # The prototype's own transform comes first, then the instance's scale.
        assert doubled[..., 1].min() == 6

    def test_prototype_indices_out_of_range_are_told(self, tmp_path):
        body = f"""
def PointInstancer "P" {{
    int[] protoIndices = [0, 4, -1]
    point3f[] positions = [(0, 0, 0), (10, 0, 0), (20, 0, 0)]
    rel prototypes = [</P/A>]
    {mesh(name="A")}
}}
"""
        packed, warnings = read_body(tmp_path, body)
        assert len(packed.triangles) == 2
        assert any("prototypes that it does not have" in warning for warning in warnings)

    def test_instancers_inside_instancers_multiply(self, tmp_path):
        inner = f"""
    def PointInstancer "Q" {{
        int[] protoIndices = [0, 0]
        point3f[] positions = [(0, 0, 0), (0, 2, 0)]
        rel prototypes = [</P/Q/A>]
        {mesh(name="A")}
    }}"""
        body = f"""
def PointInstancer "P" {{
    int[] protoIndices = [0, 0, 0]
    point3f[] positions = [(0, 0, 0), (5, 0, 0), (10, 0, 0)]
    rel prototypes = [</P/Q>]
    {inner}
}}"""
        packed, _ = read_body(tmp_path, body)
        assert area(packed) == pytest.approx(6.0)


class TestComposition:
    def test_references_payloads_and_variants(self, tmp_path):
        write(tmp_path, f'def Xform "R" {{\n{mesh()}}}\n', "part.usda", HEADER + "")
        body = """
def "Ref" (references = @part.usda@</R>) {}
def "Load" (payload = @part.usda@</R>) {}
def Xform "V" (
    variants = { string look = "two" }
    prepend variantSets = "look"
) {
    variantSet "look" = {
        "one" {}
        "two" { MESH }
    }
}
"""
        body = body.replace("MESH", mesh())
        assert len(read_body(tmp_path, body)[0].triangles) == 6

    def test_a_missing_reference_is_told_and_the_rest_is_rendered(self, tmp_path):
        body = 'def "Ref" (references = @gone.usda@) {}\n' + mesh()
        packed, warnings = read_body(tmp_path, body)
        assert len(packed.triangles) == 2
        assert any("gone.usda" in warning for warning in warnings)

    def test_a_reference_to_itself_is_told_and_ends(self, tmp_path):
        body = 'def Xform "A" (references = </A>) {\n' + mesh() + "}"
        packed, warnings = read_body(tmp_path, body)
        assert len(packed.triangles) == 2
        assert any("ycle" in warning for warning in warnings)


class TestSolids:
    @pytest.mark.parametrize(
        ("prim", "expected"),
        [
            ('def Sphere "S" { double radius = 2\n}', 16 * np.pi),
            ('def Cube "S" { double size = 3\n}', 54.0),
            ('def Cylinder "S" { double radius = 1 \n double height = 3\n}', 8 * np.pi),
            ('def Cone "S" { double radius = 3 \n double height = 4\n}', 24 * np.pi),
            ('def Capsule "S" { double radius = 1 \n double height = 2\n}', 8 * np.pi),
            ('def Plane "S" { double width = 2 \n double length = 5\n}', 10.0),
        ],
    )
    def test_area_and_outward_faces(self, tmp_path, prim, expected):
        packed, _ = read_body(tmp_path, prim)
        assert area(packed) == pytest.approx(expected, rel=0.01)
        outwards = (normals(packed) * corners(packed).mean(axis=1)).sum(axis=1)
        assert (outwards > -1e-6).all()
        smooth = (packed.corner_normals * normals(packed)[:, None]).sum(axis=2)
        assert (smooth > 0.9).all()

    @pytest.mark.parametrize(
        ("axis", "size"), [("X", (4, 2, 2)), ("Y", (2, 4, 2)), ("Z", (2, 2, 4))]
    )
    def test_axis_of_a_cylinder(self, tmp_path, axis, size):
        prim = f'def Cylinder "S" {{ double radius = 1 \n double height = 4 \n uniform token axis = "{axis}"\n}}'
        packed, _ = read_body(tmp_path, prim)
        assert np.allclose(np.ptp(packed.positions, axis=0), size, rtol=0.01)

    @pytest.mark.parametrize(
        ("axis", "size", "normal"),
        [("X", (0, 5, 2), (1, 0, 0)), ("Y", (2, 0, 5), (0, 1, 0)), ("Z", (2, 5, 0), (0, 0, 1))],
    )
    def test_axis_of_a_plane(self, tmp_path, axis, size, normal):
        prim = f'def Plane "S" {{ double width = 2 \n double length = 5 \n uniform token axis = "{axis}"\n}}'
        packed, _ = read_body(tmp_path, prim)
        assert np.allclose(np.ptp(packed.positions, axis=0), size)
        assert np.allclose(normals(packed), normal)

    def test_a_solid_without_size_is_left_out(self, tmp_path):
        _, warnings = read_body(tmp_path, 'def Sphere "S" { double radius = -1\n}\n' + mesh())
        assert any("/S has a size" in warning for warning in warnings)


class TestBrokenMeshes:
    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("[0, 1, 2, 3]", "[0, 1, 2, 9]", "index 9, but 4 points"),
            ("[0, 1, 2, 3]", "[0, 1, 2, -1]", "index -1, but 4 points"),
            ("[4]", "[5]", "5 corners but 4 indices"),
            ("[4]", "[-4]", "-4 corners"),
            ("(1, 1, 0)", "(nan, 1, 0)", "no finite numbers"),
            ("(1, 1, 0)", "(inf, 1, 0)", "no finite numbers"),
            ("[4]", "[]", "has no faces"),
        ],
    )
    def test_left_out_and_named(self, tmp_path, old, new, said):
        broken = mesh(name="Broken", body=SQUARE.replace(old, new))
        packed, warnings = read_body(tmp_path, mesh() + broken)
        assert len(packed.triangles) == 2
        assert any(w.startswith("/Broken has") and said in w for w in warnings), warnings

    def test_the_same_warning_is_given_once(self, tmp_path):
        body = "".join(f'def BasisCurves "C{k}" {{}}\n' for k in range(200)) + mesh()
        _, warnings = read_body(tmp_path, body)
        assert len(warnings) <= 103
        assert "more to warn of" in "".join(warnings)


class TestDisplayColour:
    def test_constant(self, tmp_path):
        packed, _ = read_body(tmp_path, mesh("color3f[] primvars:displayColor = [(1, 0.5, 0)]"))
        row = packed.materials[packed.triangle_materials[0]]
        assert np.allclose(row[s.BASE_R : s.BASE_B + 1], [1, 0.5, 0])

    def test_vertex_colours_are_exact_at_and_between_corners(self, tmp_path):
        extra = """color3f[] primvars:displayColor = [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1)] (
            interpolation = "vertex"
        )"""
        packed, _ = read_body(tmp_path, mesh(extra))
        wanted = {(0, 0): [1, 0, 0], (1, 0): [0, 1, 0], (1, 1): [0, 0, 1], (0, 1): [1, 1, 1]}
        slot = packed.material_textures[packed.triangle_materials[0], s.TEX_BASE]
        image = image_of(packed, int(slot))
        for triangle in range(2):
            at, uv = corners(packed)[triangle][:, :2], packed.corner_uvs[triangle]
            colours = np.array([wanted[tuple(xy)] for xy in at.astype(int).tolist()])
            for weights in ([1, 0, 0], [0, 1, 0], [0, 0, 1], [0.2, 0.5, 0.3]):
                found = _bilinear(image, weights @ uv)
                assert np.allclose(found, weights @ colours, atol=1e-5)

    def test_opacity(self, tmp_path):
        packed, _ = read_body(tmp_path, mesh("float[] primvars:displayOpacity = [0.25]"))
        assert packed.materials[packed.triangle_materials[0], s.OPACITY] == 0.25


def _bilinear(image: np.ndarray, uv: np.ndarray) -> np.ndarray:
    """As the path tracer looks textures up: texel centres at half-integers."""
    h, w = image.shape[:2]
    x, y = uv[0] * w - 0.5, uv[1] * h - 0.5
    i, j = int(np.floor(x)), int(np.floor(y))
    total = np.zeros(3)
    for di in (0, 1):
        for dj in (0, 1):
            weight = (x - i if di else 1 - x + i) * (y - j if dj else 1 - y + j)
            column, row = min(max(i + di, 0), w - 1), min(max(j + dj, 0), h - 1)
            total += weight * image[row, column, :3]
    return total


def test_the_digest_follows_what_is_seen_and_nothing_else(tmp_path):
    first, _ = read(write(tmp_path, mesh(), "a.usda"))
    again, _ = read(write(tmp_path, mesh(), "b.usda"))
    other, _ = read(
        write(tmp_path, mesh(body=SQUARE.replace("(1, 1, 0)", "(1, 1, 0.5)")), "c.usda")
    )
    assert len(first.digest) == 64
    assert first.digest == again.digest != other.digest
