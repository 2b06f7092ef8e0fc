"""The agent's session: events in, the whole list of actions out."""

from __future__ import annotations

import pytest

from node_agent.agent import session_types as t
from node_agent.agent.foreman import GRANT_RETRY_S, VOID_RETRY_S
from node_agent.agent.session import EXIT_REFUSED, AgentSession
from node_agent.wire import messages as m
from node_agent.wire.job import CommandWork, Frames, KernelWork

LEASE_S, ABSENCE_S, HEARTBEAT_S, RETRY_S = 30.0, 600.0, 2.0, 2.0
WORK = KernelWork(kernel="noop", scene="")
A, B, C = m.AttemptRef(1, 0, 1), m.AttemptRef(1, 1, 1), m.AttemptRef(1, 2, 1)
FILES = [m.OutputFile("/out/frame.0001.exr", 5, "ab")]
USAGE = m.Usage(wall_s=1.0)


class Rig:
    """A session with a clock and short names for what happens to it."""

    def __init__(self, devices: int = 2) -> None:
        infos = [m.DeviceInfo(kind="cpu", name="CPU", memory_bytes=1)] * devices
        self.now, self.beats = 100.0, []
        self.session = AgentSession(
            t.SessionConfig(name="n", incarnation="i", version="0", devices=infos)
        )

    def do(self, event, after: float = 0.0):
        self.now += after
        actions = [self.note_beat(action) for action in self.session.handle(event, self.now)]
        self.session.check_invariants()
        return actions

    def note_beat(self, action):  # few tests are about its number
        if not isinstance(action, t.Send) or not isinstance(action.message, m.Heartbeat):
            return action
        self.beats.append(action.message.number)
        return t.Send(m.Heartbeat(action.message.running))

    def get(self, message, after: float = 0.0):
        return self.do(t.FromDispatcher(message), after)

    def tick(self, after: float):
        return self.do(t.Tick(), after)

    def beat(self, stale=()):
        return self.get(m.Beat(list(stale)))

    def serve(self, keep=(), acked: int = 0, begin: bool = True):
        """Begin, be welcomed and hold a lease."""
        if begin:
            self.do(t.Begin())
        self.get(welcome(keep, acked))
        self.beat()

    def run(self, ref=A, device: int = 0):
        """Have an attempt running."""
        self.get(m.Describe(ref.step, WORK))
        self.get(assign(ref, device))
        self.do(t.ChildStarted(ref))

    def reach_ready(self, ref=A, device: int = 0):
        self.run(ref, device)
        return self.do(t.ChildReady(ref, FILES))

    def let_lease_go(self):
        """Stop answering until the lease is over."""
        while self.session.is_served:
            self.tick(HEARTBEAT_S)


def welcome(keep=(), acked: int = 0) -> m.Welcome:
    return m.Welcome(
        node=7,
        lease_s=LEASE_S,
        absence_s=ABSENCE_S,
        heartbeat_s=HEARTBEAT_S,
        keep=list(keep),
        acked=acked,
    )


def assign(ref=A, device: int = 0, **more) -> m.Assign:
    return m.Assign(ref=ref, device=device, frames=Frames(1, 1), **more)


def start(ref=A, device: int = 0, **more) -> t.StartChild:
    return t.StartChild(ref=ref, device=device, work=WORK, frames=Frames(1, 1), **more)


def hellos(actions) -> list[list[m.AttemptRef]]:
    messages = [a.message for a in actions if isinstance(a, t.Send)]
    return [message.running for message in messages if isinstance(message, m.Hello)]


def ready(seq: int, ref=A) -> m.Ready:
    return m.Ready(seq=seq, ref=ref, files=FILES)


def done(seq: int, ref=A, files=FILES) -> m.Done:
    return m.Done(seq=seq, ref=ref, files=files, usage=USAGE)


def released(seq: int, ref=A, usage=USAGE) -> m.Released:
    return m.Released(seq=seq, ref=ref, usage=usage)


@pytest.fixture
def rig() -> Rig:
    return Rig()


@pytest.fixture
def served() -> Rig:
    rig = Rig()
    rig.serve()
    return rig


