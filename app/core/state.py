"""The farm's durable state in memory, and ``apply``: the one way it changes, live and in replay alike.

PURE. Tasks are bytes and array cells of their step, not objects: 1.2 million of them are some 20 MB.
The store keeps two things: every change in order, and now and then the *sections*: blobs that hold the
state after a known change. ``from_sections`` and ``apply`` of the later changes give the live state.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import msgspec

from app.core import changes as c
from app.core.ids import TaskState
from app.core.peaks import note_peaks
from app.core.ready import Place, ReadyQueue, klass_of
from app.core.records import (
    AUDIT_MAX,
    JUDGED_MAX,
    Audited,
    Budget,
    FarmBlob,
    Job,
    Judged,
    Key,
    Limit,
    Node,
    Share,
    Shot,
)
from app.core.stamps import restamp
from app.core.tasks import READY, STATES, Step, StepBlob, unpack
from app.core.traces import move, note_end
from app.core.transitions import RUNS, TASKS, judge
from app.errors import BugFault, EnvironmentFault
from node_agent.wire.job import LogRule, PathRoots

FORMAT = 1
"""Of the sections; a newer one is refused, an older one gets its upgrade here."""

# Plain numbers: comparing with enum members costs the hot path a tenth.
WAITING = int(TaskState.WAITING)
DONE, FAILED = int(TaskState.DONE), int(TaskState.FAILED)
CANCELLED = int(TaskState.CANCELLED)
FARM = 0
"""Stands for the farm's section among the numbers of steps that changed."""

_encode = msgspec.msgpack.Encoder().encode
_farm_decoder = msgspec.msgpack.Decoder(FarmBlob)
_step_decoder = msgspec.msgpack.Decoder(StepBlob)


