"""The farm on disk: load all, append one turn, write a snapshot now and then.

A *turn* is all changes of one round of the dispatcher's loop in one row, with the tables that people
read, in one transaction. A *snapshot* writes the sections of the state that changed and drops the turns
they hold. So a start reads some blobs and folds a few turns: the database never stands still for it,
and it stays small. Used by one thread.
"""

from __future__ import annotations

import gc
import time
import zlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from app.core.audit import Recorded
from app.core.changes import Change
from app.core.commands import GetAudit, GetUsage, UsageTable
from app.core.folding import Folder
from app.core.morning import Failure
from app.core.state import FarmState
from app.core.views import AttemptRow
from app.errors import BugFault, EnvironmentFault
from app.store.audit import read_commands, read_undone
from app.store.database import Database
from app.store.history import Bucket, read_history, write_history
from app.store.ledger import read_attempts
from app.store.morning import read_failures, read_last_worked, read_mark, write_mark
from app.store.tables import write_changes
from app.store.usage import ledger_sums, read_usage, roll_up

_CHANGES_MAX = 50_000
_BYTES_MAX = 2 << 20
"""Of turns since the last snapshot; folding either takes some 0.3 s at the next start. (A submission
is one change with a list of all its frames.)"""
_SNAPSHOT_S = 60.0
_REST_S = 2.0
"""Between two snapshots at least, and after a load: first a start gives its nodes work."""

_encoder = msgspec.msgpack.Encoder()
_changes: msgspec.msgpack.Decoder[list[Change]] = msgspec.msgpack.Decoder(list[Change])


