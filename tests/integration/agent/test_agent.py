"""A real agent process against a fake dispatcher, over CURVE on loopback."""

from __future__ import annotations

import itertools
import os
import signal
import stat
import sys

import pytest

from node_agent.wire import messages as m
from node_agent.wire.job import CommandWork, KernelWork, Output
from tests.integration.agent.fake_dispatcher import Agent, FakeDispatcher, alive, pids_with

NOOP = KernelWork(kernel="noop", scene="", width=8, height=8, samples=16, samples_per_pass=1)


def slow(cost_s: float = 60.0) -> KernelWork:
    return KernelWork(
        kernel="noop",
        scene="",
        width=8,
        height=8,
        samples=int(cost_s * 10),
        samples_per_pass=1,
        options={"cost_s": cost_s},
    )


def python(code: str, **more) -> CommandWork:
    return CommandWork(argv=[sys.executable, "-c", code], **more)


@pytest.fixture
def dispatcher():
    with FakeDispatcher() as dispatcher:
        yield dispatcher


@pytest.fixture
def agent(dispatcher, tmp_path):
    with Agent(dispatcher, tmp_path / "data") as agent:
        dispatcher.wait_for(m.Heartbeat)
        yield agent


def test_a_node_joins_and_says_what_it_is(dispatcher, agent):
    join = dispatcher.wait_for(m.Join)
    hello = dispatcher.wait_for(m.Hello)

    assert join.name == hello.name == "test"
    assert [(d.kind, d.cores) for d in hello.devices] == [("cpu", 2)]
    assert "noop" in hello.kernels
    assert len(hello.incarnation) == 16
    key = agent.data / "node.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_the_self_check_follows_the_registration(dispatcher, tmp_path):
    with Agent(dispatcher, tmp_path / "data", "--self-check"):
        dispatcher.wait_for(m.Hello, count=2)
    first, second = dispatcher.all_of(m.Hello)[:2]
    assert (first.gflops, first.disk_bps) == (0.0, 0.0)
    assert second.incarnation == first.incarnation
    assert second.gflops > 0
    assert second.disk_bps > 0


def test_a_second_start_needs_no_token(dispatcher, agent, tmp_path):
    agent.process.terminate()
    assert agent.process.wait(30) == 0
    heard = len(dispatcher.heard)

    with Agent(dispatcher, agent.data, join=False):
        dispatcher.until(
            lambda: dispatcher.times_of(m.Heartbeat)[-1] > dispatcher.heard[heard - 1][0]
        )

    assert len(dispatcher.all_of(m.Join)) == 1
    assert len({hello.incarnation for hello in dispatcher.all_of(m.Hello)}) == 2


def test_a_task_runs_to_done(dispatcher, agent):
    ref = dispatcher.assign(NOOP)

    done = dispatcher.outcome(ref)

    assert isinstance(done, m.Done)
    assert done.files == []
    assert done.usage.samples == 16
    assert dispatcher.all_of(m.Started, ref)


def test_metrics_come(dispatcher, agent):
    metrics = dispatcher.wait_for(m.Metrics, count=2)

    assert metrics.memory_bytes > 0
    assert metrics.cpu_percent >= 0


def test_a_commands_lines_come_in_order(dispatcher, agent):
    ref = dispatcher.assign(python("for i in range(3000): print('line', i)"))
    dispatcher.outcome(ref)

    def lines():
        return [line for log in dispatcher.all_of(m.LogLines, ref) for line in log.lines]

    dispatcher.until(lambda: len(lines()) >= 3001)
    assert lines()[1:] == [f"line {i}" for i in range(3000)]
    logs = dispatcher.all_of(m.LogLines, ref)
    assert next(log.first for log in logs) == 0
    assert all(b.first == a.first + len(a.lines) for a, b in itertools.pairwise(logs))


def test_a_watched_frame_is_shown(dispatcher, agent):
    ref = dispatcher.assign(slow(), watched=True)

    preview = dispatcher.wait_for(m.Preview, ref)

    assert preview.image.startswith(b"\x89PNG")
    assert len(preview.image) <= 64 << 10


def test_kill_is_released_and_the_child_lives_on(dispatcher, agent):
    ref = dispatcher.assign(slow())
    dispatcher.wait_for(m.Progress, ref)
    before = {child.pid for child in agent.children()}

    dispatcher.send(m.Revoke(ref, "kill"))

    assert isinstance(dispatcher.outcome(ref), m.Released)
    assert isinstance(dispatcher.outcome(dispatcher.assign(NOOP)), m.Done)
    assert {child.pid for child in agent.children()} == before


