"""Which running attempts make room when a supervisor drops shots with preemption, and what that costs.

PURE. The last shots of the queue give way first, just as many devices as the moved shots can use; for a task that
takes several things of a node, or a gang, the nodes on which the fewest have to. A licence that a victim holds
counts as one that comes free. A kernel
yields with all its samples; a command goes on to its end, or is killed where the order says so; what
publishes is never disturbed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from app.core import attempts, holds
from app.core.commands import Move, PreemptionCost
from app.core.gates import is_at_cap
from app.core.live import Attempt, Slot
from app.core.order import checked_plan
from app.core.placing_rules import fits, offered, takes_work
from app.core.preempt_ground import Ground
from app.core.ready import Klass
from app.core.records import work_of
from app.core.seats import Seat
from app.core.tasks import READY
from app.core.transitions import Phase
from app.core.turn import Turn
from node_agent.wire.job import KernelWork

SEATS_MAX = 8
"""Large tasks that one drop makes room for, by class; the others wait their turn."""


@dataclass(slots=True)
class Victims:
    """What would give way."""

    yields: list[Attempt] = field(default_factory=list[Attempt])
    kills: list[Attempt] = field(default_factory=list[Attempt])
    nodes: dict[int, tuple[int, ...]] = field(default_factory=dict[int, tuple[int, ...]])
    """Where large tasks are to begin, by class: what comes free there is held back for them."""


def preempt(turn: Turn, move: Move, user: str) -> None:
    """Take the devices, after the move itself was saved."""
    ranks = {shot: rank for rank, shot in turn.state.order}
    victims = choose(turn, move, ranks)
    for number, nodes in victims.nodes.items():
        holds.take(turn, number, nodes)
    for attempt in victims.yields:
        attempts.ask_yield(turn, attempt)
    for attempt in victims.kills if move.kill else ():
        reason = f"Ended by {user} to make room."
        if (attempt.ref.step, attempt.ref.task) in turn.live.attempts:
            attempts.kill(turn, attempt, reason)


def cost(turn: Turn, move: Move) -> PreemptionCost:
    """Say what a preempting move would take, without making it. Raises UserMistake."""
    ranks = {shot: rank for rank, shot in turn.state.order}
    ranks.update(checked_plan(turn.state, move).ranks)
    victims = choose(turn, move, ranks)
    lost_s = sum(max(0.0, turn.now.wall - attempt.started_at) for attempt in victims.kills)
    return PreemptionCost(
        yields=len(victims.yields),
        kills=len(victims.kills) if move.kill else 0,
        lost_s=lost_s if move.kill else 0.0,
        sentence=_sentence(victims, lost_s, kill=move.kill),
    )


def _sentence(victims: Victims, lost_s: float, *, kill: bool) -> str:
    parts: list[str] = []
    if count := len(victims.yields):
        parts.append(f"{_frames(count)} yield, and no sample is lost")
    if count := len(victims.kills):
        lost = f"{lost_s / 60:.0f} min" if lost_s >= 60 else f"{lost_s:.0f} s"
        what = f"killed, which loses {lost} of work" if kill else "finished first"
        parts.append(f"{_frames(count)} of a command {'are' if count > 1 else 'is'} {what}")
    return ("; ".join(parts) or "Nothing has to give way") + "."


def _frames(count: int) -> str:
    return f"{count} frame{'s' if count != 1 else ''}"


def choose(turn: Turn, move: Move, ranks: dict[int, float]) -> Victims:
    """Return what would give way under these ranks: no more than the moved shots' tasks can use."""
    wanted = _wanted(turn, move.shots)
    last = max((ranks[shot] for shot in move.shots), default=0.0)
    ground = Ground(turn, list(_from_the_end(turn, set(move.shots), ranks, last)))
    victims = Victims()
    for number in [number for number in wanted if number in turn.state.queue.large]:
        if nodes := _room_for_large(turn, ground, number, wanted.pop(number), list(ground.nodes())):
            victims.nodes[number] = nodes
    _room_for_plain(turn, ground, wanted)
    for attempt in ground.gone.values():
        is_kernel = isinstance(turn.state.steps[attempt.ref.step].work, KernelWork)
        (victims.yields if is_kernel else victims.kills).append(attempt)
    return victims


def _wanted(turn: Turn, shots: Sequence[int]) -> dict[int, int]:
    """Count the ready tasks of these shots by class; what a full limit alone bars may be let in by victims."""
    wanted: dict[int, int] = {}
    for shot in shots:
        if turn.state.shots[shot].paused:
            continue
        for job in turn.state.shots[shot].jobs:
            for step in map(turn.state.steps.__getitem__, work_of(turn.state.jobs[job])):
                if step.counts[READY] and step.is_whole() and _may_open(turn, step.klass):
                    ready = step.counts[READY] - len(step.heavy_ready())
                    wanted[step.klass] = wanted.get(step.klass, 0) + ready
    return wanted


