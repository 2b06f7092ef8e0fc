"""Several attempts on one device, attempts that take too long, and the agent's own end."""

from __future__ import annotations

import pytest

from node_agent.agent import session_types as t
from node_agent.agent.session import ACK_GRACE_S, EXIT_DONE, YIELD_GRACE_S, AgentSession
from node_agent.wire import messages as m
from node_agent.wire.job import CommandWork
from tests.unit.node_agent.agent.test_session import (
    FILES,
    USAGE,
    WORK,
    A,
    B,
    C,
    Rig,
    assign,
    done,
    start,
)


@pytest.fixture
def rig() -> Rig:
    return Rig()


@pytest.fixture
def served() -> Rig:
    rig = Rig()
    rig.serve()
    return rig


class TestSharing:
    """A device of several cores, and tasks that take several devices."""

    @pytest.fixture
    def shared(self) -> Rig:
        rig = Rig()
        cores = m.DeviceInfo(kind="cpu", name="CPU", memory_bytes=1, cores=4)
        gpus = [m.DeviceInfo(kind="cuda", name="G", memory_bytes=1, uuid=f"G{i}") for i in (0, 1)]
        rig.session = AgentSession(
            t.SessionConfig(name="n", incarnation="i", version="0", devices=[cores, *gpus])
        )
        rig.serve()
        rig.get(m.Describe(A.step, WORK))
        return rig

    def test_attempts_run_side_by_side_while_cores_last(self, shared):
        assert shared.get(assign(A, cores=3)) == [start(A, cores=3)]
        assert shared.get(assign(B, cores=1)) == [start(B, cores=1)]
        assert shared.get(assign(C, cores=1)) == []

        ended = shared.do(t.ChildFailed(B, "crash", "x", USAGE))

        assert start(C, cores=1) in ended

    def test_one_that_wants_all_is_not_passed_by(self, shared):
        shared.get(assign(A, cores=3))
        assert shared.get(assign(B)) == []  # the whole device
        assert shared.get(assign(C, cores=1)) == []  # would fit, but came later: refused or waiting

        assert start(B) in shared.do(t.ChildFailed(A, "crash", "x", USAGE))

    def test_several_gpus_are_held_together(self, shared):
        shared.get(assign(A, 2))
        assert shared.get(assign(B, 1, more_devices=[2])) == []

        ended = shared.do(t.ChildFailed(A, "crash", "x", USAGE))

        assert start(B, 1, more_devices=[2]) in ended
        assert shared.get(assign(C, 2)) == []

    @pytest.mark.parametrize("more", [[7], [1]])
    def test_devices_that_make_no_sense_fail_the_attempt(self, shared, more):
        (_, sent) = shared.get(assign(A, 1, more_devices=more))

        assert sent.message.cause == "bug"
        assert "evice" in sent.message.sentence

    def test_a_gangs_peers_reach_the_child(self, shared):
        (begun,) = shared.get(assign(A, peers=["n1", "n2"]))

        assert begun.peers == ["n1", "n2"]


