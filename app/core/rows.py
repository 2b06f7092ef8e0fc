"""Rows as people see them, built from the state and what is live.

PURE; builds, decides nothing. ``publish`` says when a row is due.
"""

from __future__ import annotations

from typing import Protocol

from app.core import views as v
from app.core.ids import TaskState
from app.core.live import Attempt, Live, Session, Slot
from app.core.peaks import is_learned
from app.core.records import Job, Node, Shot, work_of
from app.core.state import FarmState
from app.core.tasks import Step
from app.core.transitions import Link
from node_agent.wire.job import KernelWork

W, R, U, P, D, F, C = (int(state) for state in TaskState)
NO_FINISH = (0.0, 0.0)


class WhyIdle(Protocol):
    """What ``explain.Explainer`` is to a row."""

    def why_idle(self, shot: Shot) -> str: ...


def shot_row(
    state: FarmState,
    live: Live,
    explainer: WhyIdle,
    shot: Shot,
    finish: tuple[float, float],
) -> v.ShotRow:
    counts = _shown_counts(state, shot)
    running = counts[U] + counts[P]
    attempts = _attempts(state, live, shot) if running else []
    newest = state.jobs[shot.jobs[-1]] if shot.jobs else None
    total = sum(counts)
    worked = counts[D] + sum(attempt.progress * _part(state, attempt) for attempt in attempts)
    is_stuck = (counts[R] or counts[W]) and not running
    return v.ShotRow(
        id=shot.id,
        project=shot.project,
        sequence=shot.sequence,
        name=shot.name,
        rank=shot.rank,
        state=word(counts, shot.paused),
        paused=shot.paused,
        total=total,
        ready=counts[R],
        running=running,
        done=counts[D],
        failed=counts[F],
        cancelled=counts[C],
        progress=worked / total if total else 0.0,
        nodes=len({attempt.node for attempt in attempts}),
        user=newest.user if newest else "",
        submitted_at=newest.at if newest else shot.at,
        finished_at=shot.finished_at,
        finish_p50=finish[0],
        finish_p90=finish[1],
        reason=explainer.why_idle(shot) if is_stuck else "",
        error=_newest_error(state, shot),
        jobs=list(shot.jobs),
        due=shot.due,
        due_pinned=shot.due_pinned,
        start_after=_start_after(state, shot, counts),
    )


def _shown_counts(state: FarmState, shot: Shot) -> list[int]:
    """Return the shot's tasks by state, a frame whose pieces are rendered as one that runs."""
    if not any(state.jobs[job].pieces for job in shot.jobs):
        return state.counts[shot.id]
    steps = [state.steps[step] for job in shot.jobs for step in state.jobs[job].steps]
    return [sum(column) for column in zip(*(step.shown_counts() for step in steps), strict=True)]


def _part(state: FarmState, attempt: Attempt) -> float:
    """Return the part of a frame that an attempt works on."""
    step = state.steps[attempt.ref.step]
    return 1.0 / len(step.ranges) if step.is_piece else 1.0


def _start_after(state: FarmState, shot: Shot, counts: list[int]) -> float:
    """Return when the first of the shot's jobs may start, where all that is left waits for that."""
    if not counts[W] or counts[R] or counts[U]:
        return 0.0
    return min((state.jobs[job].start_after for job in shot.jobs), default=0.0)


def word(counts: list[int], is_paused: bool) -> str:
    """Return the state of a shot or job in one word; see ``views.ShotRow``."""
    if counts[U] or counts[P]:
        return "running"
    if is_paused and (counts[R] or counts[W]):
        return "paused"
    if counts[R]:
        return "ready"
    if counts[W] and not counts[F]:
        return "waiting"
    if counts[F]:
        return "failed"
    return "cancelled" if counts[C] else "done"


def _attempts(state: FarmState, live: Live, shot: Shot) -> list[Attempt]:
    return [
        live.attempts[step.id, task]
        for job in shot.jobs
        for step in map(state.steps.__getitem__, work_of(state.jobs[job]))
        for task in step.running
        if (step.id, task) in live.attempts
    ]


def _newest_error(state: FarmState, shot: Shot) -> str:
    for job in reversed(shot.jobs):
        for step in map(state.steps.__getitem__, reversed(state.jobs[job].steps)):
            if step.errors:
                return step.errors[next(reversed(step.errors))][1]
    return ""


def job_row(state: FarmState, job: Job) -> v.JobRow:
    steps = [state.steps[number] for number in job.steps]
    counts = [sum(column) for column in zip(*(step.shown_counts() for step in steps), strict=True)]
    return v.JobRow(
        id=job.id,
        shot=job.shot,
        name=job.name,
        user=job.user,
        state=word(counts, state.shots[job.shot].paused),
        total=sum(counts),
        done=counts[D],
        failed=counts[F],
        running=counts[U] + counts[P],
        submitted_at=job.at,
        steps=list(job.steps),
    )


