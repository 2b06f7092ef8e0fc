"""Which running attempts make room when a supervisor drops shots with preemption, and what that costs.

PURE. The last shots of the queue give way first, just as many devices as the moved shots can use. A kernel
yields with all its samples; a command goes on to its end, or is killed where the order says so; what
publishes is never disturbed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from app.core import attempts
from app.core.commands import Move, PreemptionCost
from app.core.live import Attempt
from app.core.order import checked_plan
from app.core.placing_rules import fits, offered
from app.core.records import work_of
from app.core.tasks import READY
from app.core.transitions import Phase
from app.core.turn import Turn
from node_agent.wire.job import KernelWork


@dataclass(slots=True)
class Victims:
    """What would give way."""

    yields: list[Attempt] = field(default_factory=list[Attempt])
    kills: list[Attempt] = field(default_factory=list[Attempt])


def preempt(turn: Turn, move: Move, user: str) -> None:
    """Take the devices, after the move itself was saved."""
    ranks = {shot: rank for rank, shot in turn.state.order}
    victims = choose(turn, move, ranks)
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
    """Return what would give way under these ranks; each victim for one task that could take its device."""
    wanted = _wanted(turn, move.shots)
    for slot in turn.live.idle.values():
        _take(wanted, offered(turn, slot, fits(turn, slot)))
    victims = Victims()
    last = max((ranks[shot] for shot in move.shots), default=0.0)
    for attempt in _from_the_end(turn, set(move.shots), ranks, last):
        slot = turn.live.slot(attempt.node, attempt.device)
        if slot is None or slot.attempts != [attempt] or turn.state.nodes[slot.node].drained:
            continue
        is_kernel = isinstance(turn.state.steps[attempt.ref.step].work, KernelWork)
        if _take(wanted, offered(turn, slot, fits(turn, slot))):
            (victims.yields if is_kernel else victims.kills).append(attempt)
        if not any(wanted.values()):
            break
    return victims


def _wanted(turn: Turn, shots: Sequence[int]) -> dict[int, int]:
    """Count the ready tasks of these shots by class."""
    wanted: dict[int, int] = {}
    for shot in shots:
        if turn.state.shots[shot].paused:
            continue
        for job in turn.state.shots[shot].jobs:
            for step in map(turn.state.steps.__getitem__, work_of(turn.state.jobs[job])):
                if step.counts[READY] and step.klass not in turn.state.queue.closed:
                    wanted[step.klass] = wanted.get(step.klass, 0) + step.counts[READY]
    return wanted


def _take(wanted: dict[int, int], classes: Collection[int]) -> bool:
    """Count one device of these classes as taken; False where none of the wanted tasks fits it."""
    number = next((klass for klass in classes if wanted.get(klass)), None)
    if number is not None:
        wanted[number] -= 1
    return number is not None


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