class Repository:
    """Owns the database from construction to ``close``. Raises EnvironmentFault with a sentence."""

    def __init__(self, path: Path, *, backups: Path | None = None) -> None:
        self.database = Database(path, backups=backups)
        self.seq = 0
        """Of the last turn that is committed."""
        self.check = 0
        """CRC-32 of what that turn saved."""
        self._changes_since = 0
        self._bytes_since = 0
        self._snapshot_at = time.monotonic()
        # After a failed snapshot the state thinks its sections are written.
        self._whole = True
        self._loaded: tuple[dict[str, bytes], list[bytes]] | None = None
        """What was on disk, and since: until somebody takes it, or a snapshot makes it old."""
        self._idle_wal = False

    def load(self) -> FarmState:
        """Return the state after the last committed turn. Raises EnvironmentFault when it is damaged."""
        self._whole = True
        was_collecting = gc.isenabled()
        gc.disable()  # hundreds of thousands of objects, none of them garbage: looking took half of the time
        try:
            return self._load()
        except BugFault as error:
            raise EnvironmentFault(f"{self._damaged()}: {error.sentence}") from error
        finally:
            self._snapshot_at = time.monotonic()
            if was_collecting:
                gc.enable()

    def _load(self) -> FarmState:
        with self.database.reading() as connection:
            found = connection.execute("SELECT value FROM meta WHERE name = 'snapshot'").fetchone()
            sections = connection.execute('SELECT name, data, "check" FROM section').fetchall()
            turns = connection.execute(
                'SELECT seq, changes, "check" FROM turn ORDER BY seq'
            ).fetchall()
        self.seq = int(found[0]) if found else 0
        blobs = {name: self._whole_blob(data, check, name) for name, data, check in sections}
        state = FarmState.from_sections(blobs)
        self._loaded = (blobs, [data for _, data, _ in turns])
        folder = Folder(state)
        for seq, data, check in turns:
            self._replay(folder, seq, self._whole_blob(data, check, f"turn {seq}"))
        folder.end()
        if not state.is_metered:
            # The sections are older than budgets; the ledger has what they lack.
            with self.database.reading() as connection:
                state.used, state.is_metered = ledger_sums(connection), True
            self._loaded = None
        # What the turns changed since the sections is what the state says that it is.
        self._whole = not blobs
        return state

    def commit(self, changes: Sequence[Change], at: float) -> int:
        """Make these changes durable; returns the turn's number.

        Raises StoreFault when nothing was written: the state in memory is then ahead and must be dropped.
        """
        data = _encoder.encode(changes)
        seq = self.seq + 1
        check = zlib.crc32(data)
        with self.database.transaction() as connection:
            connection.execute("INSERT INTO turn VALUES (?,?,?,?)", (seq, at, data, check))
            write_changes(connection, changes)
        self.seq, self.check = seq, check
        self._changes_since += len(changes)
        self._bytes_since += len(data)
        self._idle_wal = True
        if self._loaded is not None:
            self._loaded[1].append(data)
        return seq

    def snapshot_due(self) -> bool:
        """Tell whether enough was committed since the last snapshot to write another."""
        if not self._changes_since:
            return False
        age = time.monotonic() - self._snapshot_at
        is_long = self._changes_since >= _CHANGES_MAX or self._bytes_since >= _BYTES_MAX
        return age >= (_REST_S if is_long else _SNAPSHOT_S)

    def snapshot(self, state: FarmState) -> None:
        """Write the sections that changed and drop the turns before: between turns only."""
        self._snapshot_at = time.monotonic()
        self._loaded = None
        sections = state.sections(only_dirty=not self._whole)
        self._whole = True
        rows = [(name, data, zlib.crc32(data)) for name, data in sections.items()]
        with self.database.transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO section VALUES (?,?,?)", rows)
            connection.execute(
                "INSERT OR REPLACE INTO meta VALUES ('snapshot', ?)", (str(self.seq),)
            )
            connection.execute("DELETE FROM turn WHERE seq <= ?", (self.seq,))
            roll_up(connection)
        self._whole = False
        self._changes_since = self._bytes_since = 0
        self._idle_wal = True

    def whole(self, state: FarmState) -> tuple[dict[str, bytes], list[bytes]]:
        """Return the whole state, for a recording: sections, and the changes since, a list in each blob. After a
        load this is what was read, without packing a film of frames before its first assignment."""
        loaded, self._loaded = self._loaded, None
        if loaded is not None:
            return loaded
        self._whole = True  # asking the state for them made it forget which have changed
        return state.sections(), []

    def idle(self) -> None:
        """Use an idle moment: empty the WAL, so that it is recycled and a commit never has to."""
        if self._idle_wal:
            self._idle_wal = False
            self.database.checkpoint()

    def attempts(
        self, *, shot: int = 0, step: int = 0, task: int = -1, count: int = 200, node: int = 0
    ) -> list[AttemptRow]:
        """Return the newest ended attempts of a task, a step, a shot, a node or the farm, newest first."""
        with self.database.reading() as connection:
            return read_attempts(
                connection, shot=shot, step=step, task=task, count=count, node=node
            )

    def usage(self, query: GetUsage) -> UsageTable:
        """Return sums of the ledger, every attempt that has ended among them. Raises UserMistake."""
        with self.database.transaction() as connection:
            roll_up(connection)
        with self.database.reading() as connection:
            return read_usage(connection, query)

    def audit(self, query: GetAudit) -> tuple[list[Recorded], dict[int, int]]:
        """Return commands, newest first, and the newest undo of every command that has one."""
        with self.database.reading() as connection:
            return read_commands(connection, query), read_undone(connection)

    def history(self) -> list[Bucket]:
        """Return the farm's history, all of it."""
        with self.database.reading() as connection:
            return read_history(connection)

    def keep_history(self, buckets: Sequence[Bucket], oldest: dict[int, int]) -> None:
        """Write these steps of history and forget the old ones. Raises StoreFault."""
        with self.database.transaction() as connection:
            write_history(connection, buckets, oldest)
        self._idle_wal = True

    def night(self, since: float) -> tuple[list[Failure], dict[int, float]]:
        """Return the failures since a moment, and the finishes (p50 by shot) that were forecast then."""
        with self.database.reading() as connection:
            return read_failures(connection, since), read_mark(connection, since)

    def last_worked(self, nodes: list[int]) -> dict[int, float]:
        """Return when the newest attempt of each of these nodes ended."""
        with self.database.reading() as connection:
            return read_last_worked(connection, nodes)

    def mark_forecast(self, at: int, finishes: dict[int, float]) -> None:
        """Keep what is forecast now (p50 by shot). Raises StoreFault."""
        with self.database.transaction() as connection:
            write_mark(connection, at, finishes)
        self._idle_wal = True

    def newest_epoch(self, step: int, task: int) -> int:
        """Return the number of the newest attempt that ended, or 0."""
        rows = self.attempts(step=step, task=task, count=1)
        return rows[0].epoch if rows else 0

    def backup(self, target: Path) -> None:
        """Copy the database as of the last turn."""
        self.database.backup(target)

    def close(self) -> None:
        self.database.close()

    def _replay(self, folder: Folder, seq: int, data: bytes) -> None:
        if seq != self.seq + 1:
            raise EnvironmentFault(f"{self._damaged()}: turn {self.seq + 1} is missing.")
        try:
            changes = _changes.decode(data)
        except msgspec.MsgspecError as error:
            raise EnvironmentFault(f"{self._damaged()}: turn {seq}: {error}.") from error
        folder.fold(changes)
        self.seq = seq
        self._changes_since += len(changes)
        self._bytes_since += len(data)

    def _whole_blob(self, data: bytes, check: int, name: str) -> bytes:
        if zlib.crc32(data) != check:
            raise EnvironmentFault(
                f"{self._damaged()}: {name} is not what was written; "
                "restore a copy from the folder backups."
            )
        return data

    def _damaged(self) -> str:
        return f"The database {self.database.path} is damaged and left as it is"
