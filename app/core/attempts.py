"""How an attempt begins and the ways in which it ends; each way is one function.

PURE. Every function that ends one saves the task's move and a line of the ledger, removes the attempt
and, where the node said so itself, frees its device.
"""

from __future__ import annotations

from app.core import memory
from app.core.changes import AttemptEnded, FailureCounted, SplitEnded, TaskMoved, TasksMoved
from app.core.ids import TaskState
from app.core.live import Attempt
from app.core.peaks import OUT
from app.core.resize import resize_by
from app.core.seats import Seat, weight_of
from app.core.tasks import Step
from app.core.transitions import Phase
from app.core.turn import Turn
from app.core.waiting import close_step, open_followers
from node_agent.wire.messages import (
    Assign,
    AttemptRef,
    Clean,
    Describe,
    OutputFile,
    Revoke,
    Stale,
    Usage,
)
from node_agent.wire.templates import part_paths

NO_FILES: list[OutputFile] = []
NO_USAGE = Usage()
PATH_MAX = 4096
FIGURE_MAX = 1e18
"""Over any that is real, and within SQLite's integers."""


def begin(turn: Turn, seat: Seat, step: Step, task: int) -> None:
    """Assign a ready task to a device that has room for it."""
    assign(turn, start(turn, seat, step, task))


def start(turn: Turn, seat: Seat, step: Step, task: int) -> Attempt:
    """Record that a ready task begins there; ``assign`` tells the node."""
    now, epoch, slot = turn.now, step.epochs[task] + 1, seat.slot
    turn.save(
        TaskMoved(
            *(step.id, task, TaskState.RUNNING, epoch, now.wall),
            node=slot.node,
            device=slot.device,
            more=list(seat.more),
        )
    )
    attempt = Attempt(
        ref=AttemptRef(step.id, task, epoch),
        node=slot.node,
        device=slot.device,
        kind=slot.info.kind,
        klass=step.klass,
        started_at=now.wall,
        lease_until=now.mono + turn.config.lease_s,
        sent_at=now.mono,
        more=seat.more,
        cores=step.needs.cores,
        ram_bytes=step.needs.ram_bytes,
    )
    attempt.weight = weight_of(turn.live.sessions[slot.node], attempt)
    turn.live.add(attempt)
    return attempt


def assign(turn: Turn, attempt: Attempt) -> None:
    """Send the assignment, for the first time or again; the step's work before it, once a session."""
    ref = attempt.ref
    step = turn.state.steps[ref.step]
    session = turn.live.sessions[attempt.node]
    if step.id not in session.described:
        session.described.add(step.id)
        turn.send(attempt.node, _description(turn, step))
    checkpoint, _ = step.kept.get(ref.task, ("", 0))
    first_sample, samples = step.ranges[ref.task] if step.is_piece else (0, 0)
    pieces = step.split.get(ref.task, 0)
    attempt.sent_at = turn.now.mono
    turn.send(
        attempt.node,
        Assign(
            ref=ref,
            device=attempt.device,
            frames=step.task_frames(ref.task),
            checkpoint=checkpoint,
            first_sample=first_sample,
            samples=samples,
            parts=parts_of(step, ref.task, turn.state.steps[pieces]) if pieces else [],
            watched=(ref.step, ref.task) in turn.watched,
            more_devices=[device for device in attempt.more if not session.slots[device].is_cpu],
            cores=attempt.cores,
            peers=_peers(turn, step) if step.needs.gang else [],
            ram_bytes=step.needs.ram_bytes,
        ),
    )


def _peers(turn: Turn, step: Step) -> list[str]:
    """Return the names of a gang's nodes by rank."""
    return [turn.state.nodes[node].name if node else "" for node in step.nodes]


def _description(turn: Turn, step: Step) -> Describe:
    return Describe(step.id, step.work, turn.state.paths, turn.state.log_rules)


def finish(turn: Turn, attempt: Attempt, files: list[OutputFile], usage: Usage) -> None:
    """Accept the result: the task is DONE, for good."""
    _end(turn, attempt, TaskState.DONE, "done", usage=usage, files=files)
    step, task = turn.state.steps[attempt.ref.step], attempt.ref.task
    _clear_mark(turn, step, attempt)
    turn.live.free(attempt)
    memory.learn(turn, attempt)
    if task in step.split:
        turn.save(SplitEnded(step.id, task))
    resize_by(turn, step, task)
    open_followers(turn, step, task)


def _clear_mark(turn: Turn, step: Step, attempt: Attempt) -> None:
    """The node can do this job: only failures in a row speak against it. (Of a long job's frames some always
    fail, and every node would get its marks in time.)"""
    marks = turn.state.jobs[step.job].marks.get(attempt.node, 0)
    if marks:
        turn.save(FailureCounted("mark", step.id, attempt.ref.task, attempt.node, 0))
    if marks >= turn.config.marks:
        turn.live.hungry.update(turn.live.idle)