class FarmState:
    """All that survives a restart. Read it freely; change it by ``apply`` alone."""

    def __init__(self) -> None:
        self.shots: dict[int, Shot] = {}
        self.jobs: dict[int, Job] = {}
        self.steps: dict[int, Step] = {}
        self.nodes: dict[int, Node] = {}
        self.keys: dict[str, Key] = {}
        self.limits: dict[str, Limit] = {}
        self.shares: dict[str, Share] = {}
        self.paths: list[PathRoots] = []
        self.log_rules: list[LogRule] = []
        self.budgets: dict[str, Budget] = {}
        self.used: dict[str, tuple[float, float]] = {}
        """GPU-seconds and CPU-seconds of ended attempts, by project: the ledger's sums."""
        self.is_metered = True
        """Whether ``used`` holds all that ended; a blob older than budgets does not: the store mends it."""
        self.judged: deque[Judged] = deque(maxlen=JUDGED_MAX)
        self.judged_count = 0
        self.sleep: dict[str, float] = {}
        """After how many idle minutes nodes are put to sleep, by pool; '': the farm's rule."""
        self.audit: deque[Audited] = deque(maxlen=AUDIT_MAX)
        self.stamps: dict[str, int] = {}
        self.commands = 0
        # Derived from the above, and rebuilt at load:
        self.order: list[Place] = []
        """All shots, (rank, id), in queue order."""
        self.queue = ReadyQueue()
        self.shot_names: dict[tuple[str, str, str], int] = {}
        self.node_keys: dict[str, int] = {}
        self.counts: dict[int, list[int]] = {}
        """Tasks of each shot, by state."""
        self._dirty: set[int] = {FARM}

    # --- changes ----------------------------------------------------------------------------------

    def apply(self, change: c.Change) -> None:
        """Fold one change in. Raises BugFault, and changes nothing, when it contradicts the state."""
        try:
            self._APPLY[type(change)](self, change)
        except (KeyError, IndexError) as error:
            raise BugFault(f"{change} is about something that does not exist.") from error

    def _shot_added(self, change: c.ShotAdded) -> None:
        name = (change.project, change.sequence, change.name)
        if change.shot in self.shots or name in self.shot_names:
            raise BugFault(f"Shot {change.shot} {name} exists already.")
        shot = Shot(change.shot, *name, change.rank, change.at)
        self._index_shot(shot)
        self._dirty.add(FARM)

    def _index_shot(self, shot: Shot) -> None:
        self.shots[shot.id] = shot
        self.shot_names[shot.project, shot.sequence, shot.name] = shot.id
        self.counts[shot.id] = [0] * STATES
        insort(self.order, (shot.rank, shot.id))

    def _shot_ranked(self, change: c.ShotRanked) -> None:
        shot = self.shots[change.shot]
        del self.order[bisect_left(self.order, (shot.rank, shot.id))]
        insort(self.order, (change.rank, shot.id))
        self.queue.move(shot.id, shot.rank, change.rank, shot.paused)
        shot.rank = change.rank
        self._dirty.add(FARM)

    def _shot_paused(self, change: c.ShotPaused) -> None:
        shot = self.shots[change.shot]
        if shot.paused != change.paused:
            shot.paused = change.paused
            self.queue.pause(shot.id, shot.rank, change.paused)
            self._dirty.add(FARM)

    def _job_added(self, change: c.JobAdded) -> None:
        if change.job in self.jobs:
            raise BugFault(f"Job {change.job} exists already.")
        self.shots[change.shot].jobs.append(change.job)
        self.jobs[change.job] = Job(
            *(change.job, change.shot, change.name, change.user),
            *(change.attempts, change.scouts, change.at),
            start_after=change.start_after,
        )
        self._dirty.add(FARM)

    def _step_added(self, change: c.StepAdded) -> None:
        job = self.jobs[change.job]
        before = [*change.after, *(number for number, _, _ in change.frame_after)]
        if change.step in self.steps or any(self.steps[s].job != job.id for s in before):
            raise BugFault(f"Step {change.step} exists already, or depends on another job's.")
        step = Step(change, job.shot, waits=job.start_after > job.at)
        job.steps.append(step.id)
        self._index_step(step)
        self.shots[job.shot].finished_at = 0.0
        self._dirty.add(FARM)

    def _task_split(self, change: c.TaskSplit) -> None:
        step, task, ranges = self.steps[change.step], change.task, list(change.ranges)
        if change.pieces in self.steps or step.states[task] != READY or task in step.split:
            raise BugFault(f"{change} is about a task that cannot be split.")
        frames = [step.task_frames(task)] * len(ranges)
        named = (change.pieces, step.job, step.name, step.work, step.needs, step.frames, frames)
        pieces = Step(c.StepAdded(*named, []), step.shot)
        pieces.become_pieces((step.id, task), ranges)
        pieces.learned = (step.learned[0], 0)
        self.jobs[step.job].pieces.append(pieces.id)
        self._index_step(pieces)
        step.split[task] = pieces.id
        step.set_state(task, WAITING)
        self._recount(step, READY, WAITING, 1)
        self._count_ready(step, -1)
        self._dirty.update((FARM, step.id))

    def _split_ended(self, change: c.SplitEnded) -> None:
        step = self.steps[change.step]
        self.jobs[step.job].pieces.remove(step.split.pop(change.task))
        if change.sentence:
            step.errors.pop(change.task, None)
            step.errors[change.task] = (change.cause, change.sentence)
        self._dirty.update((FARM, step.id))

    def _step_resized(self, change: c.StepResized) -> None:
        step, first = self.steps[change.step], change.first
        tail, tasks = step.states[first:], sum(run.count for run in change.runs)
        if not tasks or not tail or tail.count(READY) != len(tail) or any(step.epochs[first:]):
            raise BugFault(f"{change} is about tasks that have begun.")
        step.resize(first, change.runs)
        more = tasks - len(tail)
        self.counts[step.shot][READY] += more
        self._count_ready(step, more)
        self._dirty.add(step.id)

    def _recount(self, step: Step, before: int, after: int, tasks: int) -> None:
        """Count tasks of a shot anew; pieces are no frames of it."""
        if not step.is_piece:
            counts = self.counts[step.shot]
            counts[before] -= tasks
            counts[after] += tasks

    def _index_step(self, step: Step) -> None:
        self.steps[step.id] = step
        for before in step.after:
            self.steps[before].followers.append(step.id)
        for before, first, last in step.frame_after:
            self.steps[before].frame_followers.append((step.id, first, last))
        counts = self.counts[step.shot]
        for state, count in enumerate(step.counts if not step.is_piece else ()):
            counts[state] += count
        project = self.shots[step.shot].project
        self._classify(step, project)
        self._dirty.add(step.id)

    def _classify(self, step: Step, project: str) -> None:
        """Find the step's class, and count what is ready of it there."""
        klass = klass_of(step.work, step.needs, project, step.total, step.learned)
        step.klass = self.queue.number(klass)
        self._count_ready(step, step.counts[READY])

    def _step_learned(self, change: c.StepLearned) -> None:
        step = self.steps[change.step]
        self._count_ready(step, -step.counts[READY])
        step.learned = (change.gpu_bytes, change.ram_bytes)
        self._classify(step, self.shots[step.shot].project)
        self._dirty.add(step.id)

    def _task_grew(self, change: c.TaskGrew) -> None:
        step = self.steps[change.step]
        step.heavy.pop(change.task, None)
        if change.gpu_bytes:
            step.heavy[change.task] = change.gpu_bytes
        self._dirty.add(step.id)

    def _count_ready(self, step: Step, delta: int) -> None:
        shot = self.shots[step.shot]
        self.queue.adjust(step.klass, shot.id, shot.rank, shot.paused, delta)

    def _task_moved(self, change: c.TaskMoved) -> None:
        step, after = self.steps[change.step], change.state
        before = move(step, change)
        for counts in (step.counts,) if step.is_piece else (step.counts, self.counts[step.shot]):
            counts[before] -= 1
            counts[after] += 1
        if READY in (before, after):
            self._count_ready(step, (after == READY) - (before == READY))
        self._dirty.add(step.id)
        if after >= DONE or before >= DONE:  # nothing else can begin or end the shot
            self.finish(step.shot, change.at)

    def recount(self, number: int) -> None:
        """Tasks of this step moved without being counted: count it and its shot anew; see ``folding``."""
        step = self.steps[number]
        before = step.counts
        step.recount()
        for state, (old, new) in enumerate(zip(before, step.counts, strict=True)):
            if not step.is_piece:
                self.counts[step.shot][state] += new - old
        if delta := step.counts[READY] - before[READY]:
            self._count_ready(step, delta)
        self._dirty.add(number)

    def _tasks_moved(self, change: c.TasksMoved) -> None:
        step, before, after = self.steps[change.step], change.before, change.state
        judge(TASKS, TaskState(before), TaskState(after))
        if before in RUNS or after in RUNS:
            raise BugFault("Running tasks move one by one.")
        moved = step.counts[before]
        step.set_all(before, after)
        self._recount(step, before, after, moved)
        if before == FAILED:
            for task in [task for task in step.errors if step.states[task] == after]:
                del step.errors[task]
        if READY in (before, after):
            self._count_ready(step, moved if after == READY else -moved)
        self._dirty.add(step.id)
        self.finish(step.shot, change.at)

    def finish(self, shot: int, at: float) -> None:
        """Note when a shot comes to rest, and when it wakes."""
        counts, record = self.counts[shot], self.shots[shot]
        is_over = not any(counts[:DONE])
        if is_over != bool(record.finished_at):
            record.finished_at = at if is_over else 0.0
            self._dirty.add(FARM)

    def _attempt_ended(self, change: c.AttemptEnded) -> None:
        step, task = self.steps[change.step], change.task
        pieces = step.split.get(task, 0)
        note_end(step, change, self.steps[pieces] if pieces else None)
        if not step.is_piece:
            note_peaks(step, change)
        project = self.shots[step.shot].project
        gpu_s, cpu_s = self.used.get(project, (0.0, 0.0))
        gpu_s += change.wall_s * change.gpus if change.device_kind == "cuda" else 0.0
        self.used[project] = (gpu_s, cpu_s + change.cpu_s)
        if node := self.nodes.get(change.node):
            node.done += change.outcome == "done"
            node.failed += change.outcome == "failed"
        self._dirty.update((FARM, step.id))

    def _failure_counted(self, change: c.FailureCounted) -> None:
        step = self.steps[change.step]
        if change.kind == "mark":
            _count(self.jobs[step.job].marks, change.node, change.count)
            self._dirty.add(FARM)
        else:
            _count(
                step.failures if change.kind == "task" else step.deaths, change.task, change.count
            )
            self._dirty.add(step.id)

    def _node_added(self, change: c.NodeAdded) -> None:
        if node := self.nodes.get(change.node):
            # A machine that lost its own key joined again under its name.
            self.node_keys.pop(node.public_key, None)
            node.public_key = change.public_key
        else:
            self.nodes[change.node] = Node(change.node, change.name, change.public_key, change.at)
        self.node_keys[change.public_key] = change.node
        self._dirty.add(FARM)

    def _node_drained(self, change: c.NodeDrained) -> None:
        self.nodes[change.node].drained = change.on
        self._dirty.add(FARM)

    def _shot_due(self, change: c.ShotDue) -> None:
        shot = self.shots[change.shot]
        shot.due, shot.due_pinned = change.due, change.pinned
        self._dirty.add(FARM)

    def _job_start(self, change: c.JobStart) -> None:
        self.jobs[change.job].start_after = change.at
        self._dirty.add(FARM)

    def _job_blocked(self, change: c.JobBlocked) -> None:
        job = self.jobs[change.job]
        nodes = set(job.blocked) - {change.node}
        job.blocked = sorted(nodes | ({change.node} if change.on else set()))
        self._dirty.add(FARM)

    def _node_reserved(self, change: c.NodeReserved) -> None:
        node = self.nodes[change.node]
        node.reserved_until, node.reserved_for = change.until, change.project
        self._dirty.add(FARM)

    def _node_set(self, change: c.NodeSet) -> None:
        node = self.nodes[change.node]
        node.pools, node.tags = list(change.pools), list(change.tags)
        self._dirty.add(FARM)

    def _node_addressed(self, change: c.NodeAddressed) -> None:
        node = self.nodes[change.node]
        node.macs, node.broadcasts = list(change.macs), list(change.broadcasts)
        self._dirty.add(FARM)

    def _node_slept(self, change: c.NodeSlept) -> None:
        node = self.nodes[change.node]
        node.asleep, node.is_asleep_by_hand = change.hello, change.by_hand
        node.asleep_since = change.at if change.hello else 0.0
        self._dirty.add(FARM)

    def _sleep_set(self, change: c.SleepSet) -> None:
        if change.minutes < 0:
            self.sleep.pop(change.pool, None)
        else:
            self.sleep[change.pool] = change.minutes
        self._dirty.add(FARM)

    def _limit_set(self, change: c.LimitSet) -> None:
        if change.count < 0:
            self.limits.pop(change.name, None)
        else:
            self.limits[change.name] = Limit(change.name, change.count, dict(change.owned))
        self._dirty.add(FARM)

    def _share_set(self, change: c.ShareSet) -> None:
        if (change.guarantee, change.cap) == (0.0, 1.0):
            self.shares.pop(change.project, None)
        else:
            self.shares[change.project] = Share(change.project, change.guarantee, change.cap)
        self._dirty.add(FARM)

    def _paths_set(self, change: c.PathsSet) -> None:
        self.paths = list(change.paths)
        self._dirty.add(FARM)

    def _log_rules_set(self, change: c.LogRulesSet) -> None:
        self.log_rules = list(change.rules)
        self._dirty.add(FARM)

    def _budget_set(self, change: c.BudgetSet) -> None:
        if change.gpu_hours < 0 and change.core_hours < 0:
            self.budgets.pop(change.project, None)
        else:
            self.budgets[change.project] = Budget(
                *(change.project, change.gpu_hours, change.core_hours, change.warn, change.at_end)
            )
        self._dirty.add(FARM)

    def _forecast_judged(self, change: c.ForecastJudged) -> None:
        self.judged.append(Judged(change.at, change.p50, change.p90, change.ended_at))
        self.judged_count += 1
        self._dirty.add(FARM)

    def _task_skipped(self, change: c.TaskSkipped) -> None:
        step = self.steps[change.step]
        if step.states[change.task] != CANCELLED:
            raise BugFault(f"{change} is about a task that was not cancelled.")
        step.skipped.add(change.task)
        self._dirty.add(step.id)

    def _key_added(self, change: c.KeyAdded) -> None:
        self.keys[change.public_key] = Key(
            change.public_key, change.role, change.name, change.at, change.expires_at
        )
        self._dirty.add(FARM)

    def _key_revoked(self, change: c.KeyRevoked) -> None:
        del self.keys[change.public_key]
        self._dirty.add(FARM)

    def _command_done(self, change: c.CommandDone) -> None:
        if change.number != self.commands + 1:
            raise BugFault(f"Command {change.number} follows {self.commands}.")
        self.commands = change.number
        self.audit.append(restamp(self.stamps, self.audit, change, self.shots))
        self._dirty.add(FARM)

    _APPLY: ClassVar[dict[type[Any], Callable[[FarmState, Any], None]]] = {
        c.ShotAdded: _shot_added,
        c.ShotRanked: _shot_ranked,
        c.ShotPaused: _shot_paused,
        c.JobAdded: _job_added,
        c.StepAdded: _step_added,
        c.TaskMoved: _task_moved,
        c.TasksMoved: _tasks_moved,
        c.AttemptEnded: _attempt_ended,
        c.FailureCounted: _failure_counted,
        c.NodeAdded: _node_added,
        c.NodeDrained: _node_drained,
        c.KeyAdded: _key_added,
        c.KeyRevoked: _key_revoked,
        c.CommandDone: _command_done,
        c.ShotDue: _shot_due,
        c.JobStart: _job_start,
        c.JobBlocked: _job_blocked,
        c.NodeReserved: _node_reserved,
        c.NodeSet: _node_set,
        c.LimitSet: _limit_set,
        c.ShareSet: _share_set,
        c.TaskSkipped: _task_skipped,
        c.TaskSplit: _task_split,
        c.SplitEnded: _split_ended,
        c.StepResized: _step_resized,
        c.PathsSet: _paths_set,
        c.LogRulesSet: _log_rules_set,
        c.BudgetSet: _budget_set,
        c.ForecastJudged: _forecast_judged,
        c.NodeAddressed: _node_addressed,
        c.NodeSlept: _node_slept,
        c.SleepSet: _sleep_set,
        c.StepLearned: _step_learned,
        c.TaskGrew: _task_grew,
    }

    def is_open(self, shot: int) -> bool:
        """Tell whether something of a shot is left to do."""
        return any(self.counts[shot][:DONE])

    # --- numbers ----------------------------------------------------------------------------------

    def next_shot(self) -> int:
        return next(reversed(self.shots), 0) + 1

    def next_job(self) -> int:
        return next(reversed(self.jobs), 0) + 1

    def next_step(self) -> int:
        return next(reversed(self.steps), 0) + 1

    def next_node(self) -> int:
        return next(reversed(self.nodes), 0) + 1

    # --- sections ---------------------------------------------------------------------------------

    def sections(self, only_dirty: bool = False) -> dict[str, bytes]:
        """Return blobs by name: ``farm`` and one ``step:<id>`` a step.

        ``only_dirty``: those that changed since the last call (of either kind). Each replaces the older
        blob of its name; none is ever removed. Write them with the number of the last change applied.
        """
        wanted = sorted(self._dirty) if only_dirty else [FARM, *self.steps]
        self._dirty.clear()
        return {
            f"step:{step}" if step else "farm": self._step_blob(step) if step else self._farm_blob()
            for step in wanted
        }

    def _step_blob(self, step: int) -> bytes:
        return _encode(self.steps[step].pack())

    def _farm_blob(self) -> bytes:
        return _encode(
            FarmBlob(
                version=FORMAT,
                shots=list(self.shots.values()),
                jobs=list(self.jobs.values()),
                steps=list(self.steps),
                nodes=list(self.nodes.values()),
                keys=list(self.keys.values()),
                audit=list(self.audit),
                stamps=self.stamps,
                commands=self.commands,
                limits=list(self.limits.values()),
                shares=list(self.shares.values()),
                paths=list(self.paths),
                log_rules=list(self.log_rules),
                budgets=list(self.budgets.values()),
                used=self.used if self.is_metered else None,
                judged=list(self.judged),
                judged_count=self.judged_count,
                sleep=self.sleep,
            )
        )

    @classmethod
    def from_sections(cls, sections: Mapping[str, bytes]) -> FarmState:
        """Build the state that ``sections()`` saw; ``{}`` gives an empty farm. Raises EnvironmentFault
        when a blob is not one of ours."""
        state = cls()
        if not sections:
            return state
        try:
            farm = _farm_decoder.decode(sections["farm"])
            if farm.version != FORMAT:
                raise ValueError(f"format {farm.version}, where this version reads {FORMAT}")
            state._load(farm, sections)
        except (KeyError, ValueError, msgspec.DecodeError) as error:
            raise EnvironmentFault(f"The saved farm cannot be read: {error}.") from error
        state._dirty.clear()
        return state

    def _load(self, farm: FarmBlob, sections: Mapping[str, bytes]) -> None:
        for shot in farm.shots:
            self._index_shot(shot)
        self.jobs = {job.id: job for job in farm.jobs}
        for number in farm.steps:
            self._index_step(unpack(_step_decoder.decode(sections[f"step:{number}"])))
        self.nodes = {node.id: node for node in farm.nodes}
        self.node_keys = {node.public_key: node.id for node in farm.nodes}
        self.keys = {key.public_key: key for key in farm.keys}
        self.audit.extend(farm.audit)
        self.stamps = dict(farm.stamps)
        self.commands = farm.commands
        self.limits = {limit.name: limit for limit in farm.limits}
        self.shares = {share.project: share for share in farm.shares}
        self.paths = list(farm.paths)
        self.log_rules = list(farm.log_rules)
        self.budgets = {budget.project: budget for budget in farm.budgets}
        self.used = dict(farm.used or {})
        self.is_metered = farm.used is not None
        self.judged.extend(farm.judged)
        self.judged_count = farm.judged_count
        self.sleep = dict(farm.sleep)


def _count(counts: dict[int, int], key: int, count: int) -> None:
    if count:
        counts[key] = count
    else:
        counts.pop(key, None)
