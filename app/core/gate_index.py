"""The counts behind the gates: what is used of each limit, what each project holds, and whom that blocks.

PURE and derived: built anew where limits, shares or devices changed, and kept true by what was assigned or
came free since. Each class knows how many gates bar it; it is closed while that is not 0.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping
from math import floor

from app.core.live import WHOLE
from app.core.ready import Klass, ReadyQueue
from app.core.records import Limit, Share
from app.core.seats import least_weight
from app.core.state import FarmState

Held = Mapping[int, int]
"""A number for each class."""


class Counter:
    """One limit: what is used of it, and the classes that hold it, by project and by how many they take."""

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self.used: dict[str, int] = {}
        self.total = 0
        self.wants: dict[str, int] = {}
        """Classes with something ready, by project: what the owner of a part wants back."""
        self._takers: dict[str, list[tuple[int, int]]] = {}
        """(how many, class), ascending."""
        self._free: dict[str, int] = {}
        """What each project could take when that was last looked at: those that take more are barred."""

    def add(self, klass: Klass, number: int, need: int, is_wanted: bool) -> bool:
        """Take up a class; tell whether it is barred."""
        free = self._free.get(klass.project)
        if free is None:
            free = self._free[klass.project] = self.free_of(klass.project)
        insort(self._takers.setdefault(klass.project, []), (need, number))
        self.wants[klass.project] = self.wants.get(klass.project, 0) + is_wanted
        return need > free

    def free_of(self, project: str) -> int:
        """Return how many this project may still take; see ``gates`` for lending."""
        limit, used = self.limit, self.used
        free = limit.count - self.total
        if not limit.owned:
            return free
        own = limit.owned.get(project, 0) - used.get(project, 0)
        kept = sum(
            max(0, count - used.get(owner, 0))
            for owner, count in limit.owned.items()
            if owner != project and self.wants.get(owner)
        )
        return max(min(free, max(own, 0)), free - kept)

    def moved(self) -> Iterable[tuple[int, bool]]:
        """Yield (class, whether it is barred now) of those whose bar a change of counts moved."""
        for project, takers in self._takers.items():
            before, after = self._free[project], self.free_of(project)
            if before == after:
                continue
            self._free[project] = after
            low, high = sorted((before, after))
            first = bisect_right(takers, low, key=_need)
            for _, number in takers[first : bisect_right(takers, high, key=_need)]:
                yield number, after < before


class Holding:
    """One project that has a share: the devices that it holds, in thousandths, and its classes. The cap is
    a limit of its own, of which a task takes as much as it weighs."""

    def __init__(self, share: Share, devices: int) -> None:
        cap = floor(share.cap * devices + 1e-9) * WHOLE
        self.counter = Counter(Limit(share.project, cap, {}))
        self.numbers: list[int] = []
        self.guarantee = floor(share.guarantee * devices + 1e-9) * WHOLE

    @property
    def is_favoured(self) -> bool:
        return self.counter.total < self.guarantee


class GateIndex:
    """All counters, and how many of them bar each class."""

    def __init__(self) -> None:
        self._bars: list[int] = []
        self._counted: dict[int, int] = {}
        self._weighed: dict[int, int] = {}
        self._counters: dict[str, Counter] = {}
        self._holdings: dict[str, Holding] = {}
        self._wanted: set[int] = set()
        self._spent: set[str] = set()

    def rebuild(
        self, state: FarmState, devices: int, held: Held, weights: Held, spent: set[str]
    ) -> None:
        """Count everything anew: limits, shares, devices or the ``spent`` projects changed."""
        queue = state.queue
        self._spent = set(spent)
        self._counters = {name: Counter(limit) for name, limit in state.limits.items()}
        self._holdings = {name: Holding(share, devices) for name, share in state.shares.items()}
        self._counted, self._weighed = {}, {}
        self._bars = []
        self._wanted = set()
        for number, count in held.items():
            self._count(queue, number, count, weights.get(number, 0))
        queue.favoured.clear()
        self._take_up(queue)
        for number, bars in enumerate(self._bars):
            queue.close(number, bool(bars))
        for holding in self._holdings.values():
            self._weigh(queue, holding)

    def follow(self, queue: ReadyQueue, held: Held, weights: Held, touched: Iterable[int]) -> None:
        """Count what was assigned, came free, got its first ready task or lost its last."""
        if not self._counters and not self._holdings and not self._spent:
            return
        first = len(self._bars)
        moved: dict[str, None] = {}
        weighed: dict[str, None] = {}
        for number in touched:
            klass = queue.klasses[number]
            if self._count(queue, number, held.get(number, 0), weights.get(number, 0)):
                moved.update((name, None) for name, _ in klass.limits if name in self._counters)
                if klass.project in self._holdings:
                    weighed[klass.project] = None
        for number in queue.turned:
            moved.update(self._turn(queue, number))
        for name in sorted(moved):
            for number, is_barred in self._counters[name].moved():
                self._bar(queue, number, is_barred)
        for project in sorted(weighed):
            self._weigh(queue, self._holdings[project])
        self._take_up(queue)
        for number in range(first, len(self._bars)):
            queue.close(number, bool(self._bars[number]))

    def _count(self, queue: ReadyQueue, number: int, count: int, weight: int) -> bool:
        """Count the attempts of a class, and what they weigh; False where nothing changed."""
        delta = count - self._counted.get(number, 0)
        heavier = weight - self._weighed.get(number, 0)
        if not delta and not heavier:
            return False
        self._counted[number], self._weighed[number] = count, weight
        klass = queue.klasses[number]
        for name, need in klass.limits:
            if counter := self._counters.get(name):
                counter.total += need * delta
                counter.used[klass.project] = counter.used.get(klass.project, 0) + need * delta
        if holding := self._holdings.get(klass.project):
            holding.counter.total += heavier
        return True

    def _take_up(self, queue: ReadyQueue) -> None:
        """Take up the classes that are new."""
        changed: dict[str, None] = {}
        for number in range(len(self._bars), len(queue.klasses)):
            klass, is_wanted = queue.klasses[number], bool(queue.lists[number])
            if is_wanted:
                self._wanted.add(number)
            bars = int(klass.project in self._spent)
            for name, need in klass.limits:
                if counter := self._counters.get(name):
                    bars += counter.add(klass, number, need, is_wanted)
                    changed[name] = None
            if holding := self._holdings.get(klass.project):
                holding.numbers.append(number)
                bars += holding.counter.add(klass, number, least_weight(klass), is_wanted)
                if holding.is_favoured:
                    queue.favoured.add(number)
            self._bars.append(bars)
        # A new class may be one that an owner of a limit wants: then others may take less.
        for name in changed:
            for number, is_barred in self._counters[name].moved():
                self._bar(queue, number, is_barred)

    def _turn(self, queue: ReadyQueue, number: int) -> dict[str, None]:
        """A class got its first ready task or lost its last; return the limits that this moves."""
        is_wanted = bool(queue.lists[number])
        if number >= len(self._bars) or is_wanted == (number in self._wanted):
            return {}
        (self._wanted.add if is_wanted else self._wanted.discard)(number)
        klass, moved = queue.klasses[number], dict[str, None]()
        for name, _ in klass.limits:
            if counter := self._counters.get(name):
                counter.wants[klass.project] += 1 if is_wanted else -1
                if klass.project in counter.limit.owned:
                    moved[name] = None
        return moved

    def _bar(self, queue: ReadyQueue, number: int, is_barred: bool) -> None:
        self._bars[number] += 1 if is_barred else -1
        queue.close(number, bool(self._bars[number]))

    def _weigh(self, queue: ReadyQueue, holding: Holding) -> None:
        """Bar or favour the classes of a project by what it holds."""
        for number, is_barred in holding.counter.moved():
            self._bar(queue, number, is_barred)
        change = queue.favoured.update if holding.is_favoured else queue.favoured.difference_update
        if holding.numbers and holding.is_favoured != (holding.numbers[0] in queue.favoured):
            change(holding.numbers)


def _need(taker: tuple[int, int]) -> int:
    return taker[0]
