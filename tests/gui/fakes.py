"""A farm that is a plain object: the window's tests and its pictures talk to this instead of a socket.

``FakeLink`` has what ``app.gui.bridge.Link`` asks for. Commands change a little farm of rows as the real
dispatcher would, so that a drop is seen to arrive; every question is kept in ``asked``.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from app.client.connection import LinkState, Outcome
from app.client.replica import Batch, Replica
from app.core import commands as c
from app.core.ids import TaskState
from app.core.views import (
    AttemptCell,
    Delta,
    DeviceRow,
    FarmInfo,
    GpuSample,
    JobRow,
    NodeRow,
    NodeSample,
    PreviewNews,
    Row,
    ShotRow,
    Snapshot,
    StepRow,
    TaskChange,
)
from node_agent.wire.job import Run

NOW = 1_770_000_000.0
LIVE = LinkState("live", 0.0, "")


class FakeLink:
    """A connection to nowhere. Answers come when ``deliver`` is called, or at once."""

    def __init__(self, *, at_once: bool = True) -> None:
        self.replica = Replica()
        self.asked: list[object] = []
        self.answers: dict[type, Callable[[object], Outcome]] = {}
        self.at_once = at_once
        self.waiting: list[Callable[[], None]] = []
        self.is_closed = False
        self._batch: list[Callable[[Batch], None]] = []
        self._state: list[Callable[[LinkState], None]] = []
        self._preview: list[Callable[[PreviewNews], None]] = []
        self._log: list[Callable[[object], None]] = []
        self._commands = 0
        self.refuse_with = ""

    def start(self) -> None:
        self.tell_state(LIVE)

    def close(self) -> None:
        self.is_closed = True

    def on_batch(self, callback) -> None:
        self._batch.append(callback)

    def on_state(self, callback) -> None:
        self._state.append(callback)

    def on_preview(self, callback) -> None:
        self._preview.append(callback)

    def on_log(self, callback) -> None:
        self._log.append(callback)

    def ask_async(self, body, callback=None, timeout_s: float = 10.0) -> None:
        self.asked.append(body)

        def deliver() -> None:
            outcome = self._answer(body)
            if callback is not None:
                callback(outcome)

        if self.at_once:
            deliver()
        else:
            self.waiting.append(deliver)

    def deliver(self) -> None:
        """Give all answers that wait."""
        waiting, self.waiting = self.waiting, []
        for each in waiting:
            each()

    # --- what the farm does -----------------------------------------------------------------------

    def show(self, snapshot: Snapshot) -> None:
        """Be this farm from now on."""
        self._tell(self.replica.apply_snapshot(snapshot))

    def change(self, *rows: Row, tasks: list[TaskChange] = (), samples=(), removed=()) -> None:
        """Publish one delta."""
        replica = self.replica
        delta = Delta(
            instance=replica.instance,
            seq=replica.seq + 1,
            at=replica.at,
            rows=list(rows),
            tasks=list(tasks),
            samples=list(samples),
            removed_shots=list(removed),
        )
        batch = replica.apply(delta)
        assert isinstance(batch, Batch)
        self._tell(batch)

    def tell_state(self, state: LinkState) -> None:
        for each in self._state:
            each(state)

    def tell_preview(self, news: PreviewNews) -> None:
        for each in self._preview:
            each(news)

    def tell_log(self, news: object) -> None:
        for each in self._log:
            each(news)

    def asked_commands(self) -> list[object]:
        """Return the commands that were asked for, those that are several in one too."""
        kinds = (*c.ROLES, c.Together)
        return [body for body in self.asked if isinstance(body, kinds)]

    def commands(self) -> list[object]:
        """Return the commands that were asked for, without the questions."""
        kinds = tuple(c.ROLES)
        return [body for body in self.asked if isinstance(body, kinds)]

    def _tell(self, batch: Batch) -> None:
        for each in self._batch:
            each(batch)

    def _answer(self, body: object) -> Outcome:
        if type(body) in self.answers:
            return self.answers[type(body)](body)
        if not isinstance(body, (*c.ROLES, c.Together)):
            return c.Refusal(sentence="There is nothing of that kind.")
        if self.refuse_with:
            return c.Refusal(sentence=self.refuse_with)
        if gone := self._gone(body):
            return c.Refusal(sentence=f"There is no shot {gone[0]}.")
        self._commands += 1
        self._carry_out(body)
        return c.Receipt(command=self._commands, text="wf1-token", seq=self.replica.seq)

    def _gone(self, body: object) -> list[int]:
        """Return the shots of a command that the farm has not: it was slower than somebody's removal."""
        if isinstance(body, c.Together):
            return [shot for each in body.commands for shot in self._gone(each)]
        shots = list(getattr(body, "shots", ()))
        if isinstance(body, c.Move) and body.before:
            shots.append(body.before)
        return [shot for shot in shots if shot not in self.replica.shots]

    def _carry_out(self, body: object) -> None:
        match body:
            case c.Move():
                self._move(body)
            case c.Together():
                for each in body.commands:
                    self._carry_out(each)
            case c.SetDue():
                rows = [self.replica.shots[shot] for shot in body.shots]
                self.change(*(replaced(r, due=body.due, due_pinned=body.pinned) for r in rows))
            case c.Pause() | c.Resume():
                paused = isinstance(body, c.Pause)
                rows = [self.replica.shots[shot] for shot in body.shots]
                state = "paused" if paused else "ready"
                self.change(*(replaced(row, paused=paused, state=state) for row in rows))

    def _move(self, move: c.Move) -> None:
        from app.gui.queue import order

        old = [row.id for row in self.replica.queue()]
        new = order.moved(old, move)
        rows = [replaced(self.replica.shots[shot], rank=float(at)) for at, shot in enumerate(new)]
        self.change(*(row for row in rows if row.rank != self.replica.shots[row.id].rank))


