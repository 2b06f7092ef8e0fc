"""What a task waits for before it is READY: steps done whole, frames of other steps, its pieces, its job's start.

PURE. Opening is event-driven: a task that is done opens what waited for it alone, a job's start is a moment.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.core.changes import TaskMoved, TasksMoved
from app.core.ids import TaskState
from app.core.tasks import Step
from app.core.turn import Turn
from app.errors import UserMistake
from node_agent.wire.job import tasks_with

W, R = TaskState.WAITING, TaskState.READY


def can_open(turn: Turn, step: Step) -> bool:
    """Tell whether the step as a whole may begin: its job's start has come, what it needs whole is done."""
    if turn.state.jobs[step.job].start_after > turn.now.wall:
        return False
    return all(turn.state.steps[before].is_done() for before in step.after)


def can_open_task(turn: Turn, step: Step, task: int) -> bool:
    """Tell whether the frames that this task needs of other steps are done (of a step that may begin)."""
    if task in step.split and not turn.state.steps[step.split[task]].is_done():
        return False
    if not step.frame_after:
        return True
    frames = step.task_frames(task)
    for number, first, last in step.frame_after:
        before = turn.state.steps[number]
        for other in tasks_with(before.runs, frames.first + first, frames.last + last):
            if not before.is_task_done(other):
                return False
    return True


def opened(turn: Turn, step: Step, task: int = -1) -> TaskState:
    """Return the state of an unfinished task of this step that begins anew."""
    if not can_open(turn, step):
        return W
    return R if task < 0 or can_open_task(turn, step, task) else W


def open_step(turn: Turn, step: Step) -> None:
    """Make ready what of this step waited for nothing else."""
    if not step.counts[W] or not can_open(turn, step):
        return
    if step.frame_after or step.split:
        _open_tasks(turn, step, range(step.total))
    else:
        turn.save(TasksMoved(step.id, W, R, turn.now.wall))


def open_followers(turn: Turn, step: Step, task: int) -> None:
    """This task is done, or will be done without: make ready what waited for it."""
    if step.is_piece:
        number, frame = step.piece_of
        whole = turn.state.steps[number]
        if step.is_done() and whole.split.get(frame) == step.id and can_open(turn, whole):
            _open_tasks(turn, whole, [frame])
        return
    if step.followers and step.is_done():
        for number in step.followers:
            open_step(turn, turn.state.steps[number])
    for number, first, last in step.frame_followers:
        follower = turn.state.steps[number]
        if follower.counts[W] and can_open(turn, follower):
            _open_tasks(turn, follower, _waiting_for(step, task, follower, first, last))


def _waiting_for(step: Step, task: int, follower: Step, first: int, last: int) -> Iterable[int]:
    """The follower's tasks one of whose frames ``f`` has ``f + first`` to ``f + last`` in this task."""
    frames = step.task_frames(task)
    return tasks_with(follower.runs, frames.first - last, frames.last - first)


def _open_tasks(turn: Turn, step: Step, tasks: Iterable[int]) -> None:
    for task in tasks:
        if step.states[task] == W and can_open_task(turn, step, task):
            _move(turn, step, task, R)


def _move(turn: Turn, step: Step, task: int, after: TaskState) -> None:
    checkpoint, passes = step.kept.get(task, ("", 0))
    now = turn.now.wall
    turn.save(
        TaskMoved(
            *(step.id, task, after, step.epochs[task], now), checkpoint=checkpoint, passes=passes
        )
    )


def close_step(turn: Turn, step: Step) -> None:
    """Let what of this step is ready wait again: its job's start was put off."""
    if step.counts[R]:
        turn.save(TasksMoved(step.id, R, W, turn.now.wall))


def unskip(turn: Turn, step: Step, tasks: Iterable[int]) -> None:
    """Skipped tasks are wanted again: what did without them waits again. Raises UserMistake, before anything
    is saved, where that has begun."""
    skipped = [task for task in tasks if task in step.skipped]
    if not skipped:
        return
    followers = [turn.state.steps[number] for number in step.followers]
    begun = next((one for one in followers if _has_begun(one)), None)
    alone: list[tuple[Step, int]] = []
    for number, first, last in step.frame_followers:
        follower = turn.state.steps[number]
        for task in skipped:
            for other in _waiting_for(step, task, follower, first, last):
                if follower.states[other] == R:
                    alone.append((follower, other))
                elif follower.states[other] not in (W, TaskState.CANCELLED):
                    begun = begun or follower
    if begun:
        raise UserMistake(
            f"Step {begun.name} began without the skipped frames: submit them as a new job."
        )
    for follower in followers:
        close_step(turn, follower)
    for follower, task in dict.fromkeys(alone):
        _move(turn, follower, task, W)


def _has_begun(step: Step) -> bool:
    begun = (TaskState.RUNNING, TaskState.PUBLISHING, TaskState.DONE, TaskState.FAILED)
    return any(step.counts[state] for state in begun)
