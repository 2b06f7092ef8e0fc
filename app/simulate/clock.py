"""Virtual time: a heap of things to do, done in order; no two runs of a seed differ."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush

Task = Callable[[], object]


class Clock:
    """Seconds since the world began."""

    def __init__(self) -> None:
        self.now = 0.0
        self.events = 0
        """Things done so far."""
        self._count = 0
        self._heap: list[tuple[float, int, Task]] = []

    def at(self, moment: float, do: Task) -> None:
        """Do something at this moment; at once if it is past."""
        self._count += 1
        now = self.now
        heappush(self._heap, (moment if moment > now else now, self._count, do))

    def after(self, seconds: float, do: Task) -> None:
        self.at(self.now + seconds, do)

    def step(self) -> bool:
        """Do the next thing; False when nothing is left."""
        if not self._heap:
            return False
        self.now, _, do = heappop(self._heap)
        self.events += 1
        do()
        return True

    def run_until(self, moment: float) -> None:
        """Do all that is due up to this moment, and be there."""
        heap = self._heap
        while heap and heap[0][0] <= moment:
            self.now, _, do = heappop(heap)
            self.events += 1
            do()
        self.now = max(self.now, moment)
