"""Virtual time: a heap of things to do, done in order; no two runs of a seed differ."""

from collections.abc import Callable
from heapq import heappop, heappush


class Clock:
    """Seconds since the world began."""

    def __init__(self) -> None:
        self.now = 0.0
        self._count = 0
        self._heap: list[tuple[float, int, Callable[[], None]]] = []

    def at(self, moment: float, do: Callable[[], None]) -> None:
        self._count += 1
        heappush(self._heap, (max(moment, self.now), self._count, do))

    def after(self, seconds: float, do: Callable[[], None]) -> None:
        self.at(self.now + seconds, do)

    def step(self) -> bool:
        """Do the next thing; False when nothing is left."""
        if not self._heap:
            return False
        self.now, _, do = heappop(self._heap)
        do()
        return True

    def run_until(self, moment: float) -> None:
        while self._heap and self._heap[0][0] <= moment:
            self.step()
        self.now = max(self.now, moment)
