"""The farm's history: means over what was watched, a bounded number of steps, and a restart."""

from contextlib import closing

import pytest

from app.core.changes import AttemptEnded
from app.core.events import Now
from app.core.pulse import Pulse
from app.dispatcher.history import STEPS, HistoryKeeper
from app.store.repository import Repository

WALL = 1_800_000_000.0
BUSY = Pulse(nodes=2, gpus=8, gpus_busy=6, cores=32, cores_busy=16, ready=100, waiting=5)
IDLE = Pulse(nodes=2, gpus=8, gpus_busy=0, cores=32, cores_busy=0, ready=0, waiting=0)


@pytest.fixture
def repository(tmp_path):
    with closing(Repository(tmp_path / "farm.db")) as repository:
        yield repository


def ended(outcome: str) -> AttemptEnded:
    return AttemptEnded(
        *(1, 0, 1, 1, 0, WALL, WALL, outcome, "", "", 1.0, 1.0, 0, 0, 0.0, []), "cuda"
    )


def at(seconds: float) -> Now:
    return Now(1000.0 + seconds, WALL + seconds)


def watch(keeper: HistoryKeeper, first: int, last: int, pulse: Pulse, power_w: float = 0.0) -> None:
    for second in range(first, last):
        keeper.watch(pulse, power_w, at(second))


def test_a_step_is_the_mean_of_what_was_seen(repository):
    keeper = HistoryKeeper(repository)
    watch(keeper, 0, 6, BUSY, power_w=300.0)
    watch(keeper, 6, 11, IDLE)
    first, second = keeper.answer("hour", at(11)).points
    # Seconds 1 to 5 were busy, 6 to 9 idle.
    assert (first.at, first.gpus) == (WALL, 8.0)
    assert first.gpus_busy == pytest.approx(6 * 5 / 9)
    assert first.cores_busy == pytest.approx(16 * 5 / 9)
    assert first.power_w == pytest.approx(300 * 5 / 9)
    assert first.seen == pytest.approx(0.9)
    assert second.gpus_busy == 0.0


def test_what_ended_is_counted_and_given_by_the_minute(repository):
    keeper = HistoryKeeper(repository)
    keeper.watch(BUSY, 0.0, at(0))
    keeper.count([ended("done"), ended("done"), ended("failed"), ended("lost"), ended("yielded")])
    watch(keeper, 1, 5, BUSY)
    (point,) = keeper.answer("day", at(5)).points
    assert (point.done, point.failed, point.lost) == (2, 1, 1)
    assert point.tasks_per_minute == pytest.approx(2 / 4 * 60)


def test_what_nobody_watched_is_a_gap(repository):
    keeper = HistoryKeeper(repository)
    watch(keeper, 0, 5, BUSY)
    watch(keeper, 3000, 3005, IDLE)
    times = [point.at - WALL for point in keeper.answer("hour", at(3005)).points]
    assert times == [0, 3000]
    day = keeper.answer("day", at(3005)).points
    assert [point.gpus_busy for point in day] == [6.0, 0.0]


def test_the_number_of_steps_is_bounded_in_memory_and_on_disk(repository):
    keeper = HistoryKeeper(repository)
    for hour in range(0, 24 * 120, 1):
        keeper.watch(BUSY, 0.0, at(hour * 3600.0))
        keeper.watch(BUSY, 0.0, at(hour * 3600.0 + 10))
        if hour % 500 == 0:
            keeper.write(at(hour * 3600.0 + 10))
    keeper.write(at(24 * 120 * 3600.0))
    for span, (step_s, kept) in STEPS.items():
        assert len(keeper._steps[step_s]) <= kept + 1, span
    rows = repository.history()
    assert 1000 < len(rows) <= sum(kept + 1 for _, kept in STEPS.values())
    assert len(keeper.answer("quarter", at(24 * 120 * 3600.0 - 1)).points) >= 1079


def test_it_goes_on_after_a_restart(repository):
    keeper = HistoryKeeper(repository)
    watch(keeper, 0, 5, BUSY)
    keeper.write(at(5))
    again = HistoryKeeper(repository)
    watch(again, 5, 9, IDLE)
    (point,) = again.answer("hour", at(9)).points
    # The second that nobody saw the farm, from 4 to 5, is not counted.
    assert point.gpus_busy == pytest.approx(6 * 4 / 7)


def test_sums_take_the_finest_steps_that_reach_back(repository):
    keeper = HistoryKeeper(repository)
    for second in range(0, 7200, 10):
        keeper.count([ended("done")])
        keeper.watch(BUSY, 0.0, at(second))
    assert keeper.sums(WALL + 7200 - 100, at(7200)).step_s == 10
    night = keeper.sums(WALL, at(7200))
    assert night.step_s == 300
    assert night.done == 720
    assert night.gpus_busy / night.gpus == pytest.approx(0.75)
