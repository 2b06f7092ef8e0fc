"""One placement pass: idle devices that something may have changed for look at the queue.

PURE. Event-driven: a device looks when it comes free, and again when a class that it can serve gained a
ready task. A pass over a farm in which nothing changed looks at nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from app.core import attempts, gates
from app.core.live import Slot
from app.core.ready import View
from app.core.records import Job
from app.core.scheduling import can_serve, own_tags, pick
from app.core.tasks import Step
from app.core.turn import Turn


def place(turn: Turn) -> None:
    """Give every hungry device the first task of the queue that it can serve."""
    gates.refresh(turn)
    _wake(turn)
    while turn.live.hungry:
        hungry, turn.live.hungry = turn.live.hungry, {}
        for slot in sorted(hungry.values(), key=_preference):
            _offer(turn, slot)
        # An owner's last task may have lent what it kept, to devices that have looked already.
        _wake(turn)


def _offer(turn: Turn, slot: Slot) -> None:
    if slot.attempt is not None or not _takes_work(turn, slot):
        return
    classes = offered(turn, slot, view_of(turn, slot).ready)
    choice = pick(turn.state, classes, partial(may, turn, slot)) if classes else None
    if choice:
        attempts.begin(turn, slot, *choice)
        gates.refresh(turn)


def wake_all(turn: Turn) -> None:
    """Let every idle device look again: a node came, went, was marked or reserved."""
    turn.live.gates_stale = True
    turn.live.hungry.update(turn.live.idle)


def _wake(turn: Turn) -> None:
    woken = turn.state.queue.woken
    if woken:
        for key, slot in turn.live.idle.items():
            ready = view_of(turn, slot).ready
            if ready and not woken.isdisjoint(ready):
                turn.live.hungry[key] = slot
        woken.clear()


def _preference(slot: Slot) -> tuple[bool, int, int]:
    """Graphics cards first: what both can do they do faster."""
    return slot.info.kind != "cuda", slot.node, slot.device


def _takes_work(turn: Turn, slot: Slot) -> bool:
    if turn.live.slot(slot.node, slot.device) is not slot or turn.live.sessions[slot.node].away:
        return False
    return not turn.state.nodes[slot.node].drained


def view_of(turn: Turn, slot: Slot) -> View:
    """Return what this device can serve, as devices like it do."""
    view = slot.view
    if view is None or view.seen < len(turn.state.queue.klasses):
        hello, info = turn.live.sessions[slot.node].hello, slot.info
        own = own_tags(turn.state.nodes[slot.node])
        likeness = (info.kind, info.memory_bytes, *map(tuple, (hello.kernels, hello.tags, own)))
        view = slot.view = turn.state.queue.view(
            likeness, lambda klass: can_serve(klass, hello, info, own)
        )
    return view


def fits(turn: Turn, slot: Slot) -> Collection[int]:
    """Return the classes that this device can serve."""
    return view_of(turn, slot).klasses


def offered(turn: Turn, slot: Slot, classes: Collection[int]) -> Collection[int]:
    """Return those of the classes that a reservation of the node leaves."""
    node = turn.state.nodes[slot.node]
    if node.reserved_until <= turn.now.wall:
        return classes
    klasses, project = turn.state.queue.klasses, node.reserved_for
    return [number for number in classes if project and klasses[number].project == project]


def forget_fits(turn: Turn, node: int) -> None:
    """The node's tags or pools changed: what its devices can serve is looked up again."""
    session = turn.live.sessions.get(node)
    for slot in session.slots if session else ():
        slot.view = None


def may(turn: Turn, slot: Slot, job: Job, step: Step) -> bool:
    """Tell whether this node may have more of this job: not if it failed the job too often while
    another node, that did not, could take it. (The last one left may go on: attempts end it.)"""
    if slot.node in job.blocked:
        return False
    limit = turn.config.marks
    if job.marks.get(slot.node, 0) < limit:
        return True
    return not any(
        step.klass in fits(turn, other)
        for session in turn.live.online()
        if job.marks.get(session.node, 0) < limit
        and session.node not in job.blocked
        and not turn.state.nodes[session.node].drained
        for other in session.slots
    )
