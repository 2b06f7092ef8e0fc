"""When every shot will be finished under an order: frame times learned from what was rendered, and the
queue played forward over the devices that are there.

PURE. Devices that can do the same are one group; a group is a few *levels*: (free at, how many). A step
pours its frames over the groups that fit it, least busy first, so 1,900 shots cost milliseconds and not
a step for each of 1.2 million frames. What this leaves out: reservations, failures, nodes that come.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from statistics import median

from app.core import commands
from app.core.commands import Move
from app.core.ids import TaskState
from app.core.live import Attempt
from app.core.order import checked_plan
from app.core.placing_rules import view_of
from app.core.ready import View
from app.core.records import Shot
from app.core.rows import NO_FINISH
from app.core.tasks import Step
from app.core.turn import Turn

W, R = TaskState.WAITING, TaskState.READY
KINDS = ("cpu", "cuda")
SECONDS_UNKNOWN = 60.0
"""A frame of which nothing is known and nothing like it was rendered."""
SPREAD_UNKNOWN = 0.5
"""Relative spread of frame times before three are known."""
P90 = 1.2816
"""Standard deviations from the median of a normal distribution to its 90th percentile."""
LEVEL_S = 1.0
"""Devices that come free within this time are one level."""

Finishes = dict[int, tuple[float, float]]


class Times:
    """Seconds a task of each step, learned from its own frames, else from work of the same make."""

    def __init__(self, steps: Iterable[Step]) -> None:
        rates: dict[tuple[str, str], list[float]] = {}
        for step in steps:
            for kind, walls in step.walls.items():
                rates.setdefault((step.make, kind), []).append(robust_mean(walls) / step.cost)
        self._rates = {name: median(values) for name, values in rates.items()}
        self._alike: dict[tuple[str, float], dict[str, float]] = {}

    def seconds(self, step: Step) -> dict[str, float]:
        """Return the expected seconds of one task, by kind of device."""
        if step.walls:
            return _by_kind({kind: robust_mean(walls) for kind, walls in step.walls.items()})
        alike = self._alike.get((step.make, step.cost))
        if alike is None:
            rates = {kind: self._rates.get((step.make, kind), 0.0) for kind in KINDS}
            alike = _by_kind({kind: rate * step.cost for kind, rate in rates.items() if rate})
            self._alike[step.make, step.cost] = alike
        return alike


def _by_kind(known: dict[str, float]) -> dict[str, float]:
    """Fill in what is not known by what is: another kind of device is better than nothing."""
    other = next(iter(known.values()), SECONDS_UNKNOWN)
    return {kind: max(0.001, known.get(kind, other)) for kind in KINDS}


def robust_mean(walls: Sequence[float]) -> float:
    """Return the mean without the outer tenths: one stuck frame must not move a film's finish."""
    cut = len(walls) // 10
    inner = sorted(walls)[cut : len(walls) - cut]
    return sum(inner) / len(inner)


def spread(step: Step) -> tuple[float, float]:
    """Return the relative spread of single frames, and how unsure their mean is."""
    walls = [wall for kind in step.walls.values() for wall in kind]
    if len(walls) < 3:
        return SPREAD_UNKNOWN, SPREAD_UNKNOWN
    mean = sum(walls) / len(walls)
    deviation = sqrt(sum((wall - mean) ** 2 for wall in walls) / len(walls))
    relative = min(2.0, deviation / mean) if mean > 0 else SPREAD_UNKNOWN
    return relative, max(0.03, relative / sqrt(len(walls)))


@dataclass(slots=True)
class Group:
    """Devices of one kind that serve the same classes."""

    kind: str
    classes: Container[int]
    levels: dict[float, int] = field(default_factory=dict[float, int])


class Farm:
    """The devices as the forecast fills them."""

    def __init__(self, groups: list[Group], now: float) -> None:
        self.now = now
        self._groups = groups
        self.devices = sum(sum(group.levels.values()) for group in groups)
        self._fitting: dict[int, list[Group]] = {}

    def fitting(self, klass: int) -> list[Group]:
        groups = self._fitting.get(klass)
        if groups is None:
            groups = [group for group in self._groups if klass in group.classes]
            self._fitting[klass] = groups
        return groups

    def pour(self, klass: int, tasks: int, seconds: Mapping[str, float], earliest: float) -> float:
        """Give ``tasks`` to the devices that fit, and return when the last ends; 0: none fits."""
        groups = self.fitting(klass)
        lots = sorted(
            (max(level, earliest), index, level, count)
            for index, group in enumerate(groups)
            for level, count in group.levels.items()
        )
        if not lots:
            return 0.0
        full = _fill(lots, [seconds[group.kind] for group in groups], tasks)
        for start, index, level, count in lots:
            if start < full:
                levels = groups[index].levels
                levels[level] -= count
                if not levels[level]:
                    del levels[level]
                raised = level + full - start
                levels[raised] = levels.get(raised, 0) + count
        first = min(seconds[groups[index].kind] for _, index, _, _ in lots[:1])
        return max(full, lots[0][0] + first)


def _fill(lots: list[tuple[float, int, float, int]], seconds: list[float], tasks: float) -> float:
    """Return the time up to which the lots, each from its start on, get through ``tasks``."""
    rate, done, at = 0.0, 0.0, lots[0][0]
    for start, index, _, count in lots:
        step = rate * (start - at)
        if done + step >= tasks:
            break
        done, at = done + step, start
        rate += count / seconds[index]
    return at + (tasks - done) / rate


