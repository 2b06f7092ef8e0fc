"""The supervisor with real tiny children: what they say, how they die, that nothing of them is left."""

from __future__ import annotations

import os
import select
import sys
import time

import pytest

from node_agent.agent import session_types as t
from node_agent.agent.lanes import Lanes
from node_agent.agent.leftovers import Leftovers
from node_agent.agent.supervisor import ChildLog, Supervisor
from node_agent.agent.worker_process import Launch
from node_agent.wire import messages as m
from node_agent.wire.job import CommandWork, Frames, KernelWork, Output
from tests.integration.agent.fake_dispatcher import pids_with

REF = m.AttemptRef(1, 0, 1)
DEVICE = m.DeviceInfo(kind="cpu", name="CPU", memory_bytes=0, cores=1)
WAIT_S = 20.0

CHILD = """
import os, sys, time, subprocess, signal
from node_agent.wire import pipe
from node_agent.wire.messages import Usage
reader = pipe.parent_reader()
def say(message): os.write(1, pipe.pack(message))
def orders():
    while True:
        yield from reader.feed(os.read(0, 65536))
say(pipe.WorkerUp(["toy"]))
for order in orders():
    {body}
"""
BODIES = {
    "done": "say(pipe.TaskStarted(order.ref)); say(pipe.TaskDone(order.ref, [], Usage()))",
    "dies": "sys.stderr.write('no memory for the BVH\\n'); os.abort()",
    "leaves": "sys.exit(0)",
    "babbles": "os.write(1, b'hello, here is a print'); time.sleep(60)",
    "deaf": (
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(604)  # windfire-deaf'],"
        " start_new_session=True); say(pipe.TaskStarted(order.ref)); time.sleep(60)"
    ),
    "waits": (
        "isinstance(order, pipe.RunTask) and say(pipe.TaskLog(order.ref, [str(sys.argv[1:])]));"
        " isinstance(order, pipe.YieldTask) and say(pipe.TaskDone(order.ref, [], Usage()))"
    ),
    "stranger": (
        "say(pipe.TaskDone(type(order.ref)(9, 9, 9), [], Usage()));"
        " say(pipe.TaskDone(order.ref, [], Usage()))"
    ),
}


class Rig:
    """A supervisor of one device, turned by hand."""

    def __init__(self, folder, program: tuple[str, ...]) -> None:
        launch = Launch(device=DEVICE, directory=folder, kernel_cache=folder, program=program)
        self.leftovers = Leftovers(folder / "attempts")
        self.supervisor = Supervisor([launch], self.leftovers, folder / "checkpoints")
        self.events: list = []

    def start(self, work=None, ref=REF, **more):
        work = work or KernelWork(kernel="toy", scene="")
        begin = t.StartChild(ref=ref, device=0, work=work, frames=Frames(1, 2), **more)
        self.supervisor.perform(begin)

    def until(self, kind, count: int = 1):
        deadline = time.monotonic() + WAIT_S
        while len(found := [e for e in self.events if isinstance(e, kind)]) < count:
            assert time.monotonic() < deadline, f"waited in vain for {kind}: {self.events}"
            select.select(list(self.supervisor.readable()), [], [], 0.02)
            self.events += self.supervisor.turn()
        return found[count - 1]


@pytest.fixture
def make_rig(tmp_path):
    rigs = []

    def make(body: str = "", program: tuple[str, ...] = ()) -> Rig:
        code = CHILD.format(body=BODIES.get(body, body))
        rig = Rig(tmp_path, program or (sys.executable, "-c", code))
        rigs.append(rig)
        rig.supervisor.start_children()
        return rig

    yield make
    for rig in rigs:
        rig.supervisor.close()


def test_one_task_after_another_in_the_same_child(make_rig):
    rig = make_rig("done")
    rig.start()
    rig.until(t.ChildDone)
    rig.start(ref=m.AttemptRef(1, 1, 1))
    rig.until(t.ChildDone, 2)

    kinds = [type(event) for event in rig.events]
    assert kinds == [t.ChildStarted, t.ChildDone, t.ChildStarted, t.ChildDone]
    assert rig.supervisor.kernels() == ["toy"]


def test_a_death_is_a_crash_with_the_childs_last_words(make_rig):
    rig = make_rig("dies")
    rig.start()

    failed = rig.until(t.ChildFailed)

    assert failed.cause == "crash"
    assert failed.sentence == (
        "The worker was killed by SIGABRT. Its last line: no memory for the BVH"
    )
    assert ChildLog(REF, ["no memory for the BVH"]) in rig.events


def test_the_next_child_waits_a_little_after_an_early_death(make_rig):
    rig = make_rig("leaves")
    rig.start()
    failed = rig.until(t.ChildFailed)

    assert "exit code 0" in failed.sentence
    assert rig.supervisor.next_deadline() > time.clock_gettime(time.CLOCK_BOOTTIME)
    rig.start(ref=m.AttemptRef(1, 1, 1))  # but a task does not wait
    assert rig.until(t.ChildFailed, 2).ref == m.AttemptRef(1, 1, 1)


def test_a_child_that_prints_into_its_pipe_is_killed(make_rig):
    rig = make_rig("babbles")
    rig.start()

    assert "over the limit" in rig.until(t.ChildFailed).sentence


