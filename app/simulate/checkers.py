"""Judges that stand outside: each has its own idea of the truth, built from what was committed."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence

from msgspec import Struct

from app.client.replica import Replica
from app.core import actions as act
from app.core import changes as c
from app.core.gates import full_limit, is_at_cap
from app.core.ids import TaskState
from app.core.ready import Klass
from app.core.scheduling import can_serve, own_tags
from app.core.state import FarmState
from app.core.transitions import RUNS, TASKS
from app.core.turn import Turn
from app.core.views import Delta, FarmInfo, StepRow
from app.simulate.disk import Disk
from app.simulate.host import Host
from node_agent.wire.messages import AttemptRef

INFO = FarmInfo(instance="", version="", started_at=0, now=0, database="")
LEGAL = {int(before): frozenset(map(int, after)) for before, after in TASKS.items()}
RUNNING, PUBLISHING, DONE = map(int, (TaskState.RUNNING, TaskState.PUBLISHING, TaskState.DONE))
READY, WAITING, CANCELLED = map(int, (TaskState.READY, TaskState.WAITING, TaskState.CANCELLED))
FAILED = int(TaskState.FAILED)


class _Tasks:
    """What the ledger knows of a step's tasks."""

    __slots__ = ("accepted", "ended", "epochs", "nodes", "states")
    is_piece = False

    def __init__(self, first: int, total: int) -> None:
        self.states = bytearray([first]) * total
        self.epochs = array("I", bytes(4 * total))
        self.nodes = array("I", bytes(4 * total))
        self.ended = array("I", bytes(4 * total))
        """Epoch of the last attempt that ended."""
        self.accepted = bytearray(total)


class _Pieces(_Tasks):
    """The pieces of a split frame, which are no frames."""

    __slots__ = ()
    is_piece = True


class Ledger:
    """Reads the committed changes and nothing else."""

    def __init__(self) -> None:
        self._steps: dict[int, _Tasks] = {}
        self._starts: dict[int, float] = {}
        self.accepted = 0
        """Frames whose result was accepted."""
        self.failed = 0
        """Frames that are FAILED now."""
        self.faults: list[str] = []

    def read(self, changes: Sequence[c.Change]) -> None:
        """Follow one turn's changes."""
        for change in changes:
            match change:
                case c.TaskMoved():
                    self._move(change)
                case c.AttemptEnded():
                    self._end(change)
                case c.JobAdded(job=job, start_after=start, at=at):
                    self._starts[job] = start - at
                case c.StepAdded() | c.TaskSplit() | c.StepResized():
                    self._shape(change)
                case c.TasksMoved(step=step, before=before, state=state):
                    tasks = self._steps[step]
                    for task, old in enumerate(tasks.states):
                        if old == before:
                            self._go(tasks, step, task, state)
                case _:
                    pass

    def _shape(self, change: c.StepAdded | c.TaskSplit | c.StepResized) -> None:
        """A step has other tasks than before."""
        if isinstance(change, c.StepResized):
            self._resize(change)
        elif isinstance(change, c.TaskSplit):
            self._go(self._steps[change.step], change.step, change.task, WAITING)
            self._steps[change.pieces] = _Pieces(READY, len(change.ranges))
        else:
            waits = change.after or change.frame_after or self._starts[change.job] > 0
            self._steps[change.step] = _Tasks(WAITING if waits else READY, len(change.tasks))

    def _resize(self, change: c.StepResized) -> None:
        tasks, first = self._steps[change.step], change.first
        if any(tasks.epochs[first:]) or any(state != READY for state in tasks.states[first:]):
            self.faults.append(f"{change} is about tasks that have begun")
        other = _Tasks(READY, sum(run.count for run in change.runs))
        for name in _Tasks.__slots__:
            setattr(tasks, name, getattr(tasks, name)[:first] + getattr(other, name))

    def _move(self, change: c.TaskMoved) -> None:
        tasks, task = self._steps[change.step], change.task
        epoch, node = tasks.epochs[task], tasks.nodes[task]
        expected = epoch + 1 if change.state == RUNNING else epoch
        if change.epoch != expected:
            self.faults.append(f"{change} goes from epoch {epoch}")
        if change.state == PUBLISHING and change.node != node:
            self.faults.append(f"{change} is published by another node than it ran on, {node}")
        self._go(tasks, change.step, task, change.state)
        tasks.epochs[task] = change.epoch
        tasks.nodes[task] = change.node

    def _go(self, tasks: _Tasks, step: int, task: int, after: int) -> None:
        before = tasks.states[task]
        if after not in LEGAL[before]:
            names = TaskState(before).name, TaskState(after).name
            self.faults.append(f"{step}/{task} goes from {names[0]} to {names[1]}")
        tasks.states[task] = after
        if not tasks.is_piece:
            self.failed += (after == FAILED) - (before == FAILED)

    def _end(self, change: c.AttemptEnded) -> None:
        tasks, task = self._steps[change.step], change.task
        ref = AttemptRef(change.step, task, change.epoch)
        if change.epoch <= tasks.ended[task]:
            self.faults.append(f"{ref} ends twice, or after a later one")
        tasks.ended[task] = max(change.epoch, tasks.ended[task])
        if change.outcome == "done":
            self.accepted += not tasks.is_piece
            tasks.accepted[task] += 1
            if tasks.accepted[task] > 1:
                self.faults.append(f"{ref} is a second result")

    def on_rename(self, ref: AttemptRef, node: str) -> None:
        """A file appears under its final name: only the granted, newest attempt may do that."""
        tasks = self._steps[ref.step]
        state, epoch = tasks.states[ref.task], tasks.epochs[ref.task]
        if epoch == ref.epoch:
            # A rank of a gang that another took with it while it published has FAILED.
            if state not in (PUBLISHING, CANCELLED, READY, FAILED):
                self.faults.append(f"{node} renames {ref} in {TaskState(state).name}")
        elif (state in RUNS or state == DONE) and (state != RUNNING or epoch != ref.epoch + 1):
            self.faults.append(f"{node} renames {ref}, the task is at {epoch}")