def devices(turn: Turn, times: Times) -> Farm:
    """Gather the devices that take work, with the times at which they come free."""
    now = turn.now.wall
    groups: dict[View, Group] = {}
    for session in turn.live.online():
        if turn.state.nodes[session.node].drained:
            continue
        for slot in session.slots:
            view = view_of(turn, slot)
            group = groups.setdefault(view, Group(slot.info.kind, view.klasses))
            lying = slot.attempts if not slot.has_room else ()
            busy = max((remaining(turn, times, attempt) for attempt in lying), default=0.0)
            level = now + round(busy / LEVEL_S) * LEVEL_S
            group.levels[level] = group.levels.get(level, 0) + 1
    return Farm(list(groups.values()), now)


def remaining(turn: Turn, times: Times, attempt: Attempt) -> float:
    """Return the seconds that a running attempt still takes: by its passes, else by what is known."""
    elapsed = max(0.0, turn.now.wall - attempt.started_at)
    if attempt.progress > 0.02:
        return elapsed * (1 - attempt.progress) / attempt.progress
    expected = times.seconds(turn.state.steps[attempt.ref.step]).get(attempt.kind, SECONDS_UNKNOWN)
    return max(expected - elapsed, 0.1 * expected)


def play(turn: Turn, order: Iterable[int]) -> Finishes:
    """Play the queue forward in this order of shots; (p50, p90) of each that has something left."""
    state = turn.state
    open_shots = [shot for shot in order if any(state.counts[shot][: TaskState.DONE])]
    times = Times(state.steps.values())
    farm = devices(turn, times)
    finishes: Finishes = {}
    unsure = 0.0  # variance, in device-seconds, of all the work up to here
    for number in open_shots:
        shot = state.shots[number]
        if shot.paused or not farm.devices:
            finishes[number] = NO_FINISH
            continue
        p50, variance = _play_shot(turn, farm, times, shot)
        unsure += variance
        deviation = sqrt(unsure) / farm.devices
        finishes[number] = (p50, p50 + P90 * deviation) if p50 else NO_FINISH
    return finishes


def _play_shot(turn: Turn, farm: Farm, times: Times, shot: Shot) -> tuple[float, float]:
    """Return the shot's finish (0: never) and the variance of its work."""
    state, ends, variance = turn.state, dict[int, float](), 0.0
    for job in reversed(shot.jobs):
        for step in map(state.steps.__getitem__, state.jobs[job].steps):
            left = step.counts[W] + step.counts[R]
            if not left and not step.running:
                continue
            seconds = times.seconds(step)
            end = _running_end(turn, farm, times, step)
            if left:
                earliest = max(
                    (ends.get(before, farm.now) for before in step.after), default=farm.now
                )
                poured = farm.pour(step.klass, left * step.needs.gpus, seconds, earliest)
                if not poured or not earliest:
                    return 0.0, variance
                end = max(end, poured)
            ends[step.id] = end
            variance += _variance(step, left, min(seconds.values()))
    return max(ends.values(), default=0.0), variance


def _running_end(turn: Turn, farm: Farm, times: Times, step: Step) -> float:
    attempts = (turn.live.attempts.get((step.id, task)) for task in step.running)
    return max(
        (farm.now + remaining(turn, times, attempt) for attempt in attempts if attempt), default=0.0
    )


def _variance(step: Step, left: int, seconds: float) -> float:
    each, mean = spread(step)
    tasks = left + len(step.running)
    return tasks * (seconds * each) ** 2 + (tasks * seconds * mean) ** 2


class Forecaster:
    """Keeps the finishes that rows show, and answers what-ifs."""

    def __init__(self) -> None:
        self._played_at = float("-inf")

    def refresh(self, turn: Turn) -> None:
        """Play the queue if it is time and something changed; mark the rows that moved."""
        if not turn.rows.has_news or turn.now.mono < self.due(turn):
            return
        turn.rows.has_news = False
        self._played_at = turn.now.mono
        finishes = play(turn, (shot for _, shot in turn.state.order))
        shown = turn.rows.finishes
        for shot in [*finishes, *(shot for shot in shown if shot not in finishes)]:
            if _differs(shown.get(shot, NO_FINISH), finishes.get(shot, NO_FINISH), turn.now.wall):
                shown[shot] = finishes.get(shot, NO_FINISH)
                turn.rows.shot(shot)

    def due(self, turn: Turn) -> float:
        return self._played_at + turn.config.forecast_s

    def answer(self, turn: Turn, move: Move | None) -> commands.Finishes:
        """Return the finishes as they are, or as they would be after a move. Raises UserMistake."""
        ranks = {shot: rank for rank, shot in turn.state.order}
        before = play(turn, ranks)
        if move is None:
            finishes = before
        else:
            ranks.update(checked_plan(turn.state, move).ranks)
            finishes = play(turn, sorted(ranks, key=ranks.__getitem__))
        return commands.Finishes(
            rows=[
                commands.Finish(shot, p50, p90, p50 - before[shot][0] if p50 else 0.0)
                for shot, (p50, p90) in finishes.items()
            ]
        )


def _differs(shown: tuple[float, float], new: tuple[float, float], now: float) -> bool:
    """Tell whether a person would see the difference: a second, or a fiftieth of what is left."""
    if (shown[0] > 0) != (new[0] > 0):
        return True
    tolerance = max(1.0, 0.02 * (new[0] - now))
    return any(abs(one - other) > tolerance for one, other in zip(shown, new, strict=True))
