"""The attempts of a node and the devices that they hold: applies the table of moves.

PURE. Says which moves were made; what they mean for children and reports is the session's.

A device is counted in units: the cores of a ``cpu`` device, one for a GPU. An attempt claims some of one
device or all of several, and holds them while a child works on it. What does not fit waits behind those
who are on their way out; who came first is first, so that a large task is not passed by for ever.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from node_agent.agent.attempts import (
    ENDABLE,
    HOLDS_DEVICE,
    TRANSITIONS,
    Attempt,
    AttemptState,
    Cue,
)
from node_agent.wire.job import Work
from node_agent.wire.messages import Assign, AttemptRef, DeviceInfo

_S = AttemptState


class Move(NamedTuple):
    """One move that was made; ``attempt.state`` is where it led."""

    attempt: Attempt
    before: AttemptState
    cue: Cue


class Roster:
    """Each device is held up to its units, and as much again may wait for it."""

    def __init__(self, devices: Sequence[DeviceInfo] = ()) -> None:
        self._units = [max(1, d.cores) if d.kind == "cpu" else 1 for d in devices]
        self._shared = [d.kind == "cpu" for d in devices]
        self._attempts: dict[AttemptRef, Attempt] = {}
        self._holders: dict[AttemptRef, Attempt] = {}
        self._waiting: dict[AttemptRef, Attempt] = {}
        self._held: Counter[int] = Counter()
        self.arrivals = 0

    def __len__(self) -> int:
        return len(self._attempts)

    def get(self, ref: AttemptRef) -> Attempt | None:
        """The attempt of this name, unless it is gone."""
        return self._attempts.get(ref)

    def everyone(self) -> list[Attempt]:
        """All attempts in order of arrival; a copy, so that moves may be made meanwhile."""
        return list(self._attempts.values())

    def holders(self) -> Iterable[Attempt]:
        """Attempts that a child works on or that are being killed."""
        return self._holders.values()

    def ready(self) -> list[Attempt]:
        """Attempts that wait for a grant."""
        return [attempt for attempt in self._holders.values() if attempt.state is _S.READY]

    def has_endable(self) -> bool:
        """Whether a kill of everything would kill anything."""
        return any(attempt.state in ENDABLE for attempt in self._attempts.values())

    def running(self) -> list[AttemptRef]:
        """Attempts whose outcome the dispatcher has neither acknowledged nor disowned."""
        attempts = self._attempts.values()
        return [a.ref for a in attempts if a.state is not _S.DISCARDING and not a.disowned]

    # --- devices --------------------------------------------------------------------------------------

    def claims(self, assign: Assign) -> dict[int, int]:
        """Units of each device that the assignment takes. Only the cores can be divided."""
        wanted = {device: self._units[device] for device in (assign.device, *assign.more_devices)}
        if self._shared[assign.device] and assign.cores:
            wanted[assign.device] = min(assign.cores, self._units[assign.device])
        return wanted

    def fault(self, assign: Assign) -> str:
        """Why this node cannot take it at all, as a sentence; '' where it can."""
        devices = (assign.device, *assign.more_devices)
        for device in devices:
            if not 0 <= device < len(self._units):
                return f"Device {device} is not one of this node's {len(self._units)}."
        return "" if len(set(devices)) == len(devices) else "A device is named twice."

    def is_full(self, assign: Assign) -> bool:
        """Whether it may not even wait: as much as its devices hold waits for them already."""
        waiting = Counter[int]()
        for attempt in self._waiting.values():
            waiting.update(attempt.claims)
        claims = self.claims(assign).items()
        return any(waiting[device] + units > self._units[device] for device, units in claims)

    def add_ended(self, assign: Assign) -> Attempt:
        """Take up an attempt that has only its report left."""
        attempt = self._add(assign, None, {})
        attempt.state = _S.ENDED
        return attempt

    def add_waiting(self, assign: Assign, work: Work) -> Attempt:
        """Take up an attempt; ``fill`` starts it when its devices are free."""
        attempt = self._add(assign, work, self.claims(assign))
        self._waiting[assign.ref] = attempt
        return attempt

    def _add(self, assign: Assign, work: Work | None, claims: dict[int, int]) -> Attempt:
        self.arrivals += 1
        attempt = Attempt(assign, work, self.arrivals, claims)
        self._attempts[assign.ref] = attempt
        return attempt

    def move(self, attempt: Attempt, cue: Cue) -> list[Move]:
        """Apply the table; empty where the cue means nothing to this state. What comes free moves
        what waits for it."""
        before, after = attempt.state, TRANSITIONS[attempt.state].get(cue)
        if after is None:
            attempt.disowned = attempt.disowned or cue is Cue.STALE
            return []
        attempt.state = after
        moves = [Move(attempt, before, cue)]
        if after is _S.GONE:
            del self._attempts[attempt.ref]
        if before is _S.WAITING:
            del self._waiting[attempt.ref]
        if before not in HOLDS_DEVICE and after in HOLDS_DEVICE:
            self._holders[attempt.ref] = attempt
            self._held.update(attempt.claims)
        elif before in HOLDS_DEVICE and after not in HOLDS_DEVICE:
            del self._holders[attempt.ref]
            self._held.subtract(attempt.claims)
        elif before is not _S.WAITING:
            return moves
        return moves + self.fill()

    def fill(self) -> list[Move]:
        """Give what is free to what waits for it."""
        attempt = self._next()
        return self.move(attempt, Cue.DEVICE_FREE) if attempt is not None else []

    def _next(self) -> Attempt | None:
        """The first that fits, unless one before it waits for the same device."""
        wanted: set[int] = set()
        for attempt in self._waiting.values():
            if wanted.isdisjoint(attempt.claims) and self._fits(attempt):
                return attempt
            wanted.update(attempt.claims)
        return None

    def _fits(self, attempt: Attempt) -> bool:
        claims = attempt.claims.items()
        return all(self._held[device] + units <= self._units[device] for device, units in claims)

    def check_invariants(self) -> None:
        """Raise AssertionError where two parts of the state contradict each other."""
        held = Counter[int]()
        for ref, attempt in self._attempts.items():
            state = attempt.state
            assert ref == attempt.ref
            assert state is not _S.GONE, ref
            assert (ref in self._holders) == (state in HOLDS_DEVICE), (ref, state)
            assert (ref in self._waiting) == (state is _S.WAITING), (ref, state)
            held.update(attempt.claims if state in HOLDS_DEVICE else {})
        assert +held == +self._held, (held, self._held)
        assert all(units <= self._units[device] for device, units in held.items()), held
        assert self._next() is None, "a device idles"
        for refs in (self._holders, self._waiting):
            assert refs.keys() <= self._attempts.keys()
