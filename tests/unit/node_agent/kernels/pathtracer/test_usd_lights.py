"""UsdLux lights in radiance, and cameras. Expected numbers are derived beside each case."""

import math

import numpy as np
import pytest
from pxr import UsdLux

from node_agent.kernels.interface import KernelRefusal
from node_agent.kernels.pathtracer import scene as s
from node_agent.kernels.pathtracer.mipmaps import image_of
from tests.unit.node_agent.kernels.pathtracer.usd_files import (
    CAMERA,
    image,
    mesh,
    read,
    read_body,
    write,
)


def lit(folder, kind: str, inputs: str, transform: str = "") -> tuple:
    light = f'def {kind} "L" {{\n{inputs}\n{transform}\n}}\n'
    return read_body(folder, mesh() + light)


TURN = """
double3 xformOp:translate = (1, 2, 3)
float3 xformOp:scale = (2, 2, 2)
uniform token[] xformOpOrder = ["xformOp:translate", "xformOp:scale"]
"""


class TestRadiance:
    def test_colour_intensity_and_exposure_multiply(self, tmp_path):
        inputs = "color3f inputs:color = (1, 0.5, 0.25)\nfloat inputs:intensity = 3\nfloat inputs:exposure = 2"
        packed, _ = lit(tmp_path, "RectLight", inputs)
        assert np.allclose(packed.light_radiance[0], [12, 6, 3])

    def test_temperature_only_where_enabled(self, tmp_path):
        inputs = "float inputs:colorTemperature = 3000"
        cold, _ = lit(tmp_path, "RectLight", inputs)
        warm, _ = lit(tmp_path, "RectLight", inputs + "\nbool inputs:enableColorTemperature = 1")
        assert np.allclose(cold.light_radiance[0], 1)
        assert np.allclose(warm.light_radiance[0], UsdLux.BlackbodyTemperatureAsRgb(3000))

    def test_normalize_divides_by_the_area_in_the_world(self, tmp_path):
        # 2 x 3 units, scaled by 2: 24 square units.
        inputs = "float inputs:width = 2\nfloat inputs:height = 3\nbool inputs:normalize = 1"
        packed, _ = lit(tmp_path, "RectLight", inputs, TURN)
        assert np.allclose(packed.light_radiance[0], 1 / 24)
        assert packed.light_params[0, 12] == pytest.approx(24)

    def test_a_light_without_power_is_no_light(self, tmp_path):
        packed, warnings = lit(tmp_path, "RectLight", "float inputs:intensity = 0")
        assert packed.light_kinds.tolist() == [s.LIGHT_DOME]
        assert any("has no light; a soft sky" in warning for warning in warnings)

    def test_numbers_that_are_none_are_named(self, tmp_path):
        _, warnings = lit(tmp_path, "RectLight", "float inputs:intensity = nan")
        assert any("/L has a value that is no number" in warning for warning in warnings)


