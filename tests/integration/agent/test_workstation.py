"""A real agent on an artist's machine, and one that is told to update."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import msgspec
import pytest

from node_agent.agent.x11_idle import X11Idle
from node_agent.wire import messages as m
from node_agent.wire.job import CommandWork, KernelWork, Output
from tests.integration.agent.fake_dispatcher import Agent, FakeDispatcher


def python(code: str) -> CommandWork:
    return CommandWork(argv=[sys.executable, "-c", code])


@pytest.fixture
def dispatcher():
    with FakeDispatcher() as dispatcher:
        yield dispatcher


def test_the_artists_return_frees_the_device_and_keeps_every_pass(dispatcher, tmp_path):
    """A synthetic event on an input device: the running kernel stops with the passes that it has, and
    goes on from there when the machine is free again."""
    device = tmp_path / "event0"
    os.mkfifo(device)
    keyboard = os.open(device, os.O_RDWR)
    options = ("--workstation", "yield", "--idle-after", "1", "--input-device", str(device))
    work = KernelWork(
        kernel="noop",
        scene="",
        width=8,
        height=8,
        samples=400,
        samples_per_pass=1,
        options={"cost_s": 20.0},
        output=Output(directory=str(tmp_path / "out")),
    )
    with Agent(dispatcher, tmp_path / "data", *options):
        dispatcher.until(lambda: [a.why for a in dispatcher.all_of(m.Away)][-1:] == [""])
        ref = dispatcher.assign(work)
        dispatcher.until(lambda: any(p.done >= 3 for p in dispatcher.all_of(m.Progress, ref)))
        os.write(keyboard, b"a key")
        yielded = dispatcher.outcome(ref)
        assert isinstance(yielded, m.Yielded)
        assert yielded.passes_done >= 3
        assert dispatcher.all_of(m.Away)[-1].why == "An artist works here."
        dispatcher.until(lambda: dispatcher.all_of(m.Away)[-1].why == "")
        again = dispatcher.assign(work, checkpoint=yielded.checkpoint, ref=m.AttemptRef(9, 0, 2))
        first = dispatcher.wait_for(m.Progress, again)
        assert first.done >= yielded.passes_done
    os.close(keyboard)


@pytest.mark.xvfb
def test_a_real_x_server_tells_of_a_moved_mouse():
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "64x64x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as told:
        name = f":{told.readline().strip()}"
    try:
        display = X11Idle(name)
        before = display.idle_s()
        while display.idle_s() < before + 0.05:
            time.sleep(0.01)
        since = time.monotonic()
        move = ["xdotool", "mousemove", "5", "5"]
        subprocess.run(move, env={**os.environ, "DISPLAY": name}, check=True)
        assert display.idle_s() <= time.monotonic() - since
        display.close()
    finally:
        server.terminate()
        server.wait()


def test_an_update_waits_for_what_runs_and_starts_the_agent_anew(dispatcher, tmp_path):
    note, gate, data = tmp_path / "installed", tmp_path / "gate", tmp_path / "data"
    os.mkfifo(gate)
    code = "import sys; open(sys.argv[1], 'a').write(sys.argv[2])"
    installer = [sys.executable, "-c", code, str(note), "{version}"]
    config = tmp_path / "config.json"
    config.write_bytes(msgspec.json.encode({"update_command": installer}))
    with Agent(dispatcher, data, "--config", str(config)):
        dispatcher.wait_for(m.Heartbeat)
        ref = dispatcher.assign(python(f"open({str(gate)!r}).read()"))
        dispatcher.wait_for(m.Started, ref)
        dispatcher.send(m.Update("9.9.9"))
        dispatcher.until(lambda: any("9.9.9" in away.why for away in dispatcher.all_of(m.Away)))
        assert not note.exists()
        gate.write_text("go")
        assert isinstance(dispatcher.outcome(ref), m.Done)
        dispatcher.until(lambda: len({x.incarnation for x in dispatcher.all_of(m.Hello)}) == 2)
    assert note.read_text() == "9.9.9"
    assert dispatcher.all_of(m.Hello)[-1].away == ""


def test_a_node_told_to_sleep_runs_its_command_once_that_is_recorded(dispatcher, tmp_path):
    note, config = tmp_path / "slept", tmp_path / "config.json"
    command = [sys.executable, "-c", f"open({str(note)!r}, 'w')"]
    config.write_bytes(msgspec.json.encode({"sleep_command": command}))
    with Agent(dispatcher, tmp_path / "data", "--config", str(config)):
        dispatcher.wait_for(m.Heartbeat)
        assert dispatcher.all_of(m.Hello)[-1].can_sleep
        dispatcher.send(m.Sleep())
        assert dispatcher.wait_for(m.Sleeping).why == ""
        assert not note.exists()
        dispatcher.send(m.Sleep(now=True))
        dispatcher.until(note.exists)
