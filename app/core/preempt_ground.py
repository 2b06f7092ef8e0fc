"""A copy of the farm on which ``preempt`` tries who would have to give way for whom.

PURE; nothing here touches the farm. Nodes are copied when something is tried on them. Who gives way first is the
caller's: attempts come in that order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from app.core.gates import free_of
from app.core.live import Attempt, Live, Session, Slot
from app.core.placing_rules import offered, takes_work, view_of
from app.core.ready import Klass
from app.core.seats import Seat, seat_at
from app.core.turn import Turn
from node_agent.wire.messages import AttemptRef

NOBODY = AttemptRef(0, 0, 0)


class Ground:
    """The farm as it would be."""

    def __init__(self, turn: Turn, evictable: Sequence[Attempt]) -> None:
        self._turn = turn
        self._live = Live()
        self.evictable = evictable
        self._of_node: dict[int, list[Attempt]] = {}
        for attempt in evictable:
            self._of_node.setdefault(attempt.node, []).append(attempt)
        self.gone: dict[AttemptRef, Attempt] = {}
        """Who gives way, in the order in which it was decided."""
        self._free: dict[tuple[str, str], int] = {}
        """Licences by limit and project."""

    # --- licences -----------------------------------------------------------------------------------

    def lacking(self, klass: Klass) -> str:
        """Name the limit of which this class finds too little now; '' if none."""
        for name, need in klass.limits:
            if name in self._turn.state.limits and self._free_of(name, klass.project) < need:
                return name
        return ""

    def _free_of(self, name: str, project: str) -> int:
        key = (name, project)
        if key not in self._free:
            freed = sum(dict(self._klass(gone).limits).get(name, 0) for gone in self.gone.values())
            limit = self._turn.state.limits[name]
            self._free[key] = free_of(self._turn, limit, project) + freed
        return self._free[key]

    def _move_licences(self, klass: Klass, sign: int) -> None:
        needs = dict(klass.limits)
        for name, project in self._free:
            self._free[name, project] += sign * needs.get(name, 0)

    def _klass(self, attempt: Attempt) -> Klass:
        return self._turn.state.queue.klasses[attempt.klass]

    def holds(self, attempt: Attempt, name: str) -> bool:
        """Tell whether this attempt holds some of a limit."""
        return name in dict(self._klass(attempt).limits)

    def would_free(self, attempt: Attempt, klass: Klass) -> bool:
        """Tell whether the licences of this attempt are enough for what the class lacks."""
        held = dict(self._klass(attempt).limits)
        return all(
            self._free_of(name, klass.project) + held.get(name, 0) >= need
            for name, need in klass.limits
            if name in self._turn.state.limits
        )

    # --- devices ------------------------------------------------------------------------------------

    def session(self, node: int) -> Session:
        """Return the copy of a node's session."""
        copy = self._live.sessions.get(node)
        if copy is None:
            original = self._turn.live.sessions[node]
            slots = [replace(slot, attempts=list(slot.attempts)) for slot in original.slots]
            copy = self._live.sessions[node] = replace(original, slots=slots)
        return copy

    def evict(self, attempt: Attempt) -> list[Slot]:
        """Let it give way; return the devices that come free."""
        self.gone[attempt.ref] = attempt
        self._move_licences(self._klass(attempt), 1)
        return self._lift(attempt)

    def _lift(self, attempt: Attempt) -> list[Slot]:
        slots = [
            slot for slot in self.session(attempt.node).slots if slot.device in attempt.devices
        ]
        for slot in slots:
            slot.attempts = [other for other in slot.attempts if other is not attempt]
        return slots

    def _lay(self, attempt: Attempt) -> None:
        for slot in self.session(attempt.node).slots:
            if slot.device in attempt.devices:
                slot.attempts = [*slot.attempts, attempt]

    def take(self, seat: Seat, klass: Klass) -> None:
        """Put a task of this class there."""
        slot = seat.slot
        self._lay(
            Attempt(
                ref=NOBODY,
                node=slot.node,
                device=slot.device,
                kind=slot.info.kind,
                started_at=0.0,
                lease_until=0.0,
                sent_at=0.0,
                more=seat.more,
                cores=klass.cores,
                ram_bytes=klass.ram_bytes,
            )
        )
        self._move_licences(klass, -1)

    def seat(self, node: int, number: int) -> Seat | None:
        """Return a place for the class on this node as it would be."""
        klass = self._turn.state.queue.klasses[number]
        originals = self._turn.live.sessions[node].slots
        for slot, original in zip(self.session(node).slots, originals, strict=True):
            if not takes_work(self._turn, original):
                continue
            if number not in offered(self._turn, slot, view_of(self._turn, original).klasses):
                continue
            if seat := seat_at(self._live, slot, klass):
                return seat
        return None

    def room_on(self, node: int, number: int) -> list[Attempt] | None:
        """Return the fewest that would have to give way on this node for one task; None: there is no way."""
        lifted: list[Attempt] = []
        for attempt in self._of_node.get(node, ()):
            if self.seat(node, number):
                break
            if attempt.ref not in self.gone:
                self._lift(attempt)
                lifted.append(attempt)
        found = self.seat(node, number) is not None
        needed: list[Attempt] = []
        for attempt in reversed(lifted):
            self._lay(attempt)
            if found and not self.seat(node, number):
                self._lift(attempt)
                needed.append(attempt)
        for attempt in needed:
            self._lay(attempt)
        return list(reversed(needed)) if found else None

    def nodes(self) -> Iterable[int]:
        return (session.node for session in self._turn.live.online())
