"""Why a task that fits finds no room: several devices, cores or nodes at once, devices held back, torn gangs.

PURE. Part of ``explain``; each function gives a reason, or None where it is not that.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from app.core import commands as a
from app.core.commands import Reason, Remedy
from app.core.held_back import Hold
from app.core.holds import barrier, is_before
from app.core.ids import TaskState
from app.core.live import Session
from app.core.placing_rules import view_of
from app.core.ready import NODE_TAG, Klass
from app.core.seats import seat_at
from app.core.tasks import Step
from app.core.turn import Turn

F, C = TaskState.FAILED, TaskState.CANCELLED


def torn(step: Step) -> Reason | None:
    """A gang of which a rank failed or was cancelled can never begin."""
    lost = [task for task, state in enumerate(step.states) if state in (F, C)]
    lost = [task for task in lost if task not in step.skipped]
    if not step.needs.gang or not lost:
        return None
    what = "failed" if step.states[lost[0]] == F else "was cancelled"
    tasks = [(step.id, task) for task in lost]
    return Reason(
        kind="failed",
        sentence=f"All ranks of step {step.name} begin together, and rank {lost[0]} {what}.",
        remedies=[Remedy(text="Retry it", command=a.Retry(tasks=tasks))],
    )


def why_split(turn: Turn, step: Step, task: int) -> Reason:
    """A frame that waits for its pieces."""
    pieces = turn.state.steps[step.split[task]]
    done, runs = pieces.counts[TaskState.DONE], len(pieces.running)
    frame = step.task_frames(task).first
    sentence = (
        f"Frame {frame} is rendered in {pieces.total} pieces, of which {done} {'is' if done == 1 else 'are'}"
        f" done and {runs} {'runs' if runs == 1 else 'run'} now."
    )
    return Reason(kind="split", sentence=sentence)


def too_few_nodes(klass: Klass, fitting: Sequence[Session]) -> Reason | None:
    """A gang that is larger than the farm."""
    if klass.gang <= len(fitting):
        return None
    sentence = f"It needs {klass.gang} nodes at once, and only {len(fitting)} can run it."
    return Reason(kind="no_node", sentence=sentence)


def why_not_there(turn: Turn, step: Step) -> Reason | None:
    """A step that names its node (maintenance) waits for that one, whatever the others do."""
    named = [tag for tag in step.needs.tags if tag.startswith(NODE_TAG)]
    if not named:
        return None
    name = named[0].removeprefix(NODE_TAG)
    node = next((node for node in turn.state.nodes.values() if node.name == name), None)
    session = turn.live.sessions.get(node.id) if node else None
    if node is None or session is None or not (session.is_online or session.is_asleep):
        return Reason(kind="no_node", sentence=f"It is for {name}, which is not connected.")
    if session.is_asleep:
        return why_asleep(turn, [session])
    if node.drained:
        undrain = Remedy(text="Let it work", command=a.DrainNode(nodes=[node.id], on=False))
        sentence = f"It is for {name}, which is draining or drained."
        return Reason(kind="drained", sentence=sentence, remedies=[undrain])
    if session.away:
        return Reason(kind="drained", sentence=f"It is for {name}, which is away: {session.away}")
    if not any(slot.has_room for slot in session.slots):
        return Reason(kind="busy", sentence=f"It is for {name}, which is busy.")
    return None


def as_learned(step: Step, reason: Reason) -> Reason:
    """Say with a reason that it is for what the step's tasks took, not for what was asked."""
    gpu, ram = step.learned
    parts = [f"{gpu / 2**30:.1f} GiB of a GPU's memory"] if gpu > step.needs.memory_bytes else []
    parts += [f"{ram / 2**30:.1f} GiB of RAM"] if ram > step.needs.ram_bytes else []
    sentence = f"{reason.sentence} (By what its finished frames took, with a margin: {' and '.join(parts)}.)"
    return structs.replace(reason, sentence=sentence)


