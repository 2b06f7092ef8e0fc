"""What a glTF file says is what the path tracer gets: geometry, looks, motion, lights and cameras."""

import math

import numpy as np
import pytest

from node_agent.kernels.pathtracer import scene as s
from node_agent.kernels.pathtracer.gltf_materials import transform_2d
from node_agent.kernels.pathtracer.gltf_pose import cubic, slerp
from node_agent.kernels.pathtracer.mipmaps import image_of
from tests.unit.node_agent.kernels.pathtracer.gltf_files import (
    SQUARE,
    Maker,
    read,
    read_made,
)


@pytest.fixture
def maker():
    return Maker()


def test_a_square_in_every_container(maker, tmp_path):
    in_glb, _ = read_made(maker, tmp_path)
    for embedded in (True, False):
        packed, warnings = read(maker.write_gltf(tmp_path / "made.gltf", embedded=embedded))
        assert packed.digest == in_glb.digest
        assert any("no light" in warning for warning in warnings)
    assert np.array_equal(packed.positions[:4], SQUARE)
    assert np.array_equal(packed.triangles, [[0, 1, 2], [0, 2, 3]])
    # Without normals of its own a mesh is faceted.
    assert np.allclose(packed.corner_normals, [0, 0, 1])


@pytest.mark.parametrize(
    ("mode", "triangles"),
    [(5, [[0, 1, 2], [1, 3, 2]]), (6, [[1, 2, 0], [2, 3, 0]])],
)
def test_strips_and_fans(maker, tmp_path, mode, triangles):
    maker.primitive["mode"] = mode
    del maker.primitive["indices"]
    packed, _ = read_made(maker, tmp_path)
    assert np.array_equal(packed.triangles, triangles)


def test_points_are_named(maker, tmp_path):
    maker.json["meshes"][0]["primitives"].append({"attributes": maker.attributes, "mode": 0})
    _, warnings = read_made(maker, tmp_path)
    assert "made.glb has points or lines, which are not rendered." in warnings


def test_nodes_multiply_down_the_tree(maker, tmp_path):
    turn = [0, 0, math.sin(math.pi / 4), math.cos(math.pi / 4)]
    maker.json["nodes"] = [
        {"children": [1], "translation": [10, 0, 0], "rotation": turn},
        {"mesh": 0, "scale": [2, 2, 2]},
    ]
    packed, _ = read_made(maker, tmp_path)
    # (1, 0, 0) is doubled, turned to y, moved.
    assert np.allclose(packed.positions[1], [10, 2, 0], atol=1e-5)


def test_materials(maker, tmp_path):
    maker.material(
        pbrMetallicRoughness={
            "baseColorFactor": [0.5, 0.25, 0.125, 0.75],
            "metallicFactor": 0.3,
            "roughnessFactor": 0.7,
        },
        emissiveFactor=[1, 0.5, 0],
        alphaMode="BLEND",
        extensions={
            "KHR_materials_emissive_strength": {"emissiveStrength": 4.0},
            "KHR_materials_ior": {"ior": 1.33},
            "KHR_materials_sheen": {},
        },
    )
    packed, warnings = read_made(maker, tmp_path)
    row = packed.materials[packed.triangle_materials[0]]
    assert np.allclose(row[s.BASE_R : s.BASE_B + 1], [0.5, 0.25, 0.125])
    assert np.allclose(row[[s.METALLIC, s.ROUGHNESS, s.IOR, s.OPACITY]], [0.3, 0.7, 1.33, 0.75])
    assert np.allclose(row[s.EMIT_R : s.EMIT_B + 1], [4, 2, 0])
    assert len(packed.light_kinds) == 2  # both triangles shine
    assert any("sheen" in warning for warning in warnings)


def test_glass_and_clear_coat(maker, tmp_path):
    coat = {
        "clearcoatFactor": 0.5,
        "clearcoatRoughnessFactor": 0.25,
        "clearcoatTexture": {"index": 0},
    }
    maker.material(
        extensions={
            "KHR_materials_transmission": {"transmissionFactor": 0.9},
            "KHR_materials_volume": {"thicknessFactor": 0.5},
            "KHR_materials_clearcoat": coat,
        }
    )
    packed, warnings = read_made(maker, tmp_path)
    row = packed.materials[packed.triangle_materials[0]]
    columns = [s.TRANSMISSION, s.THIN, s.COAT, s.COAT_ROUGHNESS]
    assert np.allclose(row[columns], [0.9, 0, 0.5, 0.25])
    assert sum("clearcoat" in warning for warning in warnings) == 1


