"""Why a shot that has something ready runs nothing: one sentence, from the code that matches.

PURE. The first reason that holds for every ready task of the shot is the one that is said.
"""

from __future__ import annotations

from app.core.live import Live, Session
from app.core.records import Shot
from app.core.scheduling import misfit
from app.core.state import FarmState
from app.core.tasks import READY, Step


def why_idle(state: FarmState, live: Live, shot: Shot) -> str:
    """Return the reason, or '' when nothing of the shot is ready."""
    if shot.paused:
        return "Paused."
    steps = [
        state.steps[number]
        for job in reversed(shot.jobs)
        for number in state.jobs[job].steps
        if state.steps[number].counts[READY]
    ]
    reasons = dict.fromkeys(_why_step(state, live, step) for step in steps)
    return " ".join(reasons)


def _why_step(state: FarmState, live: Live, step: Step) -> str:
    online = live.online()
    if not online:
        return "No node is connected."
    usable = [session for session in online if not state.nodes[session.node].drained]
    if not usable:
        return "All connected nodes are draining or drained."
    fitting = [session for session in usable if _serves(state, session, step)]
    if not fitting:
        return f"No node can run it: {_missing(state, usable, step)}."
    job = state.jobs[step.job]
    if all(slot.attempt for session in fitting for slot in session.slots):
        return "All nodes that can run it are busy with earlier shots."
    if any(job.marks.get(session.node) for session in fitting):
        return "The nodes that are free failed this job before; it waits for another."
    return "All nodes that can run it are busy with earlier shots."


def _serves(state: FarmState, session: Session, step: Step) -> bool:
    klass = state.queue.klasses[step.klass]
    return any(not misfit(klass, session.hello, slot.info) for slot in session.slots)


def _missing(state: FarmState, sessions: list[Session], step: Step) -> str:
    """Name what the nodes lack, the most common lack first."""
    klass = state.queue.klasses[step.klass]
    lacks = [
        misfit(klass, session.hello, slot.info) for session in sessions for slot in session.slots
    ]
    if not lacks:
        return "the connected nodes have no device"
    return f"it needs {max(dict.fromkeys(lacks), key=lacks.count)}"


def why_waiting(state: FarmState, step: Step) -> str:
    """Name the step that this one waits for, and whether it waits in vain."""
    for number in step.after:
        before = state.steps[number]
        if not before.is_done():
            return f"Waits for step {before.name}."
    return ""