def test_a_program_that_cannot_be_started_is_this_nodes_fault(make_rig):
    rig = make_rig(program=("/nowhere/python",))
    rig.start()

    assert rig.until(t.ChildFailed).cause == "environment"


def test_a_deaf_child_is_killed_with_all_it_started(make_rig):
    rig = make_rig("deaf")
    rig.start()
    rig.until(t.ChildStarted)
    before = time.monotonic()
    rig.supervisor.perform(t.KillChild(REF))

    rig.until(t.ChildKilled)

    assert time.monotonic() - before < 5.0
    assert pids_with("windfire-deaf") == []


def test_a_kill_of_what_is_over_is_confirmed(make_rig):
    rig = make_rig("done")
    rig.supervisor.perform(t.KillChild(REF))

    assert rig.until(t.ChildKilled).ref == REF


def test_a_word_about_another_task_is_ignored(make_rig):
    rig = make_rig("stranger")
    rig.start()
    rig.until(t.ChildDone)

    assert [e.ref for e in rig.events if isinstance(e, t.ChildDone)] == [REF]


def test_what_a_dead_child_left_is_deleted(make_rig, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    names = [".f.1.exr.1.tmp", ".f.2.exr.1.tmp"]
    for name in [*names, "f.9.exr", ".f.1.exr.2.tmp"]:
        (out / name).write_text("x")
    work = KernelWork(
        kernel="toy", scene="", output=Output(directory=str(out), pattern="f.{frame}.exr")
    )
    rig = make_rig("dies")
    rig.start(work)
    rig.until(t.ChildFailed)

    assert sorted(path.name for path in out.iterdir()) == [".f.1.exr.2.tmp", "f.9.exr"]
    assert list((tmp_path / "attempts").iterdir()) == []


def test_what_a_dead_agent_left_is_deleted_at_the_next_start(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / ".1.tmp.f.1.exr").write_text("x")
    work = CommandWork(argv=["x"], output=Output(directory=str(out), pattern="f.{frame}.exr"))
    Leftovers(tmp_path / "attempts").note(
        t.StartChild(ref=REF, device=0, work=work, frames=Frames(1, 1))
    )
    (tmp_path / "attempts" / "torn.note").write_bytes(b"\x93")

    Leftovers(tmp_path / "attempts").delete_all()

    assert list(out.iterdir()) == []
    assert list((tmp_path / "attempts").iterdir()) == []


def test_only_the_listed_environment_is_passed_on(tmp_path, monkeypatch):
    monkeypatch.setenv("LD_PRELOAD", "/evil.so")
    gpu = m.DeviceInfo(kind="cuda", name="GPU", memory_bytes=0, uuid="GPU-1")
    environment = Launch(device=gpu, directory=tmp_path, kernel_cache=tmp_path).environment()

    assert "LD_PRELOAD" not in environment
    assert environment["CUDA_VISIBLE_DEVICES"] == "GPU-1"
    assert environment["NUMBA_CACHE_DIR"] == str(tmp_path)


def test_attempts_that_share_the_cores_have_a_child_each(make_rig, monkeypatch):
    second = m.AttemptRef(1, 1, 1)
    rig = make_rig("waits")
    rig.start(cores=1)
    rig.start(CommandWork(argv=["x"]), second, cores=1)
    rig.until(ChildLog, 2)
    told = {log.ref: log.lines[0] for log in rig.events if isinstance(log, ChildLog)}
    assert "--cold" not in told[REF]  # its kernels are compiled
    assert "--cold" in told[second]  # a program needs none

    for ref in (second, REF):
        rig.supervisor.perform(t.YieldChild(ref))
    rig.until(t.ChildDone, 2)
    assert len(list(rig.supervisor._processes())) == 2  # kept for the next

    monkeypatch.setattr("node_agent.agent.lanes.IDLE_S", 0.0)
    deadline = time.monotonic() + WAIT_S
    while len(list(rig.supervisor._processes())) > 1:
        assert time.monotonic() < deadline
        rig.supervisor.turn()
    rig.start(ref=m.AttemptRef(1, 2, 1))
    rig.until(ChildLog, 3)  # the device's own child stays


def test_a_task_on_several_gpus_has_a_child_that_sees_them_all(tmp_path):
    gpus = [
        m.DeviceInfo(kind="cuda", name="GPU", memory_bytes=0, uuid=f"GPU-{i}") for i in range(3)
    ]
    lanes = Lanes([Launch(device=d, directory=tmp_path, kernel_cache=tmp_path) for d in gpus])
    work = KernelWork(kernel="toy", scene="")
    wide = t.StartChild(ref=REF, device=2, more_devices=[0], work=work, frames=Frames(1, 1))

    lane = lanes.enter(wide)

    assert lane.launch.environment()["CUDA_VISIBLE_DEVICES"] == "GPU-2,GPU-0"
    assert not lane.stays
    lanes.leave(lane, 0.0)
    assert lanes.enter(wide) is lane


def test_what_its_processes_were_seen_to_hold_of_a_gpu_goes_into_the_bill(make_rig):
    rig = make_rig("waits")
    rig.start()
    rig.until(ChildLog)
    own = next(iter(rig.supervisor._processes())).pid
    for used in (5, 9, 7):
        rig.supervisor.note_use({0: {own: used, os.getpid(): 100}, 1: {own: 50}})
    rig.supervisor.perform(t.YieldChild(REF))
    assert rig.until(t.ChildDone).usage.peak_gpu_bytes == 9
