"""A shot's tasks as cells: which steps, which frames, and what fits into a given number of columns.

numpy, no Qt. Where there are more tasks than columns, a column shows the state that a person must not
miss: failed before running before what is most.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.client.replica import Replica, StepState
from app.core.ids import TaskState
from node_agent.wire.job import Frames, Run, frames_at

States = npt.NDArray[np.uint8]

# What a column of several tasks shows, from the least urgent to the most.
_URGENCY = (
    TaskState.DONE,
    TaskState.CANCELLED,
    TaskState.WAITING,
    TaskState.READY,
    TaskState.PUBLISHING,
    TaskState.RUNNING,
    TaskState.FAILED,
)
_RANK = np.zeros(256, dtype=np.uint8)
for _rank, _state in enumerate(_URGENCY):
    _RANK[_state] = _rank
_STATE = np.array(_URGENCY, dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Lane:
    """One step's tasks, in the order of their frames."""

    step: int
    name: str
    states: bytearray
    runs: list[Run]
    """Their frames."""

    def label(self, task: int) -> str:
        """Name the frames of one task."""
        return frame_label(frames_at(self.runs, task))


def lanes(replica: Replica, shot: int) -> list[Lane]:
    """Return the steps of the shot's jobs, the newest job first."""
    row = replica.shots.get(shot)
    if row is None:
        return []
    jobs = [replica.jobs[job] for job in sorted(row.jobs, reverse=True) if job in replica.jobs]
    steps = [replica.steps[step] for job in jobs for step in job.steps if step in replica.steps]
    return [_lane(step) for step in steps]


def _lane(step: StepState) -> Lane:
    return Lane(step.row.id, step.row.name, step.states, step.row.runs)


def columns(states: bytes | bytearray, count: int) -> States:
    """Return what each of at most ``count`` columns shows; one a task where they fit."""
    tasks = np.frombuffer(bytes(states), dtype=np.uint8)
    if len(tasks) <= count:
        return tasks
    # reduceat takes the most urgent of each column's run of tasks.
    starts = (np.arange(count) * len(tasks)) // count
    return _STATE[np.maximum.reduceat(_RANK[tasks], starts)]


def longest(levels: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.float32]:
    """Return the largest of each of ``count`` columns, as ``columns`` shares them out."""
    if len(levels) <= count:
        return levels
    return np.maximum.reduceat(levels, (np.arange(count) * len(levels)) // count)


def spans(states: npt.NDArray[np.integer]) -> list[tuple[int, int, int]]:
    """Join neighbours of one state: (first column, columns, state)."""
    if not len(states):
        return []
    edges = np.flatnonzero(np.diff(states)) + 1
    starts = np.concatenate(([0], edges))
    ends = np.concatenate((edges, [len(states)]))
    return [
        (int(start), int(end - start), int(states[start]))
        for start, end in zip(starts, ends, strict=True)
    ]


def frame_label(frames: Frames) -> str:
    """Return '1042', or '1001-1010' for a chunk, with 'x2' where it leaves frames out."""
    first, last, step = frames.first, frames.last, frames.step
    if first == last:
        return str(first)
    return f"{first}-{last}" if step == 1 else f"{first}-{last}x{step}"