def _may_open(turn: Turn, number: int) -> bool:
    klass = turn.state.queue.klasses[number]
    if number not in turn.state.queue.closed:
        return True
    return klass.project not in turn.live.spent and not is_at_cap(turn, klass)


def _room_for_large(
    turn: Turn, ground: Ground, number: int, count: int, nodes: Iterable[int]
) -> tuple[int, ...]:
    """Make room for tasks that take several things of one node, or for a gang; return the nodes."""
    klass = turn.state.queue.klasses[number]
    count = count if klass.gang else min(count, SEATS_MAX)
    rooms = {node: room for node in nodes if (room := ground.room_on(node, number)) is not None}
    chosen: list[int] = []
    if klass.gang and len(rooms) < count:
        return ()
    while rooms and len(chosen) < count and _let_licences(ground, klass):
        node = min(rooms, key=lambda node: (len(rooms[node]), node))
        for attempt in rooms.pop(node):
            ground.evict(attempt)
        seat = ground.seat(node, number)
        if seat is None:
            continue  # a licence was taken from one who sits there: look at it anew
        ground.take(seat, klass)
        chosen.append(node)
        if not klass.gang and (room := ground.room_on(node, number)) is not None:
            rooms[node] = room
    return tuple(dict.fromkeys(chosen))


def _let_licences(ground: Ground, klass: Klass) -> bool:
    """Have holders of what the class lacks give way; False where that is not enough."""
    for attempt in ground.evictable:
        lacking = ground.lacking(klass)
        if not lacking:
            return True
        if attempt.ref not in ground.gone and ground.holds(attempt, lacking):
            ground.evict(attempt)
    return not ground.lacking(klass)


def _room_for_plain(turn: Turn, ground: Ground, wanted: dict[int, int]) -> None:
    """Idle devices first, then those of the victims, each for one task that could take it."""
    klasses, spare = turn.state.queue.klasses, list[Slot]()
    for original in list(turn.live.idle.values()):
        slot = ground.session(original.node).slots[original.device]
        if slot.attempts or not takes_work(turn, original):
            continue
        if not _take(turn, ground, wanted, slot) and _fitting(turn, wanted, [slot]):
            spare.append(slot)  # what fits it lacks a licence
    for attempt in ground.evictable:
        if not any(wanted.values()):
            return
        slot = turn.live.slot(attempt.node, attempt.device)
        if slot is None or attempt.ref in ground.gone or not takes_work(turn, slot):
            continue
        own = [slot] if slot.attempts == [attempt] else []
        fit = _fitting(turn, wanted, [*own, *spare])
        if any(ground.would_free(attempt, klasses[number]) for number in fit):
            freed = [one for one in ground.evict(attempt) if not one.attempts]
            taken = [one for one in (*freed, *spare) if _take(turn, ground, wanted, one)]
            spare = [one for one in spare if not any(one is other for other in taken)]
    shared = dict.fromkeys(
        session.node
        for session in turn.live.online()
        if any(slot.is_cpu and slot.attempts and slot.attempts[0].cores for slot in session.slots)
    )
    for number in [number for number in wanted if wanted[number]] if shared else ():
        _room_for_large(turn, ground, number, wanted[number], shared)


def _fitting(turn: Turn, wanted: dict[int, int], slots: Iterable[Slot]) -> list[int]:
    """Return the wanted classes that one of these devices could serve."""
    offers = [offered(turn, slot, fits(turn, slot)) for slot in slots]
    return [n for n in wanted if wanted[n] and any(n in offer for offer in offers)]


def _take(turn: Turn, ground: Ground, wanted: dict[int, int], slot: Slot) -> bool:
    """Give this device to the first of the wanted tasks that fits it; False where none does."""
    for number, left in wanted.items():
        klass = turn.state.queue.klasses[number]
        if not left or ground.lacking(klass):
            continue
        if number in offered(turn, slot, fits(turn, slot)):
            wanted[number] -= 1
            ground.take(Seat(slot), klass)
            return True
    return False


def _from_the_end(
    turn: Turn, moved: set[int], ranks: dict[int, float], last: float
) -> Iterator[Attempt]:
    """Yield the running attempts of later shots, the last shot's first, the youngest of a shot first."""
    later = [
        (ranks[turn.state.steps[attempt.ref.step].shot], attempt.started_at, number, attempt)
        for number, attempt in enumerate(turn.live.attempts.values())
        if attempt.phase in (Phase.SENT, Phase.HELD) and not attempt.is_asked
    ]
    for rank, _, _, attempt in sorted(later, key=lambda entry: entry[:3], reverse=True):
        if rank > last and turn.state.steps[attempt.ref.step].shot not in moved:
            yield attempt
