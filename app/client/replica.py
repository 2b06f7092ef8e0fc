"""The farm as this process knows it: a snapshot, then deltas in order; never waits, never asks.

PURE: no sockets, clock, files or threads. ``Feed`` puts what arrives into an order that can be applied
and says when a new snapshot is needed; ``Replica`` holds the rows and answers each change with a
``Batch`` of ids, so that a window repaints what changed and nothing else. One thread owns a replica:
``Connection`` changes it only inside the calls that it hands to ``post``.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TypeVar

from app.core.ids import TaskState
from app.core.views import (
    BudgetRow,
    Delta,
    FarmInfo,
    JobRow,
    LimitRow,
    NodeRow,
    NodeSample,
    ProjectRow,
    Row,
    ScoreRow,
    ShotRow,
    Snapshot,
    StepRow,
    TaskChange,
)

SAMPLES_MAX = 3600
"""Of a node: one hour at 1 Hz."""
EARLY_DELTAS_MAX = 1000
"""Kept while a snapshot is on its way: 40 s at 25 a second; past that the oldest go and a gap shows."""

_ON_A_NODE = (TaskState.RUNNING, TaskState.PUBLISHING)


@dataclass(slots=True)
class StepState:
    """A step's row, with its tasks as they are now; ``row.states`` is only how they were when it came."""

    row: StepRow
    states: bytearray
    """One ``TaskState`` a task."""
    running: dict[int, TaskChange] = field(default_factory=dict[int, TaskChange])
    """By task index: node, epoch and progress of what is on a node now."""


@dataclass(slots=True)
class Batch:
    """The ids that changed; look the rows up in the replica (a removed one is not there any more)."""

    reset: bool = False
    """Everything may have changed: the sets below are empty, read the whole replica."""
    shots: set[int] = field(default_factory=set[int])
    jobs: set[int] = field(default_factory=set[int])
    steps: dict[int, set[int]] = field(default_factory=dict[int, set[int]])
    """Step id to the indexes of its changed tasks."""
    step_rows: set[int] = field(default_factory=set[int])
    """Steps that are new or whose row was replaced whole."""
    nodes: set[int] = field(default_factory=set[int])
    limits: set[str] = field(default_factory=set[str])
    projects: set[str] = field(default_factory=set[str])
    budgets: set[str] = field(default_factory=set[str])
    scores: set[str] = field(default_factory=set[str])
    samples: set[int] = field(default_factory=set[int])
    """Nodes with new metrics."""
    removed: set[int] = field(default_factory=set[int])
    """Shots that are gone, their jobs and steps with them."""
    order_changed: bool = False
    """``queue()`` gives another order or other shots than before."""

    def __bool__(self) -> bool:
        """Tell whether anything changed."""
        return bool(
            self.reset
            or self.shots
            or self.jobs
            or self.steps
            or self.step_rows
            or self.nodes
            or self.limits
            or self.projects
            or self.budgets
            or self.scores
            or self.samples
            or self.removed
            or self.order_changed
        )

    def merge(self, later: Batch) -> None:
        """Take in the next batch: as if both had been one."""
        if later.reset:
            self._become_reset()
        if self.reset:
            return
        self.shots = (self.shots - later.removed) | later.shots
        self.removed = (self.removed - later.shots) | later.removed
        self.jobs |= later.jobs
        for step, tasks in later.steps.items():
            self.steps.setdefault(step, set()).update(tasks)
        self.step_rows |= later.step_rows
        self.nodes |= later.nodes
        self.limits |= later.limits
        self.projects |= later.projects
        self.budgets |= later.budgets
        self.scores |= later.scores
        self.samples |= later.samples
        self.order_changed |= later.order_changed

    def _become_reset(self) -> None:
        self.reset = True
        self.order_changed = True
        for ids in (self.shots, self.jobs, self.step_rows, self.nodes, self.samples, self.removed):
            ids.clear()
        for names in (self.limits, self.projects, self.budgets, self.scores):
            names.clear()
        self.steps.clear()


@dataclass(frozen=True, slots=True)
class Gap:
    """This delta cannot be applied here: ask for a snapshot."""

    expected: int
    got: int
    instance: str
    """Of the delta; another one than the replica's means that the dispatcher was started anew."""


