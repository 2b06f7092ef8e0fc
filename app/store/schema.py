"""The tables, as migrations: each a named function, applied once, in order, and recorded by its name.

A migration that was released is never edited; a new one is added below. Two kinds of table:

* what the dispatcher starts from: ``turn`` (an append-only row for each committed turn) and ``section``
  (the state as blobs at the turn of the last snapshot);
* what people and reports read: ``project`` .. ``usage``, written in the same transactions.

Both kinds are made from the same changes, so they cannot disagree.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

Migration = Callable[["Database"], None]

APPLICATION_ID = 0x57465252
"""'WFRR' in the file's header: a database of another program is refused, not migrated."""

SET = "windfire"
_migrations: list[Migration] = []


def migration(function: Migration) -> Migration:
    """Add to the migrations, under the function's name."""
    _migrations.append(function)
    return function


def known_migrations() -> list[str]:
    """Return the names of all migrations of this program, in order."""
    return [function.__name__ for function in _migrations]


def applied_migrations(connection: sqlite3.Connection) -> set[str]:
    """Return the names of those that this database has had."""
    table = "SELECT 1 FROM sqlite_schema WHERE name = '_sqlite_migrations'"
    if not connection.execute(table).fetchone():
        return set()
    rows = connection.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = ?", (SET,))
    return {row[0] for row in rows.fetchall()}


def migrate(connection: sqlite3.Connection) -> None:
    """Apply what this database has not had."""
    # Half of the time that a start takes goes into importing this, and nearly no start needs it.
    from sqlite_utils import Database, Migrations

    migrations = Migrations(SET)
    for function in _migrations:
        migrations()(function)
    migrations.apply(Database(connection))


@migration
def turns_and_sections(db: Database) -> None:
    """What the dispatcher starts from; ``check`` is the CRC-32 of the blob (SQLite has none)."""
    db.table("turn").create(
        {"seq": int, "at": float, "changes": bytes, "check": int}, pk="seq", strict=True
    )
    db.table("section").create({"name": str, "data": bytes, "check": int}, pk="name", strict=True)
    db.table("meta").create({"name": str, "value": str}, pk="name", strict=True)


@migration
def queue_tables(db: Database) -> None:
    """Projects, shots, jobs and steps, without a row for each task (``numbers``: MessagePack of its
    frames for each)."""
    db.table("project").create({"name": str, "added_at": float}, pk="name", strict=True)
    db.table("shot").create(
        {
            "id": int,
            "project": str,
            "sequence": str,
            "name": str,
            "rank": float,
            "paused": int,
            "added_at": float,
        },
        pk="id",
        strict=True,
    )
    db.table("job").create(
        {"id": int, "shot": int, "name": str, "user": str, "attempts": int, "added_at": float},
        pk="id",
        strict=True,
    )
    db.table("step").create(
        {
            "id": int,
            "job": int,
            "name": str,
            "kind": str,
            "frames": str,
            "tasks": int,
            "work": str,
            "needs": str,
            "numbers": bytes,
        },
        pk="id",
        strict=True,
    )


@migration
def farm_tables(db: Database) -> None:
    """Nodes, keys and the audit log of commands."""
    db.table("node").create(
        {"id": int, "name": str, "public_key": str, "added_at": float, "drain": int},
        pk="id",
        strict=True,
    )
    db.table("key").create(
        {
            "public_key": str,
            "role": str,
            "name": str,
            "added_at": float,
            "expires_at": float,
            "revoked": int,
        },
        pk="public_key",
        strict=True,
    )
    db.table("command").create(
        {
            "number": int,
            "at": float,
            "user": str,
            "kind": str,
            "command": bytes,
            "inverse": bytes,
            "undoes": int,
        },
        pk="number",
        strict=True,
    )