def step_row(step: Step) -> v.StepRow:
    work = step.work
    is_kernel = isinstance(work, KernelWork)
    return v.StepRow(
        id=step.id,
        job=step.job,
        shot=step.shot,
        name=step.name,
        kind=str(work.__struct_config__.tag),
        frames=step.frames,
        runs=step.runs,
        states=step.shown_states(),
        directory=work.output.directory,
        pattern=work.output.pattern,
        preview_directory=work.output.preview_directory,
        width=work.width if is_kernel else 0,
        height=work.height if is_kernel else 0,
        samples=work.samples if is_kernel else 0,
        gpu_bytes=max(step.needs.memory_bytes, step.learned[0]),
        ram_bytes=max(step.needs.ram_bytes, step.learned[1]),
        is_learned=is_learned(step),
    )


def task_change(step: Step, task: int, progress: float = 0.0) -> v.TaskChange:
    node = step.running.get(task, (0,))[0]
    return v.TaskChange(step.id, task, step.shown_state(task), step.epochs[task], node, progress)


def node_row(state: FarmState, live: Live, node: Node) -> v.NodeRow:
    session = live.sessions.get(node.id)
    hello = session.hello if session else None
    is_online = session is not None and session.is_online
    is_idle = session is not None and not any(slot.attempts for slot in session.slots)
    return v.NodeRow(
        id=node.id,
        name=node.name,
        state=node_word(node, session),
        drain=node.drained,
        devices=[device_row(state, slot) for slot in session.slots] if session else [],
        tags=list(dict.fromkeys([*(hello.tags if hello else []), *node.tags])),
        cores=hello.cores if hello else 0,
        memory_bytes=hello.memory_bytes if hello else 0,
        platform=hello.platform if hello else "",
        version=hello.version if hello else "",
        seen_at=session.seen_wall if session else 0.0,
        done=node.done,
        failed=node.failed,
        pools=list(node.pools),
        reserved_until=node.reserved_until,
        reserved_for=node.reserved_for,
        gflops=hello.gflops if hello else 0.0,
        disk_bps=hello.disk_bps if hello else 0.0,
        away=session.away if session and session.is_online else "",
        asleep_since=node.asleep_since,
        can_sleep=is_online and is_idle and bool(hello and hello.can_sleep and node.macs),
        can_wake=bool(node.macs) and not is_online,
    )


def node_word(node: Node, session: Session | None) -> str:
    """Return the state of a node in one word; see ``views.NodeRow``."""
    if session is None or session.link is Link.OFFLINE:
        return "offline"
    if session.link is Link.LOST:
        return "lost"
    if session.link is Link.ASLEEP:
        return "asleep" if session.woken_at is None else "waking"
    is_busy = any(slot.attempts for slot in session.slots)
    if node.drained or session.away:
        return "draining" if is_busy else "drained"
    return "busy" if is_busy else "idle"


def device_row(state: FarmState, slot: Slot) -> v.DeviceRow:
    info = slot.info
    return v.DeviceRow(
        kind=info.kind,
        name=info.name,
        memory_bytes=info.memory_bytes,
        cores=info.cores,
        attempts=[attempt_cell(state, attempt) for attempt in slot.attempts],
    )


def attempt_cell(state: FarmState, attempt: Attempt) -> v.AttemptCell:
    ref = attempt.ref
    step = state.steps[ref.step]
    # Who looks at a piece wants to see its frame.
    number, task = step.piece_of if step.is_piece else (ref.step, ref.task)
    return v.AttemptCell(
        step=number,
        task=task,
        epoch=ref.epoch,
        frame=step.task_frames(ref.task).first,
        shot=step.shot,
        progress=attempt.progress,
        since=attempt.started_at,
    )


def task_rows(
    state: FarmState, live: Live, shot: Shot, first: int, count: int, now: float
) -> tuple[list[v.TaskRow], int]:
    """Return a window over a shot's tasks and how many there are: newest job first, its steps as
    submitted, frames in order."""
    rows: list[v.TaskRow] = []
    total = 0
    for job in reversed(shot.jobs):
        for step in map(state.steps.__getitem__, state.jobs[job].steps):
            begin = max(0, first - total)
            end = min(step.total, first + count - total)
            rows += [_task_row(state, live, step, task, now) for task in range(begin, end)]
            total += step.total
    return rows, total


def _task_row(state: FarmState, live: Live, step: Step, task: int, now: float) -> v.TaskRow:
    frames = step.task_frames(task)
    node = state.nodes.get(step.nodes[task])
    attempt = live.attempts.get((step.id, task))
    started = attempt.started_at if attempt else float(step.started[task])
    return v.TaskRow(
        step=step.id,
        step_name=step.name,
        task=task,
        first=frames.first,
        last=frames.last,
        state=step.shown_state(task),
        epoch=step.epochs[task],
        node=node.name if node else "",
        started_at=started,
        seconds=max(0.0, now - started) if attempt else step.seconds[task],
        progress=attempt.progress if attempt else float(step.states[task] == D),
        error=step.errors.get(task, ("", ""))[1],
    )
