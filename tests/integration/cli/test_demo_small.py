"""The whole chain for real, on two tiny shots: farm, nodes, kernels, pictures, and nothing left behind."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

SCENES = Path(__file__).parents[2] / "scenes"
ROOT = Path(__file__).parents[3]

# The command as people run it, but for the list of its shots.
RUN = """
import sys
from pathlib import Path
from app import resources
folder = Path(sys.argv.pop(1))
resources.find = lambda name: folder / Path(name).name
from app.cli.main import run
sys.exit(run(sys.argv[1:]))
"""


@pytest.fixture
def place(tmp_path):
    """A folder with a list of two shots of three frames."""
    scenes = tmp_path / "scenes"
    scenes.mkdir()
    shutil.copy(SCENES / "spinning_box.usda", scenes)
    shots = [
        {"shot": f"DEMO/{sequence}/sh0010", "scene": "spinning_box.usda", "frames": "1-3", "spp": 4, "size": [48, 26]}
        for sequence in ("sq010", "sq020")
    ]  # fmt: skip
    (scenes / "demo.json").write_text(json.dumps(shots))
    return tmp_path


def start(place, *options):
    command = [sys.executable, "-c", RUN, place / "scenes", "demo", "--headless", *options]
    return subprocess.Popen(
        [*map(str, command), "--out", str(place / "out")],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def farm_processes(place):
    """Whoever has the demo's folder in its command line."""
    mark = str(place / "out")
    return [
        each for each in psutil.process_iter(["cmdline"])
        if any(mark in word for word in each.info["cmdline"] or []) and each.pid != os.getpid()
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_two_tiny_shots_become_frames_a_sheet_and_movies(place):
    own = place / "mine.usda"
    shutil.copy(SCENES / "spinning_box.usda", own)
    text = own.read_text().replace("endTimeCode = 60", "endTimeCode = 2")
    own.write_text(text)
    demo = start(place, "--scene", str(own))
    out, err = demo.communicate(timeout=280)
    assert (demo.returncode, err) == (0, "")
    folder = place / "out"
    frames = {path.parent.name for path in (folder / "frames").rglob("*.exr")}
    assert frames == {"yours_mine-1", "sq010_sh0010", "sq020_sh0010"}
    assert len(list((folder / "frames").rglob("*.exr"))) == 8
    assert len(list((folder / "frames").rglob("*.png"))) == 8
    assert (folder / "contact-sheet.png").stat().st_size > 1000
    assert {path.name for path in (folder / "movies").iterdir()} == {
        "sq010_sh0010.mp4",
        "sq020_sh0010.mp4",
        "yours_mine-1.mp4",
    }
    assert "8 frames in " in out
    assert "First picture after " in out
    assert not [path for path in (folder / "frames").rglob(".*") if path.is_file()]
    assert not farm_processes(place)


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_leaves_no_process(place, number):
    demo = start(place)
    deadline = time.monotonic() + 60
    while not (place / "out/farm/logs/demo-node-2.log").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    demo.send_signal(number)
    _, err = demo.communicate(timeout=60)
    assert (demo.returncode, err) == (130, "Interrupted.\n")
    assert not farm_processes(place)


@pytest.mark.timeout(120)
def test_a_scene_that_cannot_be_read_ends_the_demo_with_its_sentence(place):
    broken = place / "broken.usda"
    broken.write_text("#usda 1.0\n(")
    demo = start(place, "--scene", str(broken))
    _, err = demo.communicate(timeout=100)
    assert demo.returncode == 2
    assert err.startswith(f"{broken} cannot be read as a USD scene")
    assert err.count("\n") == 1
    assert not farm_processes(place)


def test_a_missing_scene_is_told_before_anything_starts(place):
    demo = start(place, "--scene", "nowhere.usda")
    _, err = demo.communicate(timeout=60)
    assert (demo.returncode, err) == (2, "There is no file 'nowhere.usda'.\n")
