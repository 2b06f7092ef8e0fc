"""Questions to the ledger of attempts."""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec

from app.core.views import AttemptRow
from node_agent.wire.job import Frames

_COUNT_MAX = 10_000
_numbers: msgspec.msgpack.Decoder[list[Frames]] = msgspec.msgpack.Decoder(list[Frames])

_SELECT = """
SELECT attempt.step, attempt.task, attempt.epoch, coalesce(job.shot, 0) AS shot,
       coalesce(step.job, 0) AS job, attempt.node, coalesce(node.name, '') AS node_name,
       attempt.device, started_at, ended_at, outcome, cause, sentence, wall_s, cpu_s,
       peak_memory_bytes, samples, energy_j
FROM attempt
LEFT JOIN step ON step.id = attempt.step
LEFT JOIN job ON job.id = step.job
LEFT JOIN node ON node.id = attempt.node
"""
_OF_TASK = " WHERE attempt.step = ?1 AND attempt.task = ?2 ORDER BY attempt.id DESC LIMIT ?4"
_OF_STEP = " WHERE attempt.step = ?1 ORDER BY attempt.id DESC LIMIT ?4"
_OF_SHOT = (
    " WHERE attempt.step IN (SELECT step.id FROM step JOIN job ON job.id = step.job"
    " WHERE job.shot = ?3) ORDER BY attempt.id DESC LIMIT ?4"
)
_OF_NODE = " WHERE attempt.node = ?3 ORDER BY attempt.id DESC LIMIT ?4"
_OF_FARM = " ORDER BY attempt.id DESC LIMIT ?4"


def read_attempts(
    connection: sqlite3.Connection, *, shot: int, step: int, task: int, count: int, node: int = 0
) -> list[AttemptRow]:
    """Return ended attempts, newest first; 0 and -1 mean any."""
    if step:
        which = _OF_TASK if task >= 0 else _OF_STEP
    else:
        which = _OF_SHOT if shot else _OF_NODE if node else _OF_FARM
    limit = max(0, min(count, _COUNT_MAX))
    cursor = connection.execute(_SELECT + which, (step, task, shot or node, limit))
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    frames = {key: _frames(connection, key) for key in {row["step"] for row in rows}}
    return [_row(row, frames[row["step"]]) for row in rows]


def _frames(connection: sqlite3.Connection, step: int) -> list[Frames]:
    row = connection.execute("SELECT numbers FROM step WHERE id = ?", (step,)).fetchone()
    return _numbers.decode(row[0]) if row else []


def _row(row: dict[str, Any], frames: list[Frames]) -> AttemptRow:
    task: int = row["task"]
    chunk = frames[task] if 0 <= task < len(frames) else Frames(0, 0)
    return AttemptRow(first=chunk.first, last=chunk.last, **row)
