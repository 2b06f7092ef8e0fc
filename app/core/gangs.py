"""Gangs: all tasks of a step that begin together, each on a node of its own, and end together.

PURE; how they begin. One that fails, is lost or is taken away takes the others with it (``attempts``), and they
begin anew together. Once a rank is done that can no longer be: then they fail, and a person decides.
"""

from __future__ import annotations

from app.core import attempts, holds
from app.core.live import Slot
from app.core.placing_rules import may, offered, takes_work, view_of
from app.core.seats import Seat, seat_at
from app.core.tasks import READY, Step
from app.core.turn import Turn


def can_begin(turn: Turn, step: Step) -> bool:
    """Tell whether every rank that is to run has a node now."""
    if not step.is_whole():
        return False
    if seats(turn, step):
        return True
    holds.passed_over(turn, step.klass)
    return False


def seats(turn: Turn, step: Step) -> list[Seat]:
    """Return a place for each rank on a node of its own, the smallest devices that do; none if some lack."""
    found: dict[int, Seat] = {}
    job, klass = turn.state.jobs[step.job], turn.state.queue.klasses[step.klass]
    shot = turn.state.shots[step.shot]
    for slot in sorted(turn.live.idle.values(), key=_size):
        if slot.node in found or not takes_work(turn, slot):
            continue
        wall = holds.barrier(turn, slot)
        if wall and wall[0] != step.klass and (shot.rank, shot.id) >= wall[1]:
            continue
        classes = offered(turn, slot, view_of(turn, slot).klasses)
        if step.klass not in classes or not may(turn, slot, job, step):
            continue
        if seat := seat_at(turn.live, slot, klass):
            found[slot.node] = seat
    wanted = step.counts[READY]
    return list(found.values())[:wanted] if len(found) >= wanted else []


def _size(slot: Slot) -> tuple[int, int, int, int]:
    return slot.info.memory_bytes, slot.free_cores, slot.node, slot.device


def begin(turn: Turn, step: Step) -> None:
    """Begin every rank; each is told the names of all, so the assignments go out last."""
    places = sorted(seats(turn, step), key=lambda seat: seat.slot.node)
    ranks = [task for task in range(step.total) if step.states[task] == READY]
    begun = [
        attempts.start(turn, seat, step, task) for task, seat in zip(ranks, places, strict=True)
    ]
    for attempt in begun:
        attempts.assign(turn, attempt)
