"""Opening a database: whole, ours, not newer, and by one dispatcher alone."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from app.errors import BugFault, EnvironmentFault
from app.store.database import Database, sqlite_note
from app.store.faults import StoreFault
from app.store.schema import known_migrations

ROOT = Path(__file__).parents[4]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "windfire.db"
    Database(path).close()
    return path


class TestOpen:
    def test_syncs_each_commit(self, path: Path) -> None:
        database = Database(path)
        with database.reading() as connection:
            assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        database.close()

    def test_records_each_migration_by_name(self, path: Path) -> None:
        with sqlite3.connect(path) as connection:
            found = {row[0] for row in connection.execute("SELECT name FROM _sqlite_migrations")}
        connection.close()
        assert found == set(known_migrations())

    def test_refuses_a_newer_database_with_both_versions(self, path: Path) -> None:
        connection = sqlite3.connect(path)
        with connection:
            connection.execute(
                "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
                " VALUES ('windfire', 'of_the_future', '')"
            )
            connection.execute("UPDATE meta SET value = '9.9.9' WHERE name = 'version'")
        connection.close()
        with pytest.raises(EnvironmentFault, match=r"Windfire 9\.9\.9, this is \d+\.\d+"):
            Database(path)

    def test_refuses_the_database_of_another_program(self, tmp_path: Path) -> None:
        path = tmp_path / "theirs.db"
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE theirs (x)")
        connection.close()
        before = path.read_bytes()
        with pytest.raises(EnvironmentFault, match="another program"):
            Database(path)
        assert path.read_bytes() == before

    @pytest.mark.parametrize("damage", ["header", "cut", "text", "pages"])
    def test_refuses_a_damaged_file_and_keeps_it(self, path: Path, damage: str) -> None:
        data = bytearray(path.read_bytes())
        if damage == "header":
            data[:100] = bytes(100)
        elif damage == "cut":
            del data[len(data) // 2 :]
        elif damage == "text":
            data = bytearray(b"not a database at all " * 400)
        else:
            data[4096:] = os.urandom(len(data) - 4096)
        path.write_bytes(data)
        with pytest.raises(EnvironmentFault, match="left as it is"):
            Database(path)
        assert path.read_bytes() == data

    def test_says_when_the_folder_cannot_be_written(self) -> None:
        with pytest.raises(EnvironmentFault):
            Database(Path("/proc/nowhere/windfire.db"))


class TestLock:
    def test_second_dispatcher_is_told_the_pid(self, path: Path) -> None:
        first = Database(path)
        try:
            with pytest.raises(EnvironmentFault, match=f"pid {os.getpid()}"):
                Database(path)
        finally:
            first.close()
        Database(path).close()

    def test_dies_with_its_process(self, path: Path) -> None:
        code = (
            "import sys, pathlib; from app.store.database import Database;"
            "database = Database(pathlib.Path(sys.argv[1])); print('open', flush=True); input()"
        )
        child = subprocess.Popen(
            [sys.executable, "-c", code, path],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        with child:
            assert child.stdout is not None
            assert child.stdout.readline() == b"open\n"
            with pytest.raises(EnvironmentFault, match=f"pid {child.pid}"):
                Database(path)
            child.kill()
        Database(path).close()


class TestTransaction:
    def test_is_all_or_nothing(self, path: Path) -> None:
        database = Database(path)
        with pytest.raises(BugFault):
            write_and_fail(database)
        with database.reading() as connection:
            assert connection.execute("SELECT 1 FROM meta WHERE name = 'a'").fetchone() is None
        database.close()

    def test_blames_the_program_for_wrong_sql(self, path: Path) -> None:
        database = Database(path)
        with pytest.raises(BugFault), database.transaction() as connection:
            connection.execute("INSERT INTO nothing VALUES (1)")
        database.close()

    def test_blames_who_holds_a_lock(self, path: Path) -> None:
        database = Database(path)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with database.reading() as connection:
            connection.execute("PRAGMA busy_timeout = 0")
        with pytest.raises(StoreFault, match="another program") as caught, database.transaction():
            pass
        assert caught.value.passing
        other.close()
        database.close()


def write_and_fail(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute("INSERT INTO meta VALUES ('a', 'b')")
        connection.execute("no SQL at all")


def test_backup_is_a_database_of_its_own(path: Path, tmp_path: Path) -> None:
    database = Database(path)
    with database.transaction() as connection:
        connection.execute("INSERT INTO meta VALUES ('a', 'b')")
    database.backup(tmp_path / "backups" / "copy.db")
    database.close()
    copy = Database(tmp_path / "backups" / "copy.db")
    with copy.reading() as connection:
        assert connection.execute("SELECT value FROM meta WHERE name = 'a'").fetchone() == ("b",)
    copy.close()


def test_says_which_sqlite_this_is() -> None:
    assert sqlite3.sqlite_version in sqlite_note()
