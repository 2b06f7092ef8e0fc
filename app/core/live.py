"""What the dispatcher knows and does not keep: sessions, devices, attempts and their leases.

PURE. Lost at a restart on purpose: agents tell it again by Hello. Durable facts of a running attempt
(node, device, start) are in its step; an ``Attempt`` here adds what is only true for now.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush

from app.core.ready import View
from app.core.transitions import ATTEMPTS, NODES, Link, Phase, judge
from node_agent.wire.messages import AttemptRef, DeviceInfo, Hello

TaskKey = tuple[int, int]
"""(step, task)."""


@dataclass(slots=True)
class Attempt:
    """One try that a node works on, as far as is known."""

    ref: AttemptRef
    node: int
    device: int
    kind: str
    """Of the device: 'cpu' or 'cuda'; '' after a restart until its agent says Hello."""
    started_at: float
    """Unix seconds."""
    lease_until: float
    """Monotonic."""
    sent_at: float
    klass: int = -1
    """Of its step: what it counts for while it holds its device."""
    phase: Phase = Phase.SENT
    is_asked: bool = False
    """To yield."""
    is_counted: bool = False
    done: int = 0
    parts: int = 0

    @property
    def progress(self) -> float:
        return min(1.0, max(0.0, self.done / self.parts)) if self.parts > 0 else 0.0

    def enter(self, phase: Phase) -> None:
        if phase is not self.phase:
            judge(ATTEMPTS, self.phase, phase)
            self.phase = phase


@dataclass(slots=True)
class Slot:
    """A device of a session and what lies on it; ``attempt`` may be CLOSING, its task long elsewhere."""

    node: int
    device: int
    info: DeviceInfo
    attempt: Attempt | None = None
    view: View | None = None
    """What it can serve, as of when somebody looked."""


@dataclass(slots=True)
class Session:
    """One life of an agent, from its Hello on."""

    node: int
    hello: Hello
    slots: list[Slot]
    link: Link
    seen_mono: float
    seen_wall: float
    described: set[int] = field(default_factory=set[int])
    away: str = ""
    """Why the node takes no work of its own accord; '': it does."""

    def enter(self, link: Link) -> None:
        judge(NODES, self.link, link)
        self.link = link

    @property
    def life(self) -> tuple[int, str]:
        """(node, incarnation)."""
        return self.node, self.hello.incarnation

    @property
    def is_online(self) -> bool:
        return self.link is Link.ONLINE


class Live:
    """All sessions and attempts, and the heap of moments at which one may be over."""

    def __init__(self) -> None:
        # The newest session of each node, lost and ended ones included (their rows still show devices).
        self.sessions: dict[int, Session] = {}
        # Highest reliable seq handled, by node and incarnation, older ones included: an agent that
        # was taken for dead may come back. The first report of an unknown one sets it: should an
        # earlier one have been lost (a frame is rendered twice then), that beats refusing for ever.
        self.acked: dict[tuple[int, str], int] = {}
        # Exactly the tasks in RUNNING or PUBLISHING.
        self.attempts: dict[TaskKey, Attempt] = {}
        # Devices of sessions online with nothing on them.
        self.idle: dict[tuple[int, int], Slot] = {}
        # Those of them to offer work at the next placement.
        self.hungry: dict[tuple[int, int], Slot] = {}
        # (moment, kind, number, number, number): checked when due, and put back when since renewed.
        self._moments: list[tuple[float, int, int, int, int]] = []
        # Tasks cancelled while they published: until then their old grant may still be used.
        self.granted_until: dict[TaskKey, float] = {}
        # Attempts that hold a device, or may, by class: what limits and shares count.
        self.held: dict[int, int] = {}
        # Classes in which that changed since the gates were set.
        self.touched: set[int] = set()
        # Whether devices, limits or shares changed since.
        self.gates_stale = True
        # Projects whose budget is used up, so that they get nothing more: see ``budgets``.
        self.spent: set[str] = set()
        # How each project with a budget stands: 'ok', 'warned' or 'over'.
        self.budget_states: dict[str, str] = {}
        # Whether a moment to look at budgets is set.
        self.is_metering = False
        # Attempts of each node, so that losing one does not look at all.
        self.of_node: dict[int, dict[TaskKey, Attempt]] = {}

    def slot(self, node: int, device: int) -> Slot | None:
        """Return the device of the node's present session, if it has one of that number."""
        session = self.sessions.get(node)
        if session and session.is_online and 0 <= device < len(session.slots):
            return session.slots[device]
        return None

    def online(self) -> list[Session]:
        return [session for session in self.sessions.values() if session.is_online]

    def add(self, attempt: Attempt) -> None:
        """Take up an attempt, on its slot where the node has a session, and watch its lease."""
        key = (attempt.ref.step, attempt.ref.task)
        self.attempts[key] = attempt
        self._count(attempt)
        self.of_node.setdefault(attempt.node, {})[key] = attempt
        heappush(self._moments, (attempt.lease_until, LEASE, *key, attempt.ref.epoch))
        if slot := self.slot(attempt.node, attempt.device):
            slot.attempt = attempt
            self.idle.pop((slot.node, slot.device), None)

    def remove(self, attempt: Attempt) -> None:
        """The task is no longer this attempt's; the slot stays as it is (see ``free``)."""
        key = (attempt.ref.step, attempt.ref.task)
        del self.attempts[key]
        del self.of_node[attempt.node][key]
        slot = self.slot(attempt.node, attempt.device)
        if slot is None or slot.attempt is not attempt:
            self._uncount(attempt)

    def _count(self, attempt: Attempt) -> None:
        attempt.is_counted = True
        self.touched.add(attempt.klass)
        self.held[attempt.klass] = self.held.get(attempt.klass, 0) + 1

    def _uncount(self, attempt: Attempt) -> None:
        if attempt.is_counted:
            attempt.is_counted = False
            self.touched.add(attempt.klass)
            self.held[attempt.klass] -= 1

    def free(self, attempt: Attempt) -> None:
        """The device is known to be free of this attempt: offer it work."""
        slot = self.slot(attempt.node, attempt.device)
        if slot and slot.attempt is attempt:
            slot.attempt = None
            self._uncount(attempt)
            self.offer(slot)

    def offer(self, slot: Slot) -> None:
        """The device is idle: let it look for work at the next placement."""
        self.idle[slot.node, slot.device] = self.hungry[slot.node, slot.device] = slot

    def withdraw(self, session: Session) -> None:
        """The session's devices are no longer there."""
        self.gates_stale = True
        for slot in session.slots:
            attempt, slot.attempt = slot.attempt, None
            if attempt and self.attempts.get((attempt.ref.step, attempt.ref.task)) is not attempt:
                self._uncount(attempt)
            self.idle.pop((slot.node, slot.device), None)
            self.hungry.pop((slot.node, slot.device), None)

    def watch_session(self, session: Session, until: float) -> None:
        heappush(self._moments, (until, SILENCE, session.node, 0, 0))

    def due(self, mono: float) -> tuple[int, int, int, int] | None:
        """Pop a moment that has come: (kind, number, number, number)."""
        if self._moments and self._moments[0][0] <= mono:
            return heappop(self._moments)[1:]
        return None

    def again(self, moment: float, what: tuple[int, int, int, int]) -> None:
        """Put back a moment that was renewed since."""
        heappush(self._moments, (moment, *what))

    def next_moment(self) -> float | None:
        return self._moments[0][0] if self._moments else None


LEASE, SILENCE, RESERVED, START = range(4)
"""Kinds of moments: (LEASE, step, task, epoch), (SILENCE, node, 0, 0), (RESERVED, node, 0, 0) for the end of
a reservation and (START, job, 0, 0)."""
BUDGET = 9
"""(BUDGET, 0, 0, 0): time to look at what projects have used."""