class TestTimeouts:
    """Attempts that take too long are the agent's to end."""

    LIMITED = CommandWork(argv=["x"], timeout_s=20.0, stuck_s=5.0)

    @pytest.fixture
    def limited(self, served) -> Rig:
        served.get(m.Describe(1, self.LIMITED))
        served.get(assign(A))
        served.do(t.ChildStarted(A))
        return served

    def after(self, rig: Rig, seconds: float):
        """Tick through some seconds with a dispatcher that answers."""
        actions = []
        for _ in range(int(seconds)):
            actions += rig.tick(1.0)
            rig.beat()
        return actions

    def test_silence_is_stuck(self, limited):
        assert t.KillChild(A) not in self.after(limited, 4)
        assert t.KillChild(A) in self.after(limited, 1)

        (_, sent) = limited.do(t.ChildKilled(A, USAGE))

        assert sent.message == m.Failed(
            seq=1,
            ref=A,
            cause="timeout",
            sentence="It was stuck: no log line and no progress for 5 s.",
            usage=USAGE,
        )

    def test_a_line_or_a_step_forward_is_life(self, limited):
        self.after(limited, 4)
        limited.do(t.ChildSpoke(A))
        self.after(limited, 4)
        limited.do(t.ChildProgress(A, 1, 9))
        assert t.KillChild(A) not in self.after(limited, 4)

        limited.do(t.ChildProgress(A, 1, 9))  # the same again is none
        assert t.KillChild(A) in self.after(limited, 1)

    def test_the_whole_time_is_limited_whatever_it_says(self, limited):
        actions = []
        for _ in range(20):
            limited.do(t.ChildSpoke(A))
            actions += self.after(limited, 1)
        assert t.KillChild(A) in actions

        (_, sent) = limited.do(t.ChildFailed(A, "crash", "Killed by SIGTERM.", USAGE))

        assert (sent.message.cause, "longer than the 20 s" in sent.message.sentence) == (
            "timeout",
            True,
        )

    def test_a_whole_frame_that_waits_is_not_late(self, limited):
        limited.do(t.ChildReady(A, FILES))

        assert t.KillChild(A) not in self.after(limited, 60)

    def test_work_that_is_done_meanwhile_is_done(self, limited):
        self.after(limited, 5)

        (_, sent) = limited.do(t.ChildDone(A, [], USAGE))

        assert isinstance(sent.message, m.Done)

    def test_an_order_to_kill_takes_over(self, limited):
        self.after(limited, 5)
        limited.get(m.Revoke(A, "kill"))

        (_, sent) = limited.do(t.ChildKilled(A, USAGE))

        assert isinstance(sent.message, m.Released)

    def test_a_machine_that_slept_blames_nobody(self, limited):
        assert t.KillChild(A) not in limited.tick(300.0)

        assert limited.session.is_reporting(A)

    def test_the_session_wakes_for_it(self, limited):
        limited.session._lease.beat_at = limited.now + 1000.0

        assert limited.session.next_deadline() == limited.now + 5.0


class TestEnd:
    def test_drain_ends_an_idle_agent(self, served):
        actions = served.get(m.Drain(exit=True))

        goodbye = t.Send(m.Goodbye("The node was asked to stop."))
        assert actions == [goodbye, t.Stop(EXIT_DONE, "All work is over and reported.")]

    def test_drain_waits_for_running_attempts_and_their_acknowledgement(self, served):
        served.run()
        assert served.get(m.Drain(exit=True)) == []
        served.do(t.ChildDone(A, [], USAGE))

        assert isinstance(served.get(m.Ack(1))[-1], t.Stop)

    def test_drain_without_exit_changes_nothing_here(self, served):
        assert served.get(m.Drain(exit=False)) == []

    def test_finish_yields_then_kills_then_gives_up(self, served):
        served.run()

        assert served.do(t.Finish()) == [t.YieldChild(A)]
        assert t.KillChild(A) in served.tick(YIELD_GRACE_S)
        assert isinstance(served.tick(ACK_GRACE_S)[-1], t.Stop)

    def test_a_second_finish_kills_now(self, served):
        served.run()
        served.do(t.Finish())

        assert served.do(t.Finish(now=True)) == [t.KillChild(A)]

    def test_work_that_comes_while_finishing_is_given_back(self, served):
        served.run(A)
        served.do(t.Finish())

        report = m.Yielded(seq=1, ref=B, checkpoint="", passes_done=0, usage=m.Usage())
        assert served.get(assign(B, 1)) == [t.Keep(report), t.Send(report)]

    def test_without_a_dispatcher_an_idle_agent_stops_at_once(self, rig):
        rig.do(t.Begin([done(1)]))

        (stop,) = rig.do(t.Finish())

        assert stop == t.Stop(EXIT_DONE, "All work is over; its reports wait for the next start.")
