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


NO_CARD = 1 << 62
WHOLE = 1000
"""A whole device, in the unit of shares."""


@dataclass(slots=True, eq=False)
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
    """Of its step: what it counts for while it holds its devices."""
    more: tuple[int, ...] = ()
    """Further devices of the node that it lies on: GPUs, and the cores beside a GPU."""
    cores: int = 0
    """Of the node's ``cpu`` device; 0: all, or none where it lies on GPUs alone."""
    ram_bytes: int = 0
    weight: int = WHOLE
    """What it counts for a project's share, in thousandths of a device."""
    phase: Phase = Phase.SENT
    is_asked: bool = False
    """To yield."""
    is_counted: bool = False
    done: int = 0
    parts: int = 0

    @property
    def progress(self) -> float:
        return min(1.0, max(0.0, self.done / self.parts)) if self.parts > 0 else 0.0

    @property
    def devices(self) -> tuple[int, ...]:
        """All devices that it lies on."""
        return (self.device, *self.more) if self.more else (self.device,)

    def enter(self, phase: Phase) -> None:
        if phase is not self.phase:
            judge(ATTEMPTS, self.phase, phase)
            self.phase = phase


@dataclass(slots=True, eq=False)
class Slot:
    """A device of a session and what lies on it; an attempt may be CLOSING, its task long elsewhere."""

    node: int
    device: int
    info: DeviceInfo
    attempts: list[Attempt] = field(default_factory=list[Attempt])
    """One, or several that share the cores."""
    view: View | None = None
    """What it can serve, as of when somebody looked."""
    # Fields, not properties: every report and every placement asks for them.
    key: tuple[int, int] = field(init=False)
    is_cpu: bool = field(init=False)
    card_bytes: int = field(init=False)
    """The memory of a GPU; of the cores more than any task needs of one."""
    cores: int = field(init=False)

    def __post_init__(self) -> None:
        self.key = (self.node, self.device)
        self.is_cpu = self.info.kind == "cpu"
        self.card_bytes = NO_CARD if self.is_cpu else self.info.memory_bytes
        self.cores = max(1, self.info.cores) if self.is_cpu else 0

    @property
    def free_cores(self) -> int:
        """Cores that nobody has; one that named no number has them all."""
        free = self.cores
        for attempt in self.attempts:
            if not attempt.cores:
                return 0
            free -= attempt.cores
        return free

    @property
    def has_room(self) -> bool:
        return not self.attempts or self.free_cores > 0


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
    idle_since: float = 0.0
    """Monotonic: when it last ran something, as far as was looked, or said Hello."""
    sleep_asked_at: float | None = None
    """Monotonic: when it was told to sleep and has not answered; it gets nothing meanwhile."""
    is_by_hand: bool = False
    """A person put it, or wants it put, to sleep: only a person wakes it."""
    woken_at: float | None = None
    """Monotonic: when it was first told to wake, asleep as it is."""
    slept_at: float = 0.0
    """Monotonic."""

    def enter(self, link: Link) -> None:
        judge(NODES, self.link, link)
        self.link = link

    def attempts(self) -> list[Attempt]:
        """Return what lies on its devices, each once."""
        found = {id(attempt): attempt for slot in self.slots for attempt in slot.attempts}
        return list(found.values())

    def free_ram(self) -> int:
        """Return the bytes of RAM that no attempt reserved."""
        return self.hello.memory_bytes - sum(attempt.ram_bytes for attempt in self.attempts())

    @property
    def life(self) -> tuple[int, str]:
        """(node, incarnation)."""
        return self.node, self.hello.incarnation

    @property
    def is_online(self) -> bool:
        return self.link is Link.ONLINE

    @property
    def is_asleep(self) -> bool:
        return self.link is Link.ASLEEP

    @property
    def is_at_hand(self) -> bool:
        """Tell whether its devices are the farm's: online, or asleep until there is work for them."""
        return self.is_online or (self.is_asleep and not self.is_by_hand)


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
        # Devices of sessions online with nothing on them, or with cores to share.
        self.idle: dict[tuple[int, int], Slot] = {}
        # Those of them to offer work at the next placement.
        self.hungry: dict[tuple[int, int], Slot] = {}
        # (moment, kind, number, number, number): checked when due, and put back when since renewed.
        self._moments: list[tuple[float, int, int, int, int]] = []
        # Tasks cancelled while they published: until then their old grant may still be used.
        self.granted_until: dict[TaskKey, float] = {}
        # Attempts that hold a device, or may, by class: what limits and shares count.
        self.held: dict[int, int] = {}
        # The same in thousandths of a device, for shares.
        self.weights: dict[int, int] = {}
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
        # Running frames that were asked to yield so that they can be split, and the seconds that they still take.
        self.to_split: dict[TaskKey, float] = {}
        self.is_split_armed = False
        # Whether a moment is set to look for nodes that idle long enough to be put to sleep.
        self.is_sleep_armed = False
        # Nodes asleep that work may wake, and whether something came that they could do.
        self.resting: dict[int, Session] = {}
        self.resting_stale = False
        # Attempts of each node, so that losing one does not look at all.
        self.of_node: dict[int, dict[TaskKey, Attempt]] = {}

    def slot(self, node: int, device: int) -> Slot | None:
        """Return the device of the node's present session, if it has one of that number."""
        session = self.sessions.get(node)
        if session and session.link is Link.ONLINE and 0 <= device < len(session.slots):
            return session.slots[device]
        return None

    def online(self) -> list[Session]:
        return [session for session in self.sessions.values() if session.is_online]

    def at_hand(self) -> list[Session]:
        """Return the sessions whose devices are the farm's: online, or asleep until there is work."""
        return [session for session in self.sessions.values() if session.is_at_hand]

    def add(self, attempt: Attempt) -> None:
        """Take up an attempt, on its slot where the node has a session, and watch its lease."""
        key = (attempt.ref.step, attempt.ref.task)
        self.attempts[key] = attempt
        self._count(attempt)
        self.of_node.setdefault(attempt.node, {})[key] = attempt
        heappush(self._moments, (attempt.lease_until, LEASE, *key, attempt.ref.epoch))
        for slot in self.slots_of(attempt):
            self.put(slot, attempt)

    def put(self, slot: Slot, attempt: Attempt) -> None:
        """Lay an attempt on a device."""
        slot.attempts.append(attempt)
        if not slot.has_room:
            self.idle.pop(slot.key, None)

    def slots_of(self, attempt: Attempt) -> list[Slot]:
        """Return the attempt's devices, as far as its node's present session has them."""
        if not attempt.more:
            slot = self.slot(attempt.node, attempt.device)
            return [slot] if slot else []
        slots = [self.slot(attempt.node, device) for device in attempt.devices]
        return [slot for slot in slots if slot]

    def lies(self, attempt: Attempt) -> bool:
        """Tell whether the attempt is on a device now."""
        if not attempt.more:
            slot = self.slot(attempt.node, attempt.device)
            return slot is not None and attempt in slot.attempts
        return any(attempt in slot.attempts for slot in self.slots_of(attempt))

    def remove(self, attempt: Attempt) -> None:
        """The task is no longer this attempt's; the devices stay as they are (see ``free``)."""
        key = (attempt.ref.step, attempt.ref.task)
        del self.attempts[key]
        del self.of_node[attempt.node][key]
        if not self.lies(attempt):
            self._uncount(attempt)

    def _count(self, attempt: Attempt) -> None:
        attempt.is_counted = True
        self._add(attempt.klass, 1, attempt.weight)

    def _uncount(self, attempt: Attempt) -> None:
        if attempt.is_counted:
            attempt.is_counted = False
            self._add(attempt.klass, -1, -attempt.weight)

    def _add(self, klass: int, count: int, weight: int) -> None:
        self.held[klass] = self.held.get(klass, 0) + count
        self.weights[klass] = self.weights.get(klass, 0) + weight
        self.touched.add(klass)

    def weigh(self, attempt: Attempt, weight: int) -> None:
        """Say what an attempt counts for shares, where that was not known."""
        if attempt.is_counted:
            self._add(attempt.klass, 0, weight - attempt.weight)
        attempt.weight = weight

    def free(self, attempt: Attempt) -> None:
        """The devices are known to be free of this attempt: offer them work."""
        for slot in self.slots_of(attempt):
            if attempt in slot.attempts:
                slot.attempts = [other for other in slot.attempts if other is not attempt]
                self._uncount(attempt)
                self.offer(slot)
                if slot.is_cpu or attempt.ram_bytes:
                    self._offer_beside(slot)

    def offer(self, slot: Slot) -> None:
        """The device has room: let it look for work at the next placement."""
        self.idle[slot.key] = self.hungry[slot.key] = slot

    def _offer_beside(self, slot: Slot) -> None:
        """Cores or RAM came free: other devices of the node may have waited for that."""
        for other in self.sessions[slot.node].slots:
            if other.key in self.idle:
                self.hungry[other.key] = other

    def withdraw(self, session: Session) -> None:
        """The session's devices are no longer there."""
        self.gates_stale = True
        for slot in session.slots:
            lying, slot.attempts = slot.attempts, []
            for attempt in lying:
                if self.attempts.get((attempt.ref.step, attempt.ref.task)) is not attempt:
                    self._uncount(attempt)
            self.idle.pop(slot.key, None)
            self.hungry.pop(slot.key, None)

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


LEASE, SILENCE, RESERVED, START, HOLD, SPLIT = range(6)
"""Kinds of moments: (LEASE, step, task, epoch), (SILENCE, node, 0, 0), (RESERVED, node, 0, 0) for the end of a
reservation, (START, job, 0, 0) and (HOLD, class, 0, 0) to see whether large tasks of a class still wait; (SPLIT, 0, 0, 0) to
look whether running frames can be split."""
BUDGET = 9
"""(BUDGET, 0, 0, 0): time to look at what projects have used."""
IDLE, WAKE = 10, 11
"""(IDLE, 0, 0, 0): time to look which nodes idle; (WAKE, node, 0, 0): whether it woke."""
