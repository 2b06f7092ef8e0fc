"""The last frames of a step, split over devices that would idle, and merged exactly.

PURE. A frame of a kernel that is about to begin, while devices like its own have nothing else to do, becomes
*pieces*: the tasks of a step of their own beside the job's steps, one for each range of samples. They are
placed, lost, retried, counted and paused as any task. Meanwhile the frame waits; when all pieces are done it is
ready again, and its next attempt merges them. A frame that runs already yields for it, with what it has.
How pieces end is in ``attempts``.
"""

from __future__ import annotations

from itertools import pairwise
from statistics import median

from app.core import attempts
from app.core.changes import TaskSplit
from app.core.gates import free_of, room_in_share
from app.core.live import SPLIT, Attempt, Slot
from app.core.placing_rules import offered, takes_work, view_of
from app.core.ready import View
from app.core.tasks import Step
from app.core.transitions import Phase
from app.core.turn import Turn
from node_agent.wire.job import KernelWork

PIECES_MAX = 64


def split_if_idle(turn: Turn, slot: Slot, step: Step, task: int) -> bool:
    """Split a ready frame that this device was to begin, if others would idle meanwhile."""
    rest_s = turn.live.to_split.pop((step.id, task), 0.0)
    if len(turn.live.idle) < 2 or not can_split(step, task):
        return False
    rest_s = rest_s or _rest_of_ready(step, task, slot.info.kind)
    passes = _passes_left(step, task)
    count = min(PIECES_MAX, len(passes), int(rest_s / turn.config.split_s))
    if count >= 2:
        count = min(count, 1 + _spare(turn, slot, step), _allowed(turn, step))
    if count < 2:
        return False
    number, now = turn.state.next_step(), turn.now.wall
    turn.save(TaskSplit(step.id, task, number, now, _ranges(step, passes, count)))
    return True


def _allowed(turn: Turn, step: Step) -> int:
    """Return how many attempts of this class limits and its project's share leave room for."""
    klass = turn.state.queue.klasses[step.klass]
    rooms = [
        free_of(turn, limit, klass.project) // need
        for name, need in klass.limits
        if (limit := turn.state.limits.get(name))
    ]
    return min([PIECES_MAX, room_in_share(turn, klass), *rooms])


def can_split(step: Step, task: int) -> bool:
    """Tell whether the frame is one that pieces can be made of, and none is made of it yet."""
    if not isinstance(step.work, KernelWork) or not step.work.output.directory or step.is_piece:
        return False
    if step.work.staged:
        return False  # the pieces would lie where only the dispatcher's machine reads them
    needs = step.needs
    is_large = needs.gpus > 1 or needs.cores or needs.ram_bytes or needs.gang
    is_one = len(step.task_frames(task).numbers()) == 1 and not is_large
    return is_one and task not in step.split and task not in step.heavy


def _rest_of_ready(step: Step, task: int, kind: str) -> float:
    """Return the seconds that the frame still takes on such a device; 0: nothing is known."""
    assert isinstance(step.work, KernelWork)
    passes = _passes(step.work)
    return _expected(step, kind) * len(_passes_left(step, task)) / passes


def _expected(step: Step, kind: str) -> float:
    walls = step.walls.get(kind)
    return median(walls) if walls else 0.0


def _rest_of(turn: Turn, attempt: Attempt) -> float:
    """Return the seconds that a running frame still takes, by its passes or by what its step's frames took."""
    elapsed, progress = max(0.0, turn.now.wall - attempt.started_at), attempt.progress
    if progress > 0.02:
        return elapsed * (1 - progress) / progress
    step = turn.state.steps[attempt.ref.step]
    return max(0.0, _expected(step, attempt.kind) - elapsed)


def _passes(work: KernelWork) -> int:
    return -(-work.samples // work.samples_per_pass)


def _passes_left(step: Step, task: int) -> range:
    assert isinstance(step.work, KernelWork)
    return range(step.kept.get(task, ("", 0))[1], _passes(step.work))


def _ranges(step: Step, passes: range, count: int) -> list[tuple[int, int]]:
    """Cut the passes into ranges of samples: (first sample, how many)."""
    work = step.work
    assert isinstance(work, KernelWork)
    cuts = [passes.start + len(passes) * index // count for index in range(count + 1)]
    samples = [min(cut * work.samples_per_pass, work.samples) for cut in cuts]
    return [(first, end - first) for first, end in pairwise(samples)]


def _spare(turn: Turn, slot: Slot, step: Step) -> int:
    """Return how many devices like this one each frame that is ready may have beside its own."""
    view = view_of(turn, slot)
    waiting = turn.state.queue.total(view) + len(turn.live.to_split)
    if waiting >= len(turn.live.idle):
        return 0  # as nearly always: nobody has to count who of them could help
    return (_count_idle(turn, slot.info.kind, step.klass) - waiting) // max(1, waiting)


def _count_idle(turn: Turn, kind: str, klass: int) -> int:
    """Count the devices that could take pieces: of the same kind, for the same bits."""
    return sum(
        not slot.attempts
        and slot.info.kind == kind
        and takes_work(turn, slot)
        and slot.node not in turn.holds.by_node
        and klass in offered(turn, slot, view_of(turn, slot).klasses)
        for slot in turn.live.idle.values()
    )


# --- running frames -------------------------------------------------------------------------------


def arm(turn: Turn) -> None:
    """See to it that running frames are looked at while devices idle."""
    if turn.live.idle and turn.live.attempts and not turn.live.is_split_armed:
        turn.live.is_split_armed = True
        turn.live.again(turn.now.mono + turn.config.split_look_s, (SPLIT, 0, 0, 0))


def on_moment(turn: Turn) -> None:
    """Ask frames that run long to yield, the longest first, while devices like theirs have nothing to do."""
    turn.live.is_split_armed = False
    spare: dict[tuple[View, int], int] = {}
    asked = 0
    for attempt in sorted(turn.live.attempts.values(), key=lambda one: -_rest_of(turn, one)):
        rest_s = _rest_of(turn, attempt)
        if rest_s < 2 * turn.config.split_s:
            break
        if not _may_yield(turn, attempt):
            continue
        slot = turn.live.slot(attempt.node, attempt.device)
        if slot is None:
            continue
        view, klass = view_of(turn, slot), turn.state.steps[attempt.ref.step].klass
        if (view, klass) not in spare:
            idle = _count_idle(turn, slot.info.kind, klass)
            spare[view, klass] = idle - turn.state.queue.total(view)
        if spare[view, klass] > asked:
            asked += 1
            turn.live.to_split[attempt.ref.step, attempt.ref.task] = rest_s
            attempts.ask_yield(turn, attempt)


def _may_yield(turn: Turn, attempt: Attempt) -> bool:
    step = turn.state.steps[attempt.ref.step]
    is_calm = attempt.phase is Phase.HELD and not attempt.is_asked
    return is_calm and not turn.state.shots[step.shot].paused and can_split(step, attempt.ref.task)
