"""Looks of a USD stage: UsdPreviewSurface, textures, GeomSubsets."""

import zipfile

import numpy as np
import pytest
from pxr import Sdf, UsdUtils

from node_agent.kernels.pathtracer import scene as s
from node_agent.kernels.pathtracer.mipmaps import image_of
from node_agent.kernels.pathtracer.scene import PackedScene
from node_agent.kernels.pathtracer.texture_files import srgb_to_linear
from tests.unit.node_agent.kernels.pathtracer.usd_files import (
    SQUARE,
    image,
    mesh,
    read,
    read_body,
    write,
)

BIND = "\nrel material:binding = </Mat>\n"
ST = """
texCoord2f[] primvars:st = [(0, 0), (1, 0), (1, 1), (0, 1)] (interpolation = "vertex")
"""


def material(
    inputs: str, more: str = "", name: str = "Mat", shader: str = "UsdPreviewSurface"
) -> str:
    return f"""
def Material "{name}" {{
    token outputs:surface.connect = </{name}/S.outputs:surface>
    def Shader "S" {{
        uniform token info:id = "{shader}"
        {inputs}
        token outputs:surface
    }}
    {more}
}}
"""


def texture(
    extra: str, outputs: str = "float3 outputs:rgb", reader: str = "</Mat/R.outputs:result>"
) -> str:
    return f"""
    def Shader "T" {{
        uniform token info:id = "UsdUVTexture"
        float2 inputs:st.connect = {reader}
        {extra}
        {outputs}
    }}
    def Shader "R" {{
        uniform token info:id = "UsdPrimvarReader_float2"
        string inputs:varname = "st"
        float2 outputs:result
    }}
"""


def textured(folder, extra: str, inputs: str = "", outputs: str = "float3 outputs:rgb") -> tuple:
    inputs = inputs or "color3f inputs:diffuseColor.connect = </Mat/T.outputs:rgb>"
    return read_body(folder, mesh(ST + BIND) + material(inputs, texture(extra, outputs)))


def row_of(packed: PackedScene, triangle: int = 0) -> np.ndarray:
    return packed.materials[packed.triangle_materials[triangle]]


def texels_of(packed: PackedScene, slot: int) -> np.ndarray:
    """(h, w, 4), bottom row first."""
    index = packed.material_textures[packed.triangle_materials[0], slot]
    assert index >= 0
    return image_of(packed, int(index))


def channel_of(packed: PackedScene, slot: int) -> int:
    return packed.textures[
        packed.material_textures[packed.triangle_materials[0], slot], s.TEX_CHANNEL
    ]