class TestGreeting:
    def test_begin_says_hello_and_repeats_it_until_welcome(self, rig):
        first = rig.do(t.Begin())
        again = rig.tick(RETRY_S)

        assert hellos(first) == [[]]
        assert hellos(again) == [[]]
        assert rig.session.next_deadline() == rig.now + RETRY_S

    def test_nothing_is_asked_of_time_before_begin(self, rig):
        assert rig.session.next_deadline() is None

    def test_welcome_is_followed_by_a_heartbeat_at_once(self, rig):
        rig.do(t.Begin())

        assert rig.get(welcome()) == [t.Send(m.Heartbeat([]))]
        assert rig.session.is_served

    def test_a_new_connection_says_hello_with_all_that_is_not_acknowledged(self, served):
        served.run(A, 0)
        served.run(B, 1)
        served.do(t.ChildFailed(B, "crash", "It died.", USAGE))

        assert hellos(served.do(t.LinkUp())) == [[A, B]]

    def test_refused_for_good_stops_the_agent(self, served):
        actions = served.get(m.Refused(sentence="Other protocol."))

        assert actions == [
            t.Stop(EXIT_REFUSED, "The dispatcher refused this node: Other protocol.")
        ]
        assert served.tick(1000) == []

    def test_a_dispatcher_that_was_started_anew_is_greeted_at_once(self, served):
        refused = m.Refused(sentence="Say hello.", retry=True)

        assert hellos(served.get(refused, after=RETRY_S)) == [[]]
        assert served.get(refused) == []

    def test_hellos_are_not_said_faster_for_being_refused(self, served):
        assert served.get(m.Refused(sentence="Say hello.", retry=True)) == []
        assert hellos(served.tick(RETRY_S)) == [[]]

    def test_joined_is_ignored(self, served):
        assert served.get(m.Joined(node=1)) == []


class TestAttempt:
    def test_a_frame_from_assign_to_acknowledged(self, served):
        assert served.get(m.Describe(1, WORK)) == []
        assert served.get(assign()) == [start()]
        assert served.do(t.ChildStarted(A)) == [t.Send(m.Started(A))]
        assert served.do(t.ChildProgress(A, 1, 4)) == [t.Send(m.Progress(A, 1, 4))]
        assert served.do(t.ChildReady(A, FILES)) == [t.Keep(ready(1)), t.Send(ready(1))]
        assert served.get(m.Ack(1)) == [t.Forget(1)]
        assert served.get(m.Grant(A, 10.0)) == [t.PublishChild(A, served.now + 10.0)]
        assert served.do(t.ChildDone(A, FILES, USAGE)) == [t.Keep(done(2)), t.Send(done(2))]
        assert served.get(m.Ack(2)) == [t.Forget(2)]
        assert not served.session.is_reporting(A)

    def test_a_task_without_files_needs_no_grant(self, served):
        served.run()

        report = done(1, files=[])
        assert served.do(t.ChildDone(A, [], USAGE)) == [t.Keep(report), t.Send(report)]

    def test_files_without_a_grant_are_a_bug(self, served):
        served.run()

        keep, _send = served.do(t.ChildDone(A, FILES, USAGE))

        assert isinstance(keep.message, m.Failed)
        assert keep.message.cause == "bug"

    def test_a_repeated_assign_changes_nothing(self, served):
        served.run()

        assert served.get(assign()) == []

    def test_everything_of_the_assignment_reaches_the_child(self, served):
        served.get(m.Describe(1, WORK))
        split = {"checkpoint": "/c", "first_sample": 8, "samples": 4}

        actions = served.get(assign(watched=True, **split))

        assert actions == [start(**split), t.WatchChild(A, on=True)]

    def test_a_later_description_holds_for_later_assignments(self, served):
        command = CommandWork(argv=["true"])
        served.get(m.Describe(1, WORK))
        served.get(m.Describe(1, command))

        assert served.get(assign())[0].work == command

    @pytest.mark.parametrize(
        ("step", "device", "sentence"),
        [
            (1, 2, "Device 2 is not one of this node's 2."),
            (1, -1, "Device -1 is not one of this node's 2."),
        ],
    )
    def test_an_impossible_assignment_fails_as_a_bug(self, served, step, device, sentence):
        served.get(m.Describe(1, WORK))
        ref = m.AttemptRef(step, 0, 1)

        keep, send = served.get(assign(ref, device))

        report = m.Failed(seq=1, ref=ref, cause="bug", sentence=sentence, usage=m.Usage())
        assert (keep, send) == (t.Keep(report), t.Send(report))

    def test_one_task_waits_for_a_busy_device_and_the_next_must_be_said_again(self, served):
        served.run(A)

        assert served.get(assign(B)) == []
        assert served.get(assign(C)) == []
        assert served.do(t.ChildDone(A, [], USAGE))[0] == start(B)
        assert served.get(assign(C)) == []  # it waits now
        assert served.do(t.ChildDone(B, [], USAGE))[0] == start(C)

    def test_an_assignment_before_its_description_waits_to_be_said_again(self, served):
        assert served.get(assign()) == []

        served.get(m.Describe(1, WORK))

        assert served.get(assign()) == [start()]

    def test_a_waiting_task_is_given_back_without_a_child(self, served):
        served.run(A)
        served.get(assign(B))

        report = m.Yielded(seq=1, ref=B, checkpoint="", passes_done=0, usage=m.Usage())
        assert served.get(m.Revoke(B, "yield")) == [t.Keep(report), t.Send(report)]

    def test_a_waiting_task_is_killed_without_a_child(self, served):
        served.run(A)
        served.get(assign(B))

        report = released(1, B, m.Usage())
        assert served.get(m.Revoke(B, "kill")) == [t.Keep(report), t.Send(report)]

    def test_an_unknown_cause_is_called_a_bug(self, served):
        served.run()

        keep, _ = served.do(t.ChildFailed(A, "weather", "It rained.", USAGE))

        assert keep.message.cause == "bug"

    def test_watch_reaches_only_a_child_that_runs(self, served):
        served.run()

        assert served.get(m.Watch(A, on=True)) == [t.WatchChild(A, on=True)]
        assert served.get(m.Watch(B, on=True)) == []