def test_a_killed_command_leaves_no_process(dispatcher, agent):
    """One that ignores SIGTERM and has sent a daemon away."""
    code = (
        "import os, signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(601)  # windfire-stray'],"
        " start_new_session=True)\n"
        "print('up', flush=True)\n"
        "time.sleep(600)  # windfire-stray\n"
    )
    ref = dispatcher.assign(python(code, notify_s=0.3))
    dispatcher.until(
        lambda: (
            any("up" in log.lines for log in dispatcher.all_of(m.LogLines, ref))
            and len(pids_with("windfire-stray")) >= 2
        )
    )

    dispatcher.send(m.Revoke(ref, "kill"))

    assert isinstance(dispatcher.outcome(ref), m.Released)
    assert pids_with("windfire-stray") == []


def test_kill_9_of_the_agent_leaves_no_child(dispatcher, agent):
    code = (
        "import subprocess, sys, time\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(602)  # windfire-orphan'],"
        " start_new_session=True)\n"
        "time.sleep(600)  # windfire-orphan\n"
    )
    dispatcher.assign(python(code))
    dispatcher.until(lambda: len(pids_with("windfire-orphan")) >= 2)
    children = agent.children()

    agent.process.kill()

    assert dispatcher.until(lambda: not alive(children) and not pids_with("windfire-orphan"))


def test_kill_9_of_a_child_is_a_crash_and_the_next_task_runs(dispatcher, agent):
    ref = dispatcher.assign(slow())
    dispatcher.wait_for(m.Progress, ref)

    os.kill(agent.children()[0].pid, signal.SIGKILL)

    failed = dispatcher.outcome(ref)
    assert isinstance(failed, m.Failed)
    assert failed.cause == "crash"
    assert "SIGKILL" in failed.sentence
    assert isinstance(dispatcher.outcome(dispatcher.assign(NOOP)), m.Done)


def test_a_stopped_child_is_killed_when_asked(dispatcher, agent):
    ref = dispatcher.assign(slow())
    dispatcher.wait_for(m.Progress, ref)
    os.kill(agent.children()[0].pid, signal.SIGSTOP)

    dispatcher.send(m.Revoke(ref, "kill"))

    assert isinstance(dispatcher.outcome(ref), m.Released)


def test_yield_and_resume(dispatcher, agent):
    ref = dispatcher.assign(slow(6.0))
    dispatcher.wait_for(m.Progress, ref, count=2)
    dispatcher.send(m.Revoke(ref, "yield"))
    yielded = dispatcher.outcome(ref)
    assert isinstance(yielded, m.Yielded)
    assert yielded.passes_done > 0

    again = m.AttemptRef(ref.step, 0, 2)
    dispatcher.assign(slow(6.0), ref=again, checkpoint=yielded.checkpoint)
    done = dispatcher.outcome(again)

    assert done.usage.samples == 60 - yielded.passes_done


def test_a_zombie_publishes_nothing_and_kills_its_child(tmp_path):
    """SIGSTOP for longer than the lease, with the grant waiting in its socket."""
    out = tmp_path / "out"
    work = python(
        "import sys, time; open(sys.argv[1], 'w').write('old')",
        output=Output(directory=str(out), pattern="f.{frame}.txt"),
    )
    work = CommandWork(argv=[*work.argv, "{output}"], output=work.output)
    with FakeDispatcher(lease_s=2.0) as dispatcher, Agent(dispatcher, tmp_path / "data") as agent:
        dispatcher.wait_for(m.Heartbeat)
        dispatcher.grants = False
        ref = dispatcher.assign(work)
        dispatcher.wait_for(m.Ready, ref)
        os.kill(agent.pid, signal.SIGSTOP)
        dispatcher.send(m.Grant(ref, 1000.0))
        stopped = dispatcher.times_of(m.Heartbeat)[-1]
        dispatcher.until(lambda: _now() > stopped + 3.0)
        dispatcher.keep = []

        os.kill(agent.pid, signal.SIGCONT)
        dispatcher.wait_for(m.Hello, count=2)
        answer = dispatcher.outcome(dispatcher.assign(NOOP))

        assert isinstance(answer, m.Done)
        assert list(out.iterdir()) == []
        assert not dispatcher.all_of((m.Done, m.Released, m.Failed), ref)


def _now() -> float:
    import time

    return time.monotonic()


def test_a_dispatcher_that_comes_back_gets_the_reports_it_missed(dispatcher, agent):
    ref = dispatcher.assign(python("import time; time.sleep(1)"))
    dispatcher.wait_for(m.Started, ref)
    dispatcher.hang_up()
    gone = _now()
    dispatcher.until(lambda: _now() > gone + 1.5)
    dispatcher.listen()
    back = _now()

    assert isinstance(dispatcher.outcome(ref), m.Done)
    assert dispatcher.all_of(m.Hello)[-1].running == [ref]
    assert dispatcher.times_of(m.Hello)[-1] - back < 3.0


