"""From a USD file to a job; what a broken or hostile file does is a sentence."""

import sys
from pathlib import Path

import pytest

from app.errors import EnvironmentFault, UserMistake
from app.submit import SceneChoice, from_usd, inspection, scene_request
from app.submit.inspection import Scene, inspect

ROOT = Path(__file__).parents[4]
BOX = ROOT / "tests" / "scenes" / "spinning_box.usda"
CAMERAS = ["/World/wide", "/World/rig/close", "/World/b/close"]


@pytest.fixture
def scene(monkeypatch, tmp_path):
    """A scene that was read, without reading one: ``scene(**facts)`` says what was found."""
    file = tmp_path / "kiwi" / "tea pot.usda"

    def found(**facts):
        whole = Scene(**{"first": 1001, "last": 1010, "cameras": CAMERAS, **facts})
        monkeypatch.setattr(from_usd, "inspect", lambda _: (file, whole))
        return file

    found()
    return found


def work_of(request):
    return request.steps[0].work


def test_a_real_scene_is_read_in_a_child(tmp_path):
    request = scene_request(BOX, SceneChoice(out=tmp_path, frames="2-5", spp=8, size=(64, 36)))
    work = work_of(request)
    assert (request.project, request.sequence, request.shot) == ("scenes", "main", "spinning_box")
    assert (work.kernel, work.scene, work.camera) == ("pathtracer", str(BOX), "/World/Camera")
    assert (work.width, work.height, work.samples) == (64, 36, 8)
    assert work.output.directory == str(tmp_path)
    assert work.output.pattern == "spinning_box.{frame:04d}.exr"
    assert request.steps[0].frames == "2-5"


def test_what_is_not_said_is_the_scenes_own_or_a_default(scene, tmp_path):
    file = scene(width=2048, height=858)
    request = scene_request(file, SceneChoice(), shot="NZ2/sq010/sh0040")
    work = work_of(request)
    assert work.options == {}
    assert request.steps[0].frames == "1001-1010"
    assert (work.width, work.height, work.samples, work.camera) == (2048, 858, 64, "/World/wide")
    assert work.output.directory == str(file.parent / "renders/NZ2/sq010/sh0040/v001")
    assert work.labels["shot"] == "sh0040"
    assert request.name == "tea pot.usda"
    again = scene_request(file, SceneChoice(), shot="NZ2/sq010/sh0040")
    assert work_of(again).output.directory.endswith("/v002")


def test_options_of_the_renderer_reach_it(scene):
    choice = SceneChoice(options={"max_depth": 12, "denoise": 1})
    assert work_of(scene_request(scene(), choice)).options == {"max_depth": 12, "denoise": 1}


def test_a_still_is_one_frame_and_a_scene_without_a_camera_is_framed(scene):
    request = scene_request(scene(first=7, last=7, cameras=[]), SceneChoice())
    assert request.steps[0].frames == "7"
    assert work_of(request).camera == ""


def test_missing_files_are_told_and_do_not_stop(scene):
    told = []
    scene_request(scene(missing=["wood.png", "sky.exr"]), SceneChoice(), warn=told.append)
    assert told == ["tea pot.usda names files that are not there: wood.png and 1 more."]


@pytest.mark.parametrize(
    ("wanted", "path"), [("wide", "/World/wide"), ("rig/close", "/World/rig/close")]
)
def test_a_camera_is_named_by_any_clear_end_of_its_path(scene, wanted, path):
    assert work_of(scene_request(scene(), SceneChoice(camera=wanted))).camera == path


@pytest.mark.parametrize(
    ("facts", "choice", "says"),
    [
        ({}, {"camera": "close"}, "no one camera 'close'; it has /World/wide"),
        ({"cameras": []}, {"camera": "a"}, "has no camera; leave --camera out"),
        ({"first": 5, "last": 1}, {}, "give one with --frames"),
        ({"first": 1, "last": 9_000_000}, {}, "a job takes 1,000,000"),
        ({"width": 99999, "height": 5}, {}, "say another with --size"),
        ({}, {"frames": "9-1"}, "backwards"),
    ],
)
def test_mistakes_are_sentences(scene, facts, choice, says):
    with pytest.raises(UserMistake) as refused:
        scene_request(scene(**facts), SceneChoice(**choice))
    assert says in refused.value.sentence


@pytest.mark.parametrize(
    "text", [b"", b"\x00" * 100, b"#usda 1.0\n(", b"PXR-USDC" + b"\xff" * 500, b"PK\x03\x04junk"]
)
def test_a_broken_file_is_one_sentence(tmp_path, text):
    file = tmp_path / ("a.usdz" if text.startswith(b"PK") else "a.usd")
    file.write_bytes(text)
    with pytest.raises(UserMistake, match=r"^[^\n]+\.$") as refused:
        inspect(file)
    assert str(file) in refused.value.sentence


def test_what_is_no_scene_file_is_refused_before_it_is_read(tmp_path):
    (tmp_path / "a.blend").write_text("x")
    for path, says in (
        ("nowhere.usda", "no file"),
        (tmp_path, "is a folder"),
        (tmp_path / "a.blend", "reads: .usd"),
    ):
        with pytest.raises(UserMistake, match=says):
            inspect(path)


CHILD = "import sys, os, time; sys.stderr.write('first\\nThe words.\\n'); {}"


@pytest.mark.parametrize(
    ("does", "fault", "says"),
    [
        ("time.sleep(60)", UserMistake, "could not be read within 1 s"),
        ("os.abort()", UserMistake, "crashed what reads it (signal 6)"),
        ("sys.exit(2)", UserMistake, "The words."),
        ("sys.exit(3)", EnvironmentFault, "The words."),
        ("sys.exit(1)", UserMistake, "cannot be read as a scene: The words."),
        ("print('nonsense')", UserMistake, "gives no sense as a scene"),
        ("print('x' * 34_000_000)", UserMistake, "cannot be read"),
    ],
)
def test_whatever_the_child_does_is_a_sentence(monkeypatch, does, fault, says):
    real = inspection.subprocess.run

    def run(command, **options):
        return real([sys.executable, "-c", CHILD.format(does)], **options)

    monkeypatch.setattr(inspection.subprocess, "run", run)
    with pytest.raises(fault) as refused:
        inspect(BOX, timeout_s=1.0)
    assert says in refused.value.sentence