class TestRevoke:
    def test_yield_ends_with_a_checkpoint(self, served):
        served.run()

        assert served.get(m.Revoke(A, "yield")) == [t.YieldChild(A)]
        report = m.Yielded(seq=1, ref=A, checkpoint="/c", passes_done=3, usage=USAGE)
        event = t.ChildYielded(A, "/c", 3, USAGE)
        assert served.do(event) == [t.Keep(report), t.Send(report)]

    def test_a_frame_that_is_ready_is_not_yielded(self, served):
        served.reach_ready()

        assert served.get(m.Revoke(A, "yield")) == []

    def test_a_frame_that_finishes_instead_of_yielding_is_taken(self, served):
        served.run()
        served.get(m.Revoke(A, "yield"))

        assert served.do(t.ChildReady(A, FILES)) == [t.Keep(ready(1)), t.Send(ready(1))]

    def test_kill_ends_with_released(self, served):
        served.run()

        assert served.get(m.Revoke(A, "kill")) == [t.KillChild(A)]
        assert served.do(t.ChildKilled(A, USAGE)) == [t.Keep(released(1)), t.Send(released(1))]

    def test_a_failure_during_a_kill_is_the_kills(self, served):
        served.run()
        served.get(m.Revoke(A, "kill"))

        assert served.do(t.ChildFailed(A, "crash", "It died.", USAGE))[0] == t.Keep(released(1))

    def test_work_that_was_done_before_the_kill_came_is_done(self, served):
        served.run()
        served.get(m.Revoke(A, "kill"))

        assert served.do(t.ChildDone(A, [], USAGE))[0] == t.Keep(done(1, files=[]))
        assert served.do(t.ChildKilled(A, USAGE)) == []

    def test_a_device_is_not_used_again_before_the_kill_is_sure(self, served):
        served.run(A)
        served.get(m.Revoke(A, "kill"))

        assert served.get(assign(B)) == []
        assert served.do(t.ChildKilled(A, USAGE))[0] == start(B)

    def test_stale_kills_rudely_and_is_never_mentioned_again(self, served):
        served.run()

        assert served.get(m.Stale(A)) == [t.KillChild(A, polite=False)]
        assert served.do(t.ChildProgress(A, 2, 4)) == []
        assert hellos(served.do(t.LinkUp())) == [[]]
        assert served.do(t.ChildKilled(A, USAGE)) == []

    def test_stale_in_a_beat_does_the_same(self, served):
        served.run()

        assert served.beat(stale=[A]) == [t.KillChild(A, polite=False)]

    def test_stale_during_a_kill_makes_it_silent(self, served):
        served.run()
        served.get(m.Revoke(A, "kill"))

        assert served.get(m.Stale(A)) == [t.KillChild(A, polite=False)]
        assert served.do(t.ChildKilled(A, USAGE)) == []

    def test_a_report_called_stale_is_not_named_as_running(self, served):
        served.run()
        served.do(t.ChildDone(A, [], USAGE))
        served.get(m.Stale(A))

        assert hellos(served.do(t.LinkUp())) == [[]]

    def test_orders_about_unknown_attempts_are_ignored(self, served):
        for message in (m.Revoke(A, "kill"), m.Stale(A), m.Grant(A, 5.0)):
            assert served.get(message) == []