class Replica:
    """The farm's rows by id. All are read-only for others; rows are replaced, never changed."""

    def __init__(self) -> None:
        self.shots: dict[int, ShotRow] = {}
        self.jobs: dict[int, JobRow] = {}
        self.steps: dict[int, StepState] = {}
        self.nodes: dict[int, NodeRow] = {}
        self.limits: dict[str, LimitRow] = {}
        self.projects: dict[str, ProjectRow] = {}
        self.budgets: dict[str, BudgetRow] = {}
        self.scores: dict[str, ScoreRow] = {}
        self.samples: dict[int, deque[NodeSample]] = {}
        self.farm: FarmInfo | None = None
        self.seq = -1
        self.instance = ""
        self.at = 0.0
        """Unix seconds, by the dispatcher's clock, of what is shown."""
        self._queue: list[ShotRow] | None = None

    def queue(self) -> list[ShotRow]:
        """Return the shots in queue order; do not change the list."""
        if self._queue is None:
            self._queue = sorted(self.shots.values(), key=lambda row: row.rank)
        return self._queue

    def apply_snapshot(self, snapshot: Snapshot) -> Batch:
        """Forget everything and take this."""
        self.farm = snapshot.farm
        self.seq, self.instance, self.at = snapshot.seq, snapshot.farm.instance, snapshot.farm.now
        self.shots = {row.id: row for row in snapshot.shots}
        self.jobs = {row.id: row for row in snapshot.jobs}
        self.steps = {row.id: StepState(row, bytearray(row.states)) for row in snapshot.steps}
        self.nodes = {row.id: row for row in snapshot.nodes}
        self.limits = {row.name: row for row in snapshot.limits}
        self.projects = {row.name: row for row in snapshot.projects}
        self.budgets = {row.name: row for row in snapshot.budgets}
        self.scores = {row.name: row for row in snapshot.scores}
        self.samples = {}
        self._queue = None
        ignored = Batch()
        for change in snapshot.tasks:
            self._take_task(change, ignored)
        for sample in snapshot.samples:
            self._take_sample(sample, ignored)
        return Batch(reset=True, order_changed=True)

    def apply(self, delta: Delta) -> Batch | Gap:
        """Take the next delta. An old one changes nothing and gives an empty batch."""
        if delta.instance != self.instance or delta.seq > self.seq + 1:
            return Gap(self.seq + 1, delta.seq, delta.instance)
        batch = Batch()
        if delta.seq <= self.seq:
            return batch
        self.seq, self.at = delta.seq, delta.at
        for row in delta.rows:
            self._take_row(row, batch)
        for change in delta.tasks:
            self._take_task(change, batch)
        for shot in delta.removed_shots:
            self._remove_shot(shot, batch)
        for sample in delta.samples:
            self._take_sample(sample, batch)
        return batch

    def _take_row(self, row: Row, batch: Batch) -> None:
        match row:
            case ShotRow():
                self._take_shot(row, batch)
            case JobRow():
                self.jobs[row.id] = row
                batch.jobs.add(row.id)
            case StepRow():
                self._take_step(row, batch)
            case NodeRow():
                self.nodes[row.id] = row
                batch.nodes.add(row.id)
            case LimitRow():
                _put(self.limits, row, is_gone=row.count < 0)
                batch.limits.add(row.name)
            case ProjectRow():
                _put(self.projects, row, is_gone=row.cap < 0)
                batch.projects.add(row.name)
            case BudgetRow():
                is_gone = row.gpu_hours < 0 and row.core_hours < 0
                _put(self.budgets, row, is_gone=is_gone)
                batch.budgets.add(row.name)
            case ScoreRow():
                self.scores[row.name] = row
                batch.scores.add(row.name)

    def _take_shot(self, row: ShotRow, batch: Batch) -> None:
        before = self.shots.get(row.id)
        self.shots[row.id] = row
        batch.shots.add(row.id)
        # The cached queue holds rows, so that it is stale even where the order stays.
        self._queue = None
        if before is None or before.rank != row.rank:
            batch.order_changed = True

    def _take_step(self, row: StepRow, batch: Batch) -> None:
        old = self.steps.get(row.id)
        state = StepState(row, bytearray(row.states))
        if old is not None:
            state.running = {
                task: change
                for task, change in old.running.items()
                if task < len(state.states) and state.states[task] == change.state
            }
        self.steps[row.id] = state
        batch.step_rows.add(row.id)

    def _take_task(self, change: TaskChange, batch: Batch) -> None:
        step = self.steps.get(change.step)
        if step is None or not 0 <= change.task < len(step.states):
            return  # of a shot that is gone
        step.states[change.task] = change.state
        if change.state in _ON_A_NODE:
            step.running[change.task] = change
        else:
            step.running.pop(change.task, None)
        batch.steps.setdefault(change.step, set()).add(change.task)

    def _remove_shot(self, shot: int, batch: Batch) -> None:
        if self.shots.pop(shot, None) is None:
            return
        self._queue = None
        batch.order_changed = True
        batch.removed.add(shot)
        batch.shots.discard(shot)
        self.jobs = {job: row for job, row in self.jobs.items() if row.shot != shot}
        self.steps = {step: state for step, state in self.steps.items() if state.row.shot != shot}

    def _take_sample(self, sample: NodeSample, batch: Batch) -> None:
        ring = self.samples.get(sample.node)
        if ring is None:
            ring = self.samples[sample.node] = deque(maxlen=SAMPLES_MAX)
        ring.append(sample)
        batch.samples.add(sample.node)


_Named = TypeVar("_Named", LimitRow, ProjectRow, BudgetRow)


def _put(rows: dict[str, _Named], row: _Named, *, is_gone: bool) -> None:
    if is_gone:
        rows.pop(row.name, None)
    else:
        rows[row.name] = row


class Feed:
    """Puts snapshots and deltas, as they come from two sockets, into an order that a Replica can apply."""

    def __init__(self) -> None:
        self.wants_snapshot = True
        """Ask for one; deltas wait here until it comes."""
        self._instance = ""
        self._seq = -1
        self._early: deque[Delta] = deque(maxlen=EARLY_DELTAS_MAX)

    def lose(self) -> None:
        """Trust nothing any more: the stream was cut, or its reader fell behind."""
        self.wants_snapshot = True

    def on_delta(self, delta: Delta) -> list[Snapshot | Delta]:
        """Return what can be applied now: this delta, or nothing."""
        if self.wants_snapshot:
            self._early.append(delta)
            return []
        is_ours = delta.instance == self._instance
        if is_ours and delta.seq <= self._seq:
            return []
        if is_ours and delta.seq == self._seq + 1:
            self._seq = delta.seq
            return [delta]
        self.wants_snapshot = True
        self._early.append(delta)
        return []

    def on_snapshot(self, snapshot: Snapshot) -> list[Snapshot | Delta]:
        """Return the snapshot and the waiting deltas that follow it."""
        self._instance, self._seq = snapshot.farm.instance, snapshot.seq
        self.wants_snapshot = False
        early = [delta for delta in self._early if delta.instance == self._instance]
        self._early.clear()
        return [snapshot, *(item for delta in early for item in self.on_delta(delta))]
