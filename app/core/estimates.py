"""Sums over frame times: variances and their parts, what was cut off, how a shot changes along its range.

PURE functions for ``learning``; nothing is kept here.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from itertools import pairwise
from statistics import NormalDist

from app.core.ids import TaskState
from app.core.tasks import Step

DONE = TaskState.DONE
UNSURE = 0.7
"""Relative spread between shots before it is known."""
SWING = 0.2
"""How much frame times are taken to change along a shot."""
BINS = 8
_normal = NormalDist()


def independent(rates: Sequence[tuple[Hashable, float]]) -> float:
    """Return as how many independent values these of groups count, for the mean of all that are to come.

    By the parts of their variance between and within the groups, from analysis of variance; a little is added
    for what so few cannot show. 0.0 of none."""
    groups: dict[Hashable, list[float]] = {}
    for group, rate in rates:
        groups.setdefault(group, []).append(rate)
    count, sizes = len(rates), [len(values) for values in groups.values()]
    if not count:
        return 0.0
    means = [sum(values) / len(values) for values in groups.values()]
    mean = sum(means) / len(means)
    rest = sum(
        (v - m) ** 2 for m, values in zip(means, groups.values(), strict=True) for v in values
    )
    half = UNSURE**2 / 2
    within = (rest + half) / (count - len(means) + 1)
    apart = sum((one - mean) ** 2 for one in means)
    between = (apart + half) / len(means) - within * sum(1 / size for size in sizes) / len(sizes)
    between = max(0.0, between)
    return (between + within) / (between / len(means) + within / count)


def variance(values: Sequence[float]) -> float:
    mean = sum(values) / max(1, len(values))
    return sum((value - mean) ** 2 for value in values) / max(1, len(values))


def beyond(value: float, mean: float, spread: float) -> float:
    """Return the mean of what is above ``value`` of a normal distribution."""
    score = (value - mean) / spread
    if score < -6:
        return mean
    if score > 6:
        return value
    return mean + spread * _normal.pdf(score) / max(1e-9, 1 - _normal.cdf(score))


def frames_of(step: Step) -> int:
    return max(1, len(step.task_frames(0).numbers())) if step.total else 1


def shape(step: Step, mean: float, scatter: float) -> float:
    """Return how much longer the frames that are left take than those that are done: by where they lie."""
    bins = min(BINS, max(1, step.total // 2))
    edges = [step.total * number // bins for number in range(bins + 1)]
    found: list[tuple[int, float, int]] = []
    lefts: list[int] = []
    for first, last in pairwise(edges):
        count = step.states[first:last].count(DONE)
        total = sum(step.seconds[first:last])
        found.append((count, total / count / mean if count and mean else 1.0, last - first))
        lefts.append(last - first - count)
    if not sum(lefts):
        return 1.0
    lean = scatter / SWING**2
    values = [
        (count * value + lean * _between(found, place)) / (count + lean)
        for place, (count, value, _) in enumerate(found)
    ]
    return sum(v * left for v, left in zip(values, lefts, strict=True)) / sum(lefts)


def _between(found: list[tuple[int, float, int]], place: int) -> float:
    """Return what the neighbours of a part of the range let expect of it."""
    below = next((i for i in range(place - 1, -1, -1) if found[i][0]), -1)
    above = next((i for i in range(place + 1, len(found)) if found[i][0]), -1)
    if below < 0 and above < 0:
        return 1.0
    if below < 0 or above < 0:
        return found[max(below, above)][1]
    part = (place - below) / (above - below)
    return found[below][1] * (1 - part) + found[above][1] * part


def robust_mean(walls: Iterable[float]) -> float:
    """Return the mean without the outer tenths: one stuck frame must not move what is expected."""
    values = sorted(walls)
    cut = len(values) // 10
    inner = values[cut : len(values) - cut]
    return sum(inner) / len(inner)
