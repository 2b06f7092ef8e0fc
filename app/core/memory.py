"""What follows from the memory that tasks take: a step's class of needs, and larger cards for what ran out.

PURE. ``peaks`` has the figures. A task that ran out of a GPU's memory is tried again on a larger card, and that is
no failure of the frame: what it needs only grows, so it ends at the farm's largest.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.core.changes import StepLearned, TaskGrew
from app.core.ids import TaskState
from app.core.live import Attempt, Slot
from app.core.peaks import (
    GIB,
    GPU_BYTES_MIN,
    RAM_BYTES_MIN,
    SAMPLES_MIN,
    is_beyond,
    learned_gpu,
    learned_ram,
)
from app.core.placing_rules import fits
from app.core.tasks import Step
from app.core.turn import Turn

LOOKED_EVERY = 16
"""Done tasks of a step between two looks, where none took more than was known."""


def card_of(turn: Turn, attempt: Attempt) -> int:
    """Return the memory of the smallest GPU that an attempt lies on; 0: it lies on none that is known."""
    slots = turn.live.slots_of(attempt)
    return min((slot.info.memory_bytes for slot in slots if not slot.is_cpu), default=0)


def learn(turn: Turn, attempt: Attempt) -> None:
    """After an attempt: what does its step need?"""
    step = turn.state.steps[attempt.ref.step]
    if step.is_piece or not _is_time(step):
        return
    session = turn.live.sessions.get(attempt.node)
    ram = learned_ram(step)
    if session is not None and ram > step.learned[1]:
        # It was done there, whatever it was that counted as taken.
        ram = max(step.learned[1], min(ram, session.hello.memory_bytes))
    gpu = learned_gpu(step)
    if (gpu, ram) != step.learned:
        turn.save(StepLearned(step.id, gpu, ram))


def _is_time(step: Step) -> bool:
    rams, cards, taken = step.peaks
    samples = max(len(rams), len(cards))
    if samples <= SAMPLES_MIN:
        return samples == SAMPLES_MIN
    is_out = bool(taken) and not taken[-1]
    is_more = is_beyond(rams, step.learned[1], RAM_BYTES_MIN)
    is_more = is_more or is_beyond(taken, step.learned[0], GPU_BYTES_MIN)
    return is_out or is_more or step.counts[TaskState.DONE] % LOOKED_EVERY == 0


def grow(turn: Turn, attempt: Attempt) -> str:
    """The attempt ran out of its card's memory. Return '' where a larger card may do it, which the task then waits
    for; else why there is none, as the end of a sentence."""
    step, task, card = turn.state.steps[attempt.ref.step], attempt.ref.task, card_of(turn, attempt)
    if not card or step.needs.gang:
        return " No larger card is looked for."
    if step.heavy.get(task, 0) <= card and _has_larger(turn, step, card):
        turn.save(TaskGrew(step.id, task, card + 1))
        return ""
    return f" No node that may run it has a card of more than {card / GIB:.1f} GiB."


def _has_larger(turn: Turn, step: Step, card: int) -> bool:
    return any(slot.card_bytes > card and step.klass in fits(turn, slot) for slot in _slots(turn))


def _slots(turn: Turn) -> Iterator[Slot]:
    for session in turn.live.sessions.values():
        if session.is_at_hand and not turn.state.nodes[session.node].drained:
            yield from session.slots
