"""Nodes that share no folder with anybody render a scene with textures, through a whole farm."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import OpenEXR
import pytest

from app.submit import submit_file
from tests.integration.local_farm import ROOT, local_farm, wait_until

TEXTURE = ROOT / "resources" / "scenes" / "textures" / "still_cloth.png"
BOX = ROOT / "tests" / "scenes" / "spinning_box.usda"
SIZE, SPP = (48, 27), 4
FLOOR = """#usda 1.0
over "World" {
    over "Floor" (prepend apiSchemas = ["MaterialBindingAPI"]) {
        texCoord2f[] primvars:st = [(0, 0), (1, 0), (1, 1), (0, 1)] (interpolation = "vertex")
        rel material:binding = </World/Cloth>
    }
    def Material "Cloth" {
        token outputs:surface.connect = </World/Cloth/Surface.outputs:surface>
        def Shader "Surface" {
            uniform token info:id = "UsdPreviewSurface"
            color3f inputs:diffuseColor.connect = </World/Cloth/Texture.outputs:rgb>
            token outputs:surface
        }
        def Shader "Texture" {
            uniform token info:id = "UsdUVTexture"
            asset inputs:file = @textures/cloth.png@
            float2 inputs:st.connect = </World/Cloth/Reader.outputs:result>
            float3 outputs:rgb
        }
        def Shader "Reader" {
            uniform token info:id = "UsdPrimvarReader_float2"
            string inputs:varname = "st"
            float2 outputs:result
        }
    }
}
"""


def can_hide() -> bool:
    try:
        return subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode == 0
    except OSError:
        return False


def beauty(path: Path) -> np.ndarray:
    with OpenEXR.File(str(path)) as file:
        return np.array(file.parts[0].channels["RGBA"].pixels)


def write_scene(folder: Path, texture: Path) -> Path:
    """A shot's layer over an asset's, which names a texture: three files in three folders."""
    for name in ("shots", "assets/textures"):
        (folder / name).mkdir(parents=True)
    shutil.copy(BOX, folder / "assets" / "box.usda")
    shutil.copy(texture, folder / "assets" / "textures" / "cloth.png")
    (folder / "assets" / "floor.usda").write_text(FLOOR)
    layers = '(subLayers = [@../assets/floor.usda@, @../assets/box.usda@]\n defaultPrim = "World")'
    shot = folder / "shots" / "shot.usda"
    shot.write_text(f"#usda 1.0\n{layers}\n")
    return shot


@pytest.mark.skipif(not can_hide(), reason="no rights to hide folders from a process (unshare)")
@pytest.mark.timeout(300)
def test_two_nodes_without_a_shared_folder_render_a_scene_with_textures(tmp_path):
    files, out, plain = (tmp_path / name for name in ("scene", "out", "plain"))
    out.mkdir()
    scene = write_scene(files, TEXTURE)
    with local_farm(tmp_path / "farm") as farm:
        for name in ("one", "two"):
            farm.start_agent(name, "--threads", "1", hidden=[files, out, TEXTURE.parent])
        with farm.client() as client:
            submitted = submit_file(
                client,
                scene,
                shot="STAGED/sq010/sh0010",
                frames="1-4",
                size=SIZE,
                spp=SPP,
                out=out,
                stage=True,
            )
            wait_until(lambda: len(list(out.rglob("*.exr"))) == 4, 200, "the staged frames")
            shot = submitted.shot
            wait_until(
                lambda: next(r for r in client.list("shots") if r.id == shot).state == "done",
                60,
                "the shot",
            )
        for name in ("one", "two"):
            data = farm.folder / "nodes" / name
            assert not list((data / "work" / "staged").glob("*")), "scratch was left behind"
    assert not [path for path in out.rglob(".*") if path.is_file()]
    command = [sys.executable, "-m", "app", "render", scene, "--frames", "2"]
    more = ["--size", f"{SIZE[0]}x{SIZE[1]}", "--spp", SPP, "--out", plain]
    subprocess.run([str(word) for word in [*command, *more]], cwd=ROOT, check=True)
    (expected,) = plain.rglob("*0002*.exr")
    (staged,) = out.rglob("*0002*.exr")
    assert np.array_equal(beauty(staged), beauty(expected))
