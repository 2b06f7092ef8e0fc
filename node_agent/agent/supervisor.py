"""The devices' worker children: starts them, gives them tasks, and is sure when one is dead.

One long-lived child a device, started with the agent so that its kernels are compiled before the first
task. The supervisor performs the session's child actions and returns what happened as session events,
and log lines and pictures beside them. It decides nothing about attempts.

How a task is killed: the child is asked first, since a child that lives keeps its compiled kernels and
scene; what does not answer in time is killed with all its descendants. ChildKilled is said only when
the processes are gone and the temporary files deleted.
"""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from node_agent.agent import platform_posix as platform
from node_agent.agent import session_types as t
from node_agent.agent.leftovers import Leftovers
from node_agent.agent.worker_process import Launch, WorkerProcess
from node_agent.wire import pipe
from node_agent.wire.job import CommandWork
from node_agent.wire.messages import AttemptRef, Preview, Usage

CANCEL_GRACE_S = 1.0
"""A kernel looks for orders between passes; one whose pass is longer costs its child."""
GONE_POLL_S = 0.02
PING_S = 10.0
PINGS_MISSED_MAX = 6
"""A child whose reading thread is silent this often is stuck: stopped, or a fault in native code."""
EARLY_DEATH_S = 10.0
RESPAWN_S_MAX = 60.0
CHECKPOINT_FOLDER = ".windfire"

_log = logging.getLogger("child")


class ChildLog(Struct, frozen=True):
    """Lines of an attempt's output, or of a child without a task."""

    ref: AttemptRef | None
    lines: list[str]


Occurrence = t.SessionEvent | ChildLog | Preview
ChildAction = t.StartChild | t.PublishChild | t.YieldChild | t.KillChild | t.WatchChild


class _Slot:
    """A device's child and its task."""

    def __init__(self, launch: Launch) -> None:
        self.launch = launch
        self.process: WorkerProcess | None = None
        self.spawned_at = 0.0
        self.respawn_at = 0.0
        self.early_deaths = 0
        self.kernels: list[str] | None = None
        """None until the child has said what it can run."""
        self.task: t.StartChild | None = None
        self.started_at = 0.0
        self.is_cancelled = False
        self.kill_at: float | None = None
        """When patience ends."""
        self.gone_at: float | None = None
        """When to look whether the dying child is gone."""
        self.ping_at = 0.0
        self.pings_missed = 0

    def next_deadline(self) -> float | None:
        if self.process is None:
            return self.respawn_at
        times = [at for at in (self.kill_at, self.gone_at) if at is not None]
        if self.task is not None and self.gone_at is None:
            times.append(self.ping_at)
        return min(times, default=None)