class TestShapes:
    def test_rect(self, tmp_path):
        inputs = "float inputs:width = 2\nfloat inputs:height = 3"
        packed, _ = lit(tmp_path, "RectLight", inputs, TURN)
        expected = [1, 2, 3, 2, 0, 0, 0, 3, 0, 0, 0, -1, 24]
        assert packed.light_kinds[0] == s.LIGHT_RECT
        assert np.allclose(packed.light_params[0], expected)

    def test_a_mirrored_rect_still_shines_along_its_own_minus_z(self, tmp_path):
        mirror = (
            'float3 xformOp:scale = (-1, 1, 1)\nuniform token[] xformOpOrder = ["xformOp:scale"]'
        )
        packed, _ = lit(tmp_path, "RectLight", "", mirror)
        assert np.allclose(packed.light_params[0, 9:12], [0, 0, -1])
        turned = mirror.replace("(-1, 1, 1)", "(1, 1, -1)")
        packed, _ = lit(tmp_path, "RectLight", "", turned)
        assert np.allclose(packed.light_params[0, 9:12], [0, 0, 1])

    def test_disk(self, tmp_path):
        packed, _ = lit(tmp_path, "DiskLight", "float inputs:radius = 2\nbool inputs:normalize = 1")
        assert packed.light_kinds[0] == s.LIGHT_DISK
        assert packed.light_params[0, 12] == pytest.approx(4 * math.pi)
        assert np.allclose(packed.light_radiance[0], 1 / (4 * math.pi))

    def test_sphere(self, tmp_path):
        packed, _ = lit(
            tmp_path, "SphereLight", "float inputs:radius = 0.5\nbool inputs:normalize = 1", TURN
        )
        assert packed.light_kinds[0] == s.LIGHT_SPHERE
        assert np.allclose(packed.light_params[0, :4], [1, 2, 3, 1])
        assert np.allclose(packed.light_radiance[0], 1 / (4 * math.pi))

    def test_a_point_has_the_power_of_its_sphere(self, tmp_path):
        sphere, _ = lit(tmp_path, "SphereLight", "float inputs:radius = 0.5")
        point, _ = lit(tmp_path, "SphereLight", "float inputs:radius = 0.5\nbool treatAsPoint = 1")
        power = [p.light_radiance[0, 0] * p.light_params[0, 3] ** 2 for p in (sphere, point)]
        assert power[0] == pytest.approx(power[1], rel=1e-5)
        assert point.light_params[0, 3] < 1e-3

    def test_distant_keeps_its_irradiance_in_single_precision(self, tmp_path):
        # 0.53 degrees: E = L * 2 pi (1 - cos), of which float32 keeps two digits.
        packed, _ = lit(tmp_path, "DistantLight", "float inputs:intensity = 1000")
        one_minus_cosine = 1.0 - float(packed.light_params[0, 3])
        seen = float(packed.light_radiance[0, 0]) * 2 * math.pi * one_minus_cosine
        exact = 1000 * 2 * math.pi * (1 - math.cos(math.radians(0.265)))
        assert seen == pytest.approx(exact, rel=1e-4)
        assert np.allclose(packed.light_params[0, :3], [0, 0, 1])

    def test_distant_normalized_has_its_intensity_as_irradiance(self, tmp_path):
        inputs = "float inputs:intensity = 5\nfloat inputs:angle = 10\nbool inputs:normalize = 1"
        packed, _ = lit(tmp_path, "DistantLight", inputs)
        irradiance = packed.light_radiance[0, 0] * math.pi * math.sin(math.radians(5)) ** 2
        assert irradiance == pytest.approx(5, rel=1e-5)

    @pytest.mark.parametrize("angle", ["0", "0.0001"])
    def test_a_sun_without_a_disk_is_an_irradiance(self, tmp_path, angle):
        inputs = (
            f"float inputs:intensity = 7\nfloat inputs:angle = {angle}\nbool inputs:normalize = 1"
        )
        packed, _ = lit(tmp_path, "DistantLight", inputs)
        assert packed.light_params[0, 3] == 1.0
        assert packed.light_radiance[0, 0] == pytest.approx(7)

    def test_dome_with_an_image(self, tmp_path):
        pixels = np.zeros((2, 4, 3), np.float32)
        pixels[0] = 9  # the sky is up
        image(tmp_path / "sky.exr", pixels)
        packed, _ = lit(
            tmp_path,
            "DomeLight",
            "asset inputs:texture:file = @sky.exr@\nfloat inputs:intensity = 2",
        )
        assert packed.light_kinds[0] == s.LIGHT_DOME
        assert np.allclose(packed.light_params[0, :9].reshape(3, 3), np.eye(3))
        assert np.allclose(packed.light_radiance[0], 2)
        texels = image_of(packed, int(packed.light_textures[0]))
        assert np.allclose(texels[1, :, :3], 9)
        assert not texels[0, :, :3].any()

    def test_a_turned_dome_maps_world_to_its_own_axes(self, tmp_path):
        turn = 'float xformOp:rotateX = 90\nuniform token[] xformOpOrder = ["xformOp:rotateX"]'
        packed, _ = lit(tmp_path, "DomeLight", "", turn)
        to_dome = packed.light_params[0, :9].reshape(3, 3)
        # Turned by 90 degrees about X, the dome's top (+Y) looks along the world's +Z.
        assert np.allclose(to_dome @ [0, 0, 1], [0, 1, 0], atol=1e-6)

    def test_dome_1_follows_its_pole_axis(self, tmp_path):
        packed, _ = lit(tmp_path, "DomeLight_1", 'uniform token poleAxis = "Z"')
        to_dome = packed.light_params[0, :9].reshape(3, 3)
        assert np.allclose(to_dome @ [0, 0, 1], [0, 1, 0], atol=1e-6)

    @pytest.mark.parametrize(
        ("kind", "inputs", "said"),
        [
            ("CylinderLight", "", "cylinder lights"),
            ("RectLight", "asset inputs:texture:file = @x.png@", "has a texture"),
            ("SphereLight", "float inputs:shaping:cone:angle = 30", "spotlight"),
            ("DomeLight", "asset inputs:texture:file = @gone.exr@", "gone.exr is missing"),
            ("DiskLight", "float inputs:radius = 0", "has no size"),
        ],
    )
    def test_what_is_not_rendered_is_named(self, tmp_path, kind, inputs, said):
        _, warnings = lit(tmp_path, kind, inputs)
        assert any(said in warning for warning in warnings), warnings


