"""A night in the store: failures since then, what was forecast then, bounded."""

from contextlib import closing

from app.core.changes import AttemptEnded
from app.store.repository import Repository
from tests.unit.app.store.make_database import write


def ended(task: int, outcome: str, at: float) -> AttemptEnded:
    sentence = "It died." if outcome != "done" else ""
    return AttemptEnded(
        *(1, task, 1, 1, 0, at - 1, at, outcome, "crash", sentence, 1.0, 1.0, 0, 0, 0.0, [])
    )


def test_failures_since_a_moment_newest_first(tmp_path):
    write(tmp_path / "farm.db")
    with closing(Repository(tmp_path / "farm.db")) as repository:
        repository.load()
        changes = [ended(0, "failed", 5000.0), ended(1, "lost", 6000.0), ended(2, "done", 7000.0)]
        repository.commit(changes, 7000.0)
        failures, was = repository.night(4000.0)
        assert [(one.task, one.cause, one.ended_at) for one in failures] == [
            (1, "crash", 6000.0),
            (0, "crash", 5000.0),
        ]
        assert was == {}
        assert repository.last_worked([1, 9]) == {1: 7000.0}


def test_the_forecast_of_the_hour_before_is_found(tmp_path):
    with closing(Repository(tmp_path / "farm.db")) as repository:
        for hour in range(10):
            repository.mark_forecast(hour * 3600, {1: float(hour)})
        assert repository.night(3600 * 4.5)[1] == {1: 4.0}
        assert repository.night(-1.0)[1] == {1: 0.0}
        repository.mark_forecast(8 * 86400, {1: 99.0})
        assert repository.night(3600.0)[1] == {1: 99.0}