class TestConstants:
    def test_all_inputs_reach_their_columns(self, tmp_path):
        inputs = """
        color3f inputs:diffuseColor = (0.1, 0.2, 0.3)
        color3f inputs:emissiveColor = (4, 5, 6)
        color3f inputs:specularColor = (0.7, 0.8, 0.9)
        float inputs:metallic = 0.25
        float inputs:roughness = 0.75
        float inputs:ior = 1.4
        float inputs:opacity = 0.5
        float inputs:opacityThreshold = 0.125
        int inputs:useSpecularWorkflow = 1
        """
        packed, _ = read_body(tmp_path, mesh(BIND) + material(inputs))
        row = row_of(packed)
        assert np.allclose(row[:8], [0.1, 0.2, 0.3, 0.25, 0.75, 4, 5, 6])
        assert np.allclose(row[s.IOR : s.TRANSMISSION], [1.4, 0.5, 0.7, 0.8, 0.9, 1, 0.125])

    def test_fallbacks_are_those_of_the_specification(self, tmp_path):
        packed, _ = read_body(tmp_path, mesh(BIND) + material(""))
        expected = [0.18, 0.18, 0.18, 0, 0.5, 0, 0, 0, 1.5, 1, *[0] * 8, 0.01, 0]
        assert np.allclose(row_of(packed), expected)

    def test_a_value_by_way_of_the_material_s_interface_and_time(self, tmp_path):
        body = """
def Material "Mat" {
    float inputs:gloss.timeSamples = { 1: 0.0, 11: 1.0 }
    token outputs:surface.connect = </Mat/S.outputs:surface>
    def Shader "S" {
        uniform token info:id = "UsdPreviewSurface"
        float inputs:roughness.connect = </Mat.inputs:gloss>
        token outputs:surface
    }
}
"""
        packed, _ = read_body(tmp_path, mesh(BIND) + body, frame=4.0)
        assert row_of(packed)[s.ROUGHNESS] == pytest.approx(0.3)

    def test_what_is_not_rendered_is_told_once(self, tmp_path):
        inputs = "float inputs:displacement = 1\nfloat inputs:occlusion = 0.5"
        _, warnings = read_body(tmp_path, mesh(BIND) + material(inputs))
        assert sum("displacement" in warning for warning in warnings) == 1
        assert not any("occlusion" in warning for warning in warnings)

    def test_another_shader_is_named_and_displaycolor_stands_in(self, tmp_path):
        colour = "color3f[] primvars:displayColor = [(0.5, 0.25, 0.125)]\n"
        packed, warnings = read_body(
            tmp_path, mesh(colour + BIND) + material("", shader="ArnoldStandard")
        )
        assert any("/Mat is made with ArnoldStandard" in warning for warning in warnings)
        assert np.allclose(row_of(packed)[:3], [0.5, 0.25, 0.125])

    def test_displaycolor_by_primvar_reader(self, tmp_path):
        colour = "color3f[] primvars:displayColor = [(0.5, 0.25, 0.125)]\n"
        reader = """
    def Shader "C" {
        uniform token info:id = "UsdPrimvarReader_float3"
        string inputs:varname = "displayColor"
        float3 outputs:result
    }
"""
        inputs = "color3f inputs:diffuseColor.connect = </Mat/C.outputs:result>\nfloat inputs:roughness = 0.1"
        packed, _ = read_body(tmp_path, mesh(colour + BIND) + material(inputs, reader))
        assert np.allclose(row_of(packed)[:3], [0.5, 0.25, 0.125])
        assert row_of(packed)[s.ROUGHNESS] == pytest.approx(0.1)


class TestSubsets:
    def test_each_subset_has_its_material_and_the_rest_the_mesh_s(self, tmp_path):
        body = SQUARE.replace("[4]", "[4, 3, 3]").replace(
            "[0, 1, 2, 3]", "[0, 1, 2, 3, 0, 1, 2, 0, 2, 3]"
        )
        subset = """
    def GeomSubset "Part" (prepend apiSchemas = ["MaterialBindingAPI"]) {
        uniform token elementType = "face"
        uniform token familyName = "materialBind"
        int[] indices = [1, 99]
        rel material:binding = </Red>
    }
"""
        packed, _ = read_body(
            tmp_path,
            mesh(BIND + subset, body=body)
            + material("color3f inputs:diffuseColor = (0, 1, 0)")
            + material("color3f inputs:diffuseColor = (1, 0, 0)", name="Red"),
        )
        red = packed.materials[packed.triangle_materials, 0]
        assert red.tolist() == [0, 0, 1, 0]


