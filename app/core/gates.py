"""Which classes of tasks may be assigned now: counted limits with lending, and shares of projects.

PURE. A class of needs holds its project and its limits, so a full limit or a project at its cap closes whole
classes, and a device never looks at what they block: four hundred blocked shots cost nothing. A project
below its guarantee has its classes *favoured*: they come before the order of shots.

Lending: what an owner of a limit does not use is free for others, unless the owner has ready work that wants
it; so it comes back as the borrowers' tasks end.
"""

from __future__ import annotations

from math import floor

from app.core.ready import Klass
from app.core.records import Limit
from app.core.turn import Turn


def refresh(turn: Turn) -> None:
    """Set all gates anew, if anything that they go by changed since."""
    queue, live = turn.state.queue, turn.live
    if not turn.state.limits and not turn.state.shares:
        queue.woken |= queue.closed
        queue.closed.clear()
        queue.favoured.clear()
        live.gates_stale = queue.has_emptied = False
        return
    if live.gates_stale or queue.has_emptied or queue.woken:
        live.gates_stale = queue.has_emptied = False
        _set(turn, range(len(queue.klasses)))


def taken(turn: Turn, number: int) -> None:
    """A task of this class was just assigned: set the gates that this may close."""
    klass = turn.state.queue.klasses[number]
    has_share = klass.project in turn.state.shares
    if not has_share and not any(name in turn.state.limits for name, _ in klass.limits):
        return
    names = {name for name, _ in klass.limits}
    _set(
        turn,
        [
            other
            for other, one in enumerate(turn.state.queue.klasses)
            if (has_share and one.project == klass.project)
            or any(name in names for name, _ in one.limits)
        ],
    )


def _set(turn: Turn, numbers: range | list[int]) -> None:
    queue = turn.state.queue
    devices = sum(
        len(session.slots)
        for session in turn.live.online()
        if not turn.state.nodes[session.node].drained
    )
    held = held_by_project(turn)
    for number in numbers:
        klass = queue.klasses[number]
        share = turn.state.shares.get(klass.project)
        count = held.get(klass.project, 0)
        is_closed = bool(full_limit(turn, klass))
        is_favoured = False
        if share:
            is_closed = is_closed or count >= floor(share.cap * devices + 1e-9)
            is_favoured = count < floor(share.guarantee * devices + 1e-9)
        if number in queue.closed and not is_closed:
            queue.woken.add(number)
        (queue.closed.add if is_closed else queue.closed.discard)(number)
        (queue.favoured.add if is_favoured else queue.favoured.discard)(number)


def held_by_project(turn: Turn) -> dict[str, int]:
    """Return how many devices each project holds."""
    held: dict[str, int] = {}
    for number, count in turn.live.held.items():
        project = turn.state.queue.klasses[number].project
        held[project] = held.get(project, 0) + count
    return held


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
