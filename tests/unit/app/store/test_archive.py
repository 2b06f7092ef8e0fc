"""A farm in one file and back: the same database, the same keys, and nothing half done."""

import sqlite3
import tarfile

import pytest

from app.core import changes as c
from app.errors import EnvironmentFault, UserMistake
from app.store.archive import check_backup, make_backup, restore_backup
from app.store.home import Home
from app.store.lock import Lock
from app.store.repository import Repository


def silent(what, done, total):
    assert 0 <= done <= total


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "farm")
    (home.root / "keys").mkdir(parents=True)
    home.server_key.write_text("a secret")
    (home.root / "ports.json").write_text("[1,2,3]")
    (home.root / "connection.json").write_text("{}")
    home.logs.mkdir()
    (home.logs / "1.log").write_text("hello")
    repository = Repository(home.database)
    repository.commit([c.ShotAdded(1, "NZ2", "sq010", "sh0010", 1.0, 5.0)], 5.0)
    repository.close()
    return home


def shots(home):
    repository = Repository(home.database)
    found = [shot.name for shot in repository.load().shots.values()]
    repository.close()
    return found


def test_what_was_saved_comes_back(home, tmp_path):
    manifest = make_backup(home, tmp_path / "b.tar", "1.0", silent, whole=False)
    names = [member.name for member in manifest.members]
    assert names == ["windfire.db", "ports.json", "keys/server.key_secret"]
    assert (tmp_path / "b.tar").stat().st_mode & 0o077 == 0
    other = Home(tmp_path / "other")
    assert restore_backup(tmp_path / "b.tar", other, silent, force=False) == manifest
    assert shots(other) == ["sh0010"]
    assert other.server_key.read_text() == "a secret"
    assert not list(tmp_path.rglob("*.part"))


def test_logs_are_in_a_whole_backup(home, tmp_path):
    make_backup(home, tmp_path / "b.tar", "1.0", silent, whole=True)
    restore_backup(tmp_path / "b.tar", Home(tmp_path / "other"), silent, force=False)
    assert (tmp_path / "other" / "logs" / "1.log").read_text() == "hello"


def test_a_farm_at_work_can_be_saved(home, tmp_path):
    repository = Repository(home.database)
    repository.load()
    repository.commit([c.ShotAdded(2, "NZ2", "sq010", "sh0020", 2.0, 6.0)], 6.0)
    make_backup(home, tmp_path / "b.tar", "1.0", silent, whole=False)
    repository.commit([c.ShotAdded(3, "NZ2", "sq010", "sh0030", 3.0, 7.0)], 7.0)
    repository.close()
    restore_backup(tmp_path / "b.tar", Home(tmp_path / "other"), silent, force=False)
    assert shots(Home(tmp_path / "other")) == ["sh0010", "sh0020"]


def test_a_farm_that_is_there_is_kept(home, tmp_path):
    make_backup(home, tmp_path / "b.tar", "1.0", silent, whole=False)
    repository = Repository(home.database)
    repository.load()
    repository.commit([c.ShotAdded(2, "NZ2", "sq010", "new", 2.0, 6.0)], 6.0)
    repository.close()
    with pytest.raises(UserMistake, match="--force moves it"):
        restore_backup(tmp_path / "b.tar", home, silent, force=False)
    restore_backup(tmp_path / "b.tar", home, silent, force=True)
    assert shots(home) == ["sh0010"]
    (kept,) = home.backups.glob("before-restore-*")
    assert (kept / "windfire.db").exists()
    assert (kept / "keys" / "server.key_secret").read_text() == "a secret"


def test_a_running_dispatcher_keeps_a_restore_away(home, tmp_path):
    make_backup(home, tmp_path / "b.tar", "1.0", silent, whole=False)
    lock = Lock(home.database)
    with pytest.raises(EnvironmentFault, match="Another dispatcher"):
        restore_backup(tmp_path / "b.tar", home, silent, force=True)
    lock.close()


def test_a_damaged_backup_touches_nothing(home, tmp_path):
    path = tmp_path / "b.tar"
    make_backup(home, path, "1.0", silent, whole=False)
    data = bytearray(path.read_bytes())
    at = data.find(b"a secret")
    data[at] ^= 1
    path.write_bytes(data)
    with pytest.raises(EnvironmentFault, match=r"damaged: keys/server.key_secret"):
        restore_backup(path, home, silent, force=True)
    assert shots(home) == ["sh0010"]
    for size in (0, 700, len(data) // 2):
        path.write_bytes(data[:size])
        with pytest.raises(EnvironmentFault, match=r"b\.tar"):
            check_backup(path, silent)


def test_a_name_outside_the_farm_is_refused(home, tmp_path):
    path = tmp_path / "b.tar"
    make_backup(home, path, "1.0", silent, whole=False)
    data = path.read_bytes().replace(b"keys/server.key_secret", b"../../server.key_secre")
    path.write_bytes(data)
    with pytest.raises(EnvironmentFault, match="outside the farm"):
        check_backup(path, silent)


def test_a_damaged_database_is_not_saved(home, tmp_path):
    with sqlite3.connect(home.database) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    data = bytearray(home.database.read_bytes())
    data[4096:12288] = bytes(8192)
    home.database.write_bytes(data)
    with pytest.raises(EnvironmentFault):
        make_backup(home, tmp_path / "b.tar", "1.0", silent, whole=False)
    assert not (tmp_path / "b.tar").exists()
    with pytest.raises(UserMistake, match="no farm"):
        make_backup(Home(tmp_path / "none"), tmp_path / "b.tar", "1.0", silent, whole=False)


def test_any_tar_can_open_it(home, tmp_path):
    make_backup(home, tmp_path / "b.tar", "1.0", silent, whole=False)
    with tarfile.open(tmp_path / "b.tar") as tar:
        assert tar.getnames()[:2] == ["manifest.json", "windfire.db"]
