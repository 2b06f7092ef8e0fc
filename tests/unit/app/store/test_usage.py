"""The ledger's sums against a tiny model: every attempt counted by hand, whenever it was rolled up."""

import sqlite3
from collections import defaultdict
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.changes import AttemptEnded, JobAdded, NodeAdded, NodeSet, ShotAdded, StepAdded
from app.core.commands import GetUsage
from app.core.state import FarmState
from app.errors import UserMistake
from app.store.repository import Repository
from node_agent.wire.job import CommandWork, Frames, Needs

HOUR, DAY = 3600, 86400
PROJECTS, USERS = ("A", "B"), ("ana", "bo")


def farm(repository: Repository) -> FarmState:
    """Two projects of two shots each, of two users, on two nodes."""
    changes = [NodeAdded(number, f"n{number}", str(number) * 40, 0.0) for number in (1, 2)]
    changes.append(NodeSet(2, ["film"], []))
    for number in range(1, 5):
        project, user = PROJECTS[number % 2], USERS[number // 3]
        changes += [
            ShotAdded(number, project, "q", f"s{number}", float(number), 0.0),
            JobAdded(number, number, "v", user, 3, scouts=True, at=0.0),
            StepAdded(
                *(number, number, "render", CommandWork(argv=["x"]), Needs(), "1"),
                *([Frames(1, 1)], []),
            ),
        ]
    repository.commit(changes, 0.0)
    return repository.load()


def ended(step, node, start, seconds, outcome, kind) -> AttemptEnded:
    return AttemptEnded(
        *(step, 0, 1, node, 0, float(start), float(start + seconds), outcome, "", ""),
        *(float(seconds), seconds * 2.0, 0, 0, seconds * 100.0, [], kind),
    )


ATTEMPT = st.builds(
    ended,
    st.integers(1, 4),
    st.integers(1, 2),
    st.integers(0, 3 * DAY),
    st.integers(0, 9 * HOUR),
    st.sampled_from(["done", "failed", "lost", "killed", "yielded"]),
    st.sampled_from(["cpu", "cuda"]),
)
KEYS = {
    "project": lambda a: PROJECTS[a.step % 2],
    "user": lambda a: USERS[a.step // 3],
    "shot": lambda a: f"{PROJECTS[a.step % 2]}/q/s{a.step}",
    "node": lambda a: f"n{a.node}",
    "pool": lambda a: ["", "film"][a.node - 1],
    "outcome": lambda a: a.outcome,
}


def expected(attempts, since, until, by) -> dict:
    """Sum second by second of each hour: slow, and plain."""
    sums = defaultdict(lambda: [0, 0.0, 0.0, 0.0, 0.0])
    for one in attempts:
        first, last = int(one.started_at) // HOUR, int(one.ended_at) // HOUR
        for hour in range(first, last + 1):
            if not since <= hour * HOUR < (until or 1e18):
                continue
            seconds = min(one.ended_at, (hour + 1) * HOUR) - max(one.started_at, hour * HOUR)
            whole = one.ended_at - one.started_at
            share = seconds / whole if whole else 1.0
            row = sums[
                tuple(
                    f"1970-01-{hour // 24 + 1:02}" if key == "day" else KEYS[key](one) for key in by
                )
            ]
            row[0] += hour == last
            row[1] += one.wall_s * share / HOUR if one.device_kind == "cuda" else 0.0
            row[2] += one.cpu_s * share / HOUR
            row[3] += one.energy_j * share / 3.6e6
            row[4] += (
                one.wall_s * share / HOUR if one.outcome in ("failed", "lost", "killed") else 0
            )
    return {key: pytest.approx(row, abs=1e-9) for key, row in sums.items()}


@settings(max_examples=40, deadline=None)
@given(
    attempts=st.lists(ATTEMPT, max_size=30),
    cuts=st.sets(st.integers(0, 30)),
    since=st.sampled_from([0, HOUR * 5, DAY]),
    length=st.sampled_from([0, HOUR * 7, DAY]),
    by=st.lists(st.sampled_from([*KEYS, "day"]), unique=True, max_size=3),
)
def test_sums_are_those_of_the_attempts(tmp_path_factory, attempts, cuts, since, length, by):
    repository = Repository(tmp_path_factory.mktemp("u") / "w.db")
    state = farm(repository)
    until = since + length if length else 0
    for number, attempt in enumerate(attempts):
        repository.commit([attempt], 1.0)
        if number in cuts:
            repository.snapshot(state)
    answer = repository.usage(GetUsage(since=since, until=until, by=by))
    again = repository.usage(GetUsage(since=since, until=until, by=by))
    repository.close()
    assert answer == again
    assert answer.columns[: len(by)] == by
    found = {tuple(row[: len(by)]): row[len(by) :] for row in answer.rows}
    assert found == expected(attempts, since, until, by)


@pytest.mark.parametrize(
    "query", [GetUsage(since=5.0), GetUsage(since=7200, until=3600), GetUsage(until=-3600)]
)
def test_times_that_are_no_hours(tmp_path, query):
    repository = Repository(tmp_path / "w.db")
    with pytest.raises(UserMistake):
        repository.usage(query)
    repository.close()


def test_an_older_database_is_summed_anew(tmp_path):
    """The sums of the first version knew neither users nor devices."""
    old = Path(__file__).parent / "data" / "v1.db"
    path = tmp_path / "w.db"
    path.write_bytes(old.read_bytes())
    with closing(sqlite3.connect(path)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM attempt").fetchone()
    repository = Repository(path)
    answer = repository.usage(GetUsage(by=[]))
    repository.close()
    assert (answer.rows[0][0] if answer.rows else 0) == count
