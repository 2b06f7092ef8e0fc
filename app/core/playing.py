"""Playing the queue forward: each shot's work is poured over the devices in the order of the queue.

PURE. What is played is recorded first (``Plans``: what is left of each shot; ``Farm``: when devices come free), so
that another order is played over the same facts in milliseconds, however busy the farm is meanwhile. The end of a
shot is when its last task starts, and the slowest of those that run then.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from math import exp, sqrt
from statistics import NormalDist
from typing import NamedTuple

from app.core.fluid import Group, Poured, lots_of, pour

P90 = 1.2816
"""Standard deviations from the median of a normal distribution to its 90th percentile."""
SLICE_SHOTS = 40
"""Played between two yields: some 0.5 ms."""
LAST_PART = 0.4
"""Of the tasks that run when the last one starts, so many are about as likely to end last."""

Finishes = dict[int, tuple[float, float]]
Slices = Generator[None, None, Finishes]
_normal = NormalDist()
_last_of: dict[tuple[int, float], float] = {}


class Work(NamedTuple):
    """What is left of a step."""

    klass: int
    tasks: int
    """To be started."""
    seconds: float
    """A task, on a device of speed 1."""
    scatter: float
    unsure: float
    is_seen: bool
    gpus: int
    cores: int
    earliest: float
    after: tuple[int, ...]
    """Places, in the shot's plan, of the steps that must be done before."""
    along: tuple[int, ...]
    """Of those that it follows frame by frame."""
    running: tuple[float, float]
    """When what runs of it ends, as p50 and p90; 0: nothing runs."""
    limits: tuple[tuple[str, int], ...]
    project: str


Plan = tuple[Work, ...] | None
"""What is left of a shot; None: nothing can be said."""


class Fitting(NamedTuple):
    """The groups that serve a class."""

    groups: list[Group]
    slowness: list[float]
    """Of each: seconds for a second of work."""
    slowest: float
    mean: float


def _twin(group: Group) -> Group:
    twin = Group(group.model, group.speed, group.classes, group.cores)
    twin.lots = group.lots
    return twin


class Farm:
    """The devices, limits and shares at a moment."""

    def __init__(self, now: float) -> None:
        self.now = now
        self.groups: dict[tuple[int, str], Group] = {}
        self.devices = 0
        self.bounds: dict[str, Group] = {}
        self.fails = 0.0
        """Part of the attempts that fail."""
        self._fitting: dict[int, Fitting | None] = {}

    def close(self, free: Mapping[tuple[int, str], list[float]]) -> None:
        """Make lots of the times at which the devices of each group come free."""
        for key, times in free.items():
            self.groups[key].lots = lots_of(times, self.now)
            self.devices += len(times)

    def copy(self) -> Farm:
        """Return a farm that can be filled without changing this one."""
        other = Farm(self.now)
        other.devices, other.fails = self.devices, self.fails
        other.groups = {key: _twin(group) for key, group in self.groups.items()}
        other.bounds = {key: _twin(group) for key, group in self.bounds.items()}
        return other

    def fitting(self, klass: int) -> Fitting | None:
        """Return the groups that serve a class; None where none does."""
        if klass not in self._fitting:
            groups = [g for g in self.groups.values() if klass in g.classes and g.lots]
            counts = [sum(lot[1] for lot in group.lots) for group in groups]
            pace = sum(count * g.speed for count, g in zip(counts, groups, strict=True))
            self._fitting[klass] = (
                Fitting(
                    groups,
                    [1 / group.speed for group in groups],
                    max(1 / group.speed for group in groups),
                    sum(counts) / pace,
                )
                if groups
                else None
            )
        return self._fitting[klass]

    def fill(self, work: Work, earliest: float) -> tuple[Poured, float, float] | None:
        """Pour a step; return when it starts, its slowest and its mean seconds a task; None: nothing fits."""
        fitting = self.fitting(work.klass)
        if fitting is None:
            return None
        held = work.seconds * work.gpus / (1 - min(self.fails, 0.5))
        seconds = [max(1e-3, held * slowness) for slowness in fitting.slowness]
        if work.cores:
            seconds = [
                each * min(1.0, work.cores / group.cores) if group.cores else each
                for each, group in zip(seconds, fitting.groups, strict=True)
            ]
        poured = pour(fitting.groups, seconds, work.tasks, earliest)
        mean = work.seconds * fitting.mean
        for bound, need in self._bounds(work) if self.bounds else ():
            other = pour([bound], [max(1e-3, mean * need)], work.tasks, earliest)
            if other.last > poured.last:
                poured = other
        return poured, work.seconds * fitting.slowest, mean

    def _bounds(self, work: Work) -> Iterator[tuple[Group, int]]:
        for name, need in work.limits:
            if bound := self.bounds.get(f"limit {name}"):
                yield bound, need
        if bound := self.bounds.get(f"cap {work.project}"):
            yield bound, 1

    def bound(self, name: str, count: float) -> None:
        """Let no more than so many run at once of what has this limit ('limit NAME') or is of this project
        ('cap PROJECT')."""
        group = self.bounds[name] = Group(name, 1.0, (), 0)
        group.lots = [(self.now, max(1e-6, count), 0.0)]


