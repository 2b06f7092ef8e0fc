"""Why a shot that has something left to do runs nothing: a sentence, from the code that matches.

PURE. Each reason of its ready steps is said once; where nothing is ready, what the first step waits for.
"""

from __future__ import annotations

from app.core.ids import TaskState
from app.core.live import Live
from app.core.records import Shot
from app.core.scheduling import misfit
from app.core.state import FarmState
from app.core.tasks import READY, Step


class Explainer:
    """Answers for many shots at one moment: what the nodes are like is looked up once a class."""

    def __init__(self, state: FarmState, live: Live) -> None:
        self._state = state
        self._online = live.online()
        self._usable = [s for s in self._online if not state.nodes[s.node].drained]
        self._known: dict[int, tuple[str, list[int]]] = {}

    def why_idle(self, shot: Shot) -> str:
        """Return why nothing of this shot runs, or '' when nothing of it is left to do."""
        if shot.paused:
            return "Paused."
        steps = [
            self._state.steps[number]
            for job in reversed(shot.jobs)
            for number in self._state.jobs[job].steps
        ]
        ready = dict.fromkeys(self._why_step(step) for step in steps if step.counts[READY])
        if ready:
            return " ".join(ready)
        waiting = [step for step in steps if step.counts[TaskState.WAITING]]
        return _why_waiting(self._state, waiting[0]) if waiting else ""

    def _why_step(self, step: Step) -> str:
        if step.klass not in self._known:
            self._known[step.klass] = self._why_klass(step.klass)
        sentence, free = self._known[step.klass]
        marks = self._state.jobs[step.job].marks
        if marks and any(node in marks for node in free):
            return "The nodes that are free failed this job before; it waits for another."
        return sentence

    def _why_klass(self, number: int) -> tuple[str, list[int]]:
        """Return what holds for every step of a class, and the nodes that could take it now."""
        if not self._online:
            return "No node is connected.", []
        if not self._usable:
            return "All connected nodes are draining or drained.", []
        klass = self._state.queue.klasses[number]
        lacks: list[str] = []
        free: list[int] = []
        for session in self._usable:
            for slot in session.slots:
                lack = misfit(klass, session.hello, slot.info)
                lacks.append(lack)
                if not lack and slot.attempt is None:
                    free.append(session.node)
        if not lacks:
            return "No node can run it: the connected nodes have no device.", []
        if all(lacks):
            most = max(dict.fromkeys(lacks), key=lacks.count)
            return f"No node can run it: it needs {most}.", []
        return "All nodes that can run it are busy with earlier shots.", free


def _why_waiting(state: FarmState, step: Step) -> str:
    """Name the step that this one waits for, and whether it waits in vain."""
    for number in step.after:
        before = state.steps[number]
        failed, cancelled = before.counts[TaskState.FAILED], before.counts[TaskState.CANCELLED]
        if failed or cancelled:
            what = f"{failed} frames failed" if failed else f"{cancelled} frames were cancelled"
            return f"Step {step.name} waits for step {before.name}, of which {what}."
        if not before.is_done():
            return f"Step {step.name} waits for step {before.name}."
    return ""