def fail(turn: Turn, attempt: Attempt, cause: str, sentence: str, usage: Usage) -> None:
    """The frame failed: count it against the frame and against the node for this job. One that ran out of its
    card's memory is tried on a larger one, and counted only where there is none."""
    ref, step = attempt.ref, turn.state.steps[attempt.ref.step]
    if cause == OUT:
        without = memory.grow(turn, attempt)
        if not without:
            _end(turn, attempt, TaskState.READY, "failed", cause, sentence, usage)
            turn.live.free(attempt)
            memory.learn(turn, attempt)
            return
        sentence += without
    job = turn.state.jobs[step.job]
    failures = step.failures.get(ref.task, 0) + 1
    # The user's mistake is the same everywhere: trying again only delays the news.
    is_final = cause == "user" or failures >= job.attempts or _is_torn(step)
    after = TaskState.FAILED if is_final else TaskState.READY
    _end(turn, attempt, after, "failed", cause, sentence, usage)
    turn.save(FailureCounted("task", ref.step, ref.task, attempt.node, failures))
    if cause not in ("user", OUT):
        marks = job.marks.get(attempt.node, 0) + 1
        turn.save(FailureCounted("mark", ref.step, ref.task, attempt.node, marks))
    turn.live.free(attempt)
    if ref.task in step.split:
        drop_pieces(turn, step, ref.task)  # one of them may be to blame
    if is_final:
        _fail_whole(turn, step, cause, sentence)
    _end_others(turn, step, ref.task, is_final=is_final)


def lose(turn: Turn, attempt: Attempt, sentence: str) -> None:
    """The node died under it, or seems to have: the task is ready again, and the death is counted."""
    ref, step = attempt.ref, turn.state.steps[attempt.ref.step]
    deaths = step.deaths.get(ref.task, 0) + 1
    is_final = deaths >= turn.config.node_deaths or _is_torn(step)
    if deaths >= turn.config.node_deaths:
        sentence = f"{sentence} That was node death {deaths} under this frame."
    after = TaskState.FAILED if is_final else TaskState.READY
    _end(turn, attempt, after, "lost", "crash", sentence)
    turn.save(FailureCounted("node", ref.step, ref.task, attempt.node, deaths))
    _end_others(turn, step, ref.task, is_final=is_final)
    if is_final:
        _fail_whole(turn, step, "crash", sentence)
        if ref.task in step.split:
            drop_pieces(turn, step, ref.task)


def give_back(turn: Turn, attempt: Attempt, outcome: str, usage: Usage) -> None:
    """Ready again with nobody to blame: released unasked, or said Goodbye."""
    step = turn.state.steps[attempt.ref.step]
    is_final = _is_torn(step)
    _end(turn, attempt, TaskState.FAILED if is_final else TaskState.READY, outcome, usage=usage)
    turn.live.free(attempt)
    _end_others(turn, step, attempt.ref.task, is_final=is_final)


def yield_back(turn: Turn, attempt: Attempt, checkpoint: str, passes: int, usage: Usage) -> None:
    """Ready again with the passes it has."""
    step = turn.state.steps[attempt.ref.step]
    kept = (checkpoint[:PATH_MAX], int(_sane(passes)))
    # A rank of a gang yields where its node ends before it began: the others have begun without it.
    is_final = _is_torn(step)
    after = TaskState.FAILED if is_final else TaskState.READY
    _end(turn, attempt, after, "yielded", usage=usage, kept=kept)
    turn.live.free(attempt)
    _end_others(turn, step, attempt.ref.task, is_final=is_final)


def cancel(
    turn: Turn, attempt: Attempt, reason: str, after: TaskState = TaskState.CANCELLED
) -> None:
    """Ended by a person: the task moves on now, the device is free when the node says so."""
    if attempt.phase is Phase.PUBLISHING:
        # The kill may come after the rename, so a retry's rename has to come after both.
        key = (attempt.ref.step, attempt.ref.task)
        turn.live.granted_until[key] = turn.now.mono + turn.config.grant_s
    _end(turn, attempt, after, "killed", sentence=reason)
    if turn.live.lies(attempt):
        attempt.enter(Phase.CLOSING)
        attempt.sent_at = turn.now.mono
        turn.send(attempt.node, Revoke(attempt.ref, "kill"))


def kill(turn: Turn, attempt: Attempt, reason: str) -> None:
    """End this one to be tried again; a rank of a gang takes the others with it."""
    step = turn.state.steps[attempt.ref.step]
    is_final = _is_torn(step)
    cancel(turn, attempt, reason, TaskState.FAILED if is_final else TaskState.READY)
    _end_others(turn, step, attempt.ref.task, is_final=is_final)


def _is_torn(step: Step) -> bool:
    """Tell whether what a gang has left can no longer begin anew together: a rank of it is done."""
    return step.needs.gang and step.counts[TaskState.DONE] > 0


