"""Questions to the table of commands: who asked what, when."""

from __future__ import annotations

import sqlite3

from app.core.audit import Recorded
from app.core.commands import GetAudit

_COUNT_MAX = 10_000
_SELECT = """
SELECT number, at, user, kind, command, length(inverse) > 0, undoes FROM command
WHERE at >= ? AND at < ? AND number < ? AND (? = '' OR user = ? COLLATE NOCASE)
ORDER BY number DESC LIMIT ?
"""


def read_commands(connection: sqlite3.Connection, query: GetAudit) -> list[Recorded]:
    """Return commands, newest first."""
    until, before = query.until or float("inf"), query.before or 2**62
    count = max(0, min(query.count, _COUNT_MAX))
    wanted = (query.since, until, before, query.user, query.user, count)
    rows = connection.execute(_SELECT, wanted).fetchall()
    return [Recorded(*row[:5], has_inverse=bool(row[5]), undoes=row[6]) for row in rows]


def read_undone(connection: sqlite3.Connection) -> dict[int, int]:
    """Return the newest undo of every command that has one."""
    text = "SELECT undoes, max(number) FROM command WHERE undoes > 0 GROUP BY undoes"
    return dict(connection.execute(text).fetchall())
