"""The attempts of a node and the devices that they hold: applies the table of moves.

PURE. Says which moves were made; what they mean for children and reports is the session's.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
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
from node_agent.wire.messages import Assign, AttemptRef

WAITING_MAX = 1
"""One task a device may wait behind the running one."""

_S = AttemptState


class Move(NamedTuple):
    """One move that was made; ``attempt.state`` is where it led."""

    attempt: Attempt
    before: AttemptState
    cue: Cue


class Roster:
    """Each device has at most one holder and ``WAITING_MAX`` attempts behind it."""

    def __init__(self) -> None:
        self._attempts: dict[AttemptRef, Attempt] = {}
        self._holders: dict[int, Attempt] = {}
        self._waiting: dict[int, deque[Attempt]] = {}
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

    def is_full(self, device: int) -> bool:
        """Whether another attempt may not even wait for this device."""
        return len(self._waiting.get(device, ())) >= WAITING_MAX

    def add_ended(self, assign: Assign) -> Attempt:
        """Take up an attempt that has only its report left."""
        attempt = self._add(assign, None)
        attempt.state = _S.ENDED
        return attempt

    def add_waiting(self, assign: Assign, work: Work) -> Attempt:
        """Take up an attempt; ``fill`` starts it when its device is free."""
        attempt = self._add(assign, work)
        self._waiting.setdefault(attempt.device, deque()).append(attempt)
        return attempt

    def _add(self, assign: Assign, work: Work | None) -> Attempt:
        self.arrivals += 1
        attempt = Attempt(assign, work, self.arrivals)
        self._attempts[assign.ref] = attempt
        return attempt

    def move(self, attempt: Attempt, cue: Cue) -> list[Move]:
        """Apply the table; empty where the cue means nothing to this state. A device that comes free
        moves what waits for it."""
        before, after = attempt.state, TRANSITIONS[attempt.state].get(cue)
        if after is None:
            attempt.disowned = attempt.disowned or cue is Cue.STALE
            return []
        attempt.state = after
        if before is _S.WAITING:
            self._waiting[attempt.device].remove(attempt)
        if after in HOLDS_DEVICE:
            self._holders[attempt.device] = attempt
        if after is _S.GONE:
            del self._attempts[attempt.ref]
        moves = [Move(attempt, before, cue)]
        if before in HOLDS_DEVICE and after not in HOLDS_DEVICE:
            del self._holders[attempt.device]
            moves += self.fill(attempt.device)
        return moves

    def fill(self, device: int) -> list[Move]:
        """Give a free device to what waits for it."""
        waiting = self._waiting.get(device)
        if not waiting or device in self._holders:
            return []
        return self.move(waiting[0], Cue.DEVICE_FREE)

    def check_invariants(self) -> None:
        """Raise AssertionError where two parts of the state contradict each other."""
        for ref, attempt in self._attempts.items():
            state = attempt.state
            assert ref == attempt.ref
            assert state is not _S.GONE, ref
            holds = self._holders.get(attempt.device) is attempt
            assert holds == (state in HOLDS_DEVICE), (ref, state)
            waits = attempt in self._waiting.get(attempt.device, ())
            assert waits == (state is _S.WAITING), (ref, state)
        for device, waiting in self._waiting.items():
            assert len(waiting) <= WAITING_MAX, device
            assert not waiting or device in self._holders, f"device {device} idles"
        for attempt in self._holders.values():
            assert self._attempts.get(attempt.ref) is attempt, attempt.ref
