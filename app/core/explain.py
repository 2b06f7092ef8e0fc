"""Why what is left to do is not running: reasons as data, from the code that matches, each with what would
change it.

PURE. A shot's row shows the sentences; ``windfire explain`` and the window's doctor show the remedies too,
each a command that does exactly what its button says. Each reason of a shot is said once.
"""

from __future__ import annotations

from msgspec.structs import replace

from app.core import commands as a
from app.core.budgets import budget_rows
from app.core.commands import Explanation, Reason, Remedy, SetBudget
from app.core.explain_room import (
    as_learned,
    free_nodes,
    too_few_nodes,
    torn,
    why_asleep,
    why_heavy,
    why_no_room,
    why_not_there,
    why_split,
)
from app.core.gates import free_of, full_limit, is_at_cap, used_of
from app.core.ids import TaskState
from app.core.live import Session
from app.core.peaks import is_learned
from app.core.ready import Klass
from app.core.records import Budget, Job, Shot
from app.core.scheduling import misfit, own_tags
from app.core.tasks import READY, Step
from app.core.turn import Turn
from app.errors import UserMistake

SHOWN_TASKS_MAX = 1000
"""Tasks that one remedy names."""
W, F, C = TaskState.WAITING, TaskState.FAILED, TaskState.CANCELLED


