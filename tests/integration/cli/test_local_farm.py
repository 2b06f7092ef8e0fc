"""The farm that `windfire` starts by itself: found again, and ended, with nothing left."""

import os
import subprocess
import sys

import pytest

from app.cli import embedded
from app.cli.main import run
from app.client import connect
from app.errors import EnvironmentFault
from app.store.home import Home
from tests.integration.cli.fake_farm import FakeFarm, make_shot, make_snapshot


@pytest.mark.timeout(90)
def test_a_second_start_finds_the_first_and_stop_ends_both(tmp_path, capsys):
    home = Home(tmp_path / "home")
    told = []
    started = []
    try:
        started = embedded.ensure_farm(home, told.append)
        assert told == ["Starting the dispatcher ...", "Starting the agent of this machine ..."]
        assert embedded.ensure_farm(home, told.append) == []
        with connect(home.root) as farm:
            farm.ping()
    finally:
        assert run(["stop", "--home", str(home.root)]) == 0
        ended = [process.wait(5) for process in started]
    assert capsys.readouterr().out == f"Ended the farm of {home.root} (2 of its processes).\n"
    assert ended == [0, 0]
    assert run(["stop", "--home", str(home.root)]) == 0
    assert capsys.readouterr().out == "No farm of this machine is running.\n"


def test_a_process_id_that_is_used_again_is_nobody_of_ours(tmp_path):
    home = Home(tmp_path)
    mine = embedded.Local(kind="agent", pid=os.getpid(), started_at=1.0)
    data = embedded.msgspec.json.encode(embedded.LocalProcesses(processes=[mine]))
    embedded.write_private(embedded._file(home), data)
    assert not embedded.is_running(home, "agent")
    assert embedded.stop_farm(home) == 0


def test_a_dispatcher_that_cannot_start_says_why(tmp_path):
    home = Home(tmp_path)
    home.database.mkdir()
    with pytest.raises(EnvironmentFault, match=r"^The dispatcher ended at once: .*windfire\.db"):
        embedded.await_dispatcher(home, embedded.spawn_dispatcher(home))


def test_a_home_of_another_dispatcher_is_not_ours_to_stop(tmp_path, capsys):

    with FakeFarm(tmp_path):
        assert run(["--home", str(tmp_path), "stop"]) == 2
    assert (
        capsys.readouterr().err
        == "This farm was started by `windfire serve`: end it where it runs.\n"
    )


def test_the_window_without_a_display_is_a_sentence(tmp_path, capsys, monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    assert run(["--home", str(tmp_path)]) == 3
    assert capsys.readouterr().err == (
        "There is no display for the window: use the commands of `windfire --help` instead.\n"
    )
    assert not list(tmp_path.iterdir())


def test_output_into_a_closed_pipe_is_no_failure(tmp_path):
    """`windfire --help | head -1`"""

    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "app", "--help"],
            stdout=closed,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_terminal_without_unicode_still_gets_its_table(tmp_path):

    with FakeFarm(tmp_path) as farm:
        farm.snapshot = make_snapshot(shots=[make_shot(1, "镜头")])
        done = subprocess.run(
            [sys.executable, "-m", "app", "--home", str(tmp_path), "ls"],
            env=os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
            capture_output=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"NZ2/sq010/??" in done.stdout


@pytest.mark.timeout(60)
def test_a_farm_of_somebody_else_gets_no_agent_of_ours(tmp_path):
    with FakeFarm(tmp_path) as farm:
        assert embedded.ensure_farm(farm.home, lambda _: None) == []


def test_a_stale_file_whose_process_id_is_anothers_by_now_is_no_farm(tmp_path, capsys):
    with FakeFarm(tmp_path) as farm:
        path = farm.home.connection
        assert embedded.dispatcher_runs(farm.home)
        os.utime(path, (1e9, 1e9))  # written long before the process began that has its pid now
        assert not embedded.dispatcher_runs(farm.home)
        assert run(["--home", str(tmp_path), "ls"]) == 3
    expected = f"The farm in {tmp_path} has ended without saying so: start it with `windfire serve --data {tmp_path}`.\n"
    assert capsys.readouterr().err == expected
