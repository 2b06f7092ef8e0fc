"""The session against a model of its world: a dispatcher, an ordered link that breaks, fake children.

The model dispatcher keeps the one thing that matters: until when it believes the node to be alive. The
agent may never be allowed to publish for longer than that, whatever was delayed, lost or repeated.
"""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from node_agent.agent import session_types as t
from node_agent.agent.session import AgentSession
from node_agent.wire import messages as m
from node_agent.wire.job import Frames, KernelWork

LEASE_S = 10.0
DEVICES = 2
USAGE = m.Usage()
FILES = [m.OutputFile("/f", 1, "00")]


class AgentMachine(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        device = m.DeviceInfo(kind="cpu", name="", memory_bytes=0)
        config = t.SessionConfig(name="n", incarnation="i", version="0", devices=[device] * DEVICES)
        self.session = AgentSession(config)
        self.now = 0.0
        self.to_dispatcher: list[m.FromNode] = []
        self.to_agent: list[m.ToNode] = []
        self.believed_until = float("-inf")
        """The dispatcher's lease of the node."""
        self.owned: set[m.AttemptRef] = set()
        """Attempts that the dispatcher holds to be this node's."""
        self.disowned: set[m.AttemptRef] = set()
        self.acked = 0
        self.outcomes: list[m.Reliable] = []
        self.children: dict[m.AttemptRef, str] = {}
        """'running', 'ready', 'publishing' or 'dying', of attempts whose child lives."""
        self.device_of: dict[m.AttemptRef, int] = {}
        self.tasks = 0
        self.do(t.Begin())
        for _ in range(2):
            self.hear(9)
            self.arrive(9)

    # --- the shell ----------------------------------------------------------------------------------

    def do(self, event):
        for action in self.session.handle(event, self.now):
            self.perform(action)

    def perform(self, action):
        match action:
            case t.Send(message):
                self.to_dispatcher.append(message)
            case t.StartChild(ref=ref, device=device):
                busy = [r for r in self.children if self.device_of[r] == device]
                assert not busy, f"device {device} was given {ref} while it holds {busy}"
                self.children[ref], self.device_of[ref] = "running", device
            case t.PublishChild(ref, deadline):
                assert deadline <= self.believed_until
                if self.children.get(ref) in ("ready", "publishing"):
                    self.children[ref] = "publishing"
            case t.KillChild(ref):
                if ref in self.children:
                    self.children[ref] = "dying"
            case t.Stop():
                raise AssertionError("nobody asked it to stop")
            case _:
                pass

    # --- the dispatcher -------------------------------------------------------------------------------

    @rule(device=st.integers(0, DEVICES - 1))
    def assign(self, device):
        self.tasks += 1
        ref = m.AttemptRef(1, self.tasks, 1)
        self.owned.add(ref)
        work = KernelWork(kernel="noop", scene="")
        self.to_agent += [
            m.Describe(1, work),
            m.Assign(ref=ref, device=device, frames=Frames(1, 1)),
        ]

    @precondition(lambda self: not self.children)
    @rule(device=st.integers(0, DEVICES - 1))
    def render(self, device):
        """Go straight to where it is interesting: a frame is whole and asks for its grant."""
        self.arrive(9)
        self.assign(device)
        self.arrive(2)
        for ref in [ref for ref, state in self.children.items() if state == "running"]:
            self.children[ref] = "ready"
            self.do(t.ChildReady(ref, FILES))

    @precondition(lambda self: self.owned and self.tasks % 3 == 2)
    @rule(data=st.data(), mode=st.sampled_from(["kill", "yield"]))
    def revoke(self, data, mode):
        ref = data.draw(st.sampled_from(sorted(self.owned)))
        self.to_agent.append(m.Revoke(ref, mode))

    @precondition(lambda self: self.owned and self.tasks % 3 == 1)
    @rule(data=st.data())
    def disown(self, data):
        ref = data.draw(st.sampled_from(sorted(self.owned)))
        self.owned.remove(ref)
        self.disowned.add(ref)
        self.to_agent.append(m.Stale(ref))

    @precondition(lambda self: self.to_dispatcher)
    @rule(count=st.integers(1, 6))
    def hear(self, count):
        for _ in range(min(count, len(self.to_dispatcher))):
            self.hear_one()

    def hear_one(self):
        message = self.to_dispatcher.pop(0)
        match message:
            case m.Hello(running=running):
                self.believed_until = self.now + LEASE_S
                kept = [ref for ref in running if ref in self.owned]
                self.to_agent.append(self.welcome(kept))
            case m.Heartbeat(running):
                self.believed_until = self.now + LEASE_S
                stale = [ref for ref in running if ref not in self.owned]
                self.to_agent.append(m.Beat(stale))
            case m.Ready() | m.Done() | m.Failed() | m.Yielded() | m.Released():
                self.take_report(message)
            case _:
                pass

    def welcome(self, kept):
        return m.Welcome(
            node=1,
            lease_s=LEASE_S,
            absence_s=60.0,
            heartbeat_s=2.0,
            keep=kept,
            acked=self.acked,
        )

    def take_report(self, message):
        assert message.seq <= self.acked + 1, "a report is missing before this one"
        if message.seq == self.acked + 1:
            self.acked = message.seq
            if isinstance(message, m.Ready):
                if message.ref in self.owned:
                    self.to_agent.append(m.Grant(message.ref, 1000.0))
            else:
                self.outcomes.append(message)
                self.owned.discard(message.ref)
        self.to_agent.append(m.Ack(self.acked))

    # --- the link and time ----------------------------------------------------------------------------

    @precondition(lambda self: self.to_agent)
    @rule(count=st.integers(1, 6))
    def arrive(self, count):
        for _ in range(min(count, len(self.to_agent))):
            self.arrive_one()

    def arrive_one(self):
        self.do(t.FromDispatcher(self.to_agent.pop(0)))

    @precondition(lambda self: self.tasks % 3 == 0)
    @rule()
    def break_link(self):
        self.to_agent.clear()
        self.to_dispatcher.clear()
        self.do(t.LinkUp())

    @rule(seconds=st.sampled_from([1.0, 2.0, 3.0, 6.0, 11.0, 100.0]), ticks=st.booleans())
    def pass_time(self, seconds, ticks):
        """Without ticks, the process was stopped."""
        end = self.now + seconds
        while ticks and (at := self.session.next_deadline()) is not None and at <= end:
            assert at > self.now or seconds > 0
            self.now = max(self.now, at)
            self.do(t.Tick())
        self.now = end

    # --- children -----------------------------------------------------------------------------------

    @precondition(lambda self: self.children)
    @rule(data=st.data(), end=st.sampled_from(["step", "step", "step", "step", "fail", "yield"]))
    def child_moves(self, data, end):
        ref = data.draw(st.sampled_from(sorted(self.children)))
        state = self.children[ref]
        if end == "fail":
            self.over(ref, t.ChildFailed(ref, "crash", "It died.", USAGE))
        elif state == "dying":
            self.over(ref, t.ChildKilled(ref, USAGE))
        elif state == "publishing":
            self.over(ref, t.ChildDone(ref, FILES, USAGE))
        elif state == "running" and end == "yield":
            self.over(ref, t.ChildYielded(ref, "", 0, USAGE))
        elif state == "running":
            self.children[ref] = "ready"
            self.do(t.ChildReady(ref, FILES))

    def over(self, ref, event):
        del self.children[ref]
        self.do(event)

    # --- what holds -----------------------------------------------------------------------------------

    @invariant()
    def parts_agree(self):
        if hasattr(self, "session"):
            self.session.check_invariants()

    @invariant()
    def each_attempt_has_one_outcome(self):
        refs = [outcome.ref for outcome in getattr(self, "outcomes", [])]
        assert len(refs) == len(set(refs))

    def teardown(self):
        """Heal everything: then nothing may be left."""
        if not hasattr(self, "session"):
            return
        self.break_link()
        for _ in range(300):
            while self.to_dispatcher or self.to_agent:
                if self.to_dispatcher:
                    self.hear_one()
                if self.to_agent:
                    self.arrive_one()
            for ref, state in list(self.children.items()):
                self.settle(ref, state)
            if not (self.to_dispatcher or self.to_agent or self.children):
                break
            at = self.session.next_deadline()
            if not (self.to_dispatcher or self.to_agent) and at is not None:
                self.now = max(self.now, at)
                self.do(t.Tick())
        named = self.session.handle(t.LinkUp(), self.now)[0].message.running
        assert self.children == {}
        assert named == []

    def settle(self, ref, state):
        if state == "dying":
            self.over(ref, t.ChildKilled(ref, USAGE))
        elif state == "publishing":
            self.over(ref, t.ChildDone(ref, FILES, USAGE))
        elif state == "running":
            self.over(ref, t.ChildDone(ref, [], USAGE))


TestAgentMachine = AgentMachine.TestCase
TestAgentMachine.settings = settings(
    settings.get_profile("ci"), max_examples=200, stateful_step_count=50
)
