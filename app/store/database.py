"""The one connection to the database: opening with every check, transactions, checkpoints.

One process (``lock``), one thread, one connection that writes, checkpoints and reads. So SQLite's
WAL-reset bug (3.7.0 to 3.51.2; needs two connections) cannot happen, and no reader can keep the WAL
from being recycled. ``synchronous=FULL``: what was acknowledged survives power loss.
"""

from __future__ import annotations

import logging
import re
import sqlite3
import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import app
from app.errors import BugFault, EnvironmentFault
from app.store.faults import blamed
from app.store.lock import Lock
from app.store.schema import APPLICATION_ID, applied_migrations, known_migrations, migrate

log = logging.getLogger("windfire.store")

# A recycled WAL commits 1.6 times faster than a growing one; 4,000 pages are 16 MB.
_CHECKPOINT_PAGES = 4000
_WAL_WARN_BYTES = 64 << 20
_WAL_BUG = ((3, 7, 0), (3, 51, 2))
# WAL needs memory shared between processes; on these it corrupts silently.
_NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "fuse.sshfs", "ncpfs"}
_VITAL_TABLES = ("turn", "section", "meta", "key")


class Database:
    """Open from construction to ``close``. Raises EnvironmentFault with a sentence, changing nothing."""

    def __init__(self, path: Path, *, backups: Path | None = None) -> None:
        self.path = path
        self._backups = backups or path.parent / "backups"
        self._lock = Lock(path)
        try:
            _refuse_network(path)
            # SQLite would make it readable by everybody; the WAL takes the mode of the database.
            path.touch(mode=0o600)
            with blamed(path):
                self._connection = sqlite3.connect(
                    path, isolation_level=None, cached_statements=256
                )
        except OSError as error:
            self._lock.close()
            raise EnvironmentFault(f"{path} cannot be opened: {error}.") from error
        except BaseException:
            self._lock.close()
            raise
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        try:
            with blamed(self.path):
                self._check_owner()
                self._set_up()
                self._check_whole()
                self._migrate()
        except BugFault as error:
            # Text that is none, a table that is missing: what we ask for here is asked at every start.
            raise EnvironmentFault(
                f"The database {self.path} is damaged ({error.sentence}); it is left as it is: "
                f"restore a copy from {self._backups}."
            ) from error

    def close(self) -> None:
        """Close; the last checkpoint removes the WAL."""
        self._connection.close()
        self._lock.close()

    @contextmanager
    def transaction(self) -> Generator[sqlite3.Connection]:
        """All or nothing, durable at the end. Raises StoreFault or BugFault, having rolled back."""
        with blamed(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Generator[sqlite3.Connection]:
        """For SELECTs outside a transaction; read all rows before you leave."""
        with blamed(self.path):
            yield self._connection

    def checkpoint(self) -> int:
        """Copy the WAL into the database, for an idle moment; returns the WAL's pages before."""
        with blamed(self.path):
            _, pages, _ = self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        wal = self.path.with_name(self.path.name + "-wal")
        if wal.exists() and wal.stat().st_size > _WAL_WARN_BYTES:
            log.warning("The WAL %s has grown to %d bytes.", wal, wal.stat().st_size)
        return int(pages)

    def backup(self, target: Path) -> None:
        """Copy the whole database as of now to ``target``, durably; an older file there is replaced."""
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.part")
        temporary.unlink(missing_ok=True)
        with blamed(target):
            copy = sqlite3.connect(temporary)
            try:
                self._connection.backup(copy)
            finally:
                copy.close()
        temporary.replace(target)

    def _check_owner(self) -> None:
        """Refuse a database of another program before anything is written into it."""
        found = self._connection.execute("PRAGMA application_id").fetchone()[0]
        empty = not self._connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()
        if empty:
            self._connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        elif found != APPLICATION_ID:
            raise EnvironmentFault(
                f"{self.path} is the database of another program; it is left as it is."
            )

    def _has(self, table: str) -> bool:
        row = self._connection.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (table,))
        return row.fetchone() is not None

    def _set_up(self) -> None:
        run = self._connection.execute
        mode = run("PRAGMA journal_mode = WAL").fetchone()[0]
        if mode != "wal":
            raise EnvironmentFault(f"The file system of {self.path} does not hold a WAL database.")
        run("PRAGMA synchronous = FULL")
        run(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
        run("PRAGMA busy_timeout = 2000")
        run("PRAGMA foreign_keys = ON")
        run("PRAGMA trusted_schema = OFF")

    def _check_whole(self) -> None:
        """Refuse a damaged file; SQLite itself notices only what it happens to read."""
        for table in _VITAL_TABLES:
            if not self._has(table):
                continue
            found = self._connection.execute(f"PRAGMA quick_check('{table}')").fetchall()
            if found != [("ok",)]:
                raise EnvironmentFault(
                    f"The database {self.path} is damaged ({found[0][0]}); it is left as it is: "
                    f"restore a copy from {self._backups}."
                )

    def _migrate(self) -> None:
        applied = applied_migrations(self._connection)
        self._refuse_newer(applied)
        pending = [name for name in known_migrations() if name not in applied]
        if pending and applied:
            self.backup(self._backups / f"before-{pending[0]}-{_stamp()}.db")
        if pending:
            migrate(self._connection)
        self._connection.execute(
            "INSERT INTO meta VALUES ('version', ?1) ON CONFLICT DO UPDATE SET value = ?1"
            " WHERE value != ?1",
            (app.__version__,),
        )

    def _refuse_newer(self, applied: set[str]) -> None:
        if applied <= set(known_migrations()):
            return
        row = self._connection.execute("SELECT value FROM meta WHERE name = 'version'").fetchone()
        raise EnvironmentFault(
            f"The database {self.path} was last used by Windfire {row[0] if row else '(unknown)'}, "
            f"this is {app.__version__}: install that version, or restore a copy from {self._backups}."
        )


def sqlite_note() -> str:
    """Say which SQLite this is, and whether it has the WAL-reset bug that one connection avoids."""
    version = sqlite3.sqlite_version
    if _WAL_BUG[0] <= sqlite3.sqlite_version_info <= _WAL_BUG[1]:
        return f"SQLite {version} (has the WAL-reset bug; safe here, as one connection does all)"
    return f"SQLite {version}"


def _refuse_network(path: Path) -> None:
    kind = _file_system(path.parent.resolve())
    if kind in _NETWORK_FILE_SYSTEMS:
        raise EnvironmentFault(
            f"{path} is on a network file system ({kind}), where a database gets damaged: "
            "choose a folder on this machine's own disk with --data."
        )


def _file_system(folder: Path) -> str:
    """Return the type of the file system that holds ``folder``; '' where nobody tells."""
    best = ("", "")
    try:
        for place, kind in _mounts():
            if folder.is_relative_to(place):
                best = max(best, (place, kind), key=lambda pair: len(pair[0]))
    except OSError:
        return ""
    return best[1]


def _mounts() -> list[tuple[str, str]]:
    """Return the place and the type of each file system. Raises OSError."""
    if sys.platform == "linux":
        lines = Path("/proc/self/mounts").read_text(errors="surrogateescape").splitlines()
        fields = [line.split(" ") for line in lines]
        return [(_OCTAL.sub(_character, line[1]), line[2]) for line in fields if len(line) > 2]
    import psutil  # a twentieth of the time that a start takes

    return [(mount.mountpoint, mount.fstype) for mount in psutil.disk_partitions(all=True)]


_OCTAL = re.compile(r"\\([0-7]{3})")


def _character(found: re.Match[str]) -> str:
    return chr(int(found[1], 8))


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