class Mirror:
    """A window's replica, fed by what a turn publishes, against a fresh snapshot."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._replica = Replica()
        self._life = 0

    def follow(self, actions: Sequence[act.Action]) -> None:
        """Take what this turn publishes."""
        if self._life != self._host.life:
            self._life = self._host.life
            snapshot = self._host.brain.snapshot(self._host.now, INFO, 0)
            self._replica.apply_snapshot(snapshot)
            return
        rows = [a.row for a in actions if isinstance(a, act.PublishRow)]
        tasks: list[act.TaskChange] = []
        for action in actions:
            if isinstance(action, act.PublishTask):
                tasks.append(action.change)
            elif isinstance(action, act.PublishRow) and isinstance(action.row, StepRow):
                step = action.row.id
                tasks = [change for change in tasks if change.step != step]
        seq = self._replica.seq + 1
        self._replica.apply(Delta(instance="", seq=seq, at=0.0, rows=rows, tasks=tasks))

    def compare(self) -> list[str]:
        """Return what differs from a snapshot, when all rows were flushed."""
        if self._host.core is None or self._life != self._host.life:
            return []
        fresh, mine = Replica(), self._replica
        fresh.apply_snapshot(self._host.brain.snapshot(self._host.now, INFO, 0))
        faults = [
            f"the replica's step {number} differs"
            for number, step in fresh.steps.items()
            if number not in mine.steps or mine.steps[number].states != step.states
        ]
        faults += _different("shot", mine.shots, fresh.shots)
        faults += _different("job", mine.jobs, fresh.jobs)
        for number, row in fresh.nodes.items():
            if number not in mine.nodes:
                faults.append(f"the replica has no node {number}")
            elif mine.nodes[number].state != row.state:
                faults.append(f"the replica's node {number} is not {row.state}")
        return faults


DRIFTS = ("progress", "finish_p50", "finish_p90", "reason")
"""Fields that a delta need not bring at once."""


def _different(kind: str, mine: Mapping[int, Struct], fresh: Mapping[int, Struct]) -> list[str]:
    faults: list[str] = []
    for number, row in fresh.items():
        held = mine.get(number)
        fields = [
            name
            for name in row.__struct_fields__
            if name not in DRIFTS and getattr(held, name, None) != getattr(row, name)
        ]
        if fields:
            faults.append(f"the replica's {kind} {number} differs in {fields}")
    return faults


def idle_beside_work(host: Host) -> list[str]:
    """No device may idle beside a ready task that it can do; brute force over all."""
    core = host.brain
    state = core.state
    steps = [step for step in state.steps.values() if step.counts[READY]]
    steps = [step for step in steps if not state.shots[step.shot].paused]
    classes = {step.klass: state.queue.klasses[step.klass] for step in steps}
    barred = {number for number, klass in classes.items() if is_barred(host.turn, klass)}
    steps = [s for s in steps if s.klass not in barred and not classes[s.klass].is_large]
    faults: list[str] = []
    for session in host.live.online() if steps else ():
        node = state.nodes[session.node]
        idle = [slot for slot in session.slots if not slot.attempts]
        if (
            not idle
            or node.id in host.turn.holds.by_node
            or node.drained
            or session.sleep_asked_at is not None
            or node.reserved_until > host.now.wall
        ):
            continue
        for step in steps:
            job, klass = state.jobs[step.job], state.queue.klasses[step.klass]
            is_marked = job.marks.get(node.id, 0) >= core.config.marks
            if is_marked or node.id in job.blocked:
                continue
            fitting = [slot for slot in idle if step.next_ready_within(slot.card_bytes) >= 0]
            if any(can_serve(klass, session.hello, slot.info, own_tags(node)) for slot in fitting):
                faults.append(f"node {node.id} idles beside step {step.id}")
    return faults


def is_barred(turn: Turn, klass: Klass) -> bool:
    """Whether a limit or its project's cap bars a class, summed up from scratch."""
    return bool(full_limit(turn, klass)) or is_at_cap(turn, klass)


def replays(host: Host) -> list[str]:
    """What the store would load now is what lives."""
    if FarmState.sections(host.store.load()) != host_sections(host.brain.state):
        return ["the replayed state is not the live one"]
    return []


def lost_files(host: Host, disk: Disk) -> list[str]:
    """Each done task's files are those that the accepted attempt published."""
    faults: list[str] = []
    for step in host.brain.state.steps.values():
        for task, state in enumerate(step.states):
            if state == DONE and disk.published(step.id, task) != step.epochs[task]:
                there, wanted = disk.published(step.id, task), step.epochs[task]
                faults.append(
                    f"the files of {step.id}/{task} are of {there}, accepted was {wanted}"
                )
    return faults


def host_sections(state: FarmState) -> dict[str, bytes]:
    """All sections, without making the state forget what it has not written."""
    dirty = set(state._dirty)  # pyright: ignore[reportPrivateUsage]
    sections = state.sections()
    state._dirty |= dirty  # pyright: ignore[reportPrivateUsage]
    return sections
