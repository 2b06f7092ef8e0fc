"""Which shots have something ready, by class of need, in queue order: what a free device looks at.

PURE and derived: ``FarmState`` keeps it true and rebuilds it at load. A *class* is one distinct set of
needs; a farm has tens of them, so a device knows the classes it can serve as a short tuple of numbers
and the best shot for it is the least of their heads.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from heapq import merge
from typing import NamedTuple

from node_agent.wire.job import KernelWork, Needs, Work

Place = tuple[float, int]
"""(rank, shot): equal ranks do not exist, the id only makes the pair self-contained."""


class Klass(NamedTuple):
    """One distinct set of needs."""

    device: str
    memory_bytes: int
    tags: tuple[str, ...]
    pool: str
    kernel: str
    """'' for commands."""
    project: str = ""
    limits: tuple[tuple[str, int], ...] = ()
    """(name, how many) of each counted limit that a task holds."""


def klass_of(work: Work, needs: Needs, project: str = "") -> Klass:
    """Return the class of a step."""
    kernel = work.kernel if isinstance(work, KernelWork) else ""
    tags = tuple(sorted(set(needs.tags)))
    limits = tuple(sorted((name, count) for name, count in needs.limits.items() if count > 0))
    return Klass(needs.device, needs.memory_bytes, tags, needs.pool, kernel, project, limits)


class ReadyQueue:
    """Shots with ready tasks, by class."""

    def __init__(self) -> None:
        self.klasses: list[Klass] = []
        self._numbers: dict[Klass, int] = {}
        # Plain sorted lists: at a film's 1,900 shots an insert moves 15 KB, which is under a microsecond.
        self.lists: list[list[Place]] = []
        # Ready tasks of each shot in that class; paused shots are counted too, but not listed.
        self._counts: list[dict[int, int]] = []
        # Classes that gained something since the caller last cleared this: idle devices look at them.
        self.woken: set[int] = set()
        # Classes that may not be assigned now (a full limit, a project at its cap), and those that come
        # before the order (a project below its guarantee): see ``gates``.
        self.closed: set[int] = set()
        self.favoured: set[int] = set()
        # Whether a class lost its last shot since the caller last cleared this: what an owner no longer
        # wants of a limit is lent.
        self.has_emptied = False

    def number(self, klass: Klass) -> int:
        """Return the class's number, a new one where it is new."""
        number = self._numbers.get(klass)
        if number is None:
            number = self._numbers[klass] = len(self.klasses)
            self.klasses.append(klass)
            self.lists.append([])
            self._counts.append({})
        return number

    def adjust(self, number: int, shot: int, rank: float, is_paused: bool, delta: int) -> None:
        """Count ``delta`` ready tasks more (or fewer) of this shot in this class."""
        counts = self._counts[number]
        before = counts.get(shot, 0)
        after = before + delta
        if after:
            counts[shot] = after
        elif before:
            del counts[shot]
        if not is_paused:
            if delta > 0:
                self.woken.add(number)
            if bool(before) != bool(after):
                self._list(number, (rank, shot), is_in=bool(after))

    def _list(self, number: int, place: Place, is_in: bool) -> None:
        places = self.lists[number]
        if is_in:
            insort(places, place)
        else:
            del places[bisect_left(places, place)]
            self.has_emptied = self.has_emptied or not places

    def move(self, shot: int, before: float, after: float, is_paused: bool) -> None:
        """The shot's rank changed."""
        if is_paused:
            return
        for number in self.of_shot(shot):
            self._list(number, (before, shot), is_in=False)
            self._list(number, (after, shot), is_in=True)

    def pause(self, shot: int, rank: float, is_paused: bool) -> None:
        """Take the shot out of all lists, or put it back."""
        for number in self.of_shot(shot):
            self._list(number, (rank, shot), is_in=not is_paused)
            if not is_paused:
                self.woken.add(number)

    def of_shot(self, shot: int) -> list[int]:
        """Return the classes in which this shot has something ready."""
        return [number for number, counts in enumerate(self._counts) if shot in counts]

    def count(self, number: int, shot: int) -> int:
        return self._counts[number].get(shot, 0)

    def in_order(self, numbers: Iterable[int]) -> Iterator[Place]:
        """Yield the shots of these classes in queue order, each once."""
        last: Place | None = None
        for place in merge(*(self.lists[number] for number in numbers)):
            if place != last:
                yield place
            last = place
