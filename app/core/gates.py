"""Which classes of tasks may be assigned now: counted limits with lending, shares and budgets of projects.

PURE. A class of needs holds its project and its limits, so a full limit, a spent budget or a project at its
cap closes whole classes, and a device never looks at what they block: four hundred blocked shots cost nothing.
A project below its guarantee has its classes *favoured*: they come before the order of shots. ``gate_index``
keeps the counts, so that a change touches only the classes whose gate it moves; the sums here are made from
scratch, for people and for checks.

Lending: what an owner of a limit does not use is free for others, unless the owner has ready work that wants
it; so it comes back as the borrowers' tasks end.
"""

from __future__ import annotations

from math import floor

from app.core.live import WHOLE
from app.core.ready import Klass
from app.core.records import Limit
from app.core.seats import least_weight
from app.core.turn import Turn


def refresh(turn: Turn) -> None:
    """Set the gates that anything moved since."""
    queue, live, index = turn.state.queue, turn.live, turn.gates
    if live.gates_stale:
        live.gates_stale = False
        index.rebuild(turn.state, devices(turn), live.held, live.weights, live.spent)
    else:
        index.follow(queue, live.held, live.weights, live.touched)
    live.touched.clear()
    queue.turned.clear()


def devices(turn: Turn) -> int:
    """Return how many devices the farm has, those that sleep until there is work for them counted."""
    return sum(
        len(session.slots)
        for session in turn.live.sessions.values()
        if session.is_at_hand and not turn.state.nodes[session.node].drained
    )


def held_by_project(turn: Turn) -> dict[str, int]:
    """Return how many devices each project holds; some cores of one count in thousandths, rounded up."""
    return {project: -(-weight // WHOLE) for project, weight in weight_by_project(turn).items()}


def weight_by_project(turn: Turn) -> dict[str, int]:
    """Return what each project holds, in thousandths of a device."""
    held: dict[str, int] = {}
    for number, weight in turn.live.weights.items():
        project = turn.state.queue.klasses[number].project
        held[project] = held.get(project, 0) + weight
    return held


def is_at_cap(turn: Turn, klass: Klass) -> bool:
    """Tell whether one more task of this class would put its project over its share."""
    return room_in_share(turn, klass) < 1


def room_in_share(turn: Turn, klass: Klass) -> int:
    """Return how many more tasks of this class its project's share has room for."""
    share = turn.state.shares.get(klass.project)
    if share is None:
        return 1 << 30
    cap = floor(share.cap * devices(turn) + 1e-9) * WHOLE
    return (cap - weight_by_project(turn).get(klass.project, 0)) // least_weight(klass)


def used_of(turn: Turn, limit: Limit) -> dict[str, int]:
    """Return how many of a limit each project holds; nothing for those that hold none."""
    used: dict[str, int] = {}
    for number, count in turn.live.held.items():
        klass = turn.state.queue.klasses[number]
        need = dict(klass.limits).get(limit.name, 0)
        if need and count:
            used[klass.project] = used.get(klass.project, 0) + need * count
    return used


def full_limit(turn: Turn, klass: Klass) -> str:
    """Name the limit that keeps this class from being assigned; '' if none does."""
    for name, need in klass.limits:
        limit = turn.state.limits.get(name)
        if limit and need > free_of(turn, limit, klass.project):
            return name
    return ""


def free_of(turn: Turn, limit: Limit, project: str) -> int:
    """Return how many of a limit this project may still take."""
    used = used_of(turn, limit)
    free = limit.count - sum(used.values())
    own = limit.owned.get(project, 0) - used.get(project, 0)
    kept = sum(
        max(0, count - used.get(owner, 0))
        for owner, count in limit.owned.items()
        if owner != project and _wants(turn, owner, limit.name)
    )
    return max(min(free, max(own, 0)), free - kept)


def _wants(turn: Turn, project: str, name: str) -> bool:
    """Tell whether a project has ready work that holds this limit."""
    queue = turn.state.queue
    return any(
        queue.lists[number]
        for number, klass in enumerate(queue.klasses)
        if klass.project == project and any(name == limit for limit, _ in klass.limits)
    )
