"""Commands about single tasks: skip what failed, end what runs.

PURE. As ``carry_out``: each checks all, then saves; raises UserMistake with nothing saved.
"""

from __future__ import annotations

from app.core import attempts
from app.core import changes as c
from app.core import commands as a
from app.core.ids import TaskState
from app.core.outcome import Outcome, named_task
from app.core.transitions import Phase
from app.core.turn import Turn
from app.core.waiting import open_followers
from app.errors import UserMistake
from node_agent.wire.job import KernelWork

WHY_MAX = 200


def skip(turn: Turn, command: a.Skip, _user: str) -> Outcome:
    tasks = [named_task(turn, *task) for task in dict.fromkeys(command.tasks)]
    skippable = (TaskState.FAILED, TaskState.CANCELLED)
    tasks = [
        (step, task)
        for step, task in tasks
        if step.states[task] in skippable and task not in step.skipped
    ]
    if not tasks:
        raise UserMistake("None of this failed or was cancelled, so there is nothing to skip.")
    for step, task in tasks:
        if step.states[task] == TaskState.FAILED:
            after, now = TaskState.CANCELLED, turn.now.wall
            turn.save(c.TaskMoved(step.id, task, after, step.epochs[task], now))
        turn.save(c.TaskSkipped(step.id, task))
    for step, task in tasks:
        open_followers(turn, step, task)
    return Outcome(a.Retry(tasks=[(step.id, task) for step, task in tasks]))


def kill(turn: Turn, command: a.Kill, user: str) -> Outcome:
    if len(command.why) > WHY_MAX or not (command.why.isprintable() or not command.why):
        raise UserMistake(f"The reason of a kill has at most {WHY_MAX} printable characters.")
    tasks = [named_task(turn, *task) for task in dict.fromkeys(command.tasks)]
    tasks += [
        (pieces, piece)
        for step, task in tasks
        if (pieces := turn.state.steps.get(step.split.get(task, 0)))
        for piece in sorted(pieces.running)
    ]
    running = [(step, task) for step, task in tasks if task in step.running]
    if not running:
        raise UserMistake("None of this runs now, so there is nothing to end.")
    reason = f"Ended by {user}{f': {command.why}' if command.why else ''}."
    for step, task in running:
        attempt = turn.live.attempts.get((step.id, task))
        if attempt is None:
            continue  # of a gang, which the first took with it
        if not command.yields or not isinstance(step.work, KernelWork):
            attempts.kill(turn, attempt, reason)
        elif attempt.phase in (Phase.SENT, Phase.HELD):
            attempts.ask_yield(turn, attempt)
    return Outcome()
