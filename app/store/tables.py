"""The tables that people read, written from the same changes and in the same transaction as the turn.

No row for each task and none for each transition: those are in the turns and in the sections, where
1.2 million of them cost megabytes. (Updating random rows of such a table is 30 to 60 times slower.)
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from functools import singledispatch
from operator import attrgetter

import msgspec

from app.core.changes import (
    AttemptEnded,
    BudgetSet,
    Change,
    CommandDone,
    FailureCounted,
    ForecastJudged,
    JobAdded,
    JobBlocked,
    JobStart,
    KeyAdded,
    KeyRevoked,
    LimitSet,
    LogRulesSet,
    NodeAdded,
    NodeAddressed,
    NodeDrained,
    NodeReserved,
    NodeSet,
    NodeSlept,
    PathsSet,
    ShareSet,
    ShotAdded,
    ShotDue,
    ShotPaused,
    ShotRanked,
    SleepSet,
    SplitEnded,
    StepAdded,
    StepLearned,
    StepResized,
    TaskGrew,
    TaskMoved,
    TaskSkipped,
    TasksMoved,
    TaskSplit,
)
from app.core.commands import Command
from app.core.ids import Role
from node_agent.wire.job import Frames, run_frames

_WITHOUT_ROW = (
    *(TaskMoved, TasksMoved, FailureCounted, TaskSkipped, ShotDue, JobStart, JobBlocked),
    *(SplitEnded, NodeReserved, LimitSet, ShareSet, BudgetSet, PathsSet, LogRulesSet),
    *(ForecastJudged, NodeAddressed, NodeSlept, SleepSet, StepLearned, TaskGrew),
)
"""Kept in the turns and the sections alone."""
Run = Callable[[str, tuple[object, ...]], sqlite3.Cursor]

_command: msgspec.msgpack.Decoder[Command] = msgspec.msgpack.Decoder(Command)
_json = msgspec.json.Encoder()
_frames: msgspec.msgpack.Decoder[list[Frames]] = msgspec.msgpack.Decoder(list[Frames])
_pack = msgspec.msgpack.Encoder().encode


def write_changes(connection: sqlite3.Connection, changes: Iterable[Change]) -> None:
    """Bring the tables up to these changes; inside a transaction."""
    ended: list[tuple[object, ...]] = []
    for change in changes:
        # The two most frequent first: one is no row at all, the others go in one statement.
        if isinstance(change, _WITHOUT_ROW):
            continue
        if isinstance(change, AttemptEnded):
            ended.append(_attempt(change))
        else:
            _write(change, connection.execute)
    if ended:
        connection.executemany(_ADD_ATTEMPT, ended)


_ATTEMPT_FIELDS = (
    "step",
    "task",
    "epoch",
    "node",
    "device",
    "device_kind",
    "started_at",
    "ended_at",
    "outcome",
    "cause",
    "sentence",
    "wall_s",
    "cpu_s",
    "peak_memory_bytes",
    "samples",
    "energy_j",
    "gpus",
)
_fields_of_attempt = attrgetter(*_ATTEMPT_FIELDS)
_ADD_ATTEMPT = (
    f"INSERT INTO attempt ({', '.join(_ATTEMPT_FIELDS)}, files)"  # noqa: S608 -- constants
    f" VALUES ({','.join('?' * len(_ATTEMPT_FIELDS))},?)"
)


def _attempt(change: AttemptEnded) -> tuple[object, ...]:
    return (*_fields_of_attempt(change), _text(change.files) if change.files else "")


@singledispatch
def _write(change: object, run: Run) -> None:
    """Write one change that has a row of its own; each kind is registered below."""
    raise NotImplementedError(f"no table for {change!r} by {run!r}")


@_write.register
def _(change: ShotAdded, run: Run) -> None:
    run("INSERT OR IGNORE INTO project VALUES (?,?)", (change.project, change.at))
    run(
        "INSERT INTO shot (id, project, sequence, name, rank, paused, added_at)"
        " VALUES (?,?,?,?,?,0,?)",
        (change.shot, change.project, change.sequence, change.name, change.rank, change.at),
    )


@_write.register
def _(change: ShotRanked, run: Run) -> None:
    run("UPDATE shot SET rank = ? WHERE id = ?", (change.rank, change.shot))


@_write.register
def _(change: ShotPaused, run: Run) -> None:
    run("UPDATE shot SET paused = ? WHERE id = ?", (int(change.paused), change.shot))


@_write.register
def _(change: JobAdded, run: Run) -> None:
    run(
        "INSERT INTO job (id, shot, name, user, attempts, added_at) VALUES (?,?,?,?,?,?)",
        (change.job, change.shot, change.name, change.user, change.attempts, change.at),
    )


@_write.register
def _(change: StepAdded, run: Run) -> None:
    kind = type(change.work).__struct_config__.tag
    run(
        "INSERT INTO step (id, job, name, kind, frames, tasks, work, needs, numbers)"
        " VALUES (?,?,?,?,?,?,?,?,?)",
        (
            change.step,
            change.job,
            change.name,
            kind,
            change.frames,
            len(change.tasks),
            _text(change.work),
            _text(change.needs),
            _pack(change.tasks),
        ),
    )


@_write.register
def _(change: TaskSplit, run: Run) -> None:
    """The pieces' attempts are the frame's job's: a step for them, with the frame once for each."""
    found = run("SELECT numbers FROM step WHERE id = ?", (change.step,)).fetchone()
    frame = _frames.decode(found[0])[change.task]
    run(
        "INSERT INTO step (id, job, name, kind, frames, tasks, work, needs, numbers)"
        " SELECT ?, job, name, kind, ?, 0, work, needs, ? FROM step WHERE id = ?",
        (change.pieces, str(frame.first), _pack([frame] * len(change.ranges)), change.step),
    )


