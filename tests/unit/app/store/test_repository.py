"""What is committed is there again, in turns, in sections and in the tables that people read."""

from __future__ import annotations

import random
import sqlite3
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.core.changes import (
    AttemptEnded,
    Change,
    KeyAdded,
    NodeAdded,
    ShotPaused,
    ShotRanked,
    TaskMoved,
)
from app.core.ids import TaskState
from app.core.state import FarmState
from app.errors import EnvironmentFault
from app.store import tables
from app.store.repository import Repository
from tests.unit.app.store.make_database import KEYS, changes, ended, write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "farm.db"
    write(path)
    return path


@pytest.fixture
def repository(path: Path) -> Iterator[Repository]:
    repository = Repository(path)
    yield repository
    repository.close()


def live() -> FarmState:
    state = FarmState()
    for turn in changes():
        for change in turn:
            state.apply(change)
    return state


def rows(repository: Repository, sql: str) -> list[tuple[Any, ...]]:
    with repository.database.reading() as connection:
        return connection.execute(sql).fetchall()


def test_load_is_sections_and_the_turns_after_them(repository: Repository) -> None:
    assert len(rows(repository, "SELECT seq FROM turn")) == 4
    assert repository.load().sections() == live().sections()
    assert repository.seq == len(changes())


def test_only_what_changed_is_written_by_the_next_snapshot(repository: Repository) -> None:
    state = repository.load()
    repository.snapshot(state)
    move = TaskMoved(2, 0, TaskState.RUNNING, 1, 60.0, 1, 0)
    state.apply(move)
    repository.commit([move], 60.0)
    with repository.database.transaction() as connection:
        connection.execute("UPDATE section SET data = x'78' WHERE name = 'step:1'")
    repository.snapshot(state)
    assert rows(repository, "SELECT data FROM section WHERE name = 'step:1'") == [(b"x",)]


def test_a_load_of_turns_alone_marks_all_as_changed(repository: Repository) -> None:
    state = repository.load()
    repository.snapshot(state)
    assert rows(repository, "SELECT count(*) FROM turn") == [(0,)]
    assert repository.load().sections() == state.sections()


class TestTables:
    def test_people_find_what_they_submitted(self, repository: Repository) -> None:
        assert rows(repository, "SELECT name FROM project") == [("NZ2",)]
        assert rows(repository, "SELECT sequence, name, rank FROM shot") == [
            ("sq010", "sh0010", 1.0),
            ("sq010", "sh0020", 2.0),
        ]
        assert rows(repository, "SELECT id, user FROM job") == [(1, "ann"), (2, "bob")]
        assert rows(repository, "SELECT frames, tasks, kind FROM step WHERE id = 1") == [
            ("1001-1003", 3, "command")
        ]
        assert rows(repository, "SELECT user, kind FROM command") == [("owner", "pause")]
        assert rows(repository, "SELECT name, role FROM key") == [
            ("owner", "admin"),
            ("node1", "node"),
        ]

    def test_changes_follow(self, repository: Repository) -> None:
        repository.load()
        repository.commit(
            [
                ShotRanked(1, 7.5),
                ShotPaused(2, True),
                NodeAdded(1, "node1", KEYS[0], 9.0),
                KeyAdded("c" * 40, 2, "viewer", 9.0),
            ],
            9.0,
        )
        assert rows(repository, "SELECT rank, paused FROM shot") == [(7.5, 0), (2.0, 1)]
        assert rows(repository, "SELECT public_key FROM node") == [(KEYS[0],)]

    def test_usage_sums_by_hour_shot_and_outcome(self, repository: Repository) -> None:
        state = repository.load()
        repository.snapshot(state)
        # The repository does not ask whether they are legal; the core did.
        repository.commit([ended(number, "done", 7200.0 + number) for number in range(5)], 1.0)
        repository.snapshot(state)
        repository.snapshot(state)
        assert rows(
            repository, "SELECT at, shot, node, outcome, attempts, wall_s FROM usage ORDER BY 1, 4"
        ) == [
            (0, "sh0010", "node1", "done", 1, 10.0),
            (0, "sh0010", "node1", "failed", 1, 10.0),
            # Ten seconds each, some of them in the hour before.
            (3600, "sh0010", "node1", "done", 0, 40.0),
            (7200, "sh0010", "node1", "done", 5, 10.0),
        ]


