"""Whatever is committed comes back: after a close, a kill at any moment, a snapshot or none."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.changes import (
    AttemptEnded,
    Change,
    FailureCounted,
    JobAdded,
    KeyAdded,
    KeyRevoked,
    NodeAdded,
    NodeDrained,
    ShotAdded,
    ShotPaused,
    ShotRanked,
    StepAdded,
    TaskMoved,
)
from app.core.ids import TaskState
from app.core.state import FarmState
from app.errors import BugFault
from app.store.repository import Repository
from node_agent.wire.job import CommandWork, Frames, KernelWork, Needs

TASKS = 6
ids = st.integers(1, 4)
tasks = st.integers(0, TASKS - 1)
times = st.floats(0, 2e9)
works = st.sampled_from([CommandWork(argv=["true"]), KernelWork(kernel="k", scene="/s.usd")])
keys = st.sampled_from(["a" * 40, "b" * 40, "c" * 40])
states = st.sampled_from([int(state) for state in TaskState])

changes = st.one_of(
    st.builds(ShotAdded, ids, st.just("P"), st.just("sq"), st.sampled_from("abcd"), times, times),
    st.builds(ShotRanked, ids, times),
    st.builds(ShotPaused, ids, st.booleans()),
    st.builds(JobAdded, ids, ids, st.just("job"), st.just("me"), st.just(3), st.booleans(), times),
    st.builds(
        StepAdded,
        *(ids, ids, st.just("render"), works, st.just(Needs()), st.just("1-6")),
        st.just([Frames(frame, frame) for frame in range(1, TASKS + 1)]),
        st.just([]),
    ),
    st.builds(TaskMoved, ids, tasks, states, st.integers(0, 3), times, ids, st.just(0)),
    st.builds(
        AttemptEnded,
        *(ids, tasks, st.integers(1, 3), ids, st.just(0), times, times),
        st.sampled_from(["done", "failed", "lost"]),
        *(st.just("crash"), st.just("It died."), times, times, st.just(0), st.just(0), times),
        st.just([]),
    ),
    st.builds(FailureCounted, st.sampled_from(["task", "node", "mark"]), ids, tasks, ids, ids),
    st.builds(NodeAdded, ids, st.sampled_from("nm"), keys, times),
    st.builds(NodeDrained, ids, st.booleans()),
    st.builds(KeyAdded, keys, st.integers(0, 5), st.just("key"), times),
    st.builds(KeyRevoked, keys),
)
turns = st.lists(st.lists(changes, max_size=12), max_size=12)

START: list[Change] = [
    ShotAdded(1, "P", "sq", "one", 1.0, 1.0),
    JobAdded(1, 1, "job", "me", 3, False, 1.0),
    StepAdded(
        *(1, 1, "render", CommandWork(argv=["true"]), Needs(), "1-6"),
        [Frames(frame, frame) for frame in range(1, TASKS + 1)],
        [],
    ),
    NodeAdded(1, "n", "a" * 40, 1.0),
]


@contextmanager
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp())
    try:
        yield path
    finally:
        shutil.rmtree(path)


@contextmanager
def repository_at(path: Path) -> Iterator[Repository]:
    repository = Repository(path)
    try:
        yield repository
    finally:
        repository.close()


def apply_legal(state: FarmState, wanted: list[Change]) -> list[Change]:
    """Apply what the state takes; an illegal change is refused whole."""
    legal: list[Change] = []
    for change in wanted:
        try:
            state.apply(change)
        except BugFault:
            continue
        legal.append(change)
    return legal


def commit_all(
    repository: Repository, wanted: list[list[Change]], snapshots: set[int]
) -> FarmState:
    live = repository.load()
    for number, turn in enumerate([START, *wanted]):
        legal = apply_legal(live, turn)
        if legal:
            repository.commit(legal, 1.0)
        if number in snapshots:
            repository.snapshot(live)
    return live


@settings(max_examples=60)
@given(turns, st.sets(st.integers(0, 12)))
def test_a_load_gives_the_live_state(wanted: list[list[Change]], snapshots: set[int]) -> None:
    with folder() as home:
        with repository_at(home / "farm.db") as repository:
            live = commit_all(repository, wanted, snapshots)
        with repository_at(home / "farm.db") as again:
            assert again.load().sections() == live.sections()
            assert again.seq == repository.seq


@settings(max_examples=30)
@given(turns, st.sets(st.integers(0, 12)), st.data())
def test_a_torn_copy_holds_a_prefix_of_whole_turns(
    wanted: list[list[Change]], snapshots: set[int], data: st.DataObject
) -> None:
    """A copy of the files as a power cut leaves them: the WAL's end is missing or is rubbish."""
    with folder() as home, repository_at(home / "farm.db") as repository:
        # What is tested is turns: an empty database is torn by the migration tests.
        repository.database.checkpoint()
        live = repository.load()
        seen = [live.sections()]
        for number, turn in enumerate([START, *wanted]):
            if legal := apply_legal(live, turn):
                repository.commit(legal, 1.0)
            seen.append(live.sections())
            if number in snapshots:
                repository.snapshot(live)
        torn = tear(home / "farm.db", data)
        with repository_at(torn) as again:
            assert again.load().sections() in seen


def tear(database: Path, data: st.DataObject) -> Path:
    torn = database.parent / "torn"
    torn.mkdir()
    shutil.copy(database, torn)
    wal = (database.parent / "farm.db-wal").read_bytes()
    cut = data.draw(st.integers(0, len(wal)))
    (torn / "farm.db-wal").write_bytes(wal[:cut] + data.draw(st.binary(max_size=64)))
    return torn / "farm.db"
