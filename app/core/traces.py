"""What attempts leave behind in their step: checkpoints, seconds, errors.

PURE; called by ``FarmState.apply`` alone.
"""

from __future__ import annotations

from app.core.changes import AttemptEnded, TaskMoved
from app.core.ids import TaskState
from app.core.tasks import WALLS_MAX, Step

DONE, CANCELLED = int(TaskState.DONE), int(TaskState.CANCELLED)


def keep(step: Step, task: int, change: TaskMoved) -> None:
    """Carry half-done work forward, and drop what only an unfinished task needs."""
    if change.checkpoint:
        step.kept[task] = (change.checkpoint, change.passes)
    elif change.state != CANCELLED:
        step.kept.pop(task, None)
        if change.state != DONE:  # else its seconds are summed up in a moment
            step.spent.pop(task, None)
    if change.state == DONE:
        step.heavy.pop(task, None)
        step.failures.pop(task, None)
        step.deaths.pop(task, None)


def note_end(step: Step, change: AttemptEnded, pieces: Step | None) -> None:
    """Write down what an attempt took, or why it failed; ``pieces`` are those that it merged."""
    task = change.task
    if change.outcome == "done":
        before = step.spent.pop(task, 0.0) + (sum(pieces.seconds) if pieces else 0.0)
        step.seconds[task] = before + change.wall_s
        step.errors.pop(task, None)
        if not step.is_piece and pieces is None:
            _note_wall(step, change)
    elif change.outcome == "yielded" and task in step.kept:
        step.spent[task] = step.spent.get(task, 0.0) + change.wall_s
    elif change.sentence and change.outcome in ("failed", "lost") and step.states[task] != DONE:
        step.errors.pop(task, None)  # the newest comes last
        step.errors[task] = (change.cause, change.sentence)


def _note_wall(step: Step, change: AttemptEnded) -> None:
    """Of whole frames alone: what a part of one takes says nothing of what they do."""
    walls = step.walls.setdefault(change.device_kind, [])
    walls.append(step.seconds[change.task])
    nodes = step.wall_nodes.setdefault(change.device_kind, [])
    nodes.append(change.node)
    del walls[:-WALLS_MAX], nodes[:-WALLS_MAX]
