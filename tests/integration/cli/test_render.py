"""`windfire render` for real: a worker child, its pipe, its end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from app.cli import render
from app.cli.main import run

BOX = Path(__file__).parents[2] / "scenes" / "spinning_box.usda"
SMALL = ["--size", "32x18", "--spp", "4"]


@pytest.mark.timeout(180)
def test_it_renders_the_frames_and_says_where(tmp_path, capsys):
    assert run(["render", str(BOX), "--frames", "1-3x2", *SMALL, "--out", str(tmp_path)]) == 0
    names = sorted(path.name for path in tmp_path.glob("*.exr"))
    assert names == ["spinning_box.0001.exr", "spinning_box.0003.exr"]
    assert sorted(path.name for path in (tmp_path / "preview").iterdir()) == [
        "spinning_box.0001.png",
        "spinning_box.0003.png",
    ]
    captured = capsys.readouterr()
    assert captured.out.splitlines()[-1].startswith("2 frames in ")
    assert captured.out.splitlines()[-1].endswith(f": {tmp_path}")
    assert captured.err == ""


@pytest.mark.timeout(180)
@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_ctrl_c_ends_it_cleanly(tmp_path):
    """No traceback, no process and no temporary file is left."""
    command = [
        sys.executable,
        "-m",
        "app",
        "render",
        str(BOX),
        "--size",
        "640x360",
        "--spp",
        "4096",
    ]
    child = subprocess.Popen(
        [*command, "--out", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 120
    while not next(tmp_path.rglob("*.png"), None) and time.monotonic() < deadline:
        time.sleep(0.05)
    workers = psutil.Process(child.pid).children(recursive=True)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=30)
    assert (child.returncode, err) == (130, "Interrupted after 0 of 60 frames.\n")
    assert workers
    assert not psutil.wait_procs(workers, timeout=5)[1]
    assert not [path for path in tmp_path.rglob("*") if path.name.startswith(".")]
    assert not list(tmp_path.glob("*.exr"))


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("import sys; sys.stderr.write('No such driver.\\n'); sys.exit(3)", "ended with status 3: No such driver."),
        ("print('nonsense' * 9, flush=True); input()", "speaks nonsense"),
    ],
)  # fmt: skip
def test_a_worker_that_fails_is_a_sentence(tmp_path, capsys, monkeypatch, code, says):
    monkeypatch.setattr(render, "module_command", lambda *_: [sys.executable, "-c", code])
    assert run(["render", str(BOX), "--frames", "1", *SMALL, "--out", str(tmp_path)]) == 3
    err = capsys.readouterr().err
    assert says in err
    assert err.count("\n") == 1


@pytest.mark.timeout(120)
def test_a_frame_that_fails_is_told_and_the_status_is_1(tmp_path, capsys):
    broken = tmp_path / "gone.usda"
    broken.write_text(BOX.read_text().replace("def Mesh", "def Nothing"))
    status = run(["render", str(broken), "--frames", "1", *SMALL, "--out", str(tmp_path / "o")])
    err = capsys.readouterr().err
    assert "Traceback" not in err
    assert (status == 1) == ("1 of 1 frame failed." in err)
