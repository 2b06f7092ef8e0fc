"""Pouring work over devices: against a heap that hands out one task after another."""

from heapq import heapify, heappop, heappush

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.fluid import Group, lots_of, pour


def exact(free: list[float], seconds: float, tasks: int) -> float:
    """Return when the last task starts if each goes to the first device that is free."""
    heap = list(free)
    heapify(heap)
    start = 0.0
    for _ in range(tasks):
        start = heappop(heap)
        heappush(heap, start + seconds)
    return start


def group(free: list[float]) -> Group:
    made = Group("card", 1.0, (0,), 0)
    made.lots = lots_of(free, 0.0)
    return made


@given(st.lists(st.floats(0, 50), min_size=1, max_size=8), st.floats(1, 100), st.integers(1, 200))
def test_the_last_start_is_known_to_a_task(free, seconds, tasks):
    found = pour([group(free)], [seconds], tasks, 0.0)
    assert found.last == pytest.approx(exact(free, seconds, tasks), abs=seconds + 1e-6)
    assert found.first == pytest.approx(min(free))


@given(
    st.lists(st.tuples(st.floats(0, 50), st.floats(1, 30)), min_size=1, max_size=6),
    st.integers(1, 100),
)
def test_no_device_time_is_lost_or_made(devices, tasks):
    groups = [group([free]) for free, _ in devices]
    seconds = [each for _, each in devices]
    before = [sum(free * count for free, count, _ in one.lots) for one in groups]
    pour(groups, seconds, tasks, 0.0)
    after = [sum(free * count for free, count, _ in one.lots) for one in groups]
    done = sum((b - a) / s for a, b, s in zip(before, after, seconds, strict=True))
    assert done == pytest.approx(tasks, rel=1e-6)


def test_idle_devices_all_start_at_once():
    idle = group([0.0] * 10)
    assert pour([idle], [60.0], 4, 0.0).last == 0.0
    assert idle.lots == [(0.0, 6.0, 0.0), (60.0, 4.0, 0.0)]
    # Six more start now; the next waits for the first four.
    assert pour([idle], [60.0], 6, 0.0).last == 0.0


def test_nothing_starts_before_it_may():
    assert pour([group([0.0] * 4)], [10.0], 8, 100.0).first == 100.0
