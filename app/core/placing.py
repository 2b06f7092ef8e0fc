"""One placement pass: idle devices that something may have changed for look at the queue.

PURE. Event-driven: a device looks when it comes free, and again when a class that it can serve gained a
ready task. A pass over a farm in which nothing changed looks at nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from functools import partial

from app.core import attempts, gangs, gates, holds, resting, splits
from app.core.live import Slot
from app.core.placing_rules import may, offered, takes_work, view_of
from app.core.ready import Place
from app.core.records import Job
from app.core.scheduling import pick
from app.core.seats import seat_at
from app.core.tasks import Step
from app.core.turn import Turn

Wall = tuple[int, Place] | None
"""See ``holds.barrier``."""


def place(turn: Turn) -> None:
    """Give every hungry device the first task of the queue that it can serve."""
    gates.refresh(turn)
    if turn.holds.by_klass:
        holds.review(turn)
    _wake(turn)
    while turn.live.hungry:
        hungry, turn.live.hungry = turn.live.hungry, {}
        for slot in _best_first(hungry):
            while slot.has_room and takes_work(turn, slot) and _begin_one(turn, slot):
                pass
        # An owner's last task may have lent what it kept, to devices that have looked already.
        _wake(turn)
    splits.arm(turn)
    if turn.live.resting and turn.live.resting_stale:
        resting.wake_for_work(turn)


def _begin_one(turn: Turn, slot: Slot) -> bool:
    """Begin the first task in the queue for this device; False where there is none."""
    wall = holds.barrier(turn, slot) if turn.holds.by_node else None
    ready = _with_room(turn, slot, offered(turn, slot, view_of(turn, slot).ready), wall)
    allowed = partial(_may_begin, turn, slot, wall)
    choice = pick(turn.state, ready, allowed, slot.card_bytes) if ready else None
    if choice is None:
        return False
    step, task = choice
    if step.needs.gang:
        gangs.begin(turn, step)
    else:
        if splits.split_if_idle(turn, slot, step, task):
            return True  # it begins with a piece, next time round
        seat = seat_at(turn.live, slot, turn.state.queue.klasses[step.klass])
        assert seat is not None, "what has no room was left out"
        attempts.begin(turn, seat, step, task)
    if step.klass in turn.holds.since:
        holds.begun(turn, step.klass, slot.node)
    gates.refresh(turn)
    return True


def _with_room(turn: Turn, slot: Slot, ready: Collection[int], wall: Wall) -> Collection[int]:
    """Leave out the classes for which this device, or what they take beside it, has no room now."""
    queue = turn.state.queue
    if wall:
        ready = [number for number in ready if holds.is_before(turn, number, wall)]
    if not slot.attempts and not queue.large:
        return ready
    kept: list[int] = []
    for number in ready:
        is_plain = not slot.attempts and number not in queue.large
        if is_plain or seat_at(turn.live, slot, queue.klasses[number]):
            kept.append(number)
        else:
            holds.passed_over(turn, number)
    return kept


def _may_begin(turn: Turn, slot: Slot, wall: Wall, job: Job, step: Step) -> bool:
    if wall and step.klass != wall[0]:
        shot = turn.state.shots[step.shot]
        if (shot.rank, shot.id) >= wall[1]:
            return False
    if not may(turn, slot, job, step):
        return False
    return not step.needs.gang or gangs.can_begin(turn, step)


def wake_all(turn: Turn) -> None:
    """Let every idle device look again: a node came, went, was marked or reserved."""
    turn.live.gates_stale = True
    turn.live.resting_stale = True
    turn.live.hungry.update(turn.live.idle)


def _wake(turn: Turn) -> None:
    woken = turn.state.queue.woken
    if woken:
        turn.live.resting_stale = True
        for key, slot in turn.live.idle.items():
            ready = view_of(turn, slot).ready
            if ready and not woken.isdisjoint(ready):
                turn.live.hungry[key] = slot
        woken.clear()


def _best_first(hungry: dict[tuple[int, int], Slot]) -> list[Slot]:
    """Graphics cards first: what both can do they do faster. Of these the smallest, and those of nodes that
    have few left, so that what needs a large one, or several, finds it; of cores those that are shared."""
    if len(hungry) == 1:
        return list(hungry.values())
    beside = Counter(slot.node for slot in hungry.values() if not slot.is_cpu)

    def preference(slot: Slot) -> tuple[bool, int, int, int, int]:
        if slot.is_cpu:
            return True, slot.free_cores or slot.cores, 0, slot.node, slot.device
        return False, slot.info.memory_bytes, beside[slot.node], slot.node, slot.device

    return sorted(hungry.values(), key=preference)


def forget_fits(turn: Turn, node: int) -> None:
    """The node's tags or pools changed: what its devices can serve is looked up again."""
    session = turn.live.sessions.get(node)
    for slot in session.slots if session else ():
        slot.view = None