def test_glass_without_a_thickness_is_a_pane(maker, tmp_path):
    maker.material(extensions={"KHR_materials_transmission": {"transmissionFactor": 1.0}})
    packed, _ = read_made(maker, tmp_path)
    assert packed.materials[packed.triangle_materials[0]][s.THIN] == 1.0


def test_the_default_material_is_rough_metal(maker, tmp_path):
    packed, _ = read_made(maker, tmp_path)
    row = packed.materials[packed.triangle_materials[0]]
    assert np.allclose(row[[s.BASE_R, s.METALLIC, s.ROUGHNESS]], 1.0)


def test_unlit_shines_by_itself(maker, tmp_path):
    maker.material(
        pbrMetallicRoughness={"baseColorFactor": [0.2, 0.4, 0.6, 1]},
        extensions={"KHR_materials_unlit": {}},
    )
    packed, warnings = read_made(maker, tmp_path)
    row = packed.materials[packed.triangle_materials[0]]
    assert np.allclose(row[s.EMIT_R : s.EMIT_B + 1], [0.2, 0.4, 0.6])
    assert not any("no light" in warning for warning in warnings)


def test_textures_are_upright_and_scaled(maker, tmp_path):
    pixels = np.zeros((2, 2, 3))
    pixels[0, 0] = 255  # the image's top left, which is the square's
    info = maker.texture(tmp_path, pixels)
    maker.material(
        pbrMetallicRoughness={"baseColorTexture": info, "baseColorFactor": [0.5, 1, 1, 1]}
    )
    packed, _ = read_made(maker, tmp_path)
    slot = packed.material_textures[packed.triangle_materials[0], s.TEX_BASE]
    # Bottom row first.
    assert np.allclose(image_of(packed, int(slot))[..., 0], [[0, 0], [0.5, 0]])
    # The square's last corner is its top left: (0, 1) where v runs up.
    assert np.allclose(packed.corner_uvs[1, 2], [0, 1])


def test_metal_is_blue_and_rough_is_green(maker, tmp_path):
    pixels = np.tile(np.array([255, 51, 102]), (1, 1, 1))
    info = maker.texture(tmp_path, pixels)
    maker.material(pbrMetallicRoughness={"metallicRoughnessTexture": info, "roughnessFactor": 0.5})
    packed, _ = read_made(maker, tmp_path)
    slots = packed.material_textures[packed.triangle_materials[0]]
    found = []
    for slot in (s.TEX_METALLIC, s.TEX_ROUGHNESS):
        row = packed.textures[slots[slot]]
        found.append(image_of(packed, int(slots[slot]))[0, 0, row[s.TEX_CHANNEL]])
    assert np.allclose(found, [0.4, 0.1], atol=1e-6)


def test_a_texture_transform_moves_the_coordinates(maker, tmp_path):
    info = maker.texture(tmp_path, np.zeros((1, 1, 3)))
    info["extensions"] = {"KHR_texture_transform": {"offset": [0.25, 0.5], "scale": [2, 3]}}
    maker.material(pbrMetallicRoughness={"baseColorTexture": info})
    packed, _ = read_made(maker, tmp_path)
    # The first corner is (0, 1) in glTF: (0.25, 3.5) after it, and v runs up here.
    assert np.allclose(packed.corner_uvs[0, 0], [0.25, -2.5])


def test_a_quarter_turn_of_texture_coordinates_is_counter_clockwise_on_the_image():
    right = transform_2d({"rotation": math.pi / 2}) @ [1, 0, 1]
    assert np.allclose(right[:2], [0, -1])  # v runs down: up on the image


def test_a_walk_between_keys(maker, tmp_path):
    times = maker.add(np.array([0, 1], np.float32))
    places = maker.add(np.array([[0, 0, 0], [8, 0, 0]], np.float32))
    maker.json["animations"] = [
        {
            "samplers": [{"input": times, "output": places}],
            "channels": [{"sampler": 0, "target": {"node": 0, "path": "translation"}}],
        }
    ]
    for frame, x in ((-5, 0), (0, 0), (12, 4), (24, 8), (99, 8)):
        packed, _ = read_made(maker, tmp_path, frame)
        assert packed.positions[0, 0] == pytest.approx(x)


def test_rotations_take_the_shorter_arc():
    a, b = np.array([0, 0, 0, 1.0]), -np.array([0, 0, 1.0, 0])
    half = slerp(a, b, 0.5)
    assert np.allclose(np.abs(half), [0, 0, math.sqrt(0.5), math.sqrt(0.5)])
    assert np.linalg.norm(slerp(a, b, 0.3)) == pytest.approx(1)


