"""How tasks move in their step, and what attempts leave behind there: checkpoints, seconds, errors.

PURE; called by ``FarmState.apply`` and ``folding`` alone.
"""

from __future__ import annotations

from app.core.changes import AttemptEnded, TaskMoved
from app.core.ids import TaskState
from app.core.tasks import READY, WALLS_MAX, Step
from app.core.transitions import LEGAL, judge_task

# Plain numbers: comparing with enum members costs the hot path a tenth.
RUNNING, PUBLISHING = int(TaskState.RUNNING), int(TaskState.PUBLISHING)
DONE, FAILED, CANCELLED = int(TaskState.DONE), int(TaskState.FAILED), int(TaskState.CANCELLED)


def move(step: Step, change: TaskMoved) -> int:
    """Fold in that one task moved, but for the counts; return its state before. Raises BugFault."""
    task, after, states = change.task, change.state, step.states
    before, epoch = states[task], step.epochs[task]
    is_legal = (before, after) in LEGAL and task >= 0
    if not is_legal or change.epoch != epoch + (after == RUNNING):
        judge_task(TaskState(before), TaskState(after), epoch, change.epoch)
    states[task] = after
    if step.skipped and after != CANCELLED:
        step.skipped.discard(task)
    if after == RUNNING:  # in line: with its end, nearly all that ever happens
        node, at = change.node, change.at
        step.epochs[task] = epoch + 1
        step.nodes[task] = node
        step.started[task] = int(at) if at > 0 else 0
        step.running[task] = (node, change.device, at)
        if change.more:
            step.more[task] = list(change.more)
    elif after != PUBLISHING:
        _rest(step, task, before, change)
    return before


def _rest(step: Step, task: int, before: int, change: TaskMoved) -> None:
    """It runs no more."""
    step.running.pop(task, None)
    step.more.pop(task, None)
    if before == FAILED:
        step.errors.pop(task, None)
    if change.state == READY and task < step.cursor:
        step.cursor = task
    _keep(step, task, change)


def _keep(step: Step, task: int, change: TaskMoved) -> None:
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
