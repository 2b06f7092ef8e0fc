"""Programs that studios own, on a real farm: an OpenJD bundle, bash, Python, ffmpeg, Blender; and cancelling each."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import OpenImageIO
import psutil
import pytest

from app.cli.main import run
from app.submit import SceneChoice, bundle_request, submit_blend, submit_bundle, submit_command
from app.submit.to_openjd import export_bundle
from tests.integration.local_farm import ROOT, local_farm, wait_until

WAIT_S = 120.0
pytestmark = pytest.mark.timeout(300)
BLENDER_TEMPLATE = Path(__file__).parents[1] / "bundles" / "blender"
ADAPTOR = """#!{python}
import pathlib, sys
note = pathlib.Path({note!r})
words = sys.argv[1:]
data = next((word for word in words if word.startswith("file://")), "")
text = pathlib.Path(data.removeprefix("file://")).read_text().split("\\n") if data else []
with note.open("a") as file:
    file.write(" ".join([words[1], *(line for line in text if "frame" in line or "scene_file" in line)]) + "\\n")
print("openjd_progress: 100")
"""
"""Stands for `blender-openjd`, which runs Blender as a daemon; it notes what it is told."""


@pytest.fixture(scope="module")
def farm(tmp_path_factory):
    """One dispatcher, one node with one device, and the adaptor's stand-in on its PATH."""
    folder = tmp_path_factory.mktemp("farm")
    programs = folder / "bin"
    programs.mkdir()
    adaptor = programs / "blender-openjd"
    adaptor.write_text(ADAPTOR.format(python=sys.executable, note=str(folder / "adaptor.txt")))
    adaptor.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch, local_farm(folder) as made:
        patch.setenv("PATH", str(programs), prepend=":")
        made.start_agent("n1", "--devices", "cpu", "--threads", "1")
        yield made


@pytest.fixture
def client(farm):
    with farm.client() as client:
        yield client


def finish(client, shot):
    (row,) = client.wait([shot], timeout_s=WAIT_S)
    assert (row.state, row.error) == ("done", "")


def write_bundle(folder, note, text):
    """Two steps: three frames in an environment, and one task after them."""
    folder.mkdir()
    enter, leave = (
        {"command": "bash", "args": ["-c", f"echo {word} >> {note}{more}"]}
        for word, more in (("enter", "; echo openjd_env: FILM=nz2"), ("leave", ""))
    )
    frames = {"name": "Frame", "type": "INT", "range": "1-3"}
    collect = {"command": "bash", "args": ["-c", f"echo collect >> {note}"]}
    render = {"command": "bash", "args": ["-c", text]}
    template = {
        "specificationVersion": "jobtemplate-2023-09",
        "name": "bundle",
        "jobEnvironments": [
            {"name": "film", "script": {"actions": {"onEnter": enter, "onExit": leave}}}
        ],
        "steps": [
            {
                "name": "collect",
                "dependencies": [{"dependsOn": "render"}],
                "script": {"actions": {"onRun": collect}},
            },
            {
                "name": "render",
                "parameterSpace": {"taskParameterDefinitions": [frames]},
                "script": {"actions": {"onRun": render}},
            },
        ],
    }
    (folder / "template.json").write_text(json.dumps(template))
    return folder


def test_a_bundle_runs_in_its_environment_step_by_step(farm, tmp_path, capsys):
    note = tmp_path / "note"
    text = f"echo $FILM {{{{Task.Param.Frame}}}} >> {note}"
    bundle = write_bundle(tmp_path / "bundle", note, text)
    home = ["--home", str(farm.home)]
    assert run(["submit", *home, str(bundle), "--shot", "P/bundle/one", "--wait"]) == 0
    assert "4 frames in all" in capsys.readouterr().out
    said = note.read_text().split()
    assert said[0] == "enter"
    # A slow machine may leave and enter the environment between two tasks.
    tasks = [word for word in said if word not in ("enter", "leave")]
    assert sorted(tasks[:6]) == ["1", "2", "3", "nz2", "nz2", "nz2"]
    assert tasks[6:] == ["collect"]
    # What comes back out of the farm is the bundle that went in.
    assert run(["export", *home, "P/bundle/one", str(tmp_path / "out")]) == 0
    again, first = (
        bundle_request(folder, shot="P/bundle/one") for folder in (tmp_path / "out", bundle)
    )
    assert [(s.name, s.frames, s.after) for s in again.steps] == [
        (s.name, s.frames, s.after) for s in first.steps
    ]


