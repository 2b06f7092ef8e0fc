"""Which shots have something ready, by class of need, in queue order: what a free device looks at.

PURE and derived: ``FarmState`` keeps it true and rebuilds it at load. A *class* is one distinct set of
needs. Devices that are alike share a *view*: the classes that they can serve, and which of those have
something ready and are open. The best shot for a device is the least head of these, so that what is blocked
costs nothing, however many shots it is.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Hashable, Iterable, Iterator
from heapq import merge
from typing import NamedTuple

from node_agent.wire.job import KernelWork, Needs, Work

Place = tuple[float, int]
"""(rank, shot): equal ranks do not exist, the id only makes the pair self-contained."""


NODE_TAG = "node:"
"""A step that needs the tag ``node:NAME`` runs on that node and nowhere else."""


def is_for(needs: Needs, name: str) -> bool:
    """Tell whether the step may run on the node of this name."""
    named = [tag for tag in needs.tags if tag.startswith(NODE_TAG)]
    return not named or named == [NODE_TAG + name]


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
    gpus: int = 1
    cores: int = 0
    ram_bytes: int = 0
    gang: int = 0
    """How many tasks begin together; 0: each by itself."""
    gpu_bytes: int = 0
    """Of a GPU's memory, as was learned; the cores' device is not held to it."""

    @property
    def card_bytes(self) -> int:
        """Return what a GPU must have."""
        return max(self.memory_bytes, self.gpu_bytes)

    @property
    def is_large(self) -> bool:
        """Tell whether a device that is free may still have no room for it."""
        return self.gpus > 1 or bool(self.cores or self.ram_bytes or self.gang)


def klass_of(
    work: Work, needs: Needs, project: str = "", tasks: int = 0, learned: tuple[int, int] = (0, 0)
) -> Klass:
    """Return the class of a step of so many tasks; ``learned``: bytes of GPU memory and of RAM that they took."""
    kernel = work.kernel if isinstance(work, KernelWork) else ""
    # A step that names its node is looked at when it is offered: a class a node would part like devices.
    tags = tuple(sorted(tag for tag in set(needs.tags) if not tag.startswith(NODE_TAG)))
    limits = tuple(sorted((name, count) for name, count in needs.limits.items() if count > 0))
    return Klass(
        *(needs.device, needs.memory_bytes, tags, needs.pool, kernel, project, limits),
        gpus=max(1, needs.gpus),
        cores=max(0, needs.cores),
        ram_bytes=max(0, needs.ram_bytes, learned[1]),
        gang=tasks if needs.gang else 0,
        gpu_bytes=learned[0] if learned[0] > needs.memory_bytes else 0,
    )


class View:
    """What devices that are alike can serve. Dicts as ordered sets: numbers of classes."""

    __slots__ = ("klasses", "ready", "seen")

    def __init__(self) -> None:
        self.klasses: dict[int, None] = {}
        self.seen = 0
        """Of the known classes the first so many were looked at."""
        self.ready: dict[int, None] = {}
        """Those that have something ready, and are open."""


class ReadyQueue:
    """Shots with ready tasks, by class."""

    def __init__(self) -> None:
        self.klasses: list[Klass] = []
        self._numbers: dict[Klass, int] = {}
        # Plain sorted lists: at a film's 1,900 shots an insert moves 15 KB, which is under a microsecond.
        self.lists: list[list[Place]] = []
        # Ready tasks of each shot in that class; paused shots are counted too, but not listed.
        self._counts: list[dict[int, int]] = []
        # Ready tasks of each class, without those of paused shots.
        self._totals: list[int] = []
        # Classes that gained something since the caller last cleared this: idle devices look at them.
        self.woken: set[int] = set()
        # Classes that may not be assigned now (a full limit, a project at its cap), and those that come
        # before the order (a project below its guarantee): see ``gates``.
        self.closed: set[int] = set()
        self.favoured: set[int] = set()
        # Classes that lost their last shot, or got a first one, since the caller last cleared this: what an
        # owner no longer wants of a limit is lent.
        self.turned: set[int] = set()
        # Whether a shot was moved since the caller last cleared this: it may pass what is held back.
        self.has_moved = False
        # Classes that are large: see ``Klass``.
        self.large: set[int] = set()
        # Views by what devices are like, and those in which each class is.
        self._views: dict[Hashable, View] = {}
        self._viewers: list[list[View]] = []

    def number(self, klass: Klass) -> int:
        """Return the class's number, a new one where it is new."""
        number = self._numbers.get(klass)
        if number is None:
            number = self._numbers[klass] = len(self.klasses)
            self.klasses.append(klass)
            if klass.is_large:
                self.large.add(number)
            self.lists.append([])
            self._counts.append({})
            self._totals.append(0)
            self._viewers.append([])
        return number

    def view(self, likeness: Hashable, can_serve: Callable[[Klass], bool]) -> View:
        """Return what devices of this likeness can serve; only new classes are looked at."""
        view = self._views.get(likeness)
        if view is None:
            view = self._views[likeness] = View()
        while view.seen < len(self.klasses):
            number, view.seen = view.seen, view.seen + 1
            if can_serve(self.klasses[number]):
                view.klasses[number] = None
                self._viewers[number].append(view)
                self._show(number)
        return view

    def views(self) -> list[View]:
        return list(self._views.values())

    def close(self, number: int, is_closed: bool) -> None:
        """Bar a class from being assigned, or let it in again; then it is woken."""
        if is_closed and number not in self.closed:
            self.closed.add(number)
            self._show(number)
        elif not is_closed and number in self.closed:
            self.closed.discard(number)
            self.woken.add(number)
            self._show(number)

    def _show(self, number: int) -> None:
        """A class's list or gate changed: set it right in all views."""
        is_ready = bool(self.lists[number]) and number not in self.closed
        for view in self._viewers[number]:
            if is_ready:
                view.ready[number] = None
            else:
                view.ready.pop(number, None)

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
            self._totals[number] += delta
            if delta > 0:
                self.woken.add(number)
            if bool(before) != bool(after):
                self._list(number, (rank, shot), is_in=bool(after))

    def _list(self, number: int, place: Place, is_in: bool) -> None:
        places = self.lists[number]
        if is_in:
            insort(places, place)
            has_turned = len(places) == 1
        else:
            del places[bisect_left(places, place)]
            has_turned = not places
        if has_turned:
            self.turned.add(number)
            self._show(number)

    def move(self, shot: int, before: float, after: float, is_paused: bool) -> None:
        """The shot's rank changed."""
        self.has_moved = True
        if is_paused:
            return
        for number in self.of_shot(shot):
            self._list(number, (before, shot), is_in=False)
            self._list(number, (after, shot), is_in=True)

    def pause(self, shot: int, rank: float, is_paused: bool) -> None:
        """Take the shot out of all lists, or put it back."""
        for number in self.of_shot(shot):
            self._list(number, (rank, shot), is_in=not is_paused)
            count = self._counts[number][shot]
            self._totals[number] += -count if is_paused else count
            if not is_paused:
                self.woken.add(number)

    def of_shot(self, shot: int) -> list[int]:
        """Return the classes in which this shot has something ready."""
        return [number for number, counts in enumerate(self._counts) if shot in counts]

    def total(self, view: View) -> int:
        """Return how many tasks are ready that devices of this view may begin."""
        return sum(self._totals[number] for number in view.ready)

    def waiting(self, number: int) -> int:
        """Return how many tasks of a class are ready, without those of paused shots."""
        return self._totals[number]

    def count(self, number: int, shot: int) -> int:
        return self._counts[number].get(shot, 0)

    def in_order(self, numbers: Iterable[int]) -> Iterator[Place]:
        """Yield the shots of these classes in queue order, each once."""
        last: Place | None = None
        for place in merge(*(self.lists[number] for number in numbers)):
            if place != last:
                yield place
            last = place
