"""Control groups: what is written where, on a folder that stands for the system's and on the real one."""

import os
import signal
import subprocess
import sys
import time

import pytest

from node_agent.agent import session_types as t
from node_agent.agent.cgroups import Groups, delegated
from node_agent.agent.leftovers import Leftovers
from node_agent.agent.supervisor import Supervisor
from node_agent.agent.worker_process import Launch
from node_agent.wire.job import CommandWork, KernelWork
from node_agent.wire.messages import AttemptRef
from tests.unit.node_agent.agent.test_supervisor import BODIES, CHILD, DEVICE, REF, ChildLog, Rig

NAME = "attempt-1-0-1"


def own(tmp_path, members=None):
    """A tree in which this process is alone, or is not."""
    root = tmp_path / "fs" / "windfire.service"
    root.mkdir(parents=True)
    (root / "cgroup.procs").write_text("\n".join(map(str, members or [os.getpid()])))
    said = tmp_path / "own"
    said.write_text("9:name=systemd:/x\n0::/windfire.service\n")
    return delegated(said, tmp_path / "fs"), root


def test_a_part_of_the_tree_that_is_ours_alone_is_made_ready(tmp_path):
    found, root = own(tmp_path)
    assert found == root
    assert (root / "agent" / "cgroup.procs").read_text() == str(os.getpid())
    assert (root / "cgroup.subtree_control").read_text() == "+memory"


def test_where_others_are_nothing_is_rearranged(tmp_path):
    found, root = own(tmp_path, [os.getpid(), 1])
    assert found is None
    assert not (root / "agent").exists()


def test_a_system_without_the_second_version_has_none(tmp_path):
    (tmp_path / "own").write_text("4:memory:/x\n")
    assert delegated(tmp_path / "own", tmp_path) is None
    assert delegated(tmp_path / "none", tmp_path) is None


class TestAChild:
    """As the supervisor uses it."""

    @pytest.fixture
    def rig(self, tmp_path):
        root = tmp_path / "groups"
        root.mkdir()
        program = (sys.executable, "-c", CHILD.format(body=BODIES["waits"]))
        rig = Rig(tmp_path, program)
        launch = Launch(device=DEVICE, directory=tmp_path, kernel_cache=tmp_path, program=program)
        rig.supervisor = Supervisor(
            [launch],
            Leftovers(tmp_path / "attempts"),
            tmp_path / "checkpoints",
            groups=Groups(root, limits_ram=True),
        )
        rig.root = root
        rig.supervisor.start_children()
        yield rig
        rig.supervisor.close()

    def begin(self, rig, work, **more):
        rig.start(work, **more)
        rig.until(ChildLog)

    def test_it_has_a_group_and_a_command_one_inside_its_own(self, rig):
        (pid,) = [process.pid for process in rig.supervisor._processes()]
        assert (rig.root / f"worker-{pid}" / "cgroup.procs").read_text() == str(pid)
        self.begin(rig, CommandWork(argv=["x"]), ram_bytes=5 << 30)
        group = rig.root / NAME
        assert (group / "cgroup.procs").read_text() == str(pid)
        assert (group / "memory.max").read_text() == str(5 << 30)
        (group / "memory.stat").write_text("anon 700\nfile 9000\nshmem 11\n")
        rig.supervisor.note_use({})
        (group / "memory.stat").write_text("anon 5\n")
        (rig.root / f"worker-{pid}" / "cgroup.procs").write_text("")
        rig.supervisor.perform(t.YieldChild(REF))
        assert rig.until(t.ChildDone).usage.peak_memory_bytes == 711
        assert (group / "cgroup.kill").read_text() == "1"
        assert (rig.root / f"worker-{pid}" / "cgroup.procs").read_text() == str(pid)

    def test_a_kernel_stays_in_its_childs(self, rig):
        self.begin(rig, KernelWork(kernel="toy", scene=""))
        assert not (rig.root / NAME).exists()

    def test_what_passed_its_bound_is_told_so(self, rig):
        self.begin(rig, CommandWork(argv=["x"]), ram_bytes=2 << 30)
        (rig.root / NAME / "memory.events").write_text("oom 1\noom_kill 1\n")
        (pid,) = [process.pid for process in rig.supervisor._processes()]
        os.kill(pid, signal.SIGKILL)
        failed = rig.until(t.ChildFailed)
        assert failed.sentence == "It took more than the 2.0 GiB of RAM that its step asked for."


def test_no_group_costs_nothing():
    group = Groups(None).of_child(os.getpid())
    group.begin(REF, 5)
    assert (group.look(), group.ran_out()) == (0, False)
    group.end()
    group.kill()
    group.close()


def test_the_real_thing_kills_what_left_its_session(tmp_path):
    root = delegated()
    if root is None:
        pytest.skip("this machine gives the tests no control group of version 2 of their own")
    groups = Groups(root)
    code = "import os, time; os.setsid(); os.fork(); time.sleep(600)"
    child = subprocess.Popen([sys.executable, "-c", code])
    group = groups.of_child(child.pid)
    group.begin(AttemptRef(1, 0, 1), 0)
    group.kill()
    assert child.wait(30) == -signal.SIGKILL
    deadline = time.monotonic() + 30
    group.close()
    while (root / f"worker-{child.pid}").exists() and time.monotonic() < deadline:
        groups._sweep()
        time.sleep(0.01)
    assert not (root / f"worker-{child.pid}").exists()
