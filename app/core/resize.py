"""Chunks that follow what frames take: an OpenJD step whose template names a target is cut anew as it runs.

PURE. When a chunk of the size in force is done, the size moves half of the way, by its logarithm, to the one that
would have taken the target. Tasks from the first one on behind which none has begun get the new size; what has
begun keeps its number and its frames, so that attempts, history and logs stay true. A size is kept while it is
near enough, and never so large that fewer chunks are left than devices work on the step.
"""

from __future__ import annotations

from math import sqrt

from app.core.changes import StepResized
from app.core.frames import cut_evenly, ranges_of
from app.core.tasks import READY, Step
from app.core.turn import Turn
from node_agent.wire.job import fold

CHUNK_MAX = 10_000
NEAR = 1.1
"""A step from one size to the next is at least so large a ratio: chunks within a fifth of the target stay."""
MORE_MAX = 4.0
"""And at most so large: the first chunk of a scene also pays for what later ones find in caches."""


def resize_by(turn: Turn, step: Step, task: int) -> None:
    """A task of a step is done: cut anew what has not begun, where that took too long or too short."""
    if step.target_s <= 0:
        return
    first, took = _first_of_rest(step), step.seconds[task]
    if task < step.resized or took <= 0 or not _is_untouched(step, first):
        return  # of a size before: what it says has been heard
    tasks = step.total - first
    left = _ranges_left(step, first)
    frames = sum(map(len, left))
    aim = step.target_s * len(step.task_frames(task).numbers()) / took
    wanted = min(_halfway(frames / tasks, aim), max(1, frames // (len(step.running) + 1)))
    if not frames / tasks / NEAR < wanted < frames / tasks * NEAR:
        cut = cut_evenly(left, wanted)
        if len(cut) != tasks:
            turn.save(StepResized(step.id, first, fold(cut)))


def _first_of_rest(step: Step) -> int:
    """Return the first task from which on none was ever begun."""
    begun = step.epochs.tobytes().rstrip(b"\0")
    return -(-len(begun) // step.epochs.itemsize)


def _is_untouched(step: Step, first: int) -> bool:
    return first < step.total and step.states.count(READY, first) == step.total - first


def _halfway(size: float, aim: float) -> int:
    """Return the size half-way from one to the other on a scale of logarithms."""
    factor = min(MORE_MAX, max(1 / MORE_MAX, sqrt(aim / size)))
    return max(1, min(CHUNK_MAX, round(size * factor)))


def _ranges_left(step: Step, first: int) -> list[range]:
    """Return the frames of the tasks from ``first`` on, as the ranges in which chunks may lie."""
    skip = sum(
        min(run.count, first - run.index) * len(range(0, run.span + 1, run.step))
        for run in step.runs
        if run.index < first
    )
    left: list[range] = []
    for part in ranges_of(step.frames):
        if part[skip:]:
            left.append(part[skip:])
        skip = max(0, skip - len(part))
    return left