@migration
def ledger(db: Database) -> None:
    """One line for each attempt that ended, only ever appended; and its sums by the hour."""
    db.table("attempt").create(
        {
            "id": int,
            "step": int,
            "task": int,
            "epoch": int,
            "node": int,
            "device": int,
            "started_at": float,
            "ended_at": float,
            "outcome": str,
            "cause": str,
            "sentence": str,
            "wall_s": float,
            "cpu_s": float,
            "peak_memory_bytes": int,
            "samples": int,
            "energy_j": float,
            "files": str,
            "device_kind": str,
        },
        pk="id",
        strict=True,
    )
    db.table("attempt").create_index(["step", "task", "epoch"])
    # Sums of the attempts up to meta.usage_attempt, kept so that years of history add up at once.
    db.table("usage_hour").create(
        {
            "hour": int,
            "shot": int,
            "node": int,
            "outcome": str,
            "attempts": int,
            "wall_s": float,
            "cpu_s": float,
            "energy_j": float,
        },
        pk=("hour", "shot", "node", "outcome"),
        strict=True,
    )
    db.create_view("usage", _USAGE)


@migration
def usage_by_hour_and_day(db: Database) -> None:
    """Sums with device kind and user, attempts split where an hour ends; and coarser ones by the day, without
    shots and nodes, so that years of a farm add up at once. All are summed anew from the attempts."""
    db["usage"].drop()
    db["usage_hour"].drop()
    sums = {"attempts": int, "wall_s": float, "cpu_s": float, "energy_j": float}
    by_hour = {"hour": int, "shot": int, "user": str, "node": int, "kind": str, "outcome": str}
    by_day = {"day": int, "project": str, "user": str, "kind": str, "outcome": str}
    db.table("usage_hour").create(by_hour | sums, pk=tuple(by_hour), strict=True)
    db.table("usage_day").create(by_day | sums, pk=tuple(by_day), strict=True)
    db.conn.execute("DELETE FROM meta WHERE name = 'usage_attempt'")
    db.table("node").add_column("pools", str, not_null_default="")
    db.create_view("usage", _USAGE_WITH_KIND)


@migration
def undone_commands(db: Database) -> None:
    """The audit log asks of every command whether one took it back."""
    db.conn.execute("CREATE INDEX command_undoes ON command (undoes) WHERE undoes > 0")
    db.conn.execute("CREATE INDEX command_at ON command (at)")


@migration
def attempts_by_node(db: Database) -> None:
    """A node's past work is asked for by its node: without this a table of years would be read through."""
    db.conn.execute("CREATE INDEX attempt_node ON attempt (node)")


@migration
def gpus_of_attempts(db: Database) -> None:
    """A task may hold several GPUs of its node; its seconds count for each."""
    db.table("attempt").add_column("gpus", int, not_null_default=1)


@migration
def history_of_the_farm(db: Database) -> None:
    """The farm over time, in steps of several lengths: values are sums over the seconds that were seen; each
    length keeps a fixed number of rows. And the failures of a night, found without reading a table of years."""
    numbers = ("gpus", "gpus_busy", "cores", "cores_busy", "ready", "waiting", "nodes", "power_w")
    counts = ("done", "failed", "lost")
    columns = {"step_s": int, "at": int, "seen_s": float}
    columns |= dict.fromkeys(numbers, float) | dict.fromkeys(counts, int)
    db.table("history").create(columns, pk=("step_s", "at"), strict=True)
    db.conn.execute(
        "CREATE INDEX attempt_failed ON attempt (ended_at) WHERE outcome IN ('failed', 'lost')"
    )


@migration
def marks_of_the_forecast(db: Database) -> None:
    """What was forecast at each full hour, kept for a week: what a slip is measured against in the morning."""
    db.table("forecast_mark").create({"at": int, "finishes": bytes}, pk="at", strict=True)


_USAGE_WITH_KIND = """
SELECT hour * 3600 AS at, shot.project, shot.sequence, shot.name AS shot, usage_hour.user,
       node.name AS node, node.pools, kind, outcome, attempts, wall_s, cpu_s, energy_j
FROM usage_hour
LEFT JOIN shot ON shot.id = usage_hour.shot
LEFT JOIN node ON node.id = usage_hour.node
"""

_USAGE = """
SELECT hour * 3600 AS at, shot.project, shot.sequence, shot.name AS shot, node.name AS node,
       outcome, attempts, wall_s, cpu_s, energy_j
FROM usage_hour
LEFT JOIN shot ON shot.id = usage_hour.shot
LEFT JOIN node ON node.id = usage_hour.node
"""