class TestReports:
    def test_reports_without_an_acknowledgement_are_repeated_in_order(self, served):
        served.reach_ready(A, 0)
        served.run(B, 1)
        served.do(t.ChildDone(B, [], USAGE))
        served.do(t.LinkUp())

        actions = served.get(welcome(keep=[A, B], acked=0))

        again = [t.Send(ready(1)), t.Send(done(2, B, []))]
        assert actions == [t.Send(m.Heartbeat([A, B])), *again]

    def test_welcome_acknowledges(self, served):
        served.run()
        served.do(t.ChildDone(A, [], USAGE))
        served.do(t.LinkUp())

        assert served.get(welcome(acked=1)) == [t.Forget(1), t.Send(m.Heartbeat([]))]

    def test_reports_made_while_greeting_wait_for_welcome(self, served):
        served.run()
        served.do(t.LinkUp())

        assert served.do(t.ChildDone(A, [], USAGE)) == [t.Keep(done(1, files=[]))]
        assert t.Send(done(1, files=[])) in served.get(welcome(keep=[A]))

    def test_an_acknowledgement_of_what_was_never_said_is_harmless(self, served):
        served.get(m.Ack(5))
        served.run()

        assert served.do(t.ChildDone(A, [], USAGE))[0] == t.Keep(done(1, files=[]))

    def test_the_previous_incarnations_reports_are_delivered_under_new_numbers(self, rig):
        backlog = [ready(4), done(5), released(7, B)]

        actions = rig.do(t.Begin(backlog))

        assert actions[:2] == [t.Keep(done(1)), t.Keep(released(2, B))]
        assert hellos(actions) == [[A, B]]
        sent = rig.get(welcome(keep=[A]))
        assert sent == [
            t.Send(m.Heartbeat([A])),
            t.Send(done(1)),
            t.Send(released(2, B)),
        ]
        assert rig.get(m.Ack(2)) == [t.Forget(2)]

    def test_a_report_that_both_outboxes_held_is_delivered_once(self, rig):
        assert rig.do(t.Begin([done(1), done(1)]))[:-1] == [t.Keep(done(1))]


class TestWelcome:
    def test_what_the_dispatcher_does_not_keep_is_killed_silently(self, served):
        served.run(A, 0)
        served.run(B, 1)
        served.do(t.LinkUp())

        actions = served.get(welcome(keep=[B]))

        assert actions == [t.KillChild(A, polite=False), t.Send(m.Heartbeat([B]))]

    def test_what_was_assigned_after_the_hello_is_not_judged_by_its_answer(self, served):
        served.do(t.LinkUp())
        served.run(A)

        assert served.get(welcome()) == [t.Send(m.Heartbeat([A]))]

    def test_a_second_answer_to_a_repeated_hello_does_not_judge_either(self, served):
        served.do(t.LinkUp())
        served.tick(RETRY_S)
        served.get(welcome())
        served.run(A)

        assert served.get(welcome()) == [t.Send(m.Heartbeat([A]))]

    def test_a_lost_grant_is_asked_for_again(self, served):
        served.reach_ready()
        served.get(m.Ack(1))
        served.do(t.LinkUp())

        actions = served.get(welcome(keep=[A], acked=1))

        assert actions == [t.Send(m.Heartbeat([A])), t.Keep(ready(2)), t.Send(ready(2))]


