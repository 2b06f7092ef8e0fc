"""Judges that stand outside: each has its own idea of the truth, built from what was committed."""

from collections import Counter

from app.client.replica import Replica
from app.core import actions as act
from app.core import changes as c
from app.core.ids import TaskState
from app.core.scheduling import can_serve
from app.core.state import FarmState
from app.core.transitions import RUNS, TASKS
from app.core.views import Delta, FarmInfo, StepRow
from node_agent.wire.messages import AttemptRef
from tests.simulation.host import Host

INFO = FarmInfo(instance="", version="", started_at=0, now=0, database="")


class Ledger:
    """Reads the committed changes and nothing else."""

    def __init__(self) -> None:
        self.tasks: dict[tuple[int, int], tuple[int, int, int]] = {}
        """(state, epoch, node)."""
        self.accepted: Counter[tuple[int, int]] = Counter()
        self.ended: Counter[AttemptRef] = Counter()
        self.faults: list[str] = []

    def read(self, changes: list[c.Change]) -> None:
        for change in changes:
            match change:
                case c.StepAdded(step=step, tasks=tasks, after=after):
                    first = TaskState.WAITING if after else TaskState.READY
                    self.tasks |= {(step, task): (first, 0, 0) for task in range(len(tasks))}
                case c.TaskMoved():
                    self._move(change)
                case c.TasksMoved(step=step, before=before, state=state):
                    for key, (old, epoch, _) in list(self.tasks.items()):
                        if key[0] == step and old == before:
                            self._go(key, old, state, epoch, epoch, 0)
                case c.AttemptEnded():
                    self._end(change)
                case _:
                    pass

    def _move(self, change: c.TaskMoved) -> None:
        key = (change.step, change.task)
        state, epoch, node = self.tasks[key]
        expected = epoch + 1 if change.state == TaskState.RUNNING else epoch
        if change.epoch != expected:
            self.faults.append(f"{key} goes from epoch {epoch} to {change.epoch}")
        if change.state == TaskState.PUBLISHING and change.node != node:
            self.faults.append(f"{key} is published by node {change.node}, ran on {node}")
        self._go(key, state, change.state, epoch, change.epoch, change.node)

    def _go(self, key, old: int, new: int, epoch: int, after: int, node: int) -> None:
        if TaskState(new) not in TASKS[TaskState(old)]:
            self.faults.append(f"{key} goes from {TaskState(old).name} to {TaskState(new).name}")
        self.tasks[key] = (new, after, node)

    def _end(self, change: c.AttemptEnded) -> None:
        ref = AttemptRef(change.step, change.task, change.epoch)
        self.ended[ref] += 1
        if self.ended[ref] > 1:
            self.faults.append(f"{ref} ends twice")
        if change.outcome == "done":
            self.accepted[ref.step, ref.task] += 1
            if self.accepted[ref.step, ref.task] > 1:
                self.faults.append(f"{ref} is a second result")

    def on_rename(self, ref: AttemptRef, node: str) -> None:
        """A file appears under its final name: only the granted, newest attempt may do that."""
        state, epoch, _ = self.tasks[ref.step, ref.task]
        granted = (TaskState.PUBLISHING, TaskState.CANCELLED)
        if epoch != ref.epoch and state in (*RUNS, TaskState.DONE):
            if state != TaskState.RUNNING or epoch != ref.epoch + 1:
                self.faults.append(f"{node} renames {ref}, the task is at {epoch}")
        elif epoch == ref.epoch and state not in granted and state != TaskState.READY:
            self.faults.append(f"{node} renames {ref} in {TaskState(state).name}")


class Mirror:
    """A window's replica, fed by what a turn publishes, against a fresh snapshot."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._replica = Replica()
        self._life = 0

    def follow(self, actions: list[act.Action]) -> None:
        core = self._host.core
        assert core
        if self._life != self._host.life:
            self._life = self._host.life
            self._replica.apply_snapshot(core.snapshot(self._host.now, INFO, 0))
            return
        rows = [a.row for a in actions if isinstance(a, act.PublishRow)]
        tasks = []
        for action in actions:
            if isinstance(action, act.PublishRow) and isinstance(action.row, StepRow):
                tasks = [change for change in tasks if change.step != action.row.id]
            elif isinstance(action, act.PublishTask):
                tasks.append(action.change)
        seq = self._replica.seq + 1
        self._replica.apply(Delta(instance="", seq=seq, at=0.0, rows=rows, tasks=tasks))

    def compare(self) -> list[str]:
        """Return what differs from a snapshot, when all rows were flushed."""
        core = self._host.core
        if core is None or self._life != self._host.life:
            return []
        fresh = Replica()
        fresh.apply_snapshot(core.snapshot(self._host.now, INFO, 0))
        faults = []
        for number, step in fresh.steps.items():
            mine = self._replica.steps.get(number)
            if mine is None or mine.states != step.states:
                faults.append(f"the replica's step {number} differs")
        for kind in ("shots", "jobs"):
            mine, theirs = getattr(self._replica, kind), getattr(fresh, kind)
            for number, row in theirs.items():
                fields = [
                    name
                    for name in row.__struct_fields__
                    if name not in ("progress", "finish_p50", "finish_p90", "reason")
                    and getattr(mine.get(number), name, None) != getattr(row, name)
                ]
                if fields:
                    faults.append(f"the replica's {kind} {number} differ in {fields}")
        for number, row in fresh.nodes.items():
            if self._replica.nodes.get(number) is None:
                faults.append(f"the replica has no node {number}")
            elif self._replica.nodes[number].state != row.state:
                faults.append(f"the replica's node {number} is not {row.state}")
        return faults


def idle_beside_work(host: Host) -> list[str]:
    """No device may idle beside a ready task that it can do; brute force over all."""
    core = host.core
    assert core
    state, live, faults = core.state, core._turn.live, []
    for session in live.online():
        if state.nodes[session.node].drained:
            continue
        for slot in session.slots:
            if slot.attempt is not None:
                continue
            for step in state.steps.values():
                klass = state.queue.klasses[step.klass]
                is_open = not state.shots[step.shot].paused and step.counts[TaskState.READY]
                is_marked = state.jobs[step.job].marks.get(session.node, 0) >= core.config.marks
                if is_open and not is_marked and can_serve(klass, session.hello, slot.info):
                    faults.append(f"node {session.node} idles beside step {step.id}")
    return faults


def replays(host: Host) -> list[str]:
    """What the store would load now is what lives."""
    core = host.core
    assert core
    if FarmState.sections(host.store.load()) != host_sections(core.state):
        return ["the replayed state is not the live one"]
    return []


def host_sections(state: FarmState) -> dict[str, bytes]:
    """All sections, without making the state forget what it has not written."""
    dirty = set(state._dirty)
    sections = state.sections()
    state._dirty |= dirty
    return sections
