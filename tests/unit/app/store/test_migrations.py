"""Migrations: safe to be killed in, backed up before, and old databases stay readable."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from app.store.database import Database
from app.store.repository import Repository
from app.store.schema import known_migrations

OLD = sorted((Path(__file__).parent / "data").glob("*.db"))


def test_a_start_that_was_killed_anywhere_can_be_repeated(tmp_path: Path) -> None:
    """The WAL of a first start, cut at every frame, as a kill within a migration leaves it."""
    path = tmp_path / "farm.db"
    database = Database(path)
    whole, wal = path.read_bytes(), (tmp_path / "farm.db-wal").read_bytes()
    database.close()
    page = 4096
    cuts = range(0, len(wal) + 1, page + 24)
    assert len(cuts) > 20
    for number, cut in enumerate(cuts):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "farm.db").write_bytes(whole)
        (folder / "farm.db-wal").write_bytes(wal[: cut + 32])
        again = Repository(folder / "farm.db")
        assert again.load().shots == {}
        again.close()


@pytest.mark.parametrize("old", OLD, ids=lambda path: path.stem)
def test_database_of_each_released_schema_opens(tmp_path: Path, old: Path) -> None:
    path = tmp_path / "farm.db"
    shutil.copy(old, path)
    repository = Repository(path)
    state = repository.load()
    assert [shot.name for shot in state.shots.values()] == ["sh0010", "sh0020"]
    assert [row.outcome for row in repository.attempts()] == ["done", "failed"]
    repository.close()


def test_there_is_a_database_of_each_released_schema() -> None:
    assert [path.stem for path in OLD] == ["v1"]


def test_backs_up_before_it_migrates(tmp_path: Path) -> None:
    path = tmp_path / "farm.db"
    Database(path).close()
    connection = sqlite3.connect(path)
    with connection:  # as if the last migration were new
        connection.execute("DELETE FROM _sqlite_migrations WHERE name = 'ledger'")
        for name in ("attempt", "usage_hour"):
            connection.execute(f"DROP TABLE {name}")
        connection.execute("DROP VIEW usage")
    connection.close()
    Database(path).close()
    (backup,) = (tmp_path / "backups").iterdir()
    assert backup.name.startswith("before-ledger-")
    connection = sqlite3.connect(backup)
    names = {row[0] for row in connection.execute("SELECT name FROM _sqlite_migrations")}
    connection.close()
    assert names == set(known_migrations()) - {"ledger"}