class TestTextures:
    def test_eight_bit_colour_is_srgb_and_stands_on_its_feet(self, tmp_path):
        pixels = np.zeros((2, 2, 3), np.uint8)
        pixels[0, 1] = [255, 188, 0]  # the upper right
        image(tmp_path / "t.png", pixels)
        packed, _ = textured(tmp_path, "asset inputs:file = @t.png@")
        texels = texels_of(packed, s.TEX_BASE)
        assert np.allclose(texels[1, 1], [1, srgb_to_linear(np.array(188 / 255)), 0, 1], atol=1e-6)
        assert texels[1, 1, 1] == pytest.approx(0.5029, abs=1e-4)
        assert not texels[0, :, :3].any()

    @pytest.mark.parametrize(
        ("space", "expected"), [("raw", 188 / 255), ("sRGB", 0.50289), ("auto", 0.50289)]
    )
    def test_colour_spaces(self, tmp_path, space, expected):
        image(tmp_path / "t.png", np.full((1, 1, 3), 188, np.uint8))
        extra = f'asset inputs:file = @t.png@\ntoken inputs:sourceColorSpace = "{space}"'
        packed, _ = textured(tmp_path, extra)
        assert np.allclose(texels_of(packed, s.TEX_BASE)[..., :3], expected, atol=1e-4)

    def test_grey_images_are_raw_unless_told(self, tmp_path):
        image(tmp_path / "t.png", np.full((1, 1, 1), 128, np.uint8))
        packed, _ = textured(tmp_path, "asset inputs:file = @t.png@")
        assert np.allclose(texels_of(packed, s.TEX_BASE)[..., :3], 128 / 255)

    def test_float_images_are_taken_as_they_are(self, tmp_path):
        image(tmp_path / "t.exr", np.full((1, 2, 3), 7.5, np.float32))
        packed, _ = textured(tmp_path, "asset inputs:file = @t.exr@")
        assert np.allclose(texels_of(packed, s.TEX_BASE)[..., :3], 7.5)

    def test_scale_bias_wrap_and_channel(self, tmp_path):
        image(tmp_path / "t.png", np.array([[[255, 0, 51, 102]]], np.uint8))
        extra = """
        asset inputs:file = @t.png@
        token inputs:sourceColorSpace = "raw"
        float4 inputs:scale = (2, 1, 1, 1)
        float4 inputs:bias = (-1, 0.5, 0, 0)
        token inputs:wrapS = "mirror"
        token inputs:wrapT = "clamp"
        """
        packed, _ = textured(
            tmp_path,
            extra,
            "float inputs:roughness.connect = </Mat/T.outputs:b>",
            "float outputs:b",
        )
        assert channel_of(packed, s.TEX_ROUGHNESS) == 2
        assert np.allclose(texels_of(packed, s.TEX_ROUGHNESS), [[1, 0.5, 0.2, 0.4]], atol=1e-6)
        entry = packed.textures[packed.material_textures[0, s.TEX_ROUGHNESS]]
        assert entry[[s.TEX_WRAP_S, s.TEX_WRAP_T]].tolist() == [2, 1]

    def test_colours_are_not_multiplied_by_alpha(self, tmp_path):
        image(tmp_path / "t.png", np.array([[[255, 255, 255, 0]]], np.uint8))
        packed, _ = textured(tmp_path, "asset inputs:file = @t.png@")
        assert np.allclose(texels_of(packed, s.TEX_BASE), [1, 1, 1, 0])

    def test_normal_maps_point_somewhere(self, tmp_path):
        image(tmp_path / "t.png", np.array([[[128, 128, 255]]], np.uint8))
        inputs = "normal3f inputs:normal.connect = </Mat/T.outputs:rgb>"
        packed, _ = textured(tmp_path, "asset inputs:file = @t.png@", inputs)
        assert np.allclose(texels_of(packed, s.TEX_NORMAL)[..., :3], [0, 0, 1], atol=0.01)

    def test_one_image_is_kept_once_for_many_uses(self, tmp_path):
        image(tmp_path / "t.png", np.zeros((4, 4, 3), np.uint8))
        inputs = """
        color3f inputs:diffuseColor.connect = </Mat/T.outputs:rgb>
        float inputs:roughness.connect = </Mat/T.outputs:r>
        float inputs:metallic.connect = </Mat/T.outputs:g>
        """
        outputs = "float3 outputs:rgb\nfloat outputs:r\nfloat outputs:g"
        dome = 'def DomeLight "L" {}\n'
        body = mesh(ST + BIND) + material(inputs, texture("asset inputs:file = @t.png@", outputs))
        packed, _ = read_body(tmp_path, body + dome)
        assert len(packed.textures) == 3
        assert len(packed.texels) == 16 + 4 + 1

    @pytest.mark.parametrize("name", ["gone.png", "broken.png", "text.png"])
    def test_a_bad_file_is_named_and_the_fallback_taken(self, tmp_path, name):
        image(tmp_path / "whole.png", np.zeros((64, 64, 3), np.uint8) + 9)
        (tmp_path / "broken.png").write_bytes((tmp_path / "whole.png").read_bytes()[:60])
        (tmp_path / "text.png").write_text("no image")
        extra = f"asset inputs:file = @{name}@\nfloat4 inputs:fallback = (0.5, 0.25, 0.125, 1)"
        packed, warnings = textured(tmp_path, extra)
        assert any(name in warning for warning in warnings), warnings
        assert np.allclose(row_of(packed)[:3], [0.5, 0.25, 0.125])
        assert packed.material_textures[0, s.TEX_BASE] == -1

    def test_transform_2d_is_baked_into_the_coordinates(self, tmp_path):
        image(tmp_path / "t.png", np.zeros((2, 2, 3), np.uint8))
        turn = """
    def Shader "X" {
        uniform token info:id = "UsdTransform2d"
        float2 inputs:in.connect = </Mat/R.outputs:result>
        float2 inputs:scale = (2, 3)
        float inputs:rotation = 90
        float2 inputs:translation = (10, 20)
        float2 outputs:result
    }
"""
        body = mesh(ST + BIND) + material(
            "color3f inputs:diffuseColor.connect = </Mat/T.outputs:rgb>",
            texture("asset inputs:file = @t.png@", reader="</Mat/X.outputs:result>") + turn,
        )
        packed, _ = read_body(tmp_path, body)
        xy = packed.positions[packed.triangles][..., :2]
        expected = np.stack([10 - 3 * xy[..., 1], 20 + 2 * xy[..., 0]], axis=2)
        assert np.allclose(packed.corner_uvs, expected, atol=1e-5)

    def test_textures_inside_a_package(self, tmp_path):
        image(tmp_path / "tex/t.png", np.full((2, 2, 3), 255, np.uint8))
        body = mesh(ST + BIND) + material(
            "color3f inputs:diffuseColor.connect = </Mat/T.outputs:rgb>",
            texture("asset inputs:file = @tex/t.png@"),
        )
        scene = write(tmp_path, body)
        package = tmp_path / "scene.usdz"
        assert UsdUtils.CreateNewUsdzPackage(Sdf.AssetPath(str(scene)), str(package))
        assert any(name.endswith(".png") for name in zipfile.ZipFile(package).namelist())
        (tmp_path / "tex/t.png").unlink()
        packed, warnings = read(package)
        assert not any("texture" in warning for warning in warnings), warnings
        assert np.allclose(texels_of(packed, s.TEX_BASE), 1)


class TestEmission:
    def test_emissive_triangles_are_lights(self, tmp_path):
        packed, warnings = read_body(
            tmp_path,
            mesh() + mesh(BIND, name="N") + material("color3f inputs:emissiveColor = (1, 2, 3)"),
        )
        assert packed.light_kinds.tolist() == [s.LIGHT_TRIANGLE] * 2
        assert packed.light_index.tolist() == [2, 3]
        assert np.allclose(packed.light_radiance, [1, 2, 3])
        assert not any("no light" in warning for warning in warnings)

    def test_dark_parts_of_an_emission_texture_are_no_lights(self, tmp_path):
        pixels = np.zeros((8, 8, 3), np.uint8)
        image(tmp_path / "t.png", pixels)
        inputs = "color3f inputs:emissiveColor.connect = </Mat/T.outputs:rgb>"
        packed, _ = textured(tmp_path, "asset inputs:file = @t.png@", inputs)
        assert (packed.light_kinds != s.LIGHT_TRIANGLE).all()
