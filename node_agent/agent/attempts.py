"""The life of an attempt on a node: its states and every legal move, as one table.

PURE. ``session`` applies the table and adds the effects. A cue that a state does not list is ignored:
orders and outcomes cross on the wire, so a late one is no mistake (a kill arrives when the work is
done, a second ending after the first).
"""

from __future__ import annotations

import enum

from node_agent.wire.job import Work
from node_agent.wire.messages import Assign, AttemptRef, OutputFile

FOREVER = float("inf")


class AttemptState(enum.Enum):
    """Where an attempt stands."""

    # By identity, in C: the table is asked at every step of every attempt.
    __hash__ = object.__hash__

    WAITING = "waiting"
    """Its device still holds another attempt; nothing was started."""
    ASSIGNED = "assigned"
    """The child was told to start."""
    RUNNING = "running"
    READY = "ready"
    """Its output is whole under temporary names; the grant was asked for."""
    PUBLISHING = "publishing"
    """The child may rename until the grant's deadline."""
    YIELDING = "yielding"
    """Asked to stop with a checkpoint; it may also finish."""
    KILLING = "killing"
    """The kill is ordered and will be reported."""
    EXPIRING = "expiring"
    """It took too long, or showed no life: the agent kills it, and it has failed."""
    DISCARDING = "discarding"
    """The kill is ordered and nothing will be reported: the dispatcher knows a newer epoch."""
    ENDED = "ended"
    """Its report is in the outbox and not acknowledged; the device is free."""
    GONE = "gone"
    """Forgotten."""


class Cue(enum.Enum):
    """What moves an attempt."""

    __hash__ = object.__hash__

    DEVICE_FREE = "device free"
    STARTED = "started"
    READY = "ready"
    GRANT = "grant"
    DONE = "done"
    FAILED = "failed"
    YIELDED = "yielded"
    KILLED = "killed"
    REVOKE_YIELD = "revoke, yield"
    REVOKE_KILL = "revoke, kill"
    STALE = "stale"
    TIMED_OUT = "timed out"
    ACKNOWLEDGED = "acknowledged"


_S, _C = AttemptState, Cue

_ENDINGS = {
    _C.DONE: _S.ENDED,
    _C.FAILED: _S.ENDED,
    _C.YIELDED: _S.ENDED,
    _C.KILLED: _S.ENDED,
}
_ORDERS = {_C.REVOKE_KILL: _S.KILLING, _C.STALE: _S.DISCARDING}
_WORKS = {**_ENDINGS, **_ORDERS, _C.TIMED_OUT: _S.EXPIRING}

TRANSITIONS: dict[AttemptState, dict[Cue, AttemptState]] = {
    _S.WAITING: {
        _C.DEVICE_FREE: _S.ASSIGNED,
        _C.REVOKE_YIELD: _S.ENDED,
        _C.REVOKE_KILL: _S.ENDED,
        _C.STALE: _S.GONE,
    },
    _S.ASSIGNED: {
        **_WORKS,
        _C.STARTED: _S.RUNNING,
        _C.READY: _S.READY,
        _C.REVOKE_YIELD: _S.YIELDING,
    },
    _S.RUNNING: {**_WORKS, _C.READY: _S.READY, _C.REVOKE_YIELD: _S.YIELDING},
    _S.YIELDING: {**_WORKS, _C.READY: _S.READY},
    # A yield is ignored from here on: the device comes free sooner with the result than without.
    _S.READY: {**_ENDINGS, **_ORDERS, _C.GRANT: _S.PUBLISHING},
    _S.PUBLISHING: {
        **_ENDINGS,
        **_ORDERS,
        _C.GRANT: _S.PUBLISHING,
        _C.READY: _S.READY,  # the deadline passed before the rename
    },
    _S.KILLING: {**_ENDINGS, _C.STALE: _S.DISCARDING},
    _S.EXPIRING: {**_ENDINGS, **_ORDERS},
    _S.DISCARDING: {
        _C.DONE: _S.GONE,
        _C.FAILED: _S.GONE,
        _C.YIELDED: _S.GONE,
        _C.KILLED: _S.GONE,
    },
    _S.ENDED: {_C.ACKNOWLEDGED: _S.GONE},
    _S.GONE: {},
}

HOLDS_DEVICE = frozenset(
    {
        _S.ASSIGNED,
        _S.RUNNING,
        _S.READY,
        _S.PUBLISHING,
        _S.YIELDING,
        _S.KILLING,
        _S.EXPIRING,
        _S.DISCARDING,
    }
)
"""States in which a child works on the attempt or is being killed."""

ENDABLE = frozenset({_S.WAITING, _S.ASSIGNED, _S.RUNNING, _S.READY, _S.PUBLISHING, _S.YIELDING})
"""States from which the agent may order a kill."""

TIMED = frozenset({_S.ASSIGNED, _S.RUNNING, _S.YIELDING})
"""States whose time is limited; a whole frame that waits for its grant is not late."""


class Attempt:
    """What the session remembers of one attempt."""

    __slots__ = (
        "ask_at",
        "assign",
        "claims",
        "disowned",
        "done",
        "files",
        "granted",
        "lively_at",
        "number",
        "seq",
        "started_at",
        "state",
        "verdict",
        "work",
    )

    def __init__(
        self, assign: Assign, work: Work | None, number: int, claims: dict[int, int]
    ) -> None:
        self.assign = assign
        self.claims = claims
        """What it takes of each device while it holds them, in the device's units."""
        self.work = work
        """None for an attempt of the agent's previous incarnation."""
        self.number = number
        """Order of arrival, from 1: tells what a Hello could not yet name."""
        self.state = AttemptState.WAITING
        self.seq = 0
        """Of its latest reliable report; 0 before the first."""
        self.files: list[OutputFile] = []
        """READY and after: what the child holds under temporary names."""
        self.ask_at = 0.0
        """READY: when to ask again, should no grant come."""
        self.started_at = FOREVER
        """When its time began to count."""
        self.lively_at = FOREVER
        """Its last sign of life: a line of its log, or a step forward."""
        self.done = 0
        """Parts done, as it said last."""
        self.verdict = ""
        """EXPIRING: why it is killed, for people."""
        self.granted = False
        self.disowned = False
        """ENDED: the dispatcher said Stale; no longer named as running."""

    def timeout_at(self) -> float:
        """When its time is over, unless it ends or shows life before."""
        work = self.work
        if work is None or self.state not in TIMED:
            return FOREVER
        whole = self.started_at + work.timeout_s if work.timeout_s else FOREVER
        return min(whole, self.lively_at + work.stuck_s if work.stuck_s else FOREVER)

    def judge(self, now: float) -> bool:
        """Whether its time is over; writes down why."""
        work = self.work
        if work is None or now < self.timeout_at():
            return False
        if work.timeout_s and now >= self.started_at + work.timeout_s:
            self.verdict = f"It ran longer than the {work.timeout_s:g} s that its step may take."
        else:
            self.verdict = f"It was stuck: no log line and no progress for {work.stuck_s:g} s."
        return True

    @property
    def ref(self) -> AttemptRef:
        """The attempt's name on the wire."""
        return self.assign.ref

    @property
    def device(self) -> int:
        """Index of its device."""
        return self.assign.device