class TestLease:
    def test_heartbeats_renew_it(self, served):
        served.run()
        for _ in range(100):
            assert served.tick(HEARTBEAT_S) == [t.Send(m.Heartbeat([A]))]
            served.beat()

        assert served.session.is_served

    def test_silence_for_a_lease_leads_to_hello_while_rendering_goes_on(self, served):
        served.run()
        served.let_lease_go()

        assert hellos(served.tick(RETRY_S)) == [[A]]
        assert served.do(t.ChildProgress(A, 2, 4)) == []
        assert served.session.is_reporting(A)

    def test_a_grant_after_the_lease_is_void(self, served):
        served.reach_ready()
        woken = served.get(m.Grant(A, 1000.0), after=LEASE_S + 1)

        assert not any(isinstance(action, t.PublishChild) for action in woken)
        assert hellos(woken) == [[A]]

    def test_a_grant_never_outlives_the_lease(self, served):
        served.reach_ready()

        (publish,) = served.get(m.Grant(A, 1000.0), after=1.0)

        assert publish.deadline == served.now - 1.0 + LEASE_S

    def test_a_beat_of_before_does_not_bring_a_lost_lease_back(self, served):
        served.reach_ready()
        served.let_lease_go()
        served.beat()

        assert served.get(m.Grant(A, 10.0)) == []

    def test_welcome_and_beat_bring_it_back(self, served):
        served.reach_ready()
        served.get(m.Ack(1))
        served.let_lease_go()

        served.get(welcome(keep=[A], acked=1))
        assert served.get(m.Grant(A, 10.0)) == []
        served.beat()

        assert served.get(m.Grant(A, 10.0)) == [t.PublishChild(A, served.now + 10.0)]

    def test_a_grant_that_came_before_the_lease_is_asked_for_again_soon(self, served):
        served.reach_ready()
        served.get(m.Ack(1))
        served.let_lease_go()
        served.get(welcome(keep=[A], acked=1))
        served.get(m.Grant(A, 10.0))
        served.beat()

        assert served.tick(VOID_RETRY_S) == [t.Send(ready(2))]

    def test_the_lease_counts_from_when_the_heartbeat_was_sent(self, served):
        served.reach_ready()
        served.tick(HEARTBEAT_S)
        sent_at = served.now
        served.now += 1.0
        served.beat()

        (publish,) = served.get(m.Grant(A, 1000.0))

        assert publish.deadline == sent_at + LEASE_S

    def test_a_lost_beat_shortens_the_lease(self, served):
        served.reach_ready()
        served.tick(HEARTBEAT_S)
        lost_at = served.now
        served.tick(HEARTBEAT_S)
        served.beat()

        (publish,) = served.get(m.Grant(A, 1000.0))

        assert publish.deadline == lost_at + LEASE_S

    def test_a_new_connection_keeps_a_lease_that_stands(self, served):
        served.reach_ready()
        served.do(t.LinkUp())

        assert served.get(m.Grant(A, 10.0)) == [t.PublishChild(A, served.now + 10.0)]

    def test_a_zombie_kills_what_is_stale_at_once(self, served):
        served.run()
        served.tick(10 * LEASE_S)

        assert t.KillChild(A, polite=False) in served.get(welcome())

    def test_a_child_that_came_too_late_to_publish_asks_again(self, served):
        served.reach_ready()
        served.get(m.Grant(A, 10.0))

        assert served.do(t.ChildReady(A, FILES)) == [t.Keep(ready(2)), t.Send(ready(2))]

    def test_a_missing_grant_is_asked_for_again(self, served):
        served.reach_ready()
        served.get(m.Ack(1))
        beats = []
        for _ in range(int(GRANT_RETRY_S / HEARTBEAT_S)):
            beats = served.tick(HEARTBEAT_S)
            served.beat()

        assert beats[1:] == [t.Keep(ready(2)), t.Send(ready(2))]

    def test_a_missing_acknowledgement_repeats_the_same_report(self, served):
        served.reach_ready()

        assert served.tick(GRANT_RETRY_S)[1:] == [t.Send(ready(1))]

    def test_absence_kills_everything_and_reports_it_later(self, served):
        served.run()
        killed = []
        for _ in range(int(ABSENCE_S / RETRY_S)):
            killed += [a for a in served.tick(RETRY_S) if isinstance(a, t.KillChild)]

        assert killed == [t.KillChild(A)]
        assert served.do(t.ChildKilled(A, USAGE)) == [t.Keep(released(1))]

    def test_hello_alone_keeps_an_idle_agent_calm(self, served):
        served.tick(10 * ABSENCE_S)

        assert served.session.next_deadline() == served.now + RETRY_S


def test_the_self_check_is_told_in_a_new_hello(served):
    (sent,) = served.do(t.Measured(12.5, 1e9))

    assert (sent.message.gflops, sent.message.disk_bps) == (12.5, 1e9)