class Supervisor:
    """All children of a node. Not thread-safe; nothing here blocks."""

    def __init__(
        self,
        launches: Sequence[Launch],
        leftovers: Leftovers,
        checkpoints: Path,
        *,
        sweeps_orphans: bool = False,
        now: Callable[[], float] = platform.now,
    ) -> None:
        self._slots = [_Slot(launch) for launch in launches]
        self._leftovers = leftovers
        self._checkpoints = checkpoints
        """For steps that write no files; others keep theirs beside their frames, for every node."""
        self._sweeps_orphans = sweeps_orphans
        self._now = now
        self._events: list[Occurrence] = []

    # --- what the loop asks -------------------------------------------------------------------------

    def start_children(self) -> None:
        """Start all of them; they warm up while nobody needs them yet."""
        for slot in self._slots:
            self._spawn(slot)

    def kernels(self) -> list[str] | None:
        """Kernels that the children can run; None until one has said so."""
        return next((slot.kernels for slot in self._slots if slot.kernels is not None), None)

    def readable(self) -> Iterator[int]:
        """Descriptors to poll for input."""
        for process in self._processes():
            if not process.has_ended:
                yield process.stdout
            yield process.stderr

    def writable(self) -> Iterator[int]:
        """Descriptors to poll for room."""
        for process in self._processes():
            if process.has_unsent:
                yield process.stdin

    def next_deadline(self) -> float | None:
        """When to call ``turn`` at the latest."""
        if self._events:
            return self._now()
        times = [slot.next_deadline() for slot in self._slots]
        return min((at for at in times if at is not None), default=None)

    def perform(self, action: ChildAction) -> None:
        """Do what the session ordered. What comes of it is in the next ``turn``."""
        match action:
            case t.StartChild():
                self._start(self._slots[action.device], action)
            case t.PublishChild():
                self._tell(action.ref, pipe.PublishTask(action.ref, action.deadline))
            case t.YieldChild():
                self._tell(action.ref, pipe.YieldTask(action.ref))
            case t.WatchChild():
                self._tell(action.ref, pipe.WatchTask(action.ref, action.on))
            case t.KillChild():
                self._cancel(action)

    def turn(self) -> list[Occurrence]:
        """Read what children said, watch the time, and return what happened, in order."""
        for slot in self._slots:
            self._turn(slot)
        events, self._events = self._events, []
        return events

    def close(self) -> None:
        """Kill everything and delete what it left. Blocks until the processes are gone."""
        for slot in self._slots:
            process, slot.process = slot.process, None
            if process is not None:
                while not process.is_gone():
                    process.kill()
                process.close()
            if slot.task is not None:
                self._leftovers.delete(slot.task)
        self._sweep()

    # --- orders ---------------------------------------------------------------------------------------

    def _start(self, slot: _Slot, action: t.StartChild) -> None:
        assert slot.task is None, "the session gives a device one task at a time"
        slot.task, slot.is_cancelled = action, False
        slot.started_at = self._now()
        slot.ping_at, slot.pings_missed = slot.started_at + PING_S, 0
        self._leftovers.note(action)
        if slot.process is None:
            self._spawn(slot)
        elif slot.gone_at is None:
            self._run(slot)

    def _run(self, slot: _Slot) -> None:
        task, process = slot.task, slot.process
        if task is None or process is None:
            return
        message = pipe.RunTask(
            ref=task.ref,
            work=task.work,
            frames=task.frames,
            checkpoint=task.checkpoint,
            checkpoint_directory=self._checkpoint_directory(task),
            first_sample=task.first_sample,
            samples=task.samples,
        )
        process.send(message)

    def _checkpoint_directory(self, task: t.StartChild) -> str:
        folder = task.work.output.directory
        return str(Path(folder) / CHECKPOINT_FOLDER if folder else self._checkpoints)

    def _tell(self, ref: AttemptRef, message: pipe.ToWorker) -> None:
        slot = self._slot_of(ref)
        if slot is not None and slot.process is not None:
            slot.process.send(message)

    def _cancel(self, action: t.KillChild) -> None:
        slot = self._slot_of(action.ref)
        if slot is None or slot.task is None:
            self._events.append(t.ChildKilled(action.ref, Usage()))
            return
        grace_s, work = CANCEL_GRACE_S, slot.task.work
        if action.polite and isinstance(work, CommandWork):
            grace_s += work.notify_s
        kill_at = self._now() + grace_s
        slot.kill_at = kill_at if slot.kill_at is None else min(slot.kill_at, kill_at)
        slot.is_cancelled = True
        self._tell(action.ref, pipe.CancelTask(action.ref, action.polite))

    # --- a turn -----------------------------------------------------------------------------------------

    def _turn(self, slot: _Slot) -> None:
        now = self._now()
        if slot.process is None:
            if now >= slot.respawn_at:
                self._spawn(slot)
            return
        slot.process.flush()
        self._read(slot, slot.process)
        if slot.process.has_ended and slot.gone_at is None:
            self._kill(slot)
        if slot.gone_at is not None:
            if now >= slot.gone_at:
                self._look_whether_gone(slot, slot.process)
        elif slot.kill_at is not None and now >= slot.kill_at:
            _log.warning("device %s: killing a child that did not stop", slot.launch.device.name)
            self._kill(slot)
        elif slot.task is not None and now >= slot.ping_at:
            self._ping(slot, slot.process)

    def _read(self, slot: _Slot, process: WorkerProcess) -> None:
        # Lines first: what a task said belongs before its end.
        self._say(slot, process.read_lines())
        for message in process.read():
            self._take(slot, message)

    def _say(self, slot: _Slot, lines: list[str]) -> None:
        if lines:
            ref = slot.task.ref if slot.task is not None else None
            self._events.append(ChildLog(ref, lines))

    def _ping(self, slot: _Slot, process: WorkerProcess) -> None:
        slot.ping_at = self._now() + PING_S
        if slot.pings_missed >= PINGS_MISSED_MAX:
            process.fault = f"It was stuck: no answer for {PING_S * PINGS_MISSED_MAX:.0f} s."
            self._kill(slot)
            return
        # Counted in pings, not seconds: an agent that was stopped must not blame the child.
        slot.pings_missed += 1
        process.send(pipe.Ping(slot.pings_missed))

    def _kill(self, slot: _Slot) -> None:
        assert slot.process is not None
        slot.kill_at = None
        slot.gone_at = self._now()
        slot.process.kill()

    def _look_whether_gone(self, slot: _Slot, process: WorkerProcess) -> None:
        if not process.is_gone():
            process.kill()
            slot.gone_at = self._now() + GONE_POLL_S
            return
        self._say(slot, process.last_words())
        for message in process.read():
            self._take(slot, message)  # it may have ended its task with its last breath
        process.close()
        slot.process, slot.gone_at = None, None
        self._sweep()
        self._mourn(slot, process)

    def _mourn(self, slot: _Slot, process: WorkerProcess) -> None:
        """Report the death, and say when the next child starts."""
        now = self._now()
        task = slot.task
        is_early = now - slot.spawned_at < EARLY_DEATH_S and not slot.is_cancelled
        slot.early_deaths = slot.early_deaths + 1 if is_early else 0
        slot.respawn_at = now + min(2.0 ** (slot.early_deaths - 1), RESPAWN_S_MAX) * is_early
        if task is None:
            _log.warning("device %s: %s", slot.launch.device.name, _obituary(process))
            return
        usage = Usage(wall_s=now - slot.started_at)
        if slot.is_cancelled:
            self._end(slot, t.ChildKilled(task.ref, usage))
        else:
            self._end(slot, t.ChildFailed(task.ref, "crash", _obituary(process), usage))

    def _sweep(self) -> None:
        if self._sweeps_orphans:
            platform.kill_orphans({process.pid for process in self._processes()})

    # --- what a child says --------------------------------------------------------------------------

    def _take(self, slot: _Slot, message: pipe.FromWorker) -> None:
        match message:
            case pipe.WorkerUp():
                slot.kernels = message.kernels
                slot.early_deaths = 0
            case pipe.Pong():
                slot.pings_missed = 0
            case _ if slot.task is None or slot.task.ref != message.ref:
                _log.warning("a child spoke of %s, which is not its task", message.ref)
            case pipe.TaskLog():
                self._events.append(ChildLog(message.ref, message.lines))
            case pipe.TaskPreview():
                self._events.append(_preview(message))
            case _:
                self._take_outcome(slot, message)

    def _take_outcome(self, slot: _Slot, message: pipe.FromWorker) -> None:
        match message:
            case pipe.TaskStarted(ref):
                self._events.append(t.ChildStarted(ref))
            case pipe.TaskProgress(ref, done, total, text):
                self._events.append(t.ChildProgress(ref, done, total, text))
            case pipe.TaskReady(ref, files):
                self._events.append(t.ChildReady(ref, files))
            case pipe.TaskDone(ref, files, usage):
                self._end(slot, t.ChildDone(ref, files, usage))
            case pipe.TaskFailed(ref, cause, sentence, usage):
                self._end(slot, t.ChildFailed(ref, cause, sentence, usage))
            case pipe.TaskYielded(ref, checkpoint, passes_done, usage):
                self._end(slot, t.ChildYielded(ref, checkpoint, passes_done, usage))
            case pipe.TaskCancelled(ref, usage):
                self._end(slot, t.ChildKilled(ref, usage))
            case _:
                pass

    def _end(self, slot: _Slot, event: t.SessionEvent) -> None:
        task, slot.task, slot.kill_at = slot.task, None, None
        if task is not None and isinstance(event, t.ChildDone):
            self._leftovers.forget(task.ref)
        elif task is not None:
            self._leftovers.delete(task)
        self._events.append(event)

    # --- starting -------------------------------------------------------------------------------------

    def _spawn(self, slot: _Slot) -> None:
        slot.spawned_at = self._now()
        try:
            slot.process = WorkerProcess(slot.launch)
        except OSError as error:
            self._not_spawned(slot, f"The worker cannot be started: {error}.")
            return
        self._run(slot)

    def _not_spawned(self, slot: _Slot, sentence: str) -> None:
        _log.error("device %s: %s", slot.launch.device.name, sentence)
        slot.respawn_at = self._now() + RESPAWN_S_MAX
        if slot.task is not None:
            event = t.ChildFailed(slot.task.ref, "environment", sentence, Usage())
            self._end(slot, event)

    def _slot_of(self, ref: AttemptRef) -> _Slot | None:
        slots = (s for s in self._slots if s.task is not None and s.task.ref == ref)
        return next(slots, None)

    def _processes(self) -> Iterator[WorkerProcess]:
        return (slot.process for slot in self._slots if slot.process is not None)


def _preview(message: pipe.TaskPreview) -> Preview:
    return Preview(message.ref, message.frame, message.passes_done, message.passes, message.image)


def _obituary(process: WorkerProcess) -> str:
    """One sentence on how a child died, with its last line."""
    last = f" Its last line: {process.last_lines[-1][:300]}" if process.last_lines else ""
    return (process.fault or _exit_sentence(process.exit_code or 0)) + last


def _exit_sentence(code: int) -> str:
    if code >= 0:
        return f"The worker ended by itself with exit code {code}."
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    hint = ", perhaps for want of memory" if name == "SIGKILL" else ""
    return f"The worker was killed by {name}{hint}."