def test_a_movie_without_frames_is_a_sentence(farm, client, capsys):
    submit_command(client, ["true"], shot="P/run/nothing")
    argv = ["--home", str(farm.home), "movie", "P/run/nothing"]
    assert run([*argv, "a.mp4"]) == 2
    assert "P/run/nothing has no step that writes files." in capsys.readouterr().err
    assert run([*argv, "a.gif"]) == 2
    assert "The movie is an .mp4 file" in capsys.readouterr().err


def test_blenders_submitter_meets_its_adaptor(farm, client):
    submitted = submit_bundle(client, BLENDER_TEMPLATE, shot="P/bundle/blender")
    finish(client, submitted.shot)
    lines = (farm.folder / "adaptor.txt").read_text().splitlines()
    assert lines[0].startswith("start scene_file: ")
    told = sorted(line for line in lines if line.startswith("run"))
    assert told == [f"run frame: {frame}" for frame in (1, 2, 3, 4, 8)]


def test_an_exported_program_runs_as_a_bundle(client, tmp_path):
    out = tmp_path / "frames"
    submitted = submit_command(
        client, ["cp", "/etc/hostname", "{output}"], shot="P/run/copy", frames="7", out=out,
        pattern="a.{frame:04d}.txt",
    )  # fmt: skip
    finish(client, submitted.shot)
    (out / "a.0007.txt").unlink()
    bundle = export_bundle(client.submission(submitted.job), tmp_path / "bundle")
    finish(client, submit_bundle(client, bundle, shot="P/run/again").shot)
    assert (out / "a.0007.txt").exists()


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_ffmpeg_encodes_what_a_chunk_left(client, tmp_path):
    out = tmp_path / "movie"
    argv = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=64x48:rate=4:duration=1"]
    submitted = submit_command(
        client, [*argv, "{output}"], shot="P/run/ffmpeg", out=out, pattern="m.{frame}.avi"
    )
    finish(client, submitted.shot)
    assert (out / "m.1.avi").stat().st_size > 0


SLEEPERS = {
    "bash": ["bash", "-c", "setsid sleep 998 & sleep 999"],
    "python": [sys.executable, "-c", "import time; time.sleep(997)"],
    "ffmpeg": ["ffmpeg", "-re", "-f", "lavfi", "-i", "testsrc=duration=996", "-f", "null", "-"],
}


@pytest.mark.parametrize("name", [*SLEEPERS, "openjd"])
def test_cancelling_leaves_no_process(farm, client, tmp_path, name):
    if name == "openjd":
        bundle = write_bundle(tmp_path / "b", tmp_path / "note", "setsid sleep 995 & sleep 994")
        submitted = submit_bundle(client, bundle, shot=f"P/cancel/{name}")
        words = "sleep 994"
    else:
        argv = SLEEPERS[name]
        if shutil.which(argv[0]) is None:
            pytest.skip(f"{argv[0]} is not installed")
        submitted = submit_command(client, argv, shot=f"P/cancel/{name}")
        words = {"bash": "sleep 999", "python": "time.sleep(997)", "ffmpeg": "duration=996"}[name]
    wait_until(lambda: find(farm, words), WAIT_S, f"the start of {name}")
    client.cancel([submitted.shot])
    wait_until(lambda: not find(farm, "99", "sleep", "duration"), WAIT_S, f"the end of {name}")
    assert client.wait([submitted.shot], timeout_s=WAIT_S)[0].state == "cancelled"


def find(farm, *words):
    """Programs below the agent whose command lines have all, or for several any, of the words."""
    found = []
    for process in psutil.Process(farm.agents["n1"].pid).children(recursive=True):
        try:
            line = " ".join(process.cmdline())
        except psutil.Error:
            continue
        if words[0] in line and (len(words) == 1 or any(word in line for word in words[1:])):
            found.append(process)
    return found


needs_blender = pytest.mark.skipif(
    shutil.which("blender") is None, reason="Blender is not installed (scripts/system_libs test)"
)
MAKE_BLEND = """
import bpy
scene = bpy.context.scene
scene.render.engine = "CYCLES"
scene.cycles.samples, scene.cycles.use_denoising = 4, False
scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage = 64, 48, 100
scene.render.image_settings.file_format = "OPEN_EXR"
scene.frame_start, scene.frame_end, scene.frame_step = 3, 7, 2
bpy.ops.wm.save_as_mainfile(filepath={path!r})
"""


@pytest.fixture(scope="module")
def blend(tmp_path_factory):
    said = subprocess.run(["blender", "--version"], capture_output=True, text=True, timeout=60)
    version = [int(part) for part in re.findall(r"\d+", said.stdout)[:2]]
    if version >= [4, 2]:
        pytest.skip(f"Blender {version} installs add-ons and prints progress in other ways")
    path = tmp_path_factory.mktemp("film") / "shot.blend"
    code = MAKE_BLEND.format(path=str(path))
    argv = ["blender", "--background", "--factory-startup", "--python-exit-code", "9"]
    subprocess.run([*argv, "--python-expr", code], check=True, capture_output=True, timeout=100)
    return path