def _end_others(turn: Turn, step: Step, task: int, *, is_final: bool) -> None:
    """A rank of a gang ended without a result: end the others, which begin anew together or fail."""
    after = TaskState.FAILED if is_final else TaskState.READY
    for other in sorted(step.running) if step.needs.gang else ():
        reason = f"Rank {task} of its gang ended without a result."
        cancel(turn, turn.live.attempts[step.id, other], reason, after)


# --- pieces of split frames -----------------------------------------------------------------------


def parts_of(step: Step, task: int, pieces: Step) -> list[str]:
    """Return the files that the pieces of a frame publish."""
    return part_paths(step.work.output, step.task_frames(task).first, pieces.ranges)


def drop_pieces(turn: Turn, step: Step, task: int, cause: str = "", sentence: str = "") -> None:
    """End what is left of a frame's pieces, and have their files deleted: it begins anew, or is over."""
    pieces = turn.state.steps[step.split[task]]
    for piece in sorted(pieces.running):
        reason = "Its frame is not put together of pieces any more."
        cancel(turn, turn.live.attempts[pieces.id, piece], reason)
    for before in (TaskState.WAITING, TaskState.READY):
        if pieces.counts[before]:
            turn.save(TasksMoved(pieces.id, before, TaskState.CANCELLED, turn.now.wall))
    nodes = [node for node in dict.fromkeys(pieces.nodes) if node]
    sessions = [turn.live.sessions.get(node) for node in nodes]
    there = [session.node for session in sessions if session and session.is_online]
    for node in there[:1]:  # the folder is one that all of them see
        turn.send(node, Clean(parts_of(step, task, pieces)))
    turn.save(SplitEnded(step.id, task, cause, sentence))


def _fail_whole(turn: Turn, pieces: Step, cause: str, sentence: str) -> None:
    """A piece failed for good: so did its frame."""
    number, task = pieces.piece_of
    step = turn.state.steps.get(number)
    if step is None or step.split.get(task) != pieces.id:
        return
    drop_pieces(turn, step, task, cause, sentence)
    turn.save(TaskMoved(number, task, TaskState.FAILED, step.epochs[task], turn.now.wall))


def ask_yield(turn: Turn, attempt: Attempt) -> None:
    """Ask a kernel to end its pass and keep what it has; what comes back is Yielded, or Done if it was late."""
    attempt.is_asked = True
    attempt.sent_at = turn.now.mono
    turn.send(attempt.node, Revoke(attempt.ref, "yield"))


def _sane(figure: float) -> float:
    """Nothing that a node measures may be negative, absurd or NaN: it would poison sums for ever."""
    return figure if 0 <= figure < FIGURE_MAX else 0.0


def tell_stale(turn: Turn, key: str, ref: AttemptRef) -> None:
    turn.send_key(key, Stale(ref))


def _end(
    turn: Turn,
    attempt: Attempt,
    after: TaskState,
    outcome: str,
    cause: str = "",
    sentence: str = "",
    usage: Usage = NO_USAGE,
    files: list[OutputFile] = NO_FILES,
    kept: tuple[str, int] | None = None,
) -> None:
    ref, now = attempt.ref, turn.now.wall
    step = turn.state.steps[ref.step]
    if kept is None:
        # What failed may have failed for its checkpoint: it begins anew. What was lost goes on.
        kept = ("", 0) if outcome == "failed" else step.kept.get(ref.task, ("", 0))
    if after in (TaskState.DONE, TaskState.FAILED):
        kept = ("", 0)
    turn.save(
        TaskMoved(ref.step, ref.task, after, ref.epoch, now, checkpoint=kept[0], passes=kept[1])
    )
    turn.save(
        AttemptEnded(
            *(ref.step, ref.task, ref.epoch, attempt.node, attempt.device),
            *(attempt.started_at, now, outcome, cause, sentence),
            _sane(usage.wall_s) or max(0.0, now - attempt.started_at),
            _sane(usage.cpu_s),
            int(_sane(usage.peak_memory_bytes)),
            int(_sane(usage.samples)),
            _sane(usage.energy_j),
            [(file.path, int(_sane(file.size)), file.sha256) for file in files],
            attempt.kind,
            max(1, step.needs.gpus) if attempt.kind == "cuda" else 1,
            peak_gpu_bytes=int(_sane(usage.peak_gpu_bytes)),
            card_bytes=memory.card_of(turn, attempt),
        )
    )
    if after is TaskState.READY and turn.state.jobs[step.job].start_after > now:
        close_step(turn, step)  # the job's start was put off while this ran
    turn.live.remove(attempt)
    if outcome != "yielded":
        turn.live.to_split.pop((ref.step, ref.task), None)
    if outcome != "killed":
        attempt.enter(Phase.OVER)