def why_heavy(turn: Turn, step: Step, task: int = -1) -> Reason:
    """Frames that ran out of a card's memory wait for a larger one; of several the one that needs the most."""
    tasks = [task] if task >= 0 else step.heavy_ready()
    worst = max(tasks, key=lambda one: step.heavy[one])
    card, frame = step.heavy[worst] - 1, step.task_frames(worst).first
    large = [
        turn.state.nodes[session.node].name
        for session in turn.live.online()
        if any(
            slot.card_bytes > card and step.klass in view_of(turn, slot).klasses
            for slot in session.slots
        )
    ]
    where = f"{', '.join(large[:3])}" + (f" and {len(large) - 3} more" if len(large) > 3 else "")
    there = (
        f"those that have one are busy: {where}" if large else "no node that is connected has one"
    )
    return Reason(
        kind="memory",
        sentence=(
            f"Frame {frame} ran out of a card's {card / 2**30:.1f} GiB and waits for a larger one; {there}."
        ),
    )


def why_asleep(turn: Turn, sessions: Sequence[Session]) -> Reason:
    """All nodes that could take it sleep; those that are on their way need no button."""
    names = [turn.state.nodes[session.node].name for session in sessions]
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    if all(session.woken_at is not None for session in sessions):
        sentence = f"{shown} {'are' if len(names) > 1 else 'is'} being woken for it."
        return Reason(kind="asleep", sentence=sentence)
    nodes = [one.node for one in sessions if one.woken_at is None]
    text = "Wake it" if len(nodes) == 1 else f"Wake {len(nodes)} nodes"
    return Reason(
        kind="asleep",
        sentence=f"All nodes that can run it sleep: {shown}.",
        remedies=[Remedy(text=text, command=a.WakeNodes(nodes=nodes))],
    )


def free_nodes(turn: Turn, number: int, sessions: Sequence[Session]) -> list[int]:
    """Return the nodes that have room for a task of this class now, held back or not."""
    klass = turn.state.queue.klasses[number]
    return [
        session.node
        for session in sessions
        if any(
            number in view_of(turn, slot).klasses and seat_at(turn.live, slot, klass)
            for slot in session.slots
        )
    ]


def why_no_room(turn: Turn, number: int, free: Sequence[int]) -> Reason | None:
    """Say what a large task, or one before which devices are held back, waits for."""
    klass = turn.state.queue.klasses[number]
    held = [turn.holds.by_node[node] for node in free if _is_barred(turn, number, node)]
    if held and len(held) == len(free):
        return Reason(
            kind="held",
            sentence=f"The devices that are free are held back for {_whom(turn, held)}.",
        )
    if not klass.is_large or len(free) >= max(1, klass.gang):
        return None
    sentence = f"It needs {_what(klass)} at once, and {_have(klass, free)} now"
    if hold := turn.holds.by_klass.get(number):
        names = ", ".join(turn.state.nodes[node].name for node in hold.nodes[:3])
        more = f" and {len(hold.nodes) - 3} more" if len(hold.nodes) > 3 else ""
        sentence += f"; {names}{more} {'are' if len(hold.nodes) > 1 else 'is'} held back for it"
    return Reason(kind="room", sentence=f"{sentence}.")


def _is_barred(turn: Turn, number: int, node: int) -> bool:
    session = turn.live.sessions[node]
    walls = [
        barrier(turn, slot)
        for slot in session.slots
        if slot.has_room and number in view_of(turn, slot).klasses
    ]
    return bool(walls) and not any(is_before(turn, number, wall) for wall in walls)


def _whom(turn: Turn, held: Sequence[Hold]) -> str:
    """Name the shot that comes next for a hold."""
    _, shot = turn.state.queue.lists[held[0].klass][0]
    record = turn.state.shots[shot]
    return f"{record.sequence}/{record.name}, which needs {_what(turn.state.queue.klasses[held[0].klass])} at once"


def _what(klass: Klass) -> str:
    """Say what a task takes together."""
    parts = [f"{klass.gpus} GPUs"] if klass.gpus > 1 else []
    parts += [f"{klass.cores} cores"] if klass.cores else []
    parts += [f"{klass.ram_bytes / 2**30:.1f} GiB of RAM"] if klass.ram_bytes else []
    of_node = " and ".join(parts) + " of one node" if parts else "a node"
    if not klass.gang:
        return of_node
    return f"{klass.gang} nodes" + (f" with {' and '.join(parts)} each" if parts else "")


def _have(klass: Klass, free: Sequence[int]) -> str:
    if klass.gang and free:
        return f"{len(free)} {'are' if len(free) > 1 else 'is'} free"
    return "none are free" if klass.gang else "no node has that free"