def test_a_report_survives_kill_9_of_the_agent(dispatcher, agent):
    dispatcher.acks = False
    ref = dispatcher.assign(NOOP)
    dispatcher.outcome(ref)
    agent.process.kill()
    agent.process.wait()
    count = len(dispatcher.all_of(m.Done, ref))
    dispatcher.acks = True

    with Agent(dispatcher, agent.data, join=False):
        dispatcher.until(lambda: len(dispatcher.all_of(m.Done, ref)) > count)
        assert ref in dispatcher.all_of(m.Hello)[-1].running
        assert dispatcher.all_of(m.Done, ref)[-1].seq == 1


def test_a_flood_of_lines_does_not_delay_heartbeats(dispatcher, agent):
    code = "import sys\nwhile True: sys.stdout.write('x' * 90 + '\\n')"
    ref = dispatcher.assign(python(code))
    dispatcher.wait_for(m.LogLines, ref)
    start = len(dispatcher.times_of(m.Heartbeat))

    dispatcher.until(lambda: len(dispatcher.times_of(m.Heartbeat)) >= start + 20)

    beats = dispatcher.times_of(m.Heartbeat)[start:]
    gaps = [b - a for a, b in itertools.pairwise(beats)]
    assert max(gaps) < 2.0
    assert sum(len(log.lines) for log in dispatcher.all_of(m.LogLines)) > 1_000


def test_terminate_yields_reports_and_says_goodbye(dispatcher, agent):
    ref = dispatcher.assign(slow())
    dispatcher.wait_for(m.Progress, ref)

    agent.process.terminate()

    assert isinstance(dispatcher.outcome(ref), m.Yielded)
    dispatcher.wait_for(m.Goodbye)
    assert agent.process.wait(10) == 0


def test_drain_with_exit_ends_the_agent(dispatcher, agent):
    dispatcher.send(m.Drain(exit=True))

    dispatcher.wait_for(m.Goodbye)
    assert agent.process.wait(10) == 0


class TestExits:
    def run(self, dispatcher, tmp_path, *options: str, join: bool = False):
        with Agent(dispatcher, tmp_path / "data", *options, join=join) as agent:
            dispatcher.until(lambda: agent.process.poll() is not None)
            return agent.process.returncode, agent.log().splitlines()[-1]

    def test_without_a_farm(self, dispatcher, tmp_path):
        code, sentence = self.run(dispatcher, tmp_path)
        assert (code, "has joined no farm" in sentence) == (2, True)

    def test_with_a_bad_token(self, dispatcher, tmp_path):
        code, sentence = self.run(dispatcher, tmp_path, "--join", "wf1-AAAA")
        assert (code, "cut short or mistyped" in sentence) == (2, True)

    def test_with_a_used_token(self, dispatcher, tmp_path):
        dispatcher.allowed = set()
        code, sentence = self.run(dispatcher, tmp_path, join=True)
        assert (code, "was used already" in sentence) == (4, True)

    def test_a_second_agent_in_the_same_folder(self, dispatcher, agent, tmp_path):
        code, sentence = self.run(dispatcher, tmp_path)
        assert (code, "Another agent runs already" in sentence) == (3, True)


def test_programs_share_the_cores_and_know_their_place(dispatcher, agent):
    code = "import os, time; print(os.environ['WINDFIRE_CORES']); {}"
    first = dispatcher.assign(python(code.format("time.sleep(605)")), cores=1)
    dispatcher.wait_for(m.LogLines, first)
    tell = "print(*(os.environ['WINDFIRE_' + x] for x in ('RANK', 'GANG_SIZE', 'GANG_PEERS')))"
    second = dispatcher.assign(
        python(code.format(tell)), ref=m.AttemptRef(9, 1, 1), cores=1, peers=["a", "b"]
    )

    assert isinstance(dispatcher.outcome(second), m.Done)
    lines = [x for log in dispatcher.all_of(m.LogLines, second) for x in log.lines]
    assert lines[1:] == ["1", "1 2 a,b"]
    dispatcher.send(m.Revoke(first, "kill"))
    assert isinstance(dispatcher.outcome(first), m.Released)


def test_a_program_without_a_word_is_stuck_and_leaves_nothing(dispatcher, agent):
    code = (
        "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c',"
        " 'import time; time.sleep(606)  # windfire-stuck'], start_new_session=True); time.sleep(60)"
    )
    ref = dispatcher.assign(python(code, stuck_s=1.5, notify_s=0.5))

    failed = dispatcher.outcome(ref)

    assert (failed.cause, failed.sentence) == (
        "timeout",
        "It was stuck: no log line and no progress for 1.5 s.",
    )
    assert pids_with("windfire-stuck") == []