def longest(count: float, scatter: float, part: float) -> float:
    """Return the time, as a multiple of the mean, within which all of ``count`` tasks end with that chance."""
    number = max(1, round(count)) if count < 64 else round(count, -1)
    score = _last_of.get((int(number), part))
    if score is None:
        score = _normal.inv_cdf(part ** (1 / number))
        _last_of[int(number), part] = score
    return exp(scatter * score - scatter * scatter / 2)


class _Doubt:
    """How unsure the start of what comes next is, in device-seconds: grows with all that comes before."""

    def __init__(self) -> None:
        self.variance = 0.0
        self.unseen = 0.0
        """Of steps of which nothing is known: these err together."""

    def add(self, work: Work, mean: float) -> None:
        seconds = work.tasks * mean
        self.variance += work.tasks * (mean * work.scatter) ** 2
        if work.is_seen:
            self.variance += (seconds * work.unsure) ** 2
        else:
            self.variance += (seconds * work.unsure) ** 2 * 0.8
            self.unseen += seconds * work.unsure

    def deviation(self, devices: float, steps_seen: float) -> float:
        """Return the standard deviation of a start, in seconds."""
        together = self.unseen**2 / max(0.5, steps_seen)
        return sqrt(self.variance + together) / max(1.0, devices)


def play(farm: Farm, plans: Mapping[int, Plan], order: Iterable[int], steps_seen: float) -> Slices:
    """Fill the farm with these shots in order; yields now and then, returns the finishes."""
    finishes: Finishes = {}
    doubt = _Doubt()
    for place, shot in enumerate(order):
        plan = plans.get(shot)
        if plan is not None:
            finishes[shot] = _play_shot(farm, plan, doubt, steps_seen)
        elif shot in plans:
            finishes[shot] = (0.0, 0.0)
        if place % SLICE_SHOTS == SLICE_SHOTS - 1:
            yield
    return finishes


def _play_shot(
    farm: Farm, plan: tuple[Work, ...], doubt: _Doubt, seen: float
) -> tuple[float, float]:
    ends: list[tuple[float, float]] = []
    starts: list[float] = []
    for work in plan:
        if not work.tasks:
            ends.append(work.running)
            starts.append(farm.now)
            continue
        found = _play_step(farm, work, ends, starts, doubt, seen)
        if found is None:
            return 0.0, 0.0
        starts.append(found[0])
        ends.append((max(found[1], work.running[0]), max(found[2], work.running[1])))
    return max(end for end, _ in ends), max(end for _, end in ends)


def _play_step(
    farm: Farm,
    work: Work,
    ends: list[tuple[float, float]],
    starts: list[float],
    doubt: _Doubt,
    seen: float,
) -> tuple[float, float, float] | None:
    """Return when the step's first task has ended, and its end as p50 and p90; None: nothing fits."""
    earliest = max([work.earliest, *(ends[before][0] for before in work.after)])
    earliest = max([earliest, *(starts[before] for before in work.along)])
    filled = farm.fill(work, earliest)
    if filled is None:
        return None
    poured, slowest, mean = filled
    doubt.add(work, mean)
    late = _late(work.tasks, poured.devices)
    tail50, tail90 = (_tail(farm, work, late, slowest, mean, part) for part in (0.5, 0.9))
    p50 = poured.last + tail50
    start = doubt.deviation(farm.devices, seen)
    own = tail50 * work.unsure
    lead = max(1.0, p50 - farm.now)
    # What takes longer than expected may take much longer; what is quicker cannot be quicker than now.
    unsure = lead * (exp(P90 * sqrt(start**2 + own**2) / lead) - 1)
    p90 = p50 + sqrt((tail90 - tail50) ** 2 + unsure**2)
    for before in work.along:
        p50, p90 = max(p50, ends[before][0] + mean), max(p90, ends[before][1] + mean)
    return poured.first + mean, p50, p90


def _late(tasks: int, devices: float) -> float:
    """Return how many tasks are about as likely as the last started to end last."""
    if tasks >= devices:
        return max(1.0, LAST_PART * devices)
    # They nearly start together.
    return max(1.0, tasks * (1 - (1 - LAST_PART) * tasks / devices))


def _tail(farm: Farm, work: Work, late: float, slowest: float, mean: float, part: float) -> float:
    """Return the seconds from the last start to the last end."""
    tail = mean * longest(late, work.scatter, part)
    if slowest > mean:
        # The slow devices are a part of those at work, and the last one may be one of them.
        tail = max(tail, slowest * longest(max(1.0, late * mean / slowest / 2), work.scatter, part))
    if farm.fails and (1 - farm.fails) ** (late / LAST_PART) < part:
        tail += mean
    return tail