@_write.register
def _(change: StepResized, run: Run) -> None:
    """Attempts find their frames by the task's number: those that were begun keep both."""
    found = run("SELECT numbers FROM step WHERE id = ?", (change.step,)).fetchone()
    numbers = [*_frames.decode(found[0])[: change.first], *run_frames(change.runs)]
    run(
        "UPDATE step SET tasks = ?, numbers = ? WHERE id = ?",
        (len(numbers), _pack(numbers), change.step),
    )


@_write.register
def _(change: NodeAdded, run: Run) -> None:
    run(
        "INSERT INTO node (id, name, public_key, added_at, drain) VALUES (?,?,?,?,0)"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name, public_key = excluded.public_key",
        (change.node, change.name, change.public_key, change.at),
    )


@_write.register
def _(change: NodeSet, run: Run) -> None:
    run("UPDATE node SET pools = ? WHERE id = ?", (",".join(change.pools), change.node))


@_write.register
def _(change: NodeDrained, run: Run) -> None:
    run("UPDATE node SET drain = ? WHERE id = ?", (int(change.on), change.node))


@_write.register
def _(change: KeyAdded, run: Run) -> None:
    run(
        "INSERT OR REPLACE INTO key (public_key, role, name, added_at, expires_at, revoked)"
        " VALUES (?,?,?,?,?,0)",
        (
            change.public_key,
            Role(change.role).name.lower(),
            change.name,
            change.at,
            change.expires_at,
        ),
    )


@_write.register
def _(change: KeyRevoked, run: Run) -> None:
    run("UPDATE key SET revoked = 1 WHERE public_key = ?", (change.public_key,))


@_write.register
def _(change: CommandDone, run: Run) -> None:
    kind = type(_command.decode(change.command)).__struct_config__.tag
    run(
        "INSERT INTO command (number, at, user, kind, command, inverse, undoes)"
        " VALUES (?,?,?,?,?,?,?)",
        (
            change.number,
            change.at,
            change.user,
            kind,
            change.command,
            change.inverse,
            change.undoes,
        ),
    )


def _text(value: object) -> str:
    return _json.encode(value).decode()
