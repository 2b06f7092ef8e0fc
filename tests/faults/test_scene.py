"""A scene that carries a script: it is rendered, and the script does not run."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from app.submit import SceneChoice
from app.submit.from_blend import blend_request
from node_agent.wire import pipe
from tests.faults.conftest import only_long
from tests.unit.node_agent.worker.child import Child

MAKE = """
import bpy
scene = bpy.context.scene
scene.render.engine, scene.cycles.samples = "CYCLES", 1
scene.cycles.use_denoising = False
scene.render.resolution_x = scene.render.resolution_y = 16
text = bpy.data.texts.new("startup.py")
text.write("open({canary!r}, 'w').write('script')")
text.use_module = True
driver = bpy.data.objects["Cube"].driver_add("location", 0).driver
driver.expression = "__import__('pathlib').Path({canary!r}).write_text('driver') and 0"
bpy.ops.wm.save_as_mainfile(filepath={path!r})
"""


@only_long
@pytest.mark.timeout(200)
@pytest.mark.skipif(shutil.which("blender") is None, reason="Blender is not installed")
def test_a_script_within_a_scene_does_not_run(tmp_path: Path) -> None:
    path, canary, work = tmp_path / "film.blend", tmp_path / "canary", tmp_path / "work"
    work.mkdir()
    make = ["blender", "--background", "--factory-startup", "--python-expr"]
    code = MAKE.format(canary=str(canary), path=str(path))
    subprocess.run([*make, code], check=True, capture_output=True, timeout=100)
    # It does run where somebody lets it.
    trusting = ["blender", "--background", "--factory-startup", "--enable-autoexec", str(path)]
    subprocess.run(trusting, check=True, capture_output=True, timeout=100)
    assert canary.exists()
    canary.unlink()
    choice = SceneChoice(frames="1", out=tmp_path / "out")
    request = blend_request(path, choice, shot="P/sq/sh")
    (step,) = request.steps
    with Child(work) as child:
        done = child.run(step.work)
    assert isinstance(done, pipe.TaskDone), done
    assert not canary.exists(), canary.read_text()
