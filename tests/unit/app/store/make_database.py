"""Write a small database of the present schema: ``python -m tests.unit.app.store.make_database PATH``.

Run once for each released schema; the file is checked in beside and never written again.
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from app.core.changes import (
    AttemptEnded,
    Change,
    CommandDone,
    JobAdded,
    KeyAdded,
    NodeAdded,
    ShotAdded,
    StepAdded,
    TaskMoved,
)
from app.core.commands import Pause
from app.core.ids import Role, TaskState
from app.store.repository import Repository
from node_agent.wire.job import CommandWork, Frames, Needs

KEYS = ("a" * 40, "b" * 40)
R, P, D, READY = TaskState.RUNNING, TaskState.PUBLISHING, TaskState.DONE, TaskState.READY


def step(number: int) -> StepAdded:
    frames = [Frames(frame, frame) for frame in range(1001, 1004)]
    work = CommandWork(argv=["true", "{frame}"])
    return StepAdded(number, number, "beauty", work, Needs(), "1001-1003", frames, [])


def ended(epoch: int, outcome: str, ended_at: float) -> AttemptEnded:
    cause, sentence = ("crash", "It died.") if outcome == "failed" else ("", "")
    files = [("/out/1001.exr", 10, "0" * 64)] if outcome == "done" else []
    return AttemptEnded(
        *(1, 0, epoch, 1, 0, ended_at - 10, ended_at, outcome, cause, sentence),
        *(10.0, 20.0, 1 << 30, 64, 5.0, files, "cpu"),
    )


def changes() -> list[list[Change]]:
    """Turns of a small farm: two shots, a frame that failed and was then done."""

    pause = msgspec.msgpack.encode(Pause(shots=[2]))
    return [
        [
            KeyAdded(KEYS[0], Role.ADMIN, "owner", 1.0),
            KeyAdded(KEYS[1], Role.NODE, "node1", 1.0),
            NodeAdded(1, "node1", KEYS[1], 1.0),
        ],
        [
            ShotAdded(1, "NZ2", "sq010", "sh0010", 1.0, 2.0),
            JobAdded(1, 1, "v1", "ann", 3, True, 2.0),
        ],
        [step(1)],
        [
            ShotAdded(2, "NZ2", "sq010", "sh0020", 2.0, 3.0),
            JobAdded(2, 2, "v1", "bob", 3, True, 3.0),
        ],
        [step(2)],
        [TaskMoved(1, 0, R, 1, 10.0, 1, 0)],
        [TaskMoved(1, 0, READY, 1, 20.0), ended(1, "failed", 20.0)],
        [TaskMoved(1, 0, R, 2, 30.0, 1, 0)],
        [TaskMoved(1, 0, P, 2, 40.0), TaskMoved(1, 0, D, 2, 41.0), ended(2, "done", 41.0)],
        [CommandDone(1, 50.0, "owner", pause, b"")],
    ]


def write(path: Path) -> None:
    """Make the database, with a snapshot in the middle and turns after it."""
    repository = Repository(path)
    state = repository.load()
    for number, turn in enumerate(changes()):
        for change in turn:
            state.apply(change)
        repository.commit(turn, float(number))
        if number == 5:
            repository.snapshot(state)
    repository.close()


if __name__ == "__main__":
    write(Path(sys.argv[1]))
