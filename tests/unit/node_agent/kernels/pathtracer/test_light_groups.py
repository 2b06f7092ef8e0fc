"""Where the readers find a light's group."""

from __future__ import annotations

import numpy as np

from node_agent.kernels.pathtracer import scene as s
from tests.unit.node_agent.kernels.pathtracer.gltf_files import Maker, read_made
from tests.unit.node_agent.kernels.pathtracer.usd_files import SQUARE, mesh, read_body

GROUP = 'custom string windfire:lightGroup = "{}"\n'
GLOW = (
    """
def Material "Mat" {
    token outputs:surface.connect = </Mat/S.outputs:surface>
    custom token windfire:lightGroup = "neon"
    def Shader "S" {
        uniform token info:id = "UsdPreviewSurface"
        color3f inputs:emissiveColor = (2, 2, 2)
        token outputs:surface
    }
}
def Mesh "Sign" (prepend apiSchemas = ["MaterialBindingAPI"]) {
    rel material:binding = </Mat>
"""
    + SQUARE
    + "}\n"
)


def test_a_light_its_rig_and_a_material_say_their_groups(tmp_path):
    key = f'def SphereLight "Key" {{ {GROUP.format("key light")} }}\n'
    inner = 'def SphereLight "In" { }\n'
    rig = f'def Xform "Rig" {{ {GROUP.format("rim")} {inner} }}\n'
    plain = 'def DistantLight "Sun" { }\n'
    packed, warnings = read_body(tmp_path, mesh() + key + rig + plain + GLOW)
    names = packed.names.light_groups
    assert set(names) == {"rest", "key_light", "rim", "neon"}
    assert names[0] == "rest"
    found = [names[group] for group in packed.light_groups]
    assert found == ["key_light", "rim", "rest", "neon", "neon"]
    glowing = packed.materials[packed.materials[:, s.EMIT_R] > 0]
    assert [names[int(group)] for group in glowing[:, s.GROUP]] == ["neon"]
    assert not [warning for warning in warnings if "group" in warning]


def test_more_groups_than_there_are_planes_are_told_of(tmp_path):
    lights = "".join(f'def SphereLight "L{n}" {{ {GROUP.format(f"g{n}")} }}\n' for n in range(20))
    packed, warnings = read_body(tmp_path, mesh() + lights)
    assert len(packed.names.light_groups) == s.MOST_GROUPS
    assert packed.light_groups.max() == s.MOST_GROUPS - 1
    assert packed.light_groups[-1] == 0
    assert any("more than 15 light groups" in warning for warning in warnings)


def test_gltf_says_groups_in_extras(tmp_path):
    maker = Maker()
    lights = [{"type": "point", "intensity": 5.0}]
    maker.json["extensions"] = {"KHR_lights_punctual": {"lights": lights}}
    extension = {"KHR_lights_punctual": {"light": 0}}
    maker.json["nodes"].append({"extensions": extension, "extras": {"lightGroup": "key"}})
    maker.json["scenes"] = [{"nodes": [0, 1]}]
    glow = {"emissiveFactor": [1, 1, 1], "extras": {"lightGroup": "neon"}}
    maker.json["materials"] = [glow]
    maker.primitive["material"] = 0
    packed, _ = read_made(maker, tmp_path)
    names = packed.names.light_groups
    assert [names[group] for group in packed.light_groups] == ["key", "neon", "neon"]
    assert np.unique(packed.materials[:, s.GROUP]).tolist() == [names.index("neon")]
