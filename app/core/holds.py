"""Devices held back for large tasks, so that small ones do not pass them by for ever.

PURE. A class of tasks that found no room starts waiting. After ``hold_s`` it gets a *hold*: enough whole nodes,
all at once, those that are nearly free first. There only shots before it, or it, may begin, so that the
devices gather as what runs there ends. No two holds share a node and none waits for a second one, so that they
cannot lock each other out. A hold ends when a task of the class begins, when there is none left, or after
``hold_max_s``; then the devices serve all, and the class waits its ``hold_s`` anew.
"""

from __future__ import annotations

from app.core.held_back import Hold
from app.core.live import HOLD, Session, Slot
from app.core.placing_rules import may, offered, takes_work, view_of
from app.core.ready import Klass, Place
from app.core.records import work_of
from app.core.tasks import READY, Step
from app.core.turn import Turn


def passed_over(turn: Turn, number: int) -> None:
    """A class found no room on a device that could serve it."""
    since = turn.holds.since
    if number not in since:
        since[number] = turn.now.mono
        turn.live.again(turn.now.mono + turn.config.hold_s, (HOLD, number, 0, 0))


def begun(turn: Turn, number: int, node: int) -> None:
    """A task of this class began on a node, or a gang: it does not starve."""
    turn.holds.since.pop(number, None)
    hold = turn.holds.by_klass.get(number)
    if hold is None:
        return
    left = tuple(other for other in hold.nodes if other != node)
    if turn.state.queue.klasses[number].gang or not left or not _wants(turn, number):
        release(turn, number)
    elif len(left) < len(hold.nodes):
        hold.nodes = left
        del turn.holds.by_node[node]
        turn.holds.since[number] = turn.now.mono
        _look_again(turn, node)


def release(turn: Turn, number: int) -> None:
    """Let the devices serve all again."""
    hold = turn.holds.by_klass.pop(number)
    for node in hold.nodes:
        turn.holds.by_node.pop(node, None)
        _look_again(turn, node)


def _look_again(turn: Turn, node: int) -> None:
    session = turn.live.sessions.get(node)
    for slot in session.slots if session and session.is_online else ():
        if slot.has_room:
            turn.live.hungry[slot.node, slot.device] = slot


def review(turn: Turn) -> None:
    """End the holds that nobody needs any more, or that lost a node."""
    queue = turn.state.queue
    has_moved, queue.has_moved = queue.has_moved, False
    for number, hold in list(turn.holds.by_klass.items()):
        if has_moved:
            for node in hold.nodes:
                _look_again(turn, node)
        if not _wants(turn, number) or not all(_is_there(turn, node) for node in hold.nodes):
            turn.holds.since.pop(number, None)
            release(turn, number)


def on_moment(turn: Turn, number: int) -> None:
    """A class may have waited long enough, or its hold may have lasted too long."""
    since = turn.holds.since.get(number)
    hold = turn.holds.by_klass.get(number)
    if since is None:
        return
    if not _wants(turn, number):
        del turn.holds.since[number]
        return
    due = hold.until if hold else since + turn.config.hold_s
    if due > turn.now.mono:
        turn.live.again(due, (HOLD, number, 0, 0))
    elif hold:
        turn.holds.since[number] = turn.now.mono
        release(turn, number)
        turn.live.again(turn.now.mono + turn.config.hold_s, (HOLD, number, 0, 0))
    else:
        take(turn, number)
        again = turn.config.hold_max_s if number in turn.holds.by_klass else turn.config.hold_s
        turn.live.again(turn.now.mono + again, (HOLD, number, 0, 0))


def take(turn: Turn, number: int, nodes: tuple[int, ...] = ()) -> bool:
    """Hold nodes for a class, the named ones or the best, if there are enough that nobody holds."""
    holds = turn.holds
    if number in holds.by_klass:
        return False
    klass = turn.state.queue.klasses[number]
    nodes = nodes or _best(turn, number, klass)
    if not nodes or any(node in holds.by_node for node in nodes):
        return False
    holds.since.setdefault(number, turn.now.mono)
    hold = Hold(number, nodes, turn.now.mono + turn.config.hold_max_s)
    holds.by_klass[number] = hold
    holds.by_node.update(dict.fromkeys(nodes, hold))
    turn.live.again(hold.until, (HOLD, number, 0, 0))
    return True


def _best(turn: Turn, number: int, klass: Klass) -> tuple[int, ...]:
    """Return the nodes that lack least; none where the bound on all holds forbids it."""
    count, holds = max(1, klass.gang), turn.holds
    usable, step = turn.live.online(), head(turn, number)
    if step is None or (holds.by_node and 2 * (len(holds.by_node) + count) > len(usable)):
        return ()
    found = [
        (lying, session.node)
        for session in usable
        if session.node not in holds.by_node and (lying := _lying(turn, session, step)) >= 0
    ]
    return tuple(node for _, node in sorted(found)[:count]) if len(found) >= count else ()


def _lying(turn: Turn, session: Session, step: Step) -> int:
    """Return how many attempts lie on the devices of this node that could serve the step; -1: none could."""
    job = turn.state.jobs[step.job]
    able = [
        slot
        for slot in session.slots
        if takes_work(turn, slot)
        and step.klass in offered(turn, slot, view_of(turn, slot).klasses)
        and may(turn, slot, job, step)
    ]
    return sum(len(slot.attempts) for slot in able) if able else -1


def head(turn: Turn, number: int) -> Step | None:
    """Return the step of a class that comes next, if one is ready, whole and may be assigned."""
    queue, state = turn.state.queue, turn.state
    if number in queue.closed:
        return None
    for _, shot in queue.lists[number][:1]:
        for job in reversed(state.shots[shot].jobs):
            for step in map(state.steps.__getitem__, work_of(state.jobs[job])):
                if step.klass == number and step.counts[READY] and step.is_whole():
                    return step
    return None


def _wants(turn: Turn, number: int) -> bool:
    return head(turn, number) is not None


def _is_there(turn: Turn, node: int) -> bool:
    session = turn.live.sessions.get(node)
    return session is not None and any(takes_work(turn, slot) for slot in session.slots)


def is_before(turn: Turn, number: int, wall: tuple[int, Place] | None) -> bool:
    """Tell whether a class may begin something on a device behind this barrier."""
    return wall is None or number == wall[0] or turn.state.queue.lists[number][0] < wall[1]


def barrier(turn: Turn, slot: Slot) -> tuple[int, Place] | None:
    """Return the class that holds this device and its first shot, before which others may still begin."""
    hold = turn.holds.by_node.get(slot.node)
    if hold is None:
        return None
    klass = turn.state.queue.klasses[hold.klass]
    places = turn.state.queue.lists[hold.klass]
    is_needed = hold.klass in view_of(turn, slot).klasses or (slot.is_cpu and klass.cores)
    return (hold.klass, places[0]) if is_needed and places else None
