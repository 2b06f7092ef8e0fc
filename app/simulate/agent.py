"""A node: the real AgentSession, a durable outbox, and children that finish, fail, hang or are slow."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from random import Random

from app.simulate.children import Child, Fates, Observer, Outcome, overlaps
from app.simulate.clock import Clock
from app.simulate.disk import Disk
from app.simulate.network import Link
from app.simulate.options import Options
from node_agent.agent import session_types as t
from node_agent.agent.session import AgentSession
from node_agent.wire import messages as m
from node_agent.wire.job import KernelWork
from node_agent.wire.templates import part_range

USAGE = m.Usage(wall_s=1.0)
KILL_S = 0.2
SLOW_KILL_S = (5.0, 40.0)
PROGRESS_PARTS = 4
LAZY_S = 10.0
"""The session's own times are not looked up when it will be asked within this anyway (steady farms)."""


class Agent:
    """One node through all the lives of its agent."""

    def __init__(
        self,
        name: str,
        clock: Clock,
        rng: Random,
        options: Options,
        disk: Disk,
        devices: Sequence[m.DeviceInfo],
        fates: Fates,
    ) -> None:
        self.name, self.key = name, name.ljust(40, "0")
        self.options = options
        self.fates = fates
        self._clock, self._rng, self._disk = clock, rng, disk
        self._devices = list(devices)
        self.link = Link(clock, rng, options)
        self.link.down.deliver = self._hear
        self.link.on_up = lambda: self._take(t.LinkUp())
        self.outbox: dict[int, m.Reliable] = {}
        self.children: dict[m.AttemptRef, Child] = {}
        self.session: AgentSession | None = None
        self.is_paused = False
        self.life = 0
        self._ticks_at: float | None = None
        self._pending: deque[Callable[[], None]] = deque()
        self._soon: deque[t.SessionEvent] = deque()
        """What children say at once, after the actions of the event that made them say it."""
        self._sends: list[m.FromNode] = []
        self.mac = ""
        """By which it can be woken, if it is a machine that sleeps."""
        self.faults: list[str] = []
        self.observer = Observer()
        self.trace: Callable[[str], None] = lambda _: None

    @property
    def device_count(self) -> int:
        return len(self._devices)

    # --- life -------------------------------------------------------------------------------------

    def start(self) -> None:
        self.life += 1
        self.trace(f"{self.name} starts, life {self.life}")
        self.session = AgentSession(
            t.SessionConfig(
                name=self.name,
                incarnation=f"{self.life:016x}",
                version="0.1.0",
                devices=self._devices,
                kernels=["pathtracer"],
                cores=sum(device.cores for device in self._devices),
                memory_bytes=64 << 30,
                macs=[self.mac] if self.mac else [],
                can_sleep=bool(self.mac),
            )
        )
        backlog, self.outbox = list(self.outbox.values()), {}
        self._ticks_at = None
        self._take(t.Begin(backlog=backlog))

    def crash(self) -> None:
        """Kill -9 of the agent: its children die with it, its outbox is on the disk."""
        self.trace(f"{self.name} crashes")
        self.is_paused = False
        self._pending.clear()
        self._end()
        self.link.forget()

    def _end(self) -> None:
        self.session = None
        self._soon.clear()
        for child in list(self.children.values()):
            self._gone(child, "lost")

    def stop(self) -> None:
        """Somebody on the node asks the agent to end."""
        self._take(t.Finish(now=self._rng.random() < 0.3))

    def pause(self) -> None:
        """SIGSTOP of the agent and its children: a zombie in the making."""
        self.trace(f"{self.name} is stopped")
        self.is_paused = True

    def go_on(self) -> None:
        if self.is_paused:
            self.trace(f"{self.name} goes on")
            self.is_paused = False
            while self._pending and not self.is_paused:
                self._pending.popleft()()
            if self.session:
                self._take(t.Tick())

    def crash_and_restart(self) -> None:
        self.crash()
        self._clock.after(self._rng.uniform(0.5, 60), self.revive)

    def revive(self) -> None:
        if self.session is None:
            self.start()

    # --- the session ------------------------------------------------------------------------------

    def _hear(self, frame: Sequence[m.ToNode]) -> None:
        self._take(*map(t.FromDispatcher, frame))

    def _take(self, *events: t.SessionEvent) -> None:
        session = self.session
        if session is None:
            return
        if self.is_paused:
            self._pending.append(lambda: self._take(*events) if session is self.session else None)
            return
        self._soon.extend(events)
        self._work(session)
        if self._sends:
            frame, self._sends = self._sends, []
            self.link.to_dispatcher(frame)
        if self.session is session:
            self._arm(session)

    def _work(self, session: AgentSession) -> None:
        soon, now = self._soon, self._clock.now
        while soon and self.session is session:
            actions = session.handle(soon.popleft(), now)
            if self.options.is_checked:
                session.check_invariants()
            for action in actions:
                self._do(action)

    def _arm(self, session: AgentSession) -> None:
        # On a quiet farm nothing can be due before that: what an event makes due is later.
        is_soon = self._ticks_at is not None and self._ticks_at <= self._clock.now + LAZY_S
        if is_soon and self.options.is_steady:
            return
        deadline = session.next_deadline()
        if deadline is None or (self._ticks_at is not None and self._ticks_at <= deadline):
            return
        self._ticks_at = deadline
        life = self.life
        self._clock.at(deadline, lambda: self._tick(life, deadline))

    def _tick(self, life: int, deadline: float) -> None:
        if life == self.life and self._ticks_at == deadline:
            self._ticks_at = None
            self._take(t.Tick())

    def _do(self, action: t.SessionAction) -> None:
        match action:
            case t.Send(message):
                self._sends.append(message)
            case t.Keep(message):
                self.outbox[message.seq] = message
            case t.Forget(seq):
                self._forget(seq)
            case t.StartChild():
                self._start_child(action)
            case t.PublishChild(ref, deadline):
                self._publish(ref, deadline)
            case t.YieldChild(ref):
                self._ask_to_yield(ref)
            case t.KillChild(ref):
                self._kill(ref)
            case t.Stop():
                self.trace(f"{self.name} ends: {action.sentence}")
                self._end()
            case t.Suspend():
                self.pause()
            case _:
                pass

    def _forget(self, seq: int) -> None:
        outbox = self.outbox
        while outbox and (first := next(iter(outbox))) <= seq:
            del outbox[first]

    # --- children ---------------------------------------------------------------------------------

    def _start_child(self, start: t.StartChild) -> None:
        now = self._clock.now
        first = self._disk.checkpoints.get(start.checkpoint, 0) if start.checkpoint else 0
        child = Child(start, self.fates(start), first, now)
        self._look_beside(start, child)
        if start.parts:
            self._look_at_parts(start, first)
        self.children[start.ref] = child
        self.observer.began(self.name, child, now)
        self.observer.resumed(start, child)
        if self.options.start_s:
            self._later(child, self._began, self.options.start_s)
        else:
            self._began(child)

    def _look_at_parts(self, start: t.StartChild, first: int) -> None:
        """What is merged must be every sample of the frame, once."""
        assert isinstance(start.work, KernelWork)
        at = first * start.work.samples_per_pass
        for begin, samples in sorted(map(part_range, start.parts)):
            if begin != at:
                self.faults.append(f"{start.ref} merges from sample {begin}, and has {at}")
            at = begin + samples
        if at != start.work.samples:
            self.faults.append(f"{start.ref} merges {at} samples of {start.work.samples}")

    def _look_beside(self, start: t.StartChild, child: Child) -> None:
        for other in self.children.values() if not start.cores else ():
            if overlaps(other.devices, child.devices) and not (other.cores and child.cores):
                self.faults.append(
                    f"{start.ref} starts on device {start.device} beside {other.ref}"
                )

    def _began(self, child: Child) -> None:
        child.begun_at = self._clock.now
        self._soon.append(t.ChildStarted(child.ref))
        fate, seconds = child.fate, child.left_s
        if fate.ending == "hang":
            child.is_hung = True
        elif fate.ending == "ready":
            self._later(child, self._ready, seconds)
        elif fate.ending == "fail":
            self._later(child, self._fail, seconds)
        else:
            self._later(child, lambda _: self.crash_and_restart(), seconds)
        if not self.options.is_steady:
            self._tell_progress(child, seconds)
        elif 0 < self.options.tell_s < seconds:
            self._later(child, self._tell_passes, self.options.tell_s)

    def _tell_progress(self, child: Child, seconds: float) -> None:
        for part in range(1, PROGRESS_PARTS):
            progress = t.ChildProgress(child.ref, part, PROGRESS_PARTS)
            at = seconds * part / PROGRESS_PARTS
            self._later(child, lambda _, event=progress: self._soon.append(event), at)

    def _tell_passes(self, child: Child) -> None:
        """Of one that takes long: how far it is, now and again."""
        passes = child.passes_at(self._clock.now)
        self._soon.append(t.ChildProgress(child.ref, passes, child.passes))
        self._later(child, self._tell_passes, self.options.tell_s)

    def _later(self, child: Child, do: Callable[[Child], object], seconds: float) -> None:
        """Do something to a child if it is still there; a stopped one does it when it goes on."""

        def run() -> None:
            if child.is_gone:
                return
            if self.is_paused:
                self._pending.append(run)
                return
            do(child)
            self._take()

        self._clock.after(seconds, run)

    def unhang(self) -> None:
        for child in list(self.children.values()):
            if child.is_hung:
                child.is_hung = False
                self._later(child, self._ready, 0.1)

    def _ready(self, child: Child) -> None:
        if not child.is_dying:
            child.is_ready = True
            self.observer.rendered(child, self._clock.now)
            self._soon.append(t.ChildReady(child.ref, child.files))

    def _publish(self, ref: m.AttemptRef, deadline: float) -> None:
        child = self.children.get(ref)
        if child is None:
            return
        child.deadline = deadline
        if self.options.is_steady:
            self._later(child, self._rename, self.options.rename_s)
        else:
            self._later(child, self._rename, self._rng.expovariate(1 / self.options.rename_s))

    def _rename(self, child: Child) -> None:
        if child.is_dying and self._rng.random() < 0.5:
            return
        if self._clock.now >= child.deadline:
            self._ready(child)
            return
        self._disk.rename(child.ref, self.name)
        self._gone(child, "done")
        wall_s = self._clock.now - child.started_at
        usage = m.Usage(wall_s=wall_s, samples=(child.passes - child.first) * child.pass_samples)
        self._soon.append(t.ChildDone(child.ref, child.files, usage))

    def _fail(self, child: Child) -> None:
        if not child.is_dying:
            self._gone(child, "failed")
            self._soon.append(t.ChildFailed(child.ref, child.fate.cause, "It broke.", USAGE))

    def _ask_to_yield(self, ref: m.AttemptRef) -> None:
        """A kernel ends the pass that it is in; a command goes on."""
        child = self.children.get(ref)
        if child is not None and child.is_kernel:
            into = (self._clock.now - child.begun_at) % child.pass_s if child.pass_s else 0.0
            self._later(child, self._yield, max(0.0, child.pass_s - into))

    def _yield(self, child: Child) -> None:
        passes = child.passes_at(self._clock.now)
        if child.is_ready or child.is_dying or (passes >= child.passes and not child.is_hung):
            return
        path = f"/c/{child.ref.step}.{child.ref.task}.{child.ref.epoch}" if passes else ""
        if path:
            self._disk.checkpoints[path] = passes
            self.observer.yielded(child, path, passes)
        self._gone(child, "yielded")
        self._soon.append(t.ChildYielded(child.ref, path, passes, USAGE))

    def _kill(self, ref: m.AttemptRef) -> None:
        child = self.children.get(ref)
        if child is None:
            self._clock.after(0.1, lambda: self._take(t.ChildKilled(ref, USAGE)))
            return
        child.is_dying = True
        is_slow = self._rng.random() < self.options.slow_kills
        self._later(child, self._died, self._rng.uniform(*SLOW_KILL_S) if is_slow else KILL_S)

    def _died(self, child: Child) -> None:
        self._gone(child, "killed")
        self._soon.append(t.ChildKilled(child.ref, USAGE))

    def _gone(self, child: Child, outcome: Outcome) -> None:
        child.is_gone = True
        self.children.pop(child.ref, None)
        self.observer.ended(self.name, child, outcome, self._clock.now)
