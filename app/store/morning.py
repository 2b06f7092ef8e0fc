"""What the store knows of a night: failures since a moment, when nodes last worked, what was forecast."""

from __future__ import annotations

import sqlite3

import msgspec

from app.core.morning import Failure

FAILURES_MAX = 20_000
"""The newest; a night with more is one of a few causes anyhow."""
MARKS_S = 7 * 86400

_encode = msgspec.msgpack.Encoder().encode
_finishes: msgspec.msgpack.Decoder[dict[int, float]] = msgspec.msgpack.Decoder(dict[int, float])


def read_failures(connection: sqlite3.Connection, since: float) -> list[Failure]:
    """Return failed and lost attempts that ended since then, newest first."""
    rows = connection.execute(
        "SELECT step, task, node, cause, sentence, ended_at FROM attempt INDEXED BY attempt_failed"
        " WHERE ended_at >= ? AND outcome IN ('failed', 'lost') ORDER BY ended_at DESC LIMIT ?",
        (since, FAILURES_MAX),
    )
    return [Failure(*row) for row in rows]


def read_last_worked(connection: sqlite3.Connection, nodes: list[int]) -> dict[int, float]:
    """Return when the newest attempt of each of these nodes ended."""
    text = "SELECT ended_at FROM attempt WHERE node = ? ORDER BY id DESC LIMIT 1"
    found = {node: connection.execute(text, (node,)).fetchone() for node in nodes}
    return {node: row[0] for node, row in found.items() if row}


def write_mark(connection: sqlite3.Connection, at: int, finishes: dict[int, float]) -> None:
    """Keep what is forecast now; forget what is over a week old."""
    connection.execute(
        "INSERT OR REPLACE INTO forecast_mark VALUES (?, ?)", (at, _encode(finishes))
    )
    connection.execute("DELETE FROM forecast_mark WHERE at < ?", (at - MARKS_S,))


def read_mark(connection: sqlite3.Connection, at: float) -> dict[int, float]:
    """Return what was forecast at that time: the last mark before it, else the first one after."""
    row = connection.execute(
        "SELECT finishes FROM forecast_mark ORDER BY at > ?1, abs(at - ?1) LIMIT 1", (at,)
    ).fetchone()
    return _finishes.decode(row[0]) if row else {}