def replaced(row, **fields):
    """Return the row with some fields changed."""
    return msgspec.structs.replace(row, **fields)


def shot_row(number: int, **fields) -> ShotRow:
    """Return a shot at place ``number`` with 24 frames to do."""
    given = {
        "id": number,
        "project": "NZ2",
        "sequence": f"sq{(number - 1) // 4 * 10 + 10:03d}",
        "name": f"sh{number * 10:04d}",
        "rank": float(number),
        "state": "ready",
        "paused": False,
        "total": 24,
        "ready": 24,
        "running": 0,
        "done": 0,
        "failed": 0,
        "cancelled": 0,
        "progress": 0.0,
        "nodes": 0,
        "user": "mia",
        "submitted_at": NOW - 3600,
        "finished_at": 0.0,
        "finish_p50": NOW + 600 * number,
        "finish_p90": NOW + 780 * number,
        "reason": "",
        "error": "",
        "jobs": [number],
    }
    return ShotRow(**(given | fields))


def step_row(number: int, states: bytes, **fields) -> StepRow:
    """Return a step of shot and job ``number``."""
    given = {
        "id": number,
        "job": number,
        "shot": number,
        "name": "render",
        "kind": "kernel",
        "frames": f"1001-{1000 + len(states)}",
        "runs": [Run(0, len(states), 1001, 1, 0, 1)],
        "states": states,
        "directory": "/film/out",
        "pattern": "frame.{frame:04d}.exr",
        "preview_directory": "",
        "width": 960,
        "height": 540,
        "samples": 256,
    }
    return StepRow(**(given | fields))


def job_row(number: int, **fields) -> JobRow:
    """Return the job of shot ``number``."""
    given = {
        "id": number,
        "shot": number,
        "name": "render",
        "user": "mia",
        "state": "ready",
        "total": 24,
        "done": 0,
        "failed": 0,
        "running": 0,
        "submitted_at": NOW,
        "steps": [number],
    }
    return JobRow(**(given | fields))


def attempt_cell(**fields) -> AttemptCell:
    """Return a running attempt as a device shows it."""
    given = {"step": 1, "task": 0, "epoch": 1, "frame": 1001, "shot": 1}
    return AttemptCell(**(given | {"progress": 0.0, "since": NOW} | fields))


def device_row(kind: str = "cuda", **fields) -> DeviceRow:
    """Return an idle device."""
    given = {
        "kind": kind,
        "name": "GPU" if kind == "cuda" else "CPU",
        "memory_bytes": 24 << 30,
        "cores": 16,
        "attempts": [],
    }
    return DeviceRow(**(given | fields))


def node_row(number: int, devices: list[DeviceRow] | None = None, **fields) -> NodeRow:
    """Return an idle node."""
    given = {
        "id": number,
        "name": f"node{number:02d}",
        "state": "idle",
        "drain": False,
        "devices": devices or [device_row()],
        "tags": [],
        "cores": 32,
        "memory_bytes": 64 << 30,
        "platform": "linux",
        "version": "0.1.0",
        "seen_at": NOW,
        "done": 0,
        "failed": 0,
    }
    return NodeRow(**(given | fields))


def sample(node: int, at: float, cpu: float, gpus: list[float], memory: float) -> NodeSample:
    """Return metrics of a node; loads in percent."""
    return NodeSample(
        node=node,
        at=at,
        cpu_percent=cpu,
        memory_used_bytes=int(memory / 100 * (64 << 30)),
        memory_bytes=64 << 30,
        disk_read_bps=0.0,
        disk_write_bps=0.0,
        net_in_bps=0.0,
        net_out_bps=0.0,
        load_1=cpu / 3,
        gpus=[GpuSample(gpu, 8e9, 24e9, 61.0, 210.0) for gpu in gpus],
    )


def snapshot(shots=(), jobs=(), steps=(), nodes=(), tasks=(), samples=(), seq: int = 0) -> Snapshot:
    """Return a farm of these rows."""
    return Snapshot(
        seq=seq,
        farm=FarmInfo(instance="one", version="0.1.0", started_at=NOW, now=NOW, database=""),
        shots=list(shots),
        jobs=list(jobs),
        steps=list(steps),
        nodes=list(nodes),
        tasks=list(tasks),
        samples=list(samples),
    )


def small_farm(count: int = 8) -> Snapshot:
    """Return ``count`` ready shots of 24 frames, and two idle nodes."""
    numbers = range(1, count + 1)
    return snapshot(
        shots=[shot_row(number) for number in numbers],
        jobs=[job_row(number) for number in numbers],
        steps=[step_row(number, bytes([TaskState.READY] * 24)) for number in numbers],
        nodes=[node_row(1), node_row(2)],
    )