class TestCamera:
    def test_lens_film_and_place(self, tmp_path):
        inputs = """
        float focalLength = 50
        float horizontalAperture = 20
        float verticalAperture = 10
        float horizontalApertureOffset = 5
        float verticalApertureOffset = 1
        float2 clippingRange = (0.5, 100)
        """
        camera = CAMERA.replace('"Cam" {', f'"Cam" {{{inputs}')
        packed, _ = read_body(tmp_path, mesh() + camera, aspect=4.0)
        view = packed.camera
        assert view.tan_half_width == pytest.approx(0.2)
        assert view.tan_half_height == pytest.approx(0.1)
        # Offsets in half-widths (10) and, at 4:1, in half-heights of the image (2.5).
        assert view.shift_x == pytest.approx(0.5)
        assert view.shift_y == pytest.approx(0.4)
        assert (view.near, view.far) == (0.5, 100)
        assert np.allclose(view.to_world[:3, 3], [0, 0, 5])
        assert view.lens_radius == 0

    def test_depth_of_field(self, tmp_path):
        # 50 tenths of a unit at f/2: an opening of 2.5 units across.
        inputs = "float focalLength = 50\nfloat fStop = 2\nfloat focusDistance = 7\n"
        packed, _ = read_body(tmp_path, mesh() + CAMERA.replace('"Cam" {', f'"Cam" {{{inputs}'))
        assert packed.camera.lens_radius == pytest.approx(1.25)
        assert packed.camera.focus_distance == 7

    def test_the_scale_of_a_rig_does_not_reach_the_view(self, tmp_path):
        rig = 'def Xform "Rig" {\nfloat3 xformOp:scale = (3, 3, 3)\nuniform token[] xformOpOrder = ["xformOp:scale"]\n'
        packed, _ = read_body(tmp_path, mesh() + rig + CAMERA + "}")
        turn = packed.camera.to_world[:3, :3]
        assert np.allclose(turn @ turn.T, np.eye(3), atol=1e-6)
        assert np.allclose(packed.camera.to_world[:3, 3], [0, 0, 15])

    def test_by_path_else_the_first(self, tmp_path):
        second = CAMERA.replace('"Cam"', '"Other"').replace("5)", "9)")
        path = write(tmp_path, mesh() + CAMERA + second)
        assert read(path)[0].camera.to_world[2, 3] == 5
        assert read(path, camera="/Other")[0].camera.to_world[2, 3] == 9

    def test_an_unknown_one_is_refused_with_those_there_are(self, tmp_path):
        path = write(tmp_path, mesh() + CAMERA)
        with pytest.raises(
            KernelRefusal, match=r"scene\.usda has no camera /Nope; its cameras are /Cam"
        ):
            read(path, camera="/Nope")
        with pytest.raises(KernelRefusal, match="no camera not a path"):
            read(path, camera="not a path")

    @pytest.mark.parametrize("up", ["Y", "Z"])
    @pytest.mark.parametrize("aspect", [0.5, 2.0])
    def test_without_one_the_whole_scene_is_framed(self, tmp_path, up, aspect):
        path = write(tmp_path, mesh(), header=f'#usda 1.0\n(\n    upAxis = "{up}"\n)\n')
        packed, warnings = read(path, aspect=aspect)
        view = packed.camera
        local = (packed.positions - view.to_world[:3, 3]) @ view.to_world[:3, :3]
        assert (np.abs(local[:, 0] / local[:, 2]) <= view.tan_half_width).all()
        assert (np.abs(local[:, 1] / local[:, 2]) <= view.tan_half_width / aspect).all()
        assert (local[:, 2] < 0).all()
        assert any("no camera; one is made" in warning for warning in warnings)