class Explainer:
    """Answers for many shots at one moment: what the nodes are like is looked up once a class."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._state = turn.state
        self._online = turn.live.online()
        self._asleep = [s for s in turn.live.sessions.values() if s.is_asleep]
        self._usable = [
            s for s in self._online if not (self._state.nodes[s.node].drained or s.away)
        ]
        self._known: dict[int, tuple[Reason, list[int]]] = {}

    def why_idle(self, shot: Shot) -> str:
        """Return why nothing of this shot runs, in a sentence or two; '' when nothing of it is left."""
        reasons = self.reasons(shot)
        held = [reason for reason in reasons if reason.kind not in ("after", "start", "failed")]
        return " ".join(reason.sentence for reason in held or reasons[:1])

    def reasons(self, shot: Shot) -> list[Reason]:
        """Return what keeps the ready and waiting tasks of a shot, the most decisive first."""
        if shot.paused:
            resume = Remedy(text="Resume", command=a.Resume(shots=[shot.id]))
            counts = self._state.counts[shot.id]
            left = counts[READY] + counts[W]
            return [Reason(kind="paused", sentence="Paused.", tasks=left, remedies=[resume])]
        found: dict[str, Reason] = {}
        steps = self._steps(shot)
        for step in steps:
            heavy = len(step.heavy_ready()) if step.heavy else 0
            if step.counts[READY] > heavy:
                _add(found, self.why_ready(step), step.counts[READY] - heavy)
            if heavy:
                _add(found, why_heavy(self._turn, step), heavy)
        for step in steps:
            for task in step.split:
                _add(found, why_split(self._turn, step, task), 1)
            if left := step.counts[W] - len(step.split):
                _add(found, why_waiting(self._turn, step), left)
        for step in steps:
            if step.counts[F] and not found:
                _add(found, _why_failed(step), step.counts[F])
        return list(found.values())

    def _steps(self, shot: Shot) -> list[Step]:
        return [
            self._state.steps[number]
            for job in reversed(shot.jobs)
            for number in self._state.jobs[job].steps
        ]

    def why_ready(self, step: Step) -> Reason:
        """Return why the ready tasks of a step are not assigned."""
        if step.klass not in self._known:
            self._known[step.klass] = self._why_klass(step.klass)
        reason, free = self._known[step.klass]
        job = self._state.jobs[step.job]
        if gone := torn(step):
            return gone
        if bound := why_not_there(self._turn, step):
            return bound
        if free and all(node in job.blocked for node in free):
            return _blocked(job, free)
        if job.marks and any(node in job.marks for node in free):
            return Reason(
                kind="marks",
                sentence="The nodes that are free failed this job before; it waits for another.",
                remedies=[Remedy(text="Forget its failures", command=a.Retry(jobs=[job.id]))]
                if any(step.counts[state] for state in (F, C))
                else [],
            )
        if reason.kind in ("memory", "no_node", "room") and is_learned(step):
            reason = as_learned(step, reason)
        if reason.kind not in ("busy", "room", "held"):
            return reason
        first = a.Move(shots=[step.shot], place="top")
        now = a.Move(shots=[step.shot], place="top", preempt=True)
        remedies = [
            Remedy(text="Move to the top", command=first),
            Remedy(text="Move to the top and make room now", command=now),
        ]
        klass = self._state.queue.klasses[step.klass]
        if more := [one for one in self._asleep if self._fits(klass, one)]:
            remedies += why_asleep(self._turn, more).remedies
        return Reason(kind=reason.kind, sentence=reason.sentence, remedies=remedies)

    def _why_klass(self, number: int) -> tuple[Reason, list[int]]:
        """Return what holds for every step of a class, and the nodes that could take it now."""
        klass = self._state.queue.klasses[number]
        if not any(self._fits(klass, session) for session in self._usable):
            sleepers = [one for one in self._asleep if self._fits(klass, one)]
            if sleepers:
                return why_asleep(self._turn, sleepers), []
        if not self._online:
            add = Remedy(text="Add a node", command=a.MakeToken())
            return Reason(kind="no_node", sentence="No node is connected.", remedies=[add]), []
        if not self._usable:
            nodes = [s.node for s in self._online if self._state.nodes[s.node].drained]
            if not nodes:
                sentence = f"All connected nodes are away: {self._online[0].away}"
                return Reason(kind="drained", sentence=sentence), []
            sentence = "All connected nodes are draining or drained."
            undrain = Remedy(text="Let them work", command=a.DrainNode(nodes=nodes, on=False))
            return Reason(kind="drained", sentence=sentence, remedies=[undrain]), []
        fitting, why_not = self._fitting(klass)
        if why_not:
            return why_not, []
        if gate := self._why_closed(klass):
            return gate, []
        now = self._turn.now.wall
        left = [
            session
            for session in fitting
            if not (node := self._state.nodes[session.node]).reserved_until > now
            or (node.reserved_for and node.reserved_for == klass.project)
        ]
        if not left:
            return self._reserved(fitting), []
        free = free_nodes(self._turn, number, left)
        if room := too_few_nodes(klass, left) or why_no_room(self._turn, number, free):
            return room, []
        sentence = "All nodes that can run it are busy with earlier shots."
        return Reason(kind="busy", sentence=sentence), free

    def _fitting(self, klass: Klass) -> tuple[list[Session], Reason | None]:
        """Return the nodes that meet a class of needs; the reason where none does."""
        lacks: list[str] = []
        fitting: list[Session] = []
        for session in self._usable:
            of_node = self._misfits(klass, session)
            lacks += of_node
            if "" in of_node:
                fitting.append(session)
        if fitting:
            return fitting, None
        if not lacks:
            sentence = "No node can run it: the connected nodes have no device."
            return [], Reason(kind="no_node", sentence=sentence)
        most = max(dict.fromkeys(lacks), key=lacks.count)
        kind = "memory" if most.endswith("of memory") else "no_node"
        return [], Reason(kind=kind, sentence=f"No node can run it: it needs {most}.")

    def _misfits(self, klass: Klass, session: Session) -> list[str]:
        own = own_tags(self._state.nodes[session.node])
        return [misfit(klass, session.hello, slot.info, own) for slot in session.slots]

    def _fits(self, klass: Klass, session: Session) -> bool:
        return "" in self._misfits(klass, session)

    def _why_closed(self, klass: Klass) -> Reason | None:
        if klass.project in self._turn.live.spent:
            return _spent(self._turn, self._state.budgets[klass.project])
        if name := full_limit(self._turn, klass):
            return self._limit(name, klass)
        share = self._state.shares.get(klass.project)
        if share and share.cap < 1 and is_at_cap(self._turn, klass):
            whole = a.SetShare(project=share.project, guarantee=share.guarantee, cap=1.0)
            return Reason(
                kind="share",
                sentence=f"{share.project} is at its share of {share.cap:.0%} of the devices.",
                remedies=[Remedy(text="Take the cap away", command=whole)],
            )
        return None

    def _limit(self, name: str, klass: Klass) -> Reason:
        limit = self._state.limits[name]
        used = sum(used_of(self._turn, limit).values())
        need = dict(klass.limits)[name]
        sentence = f"{used} of {limit.count} of the limit {name} are in use"
        if used + need <= limit.count:
            sentence += ", and their owners want the rest"
        enough = limit.count + need - free_of(self._turn, limit, klass.project)
        more = a.SetLimit(name=name, count=enough, owned=limit.owned)
        remedies = [Remedy(text=f"Raise the limit to {enough}", command=more)]
        return Reason(kind="limit", sentence=f"{sentence}.", remedies=remedies)

    def _reserved(self, fitting: list[Session]) -> Reason:
        nodes = [session.node for session in fitting]
        names = {self._state.nodes[node].reserved_for for node in nodes}
        whom = f" for {', '.join(sorted(names))}" if all(names) else ""
        return Reason(
            kind="reserved",
            sentence=f"All nodes that can run it are reserved{whom}.",
            remedies=[Remedy(text="Free them", command=a.ReserveNodes(nodes=nodes, until=0.0))],
        )


def _add(found: dict[str, Reason], reason: Reason | None, tasks: int) -> None:
    """Count the tasks of each reason; one sentence is one reason."""
    if reason is None:
        return
    before = found.get(reason.sentence)
    found[reason.sentence] = Reason(
        kind=reason.kind,
        sentence=reason.sentence,
        tasks=tasks + (before.tasks if before else 0),
        remedies=before.remedies if before else reason.remedies,
    )


def _spent(turn: Turn, budget: Budget) -> Reason:
    row = next(row for row in budget_rows(turn) if row.name == budget.project)
    bounds = [
        (used, bound, what)
        for used, bound, what in (
            (row.used_gpu_hours, budget.gpu_hours, "GPU-hours"),
            (row.used_core_hours, budget.core_hours, "core-hours"),
        )
        if bound >= 0
    ]
    words = " and ".join(f"{used:,.1f} of {bound:,.1f} {what}" for used, bound, what in bounds)
    more = SetBudget(
        project=budget.project,
        gpu_hours=_raised(row.used_gpu_hours, budget.gpu_hours),
        core_hours=_raised(row.used_core_hours, budget.core_hours),
        warn=budget.warn,
        at_end="stop" if budget.at_end == "stop" else "hold",
    )
    only_warn = replace(
        more, gpu_hours=budget.gpu_hours, core_hours=budget.core_hours, at_end="warn"
    )
    return Reason(
        kind="budget",
        sentence=f"{budget.project} has used up its budget: {words}.",
        remedies=[
            Remedy(text="Raise the budget by a tenth", command=more),
            Remedy(text="Only warn", command=only_warn),
        ],
    )


def _raised(used: float, bound: float) -> float:
    """Return a bound with room for a tenth more than is used, where that is over the old one."""
    return max(bound, round(1.1 * max(used, bound) + 0.05, 1)) if 0 <= bound <= used else bound


def _blocked(job: Job, nodes: list[int]) -> Reason:
    again = a.BlockNodes(jobs=[job.id], nodes=nodes, on=False)
    return Reason(
        kind="marks",
        sentence="The nodes that are free are blocked for this job.",
        remedies=[Remedy(text="Let it run there", command=again)],
    )


def why_waiting(turn: Turn, step: Step) -> Reason | None:
    """Name what the waiting tasks of a step wait for, and whether they wait in vain."""
    state = turn.state
    job = state.jobs[step.job]
    if job.start_after > turn.now.wall:
        now = a.SetStart(jobs=[job.id], at=0.0)
        sentence = f"Job {job.name} waits for its start."
        return Reason(
            kind="start", sentence=sentence, remedies=[Remedy(text="Start now", command=now)]
        )
    linked = dict.fromkeys([*step.after, *(number for number, _, _ in step.frame_after)])
    for before in (state.steps[number] for number in linked):
        lost = before.counts[F] + before.counts[C] - len(before.skipped)
        if lost:
            return _in_vain(step, before)
        if not before.is_done():
            return Reason(kind="after", sentence=f"Step {step.name} waits for step {before.name}.")
    return None


def _in_vain(step: Step, before: Step) -> Reason:
    failed, cancelled = before.counts[F], before.counts[C] - len(before.skipped)
    what = f"{failed} frames failed" if failed else f"{cancelled} frames were cancelled"
    tasks = [
        (before.id, task)
        for task, state in enumerate(before.states)
        if state in (F, C) and task not in before.skipped
    ][:SHOWN_TASKS_MAX]
    return Reason(
        kind="after",
        sentence=f"Step {step.name} waits for step {before.name}, of which {what}.",
        remedies=[
            Remedy(text="Retry them", command=a.Retry(tasks=tasks)),
            Remedy(text="Go on without them", command=a.Skip(tasks=tasks)),
        ],
    )


def _why_failed(step: Step) -> Reason:
    newest = step.errors[next(reversed(step.errors))][1] if step.errors else ""
    count = step.counts[F]
    return Reason(
        kind="failed",
        sentence=f"{count} frame{'s' if count > 1 else ''} failed: {newest}".rstrip(": "),
        remedies=[Remedy(text="Retry what failed", command=a.Retry(jobs=[step.job]))],
    )


def explain(turn: Turn, query: a.Explain) -> Explanation:
    """Answer for a shot, or for one task. Raises UserMistake for what does not exist."""
    if query.step:
        return _explain_task(turn, query.step, query.task)
    shot = turn.state.shots.get(query.shot)
    if shot is None:
        raise UserMistake(f"There is no shot {query.shot}.")
    reasons = Explainer(turn).reasons(shot)
    return Explanation(title=_shot_title(turn, shot, is_held=bool(reasons)), reasons=reasons)


def _shot_title(turn: Turn, shot: Shot, *, is_held: bool) -> str:
    counts = turn.state.counts[shot.id]
    name = f"{shot.project}/{shot.sequence}/{shot.name}"
    runs = counts[TaskState.RUNNING] + counts[TaskState.PUBLISHING]
    if runs:
        return f"{name}: {runs} of its frames run now."
    if is_held or any(counts[: TaskState.DONE]):
        return f"{name}: nothing of it runs."
    return f"{name} is over: {counts[TaskState.DONE]} of {sum(counts)} frames are done."


_WORDS = ("waits", "is ready", "runs", "publishes its files", "is done", "failed", "was cancelled")


def _explain_task(turn: Turn, number: int, task: int) -> Explanation:
    step = turn.state.steps.get(number)
    if step is None or not 0 <= task < step.total:
        raise UserMistake(f"There is no task {task} of step {number}.")
    shot, frames = turn.state.shots[step.shot], step.task_frames(task)
    name = f"{shot.project}/{shot.sequence}/{shot.name}, {step.name}, frame {frames.first}"
    state = TaskState(step.states[task])
    where = ""
    if task in step.running:
        where = f" on {turn.state.nodes[step.running[task][0]].name}"
    reasons: list[Reason] = []
    if state in (TaskState.READY, TaskState.WAITING) and shot.paused:
        reasons = Explainer(turn).reasons(shot)
    elif state is TaskState.READY and task in step.heavy:
        reasons = [why_heavy(turn, step, task)]
    elif state is TaskState.READY:
        reasons = [Explainer(turn).why_ready(step)]
    elif state is TaskState.WAITING:
        is_split = task in step.split
        why = why_split(turn, step, task) if is_split else why_waiting(turn, step)
        reasons = [why] if why else []
    elif state is TaskState.FAILED:
        sentence = step.errors.get(task, ("", "It failed."))[1]
        retry, skip = a.Retry(tasks=[(number, task)]), a.Skip(tasks=[(number, task)])
        remedies = [Remedy(text="Retry", command=retry), Remedy(text="Skip", command=skip)]
        reasons = [Reason(kind="failed", sentence=sentence, remedies=remedies)]
    return Explanation(title=f"{name} {_WORDS[state]}{where}.", reasons=reasons)
