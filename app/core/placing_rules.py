"""What a device may serve at all: its view of the queue, reservations, marks.

PURE; the rules that ``placing``, ``holds``, ``preempt`` and ``explain`` share.
"""

from __future__ import annotations

from collections.abc import Collection

from app.core.live import Slot
from app.core.ready import View, is_for
from app.core.records import Job
from app.core.scheduling import can_serve, own_tags
from app.core.tasks import READY, Step
from app.core.turn import Turn


def takes_work(turn: Turn, slot: Slot) -> bool:
    """Tell whether the device is one of a node that takes work now."""
    session = turn.live.sessions[slot.node]
    if turn.live.slot(slot.node, slot.device) is not slot or session.away:
        return False
    if session.sleep_asked_at is not None:
        return False
    return not turn.state.nodes[slot.node].drained


def view_of(turn: Turn, slot: Slot) -> View:
    """Return what this device can serve, as devices like it do."""
    view = slot.view
    if view is None or view.seen < len(turn.state.queue.klasses):
        hello, info = turn.live.sessions[slot.node].hello, slot.info
        own = own_tags(turn.state.nodes[slot.node])
        beside = tuple((one.kind, one.memory_bytes, one.cores) for one in hello.devices)
        lists = map(tuple, (hello.kernels, hello.tags, own))
        likeness = (info.kind, info.memory_bytes, info.cores, hello.memory_bytes, beside, *lists)
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


def may(turn: Turn, slot: Slot, job: Job, step: Step) -> bool:
    """Tell whether this node may have more of this job: not if it failed the job too often in a row while
    another node, that did not, could take it. (The last one left may go on: attempts end it. A gang needs
    as many others as it has ranks.)"""
    if step.needs.tags and not is_for(step.needs, turn.state.nodes[slot.node].name):
        return False
    if slot.node in job.blocked:
        return False
    limit = turn.config.marks
    if job.marks.get(slot.node, 0) < limit:
        return True
    wanted = max(1, step.counts[READY]) if step.needs.gang else 1
    others = (
        any(step.klass in fits(turn, other) for other in session.slots)
        for session in turn.live.online()
        if job.marks.get(session.node, 0) < limit
        and session.node not in job.blocked
        and not turn.state.nodes[session.node].drained
    )
    return sum(others) < wanted
