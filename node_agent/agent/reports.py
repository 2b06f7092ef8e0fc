"""Reliable reports that nobody has acknowledged, numbered and in order.

PURE. The durable copy is ``outbox``'s; this one is what the session repeats after a reconnect.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from node_agent.wire.messages import Reliable


class Reports:
    """Numbers from 1 without gaps; what is acknowledged is forgotten."""

    def __init__(self) -> None:
        self._unacked: dict[int, Reliable] = {}
        self._last = 0
        self._acked = 0

    def __len__(self) -> int:
        return len(self._unacked)

    def number(self, report: Reliable) -> Reliable:
        """Give ``report`` its number and keep it."""
        self._last += 1
        numbered = msgspec.structs.replace(report, seq=self._last)
        self._unacked[self._last] = numbered
        return numbered

    def waiting(self, seq: int) -> Reliable | None:
        """The report of this number, unless it is acknowledged."""
        return self._unacked.get(seq)

    def all_waiting(self) -> Iterable[Reliable]:
        """What must be said again, in order."""
        return self._unacked.values()

    def acknowledge(self, seq: int) -> list[Reliable]:
        """Forget all up to ``seq`` and return them. A number never given acknowledges no more than all."""
        seq = min(seq, self._last)
        self._acked = max(self._acked, seq)
        return [self._unacked.pop(number) for number in list(self._unacked) if number <= seq]

    def check_invariants(self) -> None:
        """Raise AssertionError where order or numbering is broken."""
        numbers = list(self._unacked)
        assert numbers == sorted(numbers), f"out of order: {numbers}"
        assert all(self._acked < number <= self._last for number in numbers), numbers
        assert all(report.seq == number for number, report in self._unacked.items())