def test_a_cubic_spline_meets_its_keys_and_slopes():
    times = np.array([0.0, 2.0])
    values = np.array([[[9.0], [1.0], [3.0]], [[-2.0], [5.0], [9.0]]])
    at = [cubic(times, values, t, is_rotation=False)[0] for t in (0, 1e-6, 2 - 1e-6, 2)]
    assert np.allclose([at[0], at[3]], [1, 5])
    assert (at[1] - at[0]) / 1e-6 == pytest.approx(3, rel=1e-3)
    assert (at[3] - at[2]) / 1e-6 == pytest.approx(-2, rel=1e-3)


def test_morph_targets_add_up(maker, tmp_path):
    raised = maker.add(np.array([[0, 0, 4.0]] * 4, np.float32))
    maker.primitive["targets"] = [{"POSITION": raised}, {"POSITION": raised}]
    maker.json["meshes"][0]["weights"] = [0.5, 0.25]
    packed, _ = read_made(maker, tmp_path)
    assert np.allclose(packed.positions[:4, 2], 3)


def test_skins_follow_their_joints_and_not_their_node(maker, tmp_path):
    maker.attributes["JOINTS_0"] = maker.add(np.array([[0, 1, 0, 0]] * 4, np.uint8))
    maker.attributes["WEIGHTS_0"] = maker.add(np.array([[0.25, 0.75, 0, 0]] * 4, np.float32))
    maker.json["nodes"] = [
        {"mesh": 0, "skin": 0, "translation": [100, 0, 0]},
        {"translation": [4, 0, 0]},
        {"translation": [0, 8, 0]},
    ]
    maker.json["scenes"] = [{"nodes": [0, 1, 2]}]
    maker.json["skins"] = [{"joints": [1, 2]}]
    packed, _ = read_made(maker, tmp_path)
    assert np.allclose(packed.positions[0], [1, 6, 0])


def test_sparse_accessors_replace_some(maker, tmp_path):
    where = maker.add_bytes(np.array([2], np.uint16).tobytes())
    what = maker.add_bytes(np.array([[7, 7, 7]], np.float32).tobytes())
    maker.json["accessors"][maker.attributes["POSITION"]]["sparse"] = {
        "count": 1,
        "indices": {"bufferView": where, "componentType": 5123},
        "values": {"bufferView": what},
    }
    packed, _ = read_made(maker, tmp_path)
    assert np.allclose(packed.positions[2], 7)


def test_quantised_points_are_scaled_by_their_node(maker, tmp_path):
    points = (SQUARE * 32767).astype(np.int16)
    padded = np.zeros((4, 4), np.int16)
    padded[:, :3] = points
    view = maker.add_bytes(padded.tobytes())
    maker.json["bufferViews"][view]["byteStride"] = 8
    maker.json["accessors"].append(
        {"bufferView": view, "componentType": 5122, "count": 4, "type": "VEC3", "normalized": True}
    )
    maker.attributes["POSITION"] = len(maker.json["accessors"]) - 1
    packed, _ = read_made(maker, tmp_path)
    assert np.allclose(packed.positions[:4], SQUARE)


def test_a_camera_by_its_name(maker, tmp_path):
    maker.json["cameras"] = [
        {"type": "perspective", "perspective": {"yfov": 1.0, "znear": 0.1, "aspectRatio": 2.0}}
    ]
    maker.json["nodes"] += [{"camera": 0, "name": "Lens", "translation": [0, 0, 5]}]
    maker.json["scenes"] = [{"nodes": [0, 1]}]
    packed, _ = read_made(maker, tmp_path, camera="Lens")
    assert np.allclose(packed.camera.to_world[:3, 3], [0, 0, 5])
    assert packed.camera.tan_half_width == pytest.approx(2 * math.tan(0.5), rel=1e-5)


def test_lights_have_the_power_that_the_file_says(maker, tmp_path):
    maker.json["extensions"] = {
        "KHR_lights_punctual": {
            "lights": [
                {"type": "directional", "intensity": 3.0},
                {"type": "point", "intensity": 5.0, "color": [1, 0.5, 0]},
            ]
        }
    }
    for number in range(2):
        extension = {"KHR_lights_punctual": {"light": number}}
        maker.json["nodes"].append({"extensions": extension, "scale": [3, 3, 3]})
    maker.json["scenes"] = [{"nodes": [0, 1, 2]}]
    packed, _ = read_made(maker, tmp_path)
    assert list(packed.light_kinds) == [s.LIGHT_DISTANT, s.LIGHT_SPHERE]
    assert np.allclose(packed.light_radiance[0], 3)
    radius = packed.light_params[1, 3]
    assert np.allclose(packed.light_radiance[1] * math.pi * radius**2, [5, 2.5, 0], rtol=1e-4)