class TestAttempts:
    @pytest.mark.parametrize(
        ("which", "epochs"),
        [
            ({}, [2, 1]),
            ({"count": 1}, [2]),
            ({"shot": 1}, [2, 1]),
            ({"shot": 2}, []),
            ({"step": 1}, [2, 1]),
            ({"step": 1, "task": 0}, [2, 1]),
            ({"step": 1, "task": 1}, []),
            ({"step": 9}, []),
            ({"node": 1}, [2, 1]),
            ({"node": 9}, []),
            ({"count": -1}, []),
        ],
    )
    def test_newest_first(
        self, repository: Repository, which: dict[str, int], epochs: list[int]
    ) -> None:
        assert [row.epoch for row in repository.attempts(**which)] == epochs

    def test_says_all_of_it(self, repository: Repository) -> None:
        row = repository.attempts()[1]
        assert (row.shot, row.job, row.first, row.last) == (1, 1, 1001, 1001)
        assert (row.node_name, row.outcome, row.cause) == ("node1", "failed", "crash")
        assert (row.wall_s, row.energy_j, row.samples) == (10.0, 5.0, 64)


class TestDamage:
    def test_no_flipped_byte_gives_another_farm(self, tmp_path: Path, path: Path) -> None:
        """A damaged file is refused, or the damage is where it does not matter: never another state."""
        expected = live().sections()
        whole = path.read_bytes()
        draw = random.Random(9)
        # Most of the file is room that nothing uses yet.
        used = [place for place, byte in enumerate(whole) if byte]
        refused = 0
        for number in range(100):
            data = bytearray(whole)
            data[draw.choice(used)] ^= 1 << draw.randrange(8)
            victim = tmp_path / f"{number}" / "farm.db"
            victim.parent.mkdir()
            victim.write_bytes(data)
            try:
                repository = Repository(victim)
            except EnvironmentFault:
                refused += 1
                continue
            try:
                assert repository.load().sections() == expected
            except EnvironmentFault:
                refused += 1
            finally:
                repository.close()
        assert refused > 3

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE turn SET changes = CAST(changes || x'00' AS BLOB) WHERE seq = 8",
            "DELETE FROM turn WHERE seq = 8",
            "UPDATE section SET data = CAST(substr(data, 2) AS BLOB) WHERE name = 'farm'",
            "UPDATE turn SET changes = x'c1', \"check\" = 1 WHERE seq = 8",
        ],
    )
    def test_a_changed_blob_is_noticed(self, path: Path, sql: str) -> None:
        connection = sqlite3.connect(path)
        try:
            with connection:
                connection.execute(sql)
        finally:
            connection.close()
        repository = Repository(path)
        with pytest.raises(EnvironmentFault, match="damaged and left as it is"):
            repository.load()
        repository.close()


def test_wal_stays_bounded(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "farm.db")
    repository.load()
    wal = tmp_path / "farm.db-wal"
    sizes: list[int] = []
    for number in range(200):
        repository.commit([KeyAdded("k" * 40, 2, "x" * 200_000, float(number))], 1.0)
        sizes.append(wal.stat().st_size)
    assert max(sizes) < 24 << 20
    assert sizes[-1] == sizes[-100]  # recycled, not growing
    repository.idle()
    repository.close()


def test_every_change_is_written_or_known_to_have_no_row():
    """One that is neither would end the dispatcher when it first comes."""
    known = {AttemptEnded, *tables._WITHOUT_ROW, *tables._write.registry}
    assert set(typing.get_args(Change)) <= known
