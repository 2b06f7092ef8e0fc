"""A .blend file becomes a job, with a stand-in for Blender that answers as the real one does."""

import json
import sys

import pytest

from app.errors import EnvironmentFault, UserMistake
from app.submit.any_file import file_request, inspect_file
from app.submit.from_blend import blend_request
from app.submit.from_usd import SceneChoice
from node_agent.wire.templates import fill

SCENE = {
    "scene": "Scene",
    "engine": "CYCLES",
    "first": 1,
    "last": 9,
    "stride": 2,
    "width": 640,
    "height": 360,
    "format": "OPEN_EXR",
    "is_movie": False,
    "output": "/tmp/",
    "camera": "Camera",
    "cameras": ["Camera", "Closeup"],
    "missing": [],
}
STAND_IN = """#!{python}
import json, sys
assert sys.argv[1:4] == ["--background", "--factory-startup", "--disable-autoexec"], sys.argv
open(sys.argv[-1], "w").write({answer!r})
"""


@pytest.fixture
def blender(tmp_path):
    def make(**changes):
        program = tmp_path / "blender"
        answer = json.dumps({**SCENE, **changes})
        program.write_text(STAND_IN.format(python=sys.executable, answer=answer))
        program.chmod(0o755)
        return str(program)

    (tmp_path / "shot.blend").write_bytes(b"BLENDER")
    return make


def request(tmp_path, program, **choice):
    choice = SceneChoice(out=tmp_path / "out", **choice)
    return blend_request(tmp_path / "shot.blend", choice, shot="P/q/sh", blender=program, chunk=3)


class TestRequest:
    def test_the_files_own_range_camera_and_format_are_taken(self, tmp_path, blender):
        (step,) = request(tmp_path, blender()).steps
        assert (step.frames, step.chunk, step.work.output.pattern) == (
            *("1-9x2", 3),
            "sh.{frame:04d}.exr",
        )
        assert step.work.argv[1:5] == [
            *("--background", "--factory-startup", "--disable-autoexec"),
            str(tmp_path / "shot.blend"),
        ]
        # The script's and the choice's braces come out as they were.
        code, _, listing, chosen = [fill(w, {"outputs": "list"}) for w in step.work.argv[-4:]]
        compile(code, "render_frames.py", "exec")
        assert (listing, json.loads(chosen)["format"]) == ("list", "OPEN_EXR")

    def test_what_a_person_chooses_reaches_the_script(self, tmp_path, blender):
        made = request(tmp_path, blender(), camera="Closeup", size=(32, 24), spp=8, frames="5")
        chosen = json.loads(fill(made.steps[0].work.argv[-1], {}))
        assert (chosen["camera"], chosen["width"], chosen["samples"]) == ("Closeup", 32, 8)
        assert made.steps[0].frames == "5"

    def test_a_movie_is_rendered_as_png_frames(self, tmp_path, blender):
        said = []
        choice = SceneChoice(out=tmp_path / "out")
        program = blender(format="FFMPEG", is_movie=True, missing=["/a.png"])
        made = blend_request(
            tmp_path / "shot.blend", choice, shot="P/q/sh", blender=program, warn=said.append
        )
        assert made.steps[0].work.output.pattern == "sh.{frame:04d}.png"
        assert len(said) == 2

    @pytest.mark.parametrize(
        ("changes", "choice", "words"),
        [
            ({}, {"camera": "Odd"}, "no camera 'Odd'; it has Camera, Closeup"),
            ({"camera": ""}, {}, "no active camera"),
            ({"last": 0}, {}, "no sensible frame range"),
            ({"format": "ODD"}, {}, "is no image"),
            ({"first": "x"}, {}, "Blender cannot read"),
        ],
    )
    def test_what_cannot_be_rendered_is_named(self, tmp_path, blender, changes, choice, words):
        with pytest.raises(UserMistake, match=words):
            request(tmp_path, blender(**changes), **choice)

    def test_no_blender_and_no_file_are_said(self, tmp_path):
        with pytest.raises(UserMistake, match="There is no file"):
            request(tmp_path, "blender")
        (tmp_path / "shot.blend").touch()
        with pytest.raises(EnvironmentFault, match="no program"):
            request(tmp_path, "no-such-blender")


def test_the_windows_dialog_asks_blender_too(tmp_path, blender, monkeypatch):
    blender(samples=128)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    file, scene = inspect_file(tmp_path / "shot.blend")
    assert (scene.cameras, scene.samples, scene.width) == (["Camera", "Closeup"], 128, 640)
    made = file_request(file, SceneChoice(camera="Closeup", out=tmp_path / "out"), shot="P/q/sh")
    assert made.steps[0].work.argv[0] == "blender"
