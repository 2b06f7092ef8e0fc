"""A node: the real AgentSession, a durable outbox, and children that finish, fail, hang or are slow."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from node_agent.agent import session_types as t
from node_agent.agent.session import AgentSession
from node_agent.wire import messages as m
from node_agent.wire.job import KernelWork
from tests.simulation.clock import Clock
from tests.simulation.disk import Disk
from tests.simulation.network import Link
from tests.simulation.options import Options

GPU = m.DeviceInfo(kind="cuda", name="card", memory_bytes=24 << 30)
CPU = m.DeviceInfo(kind="cpu", name="cores", memory_bytes=64 << 30, cores=16)
USAGE = m.Usage(wall_s=1.0)


@dataclass
class Child:
    """A process that works on an attempt. ``life`` counts what may still happen to it."""

    ref: m.AttemptRef
    device: int
    is_kernel: bool
    first: int
    paths: list[str]
    deadline: float = 0.0
    is_ready: bool = False
    is_hung: bool = False
    is_dying: bool = False
    is_gone: bool = False


class Agent:
    """One node through all the lives of its agent."""

    def __init__(
        self, name: str, key: str, clock: Clock, rng: Random, options: Options, disk: Disk
    ) -> None:
        self.name, self.key = name, key
        self._clock, self._rng, self._options, self._disk = clock, rng, options, disk
        self.link = Link(clock, rng, options)
        self.link.down.deliver = lambda message: self._take(t.FromDispatcher(message))
        self.link.on_up = lambda: self._take(t.LinkUp())
        self.outbox: dict[int, m.Reliable] = {}
        self.children: dict[m.AttemptRef, Child] = {}
        self.session: AgentSession | None = None
        self.is_paused = False
        self.life = 0
        self._ticks_at: float | None = None
        self._pending: deque[Any] = deque()
        self.faults: list[str] = []
        self.trace: Callable[[str], None] = lambda _: None

    # --- life -------------------------------------------------------------------------------------

    def start(self) -> None:
        self.life += 1
        self.trace(f"{self.name} starts, life {self.life}")
        devices = [GPU] * (self._options.devices - 1) + [CPU]
        self.session = AgentSession(
            t.SessionConfig(
                name=self.name,
                incarnation=f"{self.life:016x}",
                version="0.1.0",
                devices=devices,
                kernels=["pathtracer"],
            )
        )
        backlog, self.outbox = list(self.outbox.values()), {}
        self._ticks_at = None
        self._take(t.Begin(backlog=backlog))

    def crash(self) -> None:
        """Kill -9 of the agent: its children die with it, its outbox is on the disk."""
        self.trace(f"{self.name} crashes")
        self.session = None
        self.is_paused = False
        self._pending.clear()
        for child in self.children.values():
            child.is_gone = True
        self.children.clear()
        self.link.forget()

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

    # --- the session ------------------------------------------------------------------------------

    def _take(self, event: t.SessionEvent) -> None:
        if self.session is None:
            return
        if self.is_paused:
            session = self.session
            self._pending.append(lambda: self._take(event) if session is self.session else None)
            return
        session = self.session
        actions = session.handle(event, self._clock.now)
        session.check_invariants()
        for action in actions:
            self._do(action)
        if self.session is session:
            self._arm()

    def _arm(self) -> None:
        assert self.session
        deadline = self.session.next_deadline()
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
                self.link.to_dispatcher(message)
            case t.Keep(message):
                self.outbox[message.seq] = message
            case t.Forget(seq):
                self.outbox = {n: report for n, report in self.outbox.items() if n > seq}
            case t.StartChild():
                self._start_child(action)
            case t.PublishChild(ref, deadline):
                self._publish(ref, deadline)
            case t.YieldChild(ref):
                self._later(ref, self._yield)
            case t.KillChild(ref):
                self._kill(ref)
            case t.Stop():
                self.trace(f"{self.name} ends: {action.sentence}")
                self.session = None
                for child in self.children.values():
                    child.is_gone = True
                self.children.clear()
            case _:
                pass

    # --- children ---------------------------------------------------------------------------------

    def _start_child(self, start: t.StartChild) -> None:
        rng, options = self._rng, self._options
        others = [c for c in self.children.values() if c.device == start.device and not c.is_gone]
        if others and not start.cores:
            self.faults.append(
                f"{start.ref} starts on device {start.device} beside {others[0].ref}"
            )
        paths = [f"/out/{start.ref.step}.{frame}" for frame in start.frames.numbers()]
        is_kernel = isinstance(start.work, KernelWork)
        child = Child(start.ref, start.device, is_kernel, start.first_sample, paths)
        self.children[start.ref] = child
        self._later(start.ref, lambda c: self._take(t.ChildStarted(c.ref)), 0.05)
        if rng.random() < options.hangs:
            child.is_hung = True
            return
        seconds = rng.expovariate(1 / options.frame_s)
        for part in (1, 2, 3):
            progress = t.ChildProgress(start.ref, part, 4)
            self._later(start.ref, lambda _, event=progress: self._take(event), seconds * part / 4)
        if rng.random() < options.fails:
            self._later(start.ref, self._fail, seconds)
        elif rng.random() < options.crashes:
            self._later(start.ref, lambda _: self.crash_and_restart(), seconds)
        else:
            self._later(start.ref, self._ready, seconds)

    def _later(self, ref: m.AttemptRef, do: Callable[[Child], None], seconds: float = 0.1) -> None:
        """Do something to a child if it is still there; a stopped one does it when it goes on."""
        child = self.children.get(ref)

        def run() -> None:
            if child is None or child.is_gone:
                return
            if self.is_paused:
                self._pending.append(run)
            else:
                do(child)

        self._clock.after(seconds, run)

    def crash_and_restart(self) -> None:
        self.crash()
        self._clock.after(self._rng.uniform(0.5, 60), self.revive)

    def revive(self) -> None:
        if self.session is None:
            self.start()

    def unhang(self) -> None:
        for child in list(self.children.values()):
            if child.is_hung:
                child.is_hung = False
                self._later(child.ref, self._ready)

    def _files(self, child: Child) -> list[m.OutputFile]:
        return [m.OutputFile(path, child.ref.epoch, f"{child.ref.epoch}") for path in child.paths]

    def _ready(self, child: Child) -> None:
        if child.is_dying:
            return
        child.is_ready = True
        self._take(t.ChildReady(child.ref, self._files(child)))

    def _publish(self, ref: m.AttemptRef, deadline: float) -> None:
        child = self.children.get(ref)
        if child:
            child.deadline = deadline
            self._later(ref, self._rename, self._rng.expovariate(1 / 0.5))

    def _rename(self, child: Child) -> None:
        if child.is_dying and self._rng.random() < 0.5:
            return
        if self._clock.now >= child.deadline:
            self._ready(child)
            return
        self._disk.rename(child.ref, child.paths, self.name)
        self._gone(child)
        self._take(t.ChildDone(child.ref, self._files(child), USAGE))

    def _fail(self, child: Child) -> None:
        if not child.is_dying:
            self._gone(child)
            cause = self._rng.choice(["crash", "environment", "output", "user"])
            self._take(t.ChildFailed(child.ref, cause, "It broke.", USAGE))

    def _yield(self, child: Child) -> None:
        if child.is_kernel and not child.is_ready and not child.is_dying:
            self._gone(child)
            self._take(t.ChildYielded(child.ref, f"/c/{child.ref.task}", child.first + 3, USAGE))

    def _kill(self, ref: m.AttemptRef) -> None:
        child = self.children.get(ref)
        if child is None:
            self._clock.after(0.1, lambda: self._take(t.ChildKilled(ref, USAGE)))
            return
        child.is_dying = True
        is_slow = self._rng.random() < self._options.slow_kills
        self._later(ref, self._died, self._rng.uniform(5, 40) if is_slow else 0.2)

    def _died(self, child: Child) -> None:
        self._gone(child)
        self._take(t.ChildKilled(child.ref, USAGE))

    def _gone(self, child: Child) -> None:
        child.is_gone = True
        self.children.pop(child.ref, None)