@needs_blender
def test_blender_renders_a_blend_file_in_chunks(farm, client, blend, tmp_path, capsys):
    out = tmp_path / "frames"
    argv = ["--home", str(farm.home), "submit", str(blend), "--shot", "P/blender/sh", "--wait"]
    assert run([*argv, "--out", str(out), "--chunk", "2", "--size", "32x24"]) == 0, (
        capsys.readouterr()
    )
    assert sorted(path.name for path in out.iterdir()) == [f"sh.000{n}.exr" for n in (3, 5, 7)]
    with contextlib.closing(OpenImageIO.ImageInput.open(str(out / "sh.0003.exr"))) as image:
        assert (image.spec().width, image.spec().height) == (32, 24)
    (attempt, *_) = client.list("attempts", "P/blender/sh")
    assert (attempt.outcome, attempt.peak_memory_bytes > 0) == ("done", True)
    log = b"".join(client.log("P/blender/sh", 3)).decode()
    assert "Windfire: Cycles on the cores" in log
    assert "Sample 4/4" in log
    movie = tmp_path / "sh.mp4"
    assert run(["--home", str(farm.home), "movie", "sh", str(movie)]) == 0
    assert f"Wrote {movie} with 3 frames." in capsys.readouterr().out
    assert movie.stat().st_size > 0


@needs_blender
def test_cancelling_blender_leaves_no_process(farm, client, blend, tmp_path):
    choice = SceneChoice(spp=1_000_000, size=(1920, 1080), frames="1", out=tmp_path / "frames")
    submitted = submit_blend(client, blend, choice, shot="P/blender/long")
    wait_until(lambda: find(farm, "blender", "render_frames", str(blend)), WAIT_S, "its start")
    client.cancel([submitted.shot])
    wait_until(lambda: not find(farm, str(blend)), WAIT_S, "Blender's end")
    assert client.wait([submitted.shot], timeout_s=WAIT_S)[0].state == "cancelled"


USE_ADDON = """
import bpy
bpy.ops.preferences.addon_install(filepath={archive!r})
bpy.ops.preferences.addon_enable(module="windfire")
preferences = bpy.context.preferences.addons["windfire"].preferences
preferences.program, preferences.home = {program!r}, {home!r}
settings = bpy.context.scene.windfire
settings.shot, settings.frames, settings.chunk, settings.output = "P/addon/sh", "1", 1, {out!r}
print("ADDON", bpy.ops.windfire.submit(), settings.said)
settings.shot = "P/addon"
try:
    bpy.ops.windfire.submit()
except RuntimeError as error:
    print("ADDON", error)
"""


@needs_blender
def test_the_add_on_is_installed_in_blender_and_submits_from_there(farm, client, blend, tmp_path):
    archive = tmp_path / "windfire.zip"
    assert run(["addon", str(archive), "--legacy"]) == 0
    program = tmp_path / "windfire"
    program.write_text(f'#!/bin/sh\ncd {ROOT} && exec {sys.executable} -m app "$@"\n')
    program.chmod(0o755)
    code = USE_ADDON.format(
        archive=str(archive), program=str(program), home=str(farm.home), out=str(tmp_path / "out")
    )
    # A copy: the add-on saves the file that it submits.
    film = shutil.copy(blend, tmp_path / "copy.blend")
    done = subprocess.run(
        ["blender", "--background", "--factory-startup", film, "--python-expr", code],
        env=os.environ | {"BLENDER_USER_SCRIPTS": str(tmp_path / "scripts")},
        capture_output=True,
        text=True,
        timeout=100,
    )
    said = [line for line in done.stdout.splitlines() if line.startswith("ADDON")]
    assert said[0].startswith("ADDON {'FINISHED'} Submitted P/addon/sh as job"), done
    assert "PROJECT/SEQUENCE/SHOT" in said[1]
    finish(client, "P/addon/sh")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["sh.0001.exr"]


def test_the_extension_says_what_blender_asks_of_it(tmp_path):
    assert run(["addon", str(tmp_path / "windfire.zip")]) == 0
    with zipfile.ZipFile(tmp_path / "windfire.zip") as archive:
        assert set(archive.namelist()) == {"__init__.py", "blender_manifest.toml"}
        manifest = tomllib.loads(archive.read("blender_manifest.toml").decode())
    assert {"schema_version", "id", "version", "name", "type", "license"} <= set(manifest)
    assert manifest["permissions"]
