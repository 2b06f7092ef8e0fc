"""Which rows are due: notes what each change makes stale, and builds those rows once a turn at most.

PURE. A row is built as late as possible: reports mark rows stale, and ``flush`` builds each once,
at most 25 times a second (a delta is not sent more often). What a person did is flushed in its own turn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

from app.core import changes as c
from app.core.actions import Action, PublishRow, PublishTask
from app.core.config import Config
from app.core.live import Attempt, Live
from app.core.rows import NO_FINISH, WhyIdle, job_row, node_row, shot_row, step_row, task_change
from app.core.state import FarmState
from app.core.views import Row
from app.errors import BugFault

BUSY_NODES_MAX = 64
"""Rows of nodes a flush of which nothing but tasks is new: all of a thousand nodes have news 25 times a second
when tasks are short, and nobody sees that."""


def _nothing_to_say() -> WhyIdle:
    raise BugFault("No turn has taken this publisher.")


class Publisher:
    """Stale rows by kind; dicts, because their order is that of the notes."""

    def __init__(self, state: FarmState, live: Live, config: Config) -> None:
        self._state = state
        self._live = live
        self._config = config
        self._shots: dict[int, None] = {}
        self._jobs: dict[int, None] = {}
        self._steps: dict[int, None] = {}
        self._nodes: dict[int, None] = {}
        # Those whose tasks alone moved: a part of them at a time, oldest first.
        self._busy: dict[int, None] = {}
        self._tasks: dict[tuple[int, int], None] = {}
        # Rows that only advanced: due once a second.
        self._slow_shots: dict[int, None] = {}
        self._slow_nodes: dict[int, None] = {}
        self._flushed_at = float("-inf")
        self._slow_flushed_at = float("-inf")
        self.is_urgent = False
        # Something changed since the forecast was played.
        self.has_news = True
        # Set by the forecast: (p50, p90) of each shot.
        self.finishes: dict[int, tuple[float, float]] = {}
        # Set by the dispatcher: rows of limits and projects that changed since they were last asked for.
        self.farm_rows: Callable[[], Sequence[Row]] = tuple
        self._farm_rows_at = float("-inf")
        # Set by the dispatcher: makes what says why a shot is idle, for the rows of one flush.
        self.explainer: Callable[[], WhyIdle] = _nothing_to_say

    # --- notes ------------------------------------------------------------------------------------

    def note(self, change: c.Change) -> None:
        """Mark the rows that this change made stale."""
        self.has_news = True
        if isinstance(change, c.TaskMoved):  # with the next, nearly all that ever happens
            if change.node:
                self._busy[change.node] = None
            self._note_task(change.step, change.task)
        elif isinstance(change, c.AttemptEnded):
            self._busy[change.node] = None
        else:
            self._note_rare(change)

    def _note_rare(self, change: c.Change) -> None:
        match change:
            case c.TaskSplit(step=step, task=task) | c.SplitEnded(step=step, task=task):
                self._note_task(step, task)
            case (
                c.NodeAdded(node=node)
                | c.NodeDrained(node=node)
                | c.NodeReserved(node=node)
                | c.NodeSet(node=node)
                | c.NodeAddressed(node=node)
                | c.NodeSlept(node=node)
            ):
                self._nodes[node] = None
            case (
                c.StepAdded(step=step)
                | c.TasksMoved(step=step)
                | c.TaskSkipped(step=step)
                | c.StepResized(step=step)
                | c.StepLearned(step=step)
            ):
                if not self._state.steps[step].is_piece:
                    self._steps[step] = None
                self._note_step(step)
            case c.ShotAdded(shot=shot) | c.ShotRanked(shot=shot) | c.ShotDue(shot=shot):
                self._shots[shot] = None
            case c.ShotPaused(shot=shot):
                self._shots[shot] = None
                self._jobs.update(dict.fromkeys(self._state.shots[shot].jobs))
            case c.LimitSet() | c.ShareSet() | c.BudgetSet():
                self._farm_rows_at = float("-inf")
            case c.JobAdded(job=job) | c.JobStart(job=job) | c.JobBlocked(job=job):
                self._jobs[job] = None
                self._shots[self._state.jobs[job].shot] = None
            case _:
                pass

    def _note_task(self, number: int, task: int) -> None:
        """A task moved; a piece is seen as a part of its frame alone."""
        step = self._state.steps[number]
        if not step.is_piece:
            self._tasks[number, task] = None
        self._shots[step.shot] = None
        self._jobs[step.job] = None

    def _note_step(self, step: int) -> None:
        record = self._state.steps[step]
        self._shots[record.shot] = None
        self._jobs[record.job] = None

    def node(self, node: int) -> None:
        self.has_news = True
        self._nodes[node] = None

    def all_shots(self) -> None:
        """Reasons may have changed for every shot that waits: a node came or went."""
        self._slow_shots.update(dict.fromkeys(self._state.shots))

    def shot(self, shot: int) -> None:
        self._slow_shots[shot] = None

    def seen(self, node: int) -> None:
        self.has_news = True
        self._slow_nodes[node] = None

    def progress(self, attempt: Attempt) -> None:
        ref = attempt.ref
        step = self._state.steps[ref.step]
        if not step.is_piece:
            self._tasks[ref.step, ref.task] = None
        self._slow_shots[step.shot] = None
        self._slow_nodes[attempt.node] = None

    # --- rows -------------------------------------------------------------------------------------

    def flush(self, mono: float, out: list[Action]) -> None:
        """Build the rows that are due."""
        if mono >= self._slow_flushed_at + self._config.progress_s:
            if self._slow_shots or self._slow_nodes:
                self._slow_flushed_at = mono
            self._shots.update(self._slow_shots)
            self._nodes.update(self._slow_nodes)
            self._slow_shots.clear()
            self._slow_nodes.clear()
        if mono >= self._farm_rows_at + self._config.progress_s:
            self._farm_rows_at = mono
            out.extend(PublishRow(row) for row in self.farm_rows())
        if self._has_stale() and (self.is_urgent or mono >= self._flushed_at + self._config.rows_s):
            self._flushed_at = mono
            self._build(out)
        self.is_urgent = False

    def _has_stale(self) -> bool:
        rows = self._shots or self._jobs or self._steps or self._nodes
        return bool(rows or self._busy or self._tasks)

    def _build(self, out: list[Action]) -> None:
        """Shots before what hangs on them, so that a client never sees an orphan."""
        state, live = self._state, self._live
        why = self.explainer()
        for shot in self._shots:
            finish = self.finishes.get(shot, NO_FINISH)
            out.append(PublishRow(shot_row(state, live, why, state.shots[shot], finish)))
        out.extend(PublishRow(job_row(state, state.jobs[job])) for job in self._jobs)
        for step in self._steps:
            self._build_step(step, out)
        for node in list(islice(self._busy, BUSY_NODES_MAX)):
            del self._busy[node]
            self._nodes[node] = None
        out.extend(PublishRow(node_row(state, live, state.nodes[node])) for node in self._nodes)
        out.extend(self._task(number, task) for number, task in self._tasks)
        for stale in (self._shots, self._jobs, self._steps, self._nodes, self._tasks):
            stale.clear()

    def _build_step(self, number: int, out: list[Action]) -> None:
        """A whole row holds states alone: where and how far its running tasks are comes after it."""
        step = self._state.steps[number]
        out.append(PublishRow(step_row(step)))
        out.extend(self._task(number, task) for task in step.running)

    def _task(self, number: int, task: int) -> PublishTask:
        attempt = self._live.attempts.get((number, task))
        progress = attempt.progress if attempt else 0.0
        return PublishTask(task_change(self._state.steps[number], task, progress))

    def next_flush(self) -> float | None:
        """Return when rows are due, if any are stale."""
        times: list[float] = []
        if self._has_stale():
            times.append(self._flushed_at + self._config.rows_s)
        if self._slow_shots or self._slow_nodes:
            times.append(self._slow_flushed_at + self._config.progress_s)
        return min(times, default=None)
