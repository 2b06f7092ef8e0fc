"""What carrying out a command gives, and the look-ups that every command needs.

PURE. Raises UserMistake for what does not exist.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from app.core import commands as a
from app.core.order import check_shots
from app.core.records import Job
from app.core.tasks import Step
from app.core.turn import Turn
from app.errors import UserMistake


class Outcome(NamedTuple):
    """What the receipt and the audit log need of a command that was carried out."""

    inverse: a.Command | None = None
    ids: tuple[int, ...] = ()
    renumbered: bool = False
    done: a.Command | None = None
    """The command as the audit log keeps it, where it is more exact than what was asked."""


def together(commands: list[a.Command]) -> a.Command | None:
    """Return one command that does these in order."""
    if len(commands) > 1:
        return a.Together(commands=commands)
    return commands[0] if commands else None


def named_steps(turn: Turn, shots: list[int], jobs: list[int]) -> list[Step]:
    """Return the steps of these shots and jobs, each once."""
    state = turn.state
    if not jobs or shots:
        check_shots(turn.state, shots)
    named = [*(job for shot in shots for job in state.shots[shot].jobs)]
    named += [job.id for job in named_jobs(turn, jobs)] if jobs else []
    return [state.steps[step] for job in dict.fromkeys(named) for step in state.jobs[job].steps]


def named_jobs(turn: Turn, jobs: Iterable[int]) -> list[Job]:
    """Return these jobs, each once."""
    numbers = list(dict.fromkeys(jobs))
    for number in numbers:
        if number not in turn.state.jobs:
            raise UserMistake(f"There is no job {number}.")
    if not numbers:
        raise UserMistake("No job is named.")
    return [turn.state.jobs[number] for number in numbers]


def named_nodes(turn: Turn, nodes: Iterable[int]) -> list[int]:
    """Return these nodes' numbers, each once."""
    numbers = list(dict.fromkeys(nodes))
    unknown = [number for number in numbers if number not in turn.state.nodes]
    if unknown or not numbers:
        raise UserMistake(f"There is no node {unknown[0]}." if unknown else "No node is named.")
    return numbers


def named_task(turn: Turn, number: int, task: int) -> tuple[Step, int]:
    """Return the step of a task that exists, and the task."""
    step = turn.state.steps.get(number)
    if step is None or not 0 <= task < step.total or _is_put_away(turn, step):
        raise UserMistake(f"There is no task {task} of step {number}.")
    return step, task


def _is_put_away(turn: Turn, step: Step) -> bool:
    """Tell whether these are pieces of a frame that needs them no more: nothing may wake them."""
    frame, task = step.piece_of
    return step.is_piece and turn.state.steps[frame].split.get(task) != step.id
