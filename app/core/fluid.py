"""Devices as a forecast fills them: work is poured over them like water, frame by frame only where that shows.

PURE. Devices that can do the same, equally fast, are a *group*; a group is a few *lots*: so many devices that
come free at about a time. Of a lot whose devices come free together (idle ones) all start a task at once; where
they are *staggered* over the length of a task, tasks start one after another, evenly. So a step of thousands of
frames is poured in microseconds, and when its last frame *starts* is known to a fraction of a frame.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import NamedTuple

Lot = tuple[float, float, float]
"""(mean time at which its devices come free, how many, the time over which they are spread; 0: together)."""
Lots = list[Lot]
LUMPS = 4
"""Lots that the busy devices of a large group are put into."""


class Poured(NamedTuple):
    """When the first and the last task start, and how many devices take part."""

    first: float
    last: float
    devices: float


class Group:
    """Devices that serve the same classes, equally fast."""

    __slots__ = ("classes", "cores", "lots", "model", "speed")

    def __init__(self, model: str, speed: float, classes: Container[int], cores: int) -> None:
        self.model = model
        self.speed = speed
        self.classes = classes
        self.cores = cores
        self.lots: Lots = []


def lots_of(times: Iterable[float], now: float) -> Lots:
    """Return the lots of devices that come free at these times; those of the past are free now."""
    busy = sorted(time for time in times if time > now)
    idle = sum(1 for time in times if time <= now)
    lots: Lots = [(now, float(idle), 0.0)] if idle else []
    if len(busy) <= 2 * LUMPS:
        return lots + [(time, 1.0, 0.0) for time in busy]
    size = -(-len(busy) // LUMPS)
    for first in range(0, len(busy), size):
        part = busy[first : first + size]
        lots.append((sum(part) / len(part), float(len(part)), max(0.001, part[-1] - part[0])))
    return lots


def pour(
    groups: Sequence[Group], seconds: Sequence[float], tasks: float, earliest: float
) -> Poured:
    """Pour tasks over groups, each with the seconds that a task holds one of its devices; fill their lots.

    There is at least one lot. Written for speed: a what-if pours 1,900 times.
    """
    events: list[tuple[float, float, int, int]] = []
    for index, group in enumerate(groups):
        each = seconds[index]
        for place, (free, count, spread) in enumerate(group.lots):
            if spread:
                start = free - 0.5 * (each if each < spread else spread)
                events.append((max(start, earliest), count / each, index, place))
            else:
                start = max(free, earliest)
                # All start one at once (told by the sign), and from then on one after another.
                events.append((start, -count, index, place))
                events.append((start + 0.5 * each, count / each, index, place))
    events.sort()
    last, taken = _starts(events, tasks)
    devices = 0.0
    for index, places in taken.items():
        devices += _fill(groups[index], seconds[index], places)
    return Poured(events[0][0], last, devices)


def _starts(
    events: list[tuple[float, float, int, int]], tasks: float
) -> tuple[float, dict[int, dict[int, float]]]:
    """Return when the last task starts, and the tasks that each lot of each group took."""
    got = rate = 0.0
    at = events[0][0]
    running: list[tuple[float, float, int, int]] = []
    taken: dict[int, dict[int, float]] = {}
    # Of tasks that start one after another, the last is halfway through its own share of the time.
    wanted = tasks - 0.5
    for event in events:
        start, slope = event[0], event[1]
        step = rate * (start - at)
        if got + step >= wanted:
            break
        got += step
        at = start
        if slope < 0:
            count = min(-slope, tasks - got)
            taken.setdefault(event[2], {})[event[3]] = count
            got += count
            if got >= wanted:
                break
        else:
            rate += slope
            running.append(event)
    last = at + max(0.0, wanted - got) / rate if rate else at
    rest = tasks - max(got, wanted)
    for start, slope, index, place in running:
        count = slope * (last - start + rest / rate)
        places = taken.get(index)
        if places is None:
            taken[index] = {place: count}
        else:
            places[place] = places.get(place, 0.0) + count
    return last, taken


def _fill(group: Group, seconds: float, taken: dict[int, float]) -> float:
    """Let the group's lots have taken so many tasks; return how many devices take part."""
    lots = group.lots
    if len(lots) == 1 and lots[0][2]:
        free, count, _ = lots[0]
        group.lots = [(free + taken[0] * seconds / count, count, seconds)]
        return count
    kept: Lots = []
    work = count_used = devices = 0.0
    for place, lot in enumerate(lots):
        tasks = taken.get(place)
        free, count, spread = lot
        if tasks is None:
            kept.append(lot)
        elif not spread and tasks < count:
            kept += [(free, count - tasks, 0.0), (free + seconds, tasks, 0.0)]
            devices += tasks
        else:
            work += free * count + tasks * seconds
            count_used += count
            devices += count
    if count_used:
        kept.append((work / count_used, count_used, seconds))
    group.lots = kept
    return devices
