"""The devices' worker children: starts them, gives them tasks, and is sure when one is dead.

``lanes`` has the places for children; one of each device starts with the agent, so that its kernels are
compiled before the first task. The supervisor performs the session's child actions and returns what happened as session events,
and log lines and pictures beside them. It decides nothing about attempts.

How a task is killed: the child is asked first, since a child that lives keeps its compiled kernels and
scene; what does not answer in time is killed with all its descendants. ChildKilled is said only when
the processes are gone and the temporary files deleted.
"""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct, structs

from node_agent.agent import session_types as t
from node_agent.agent.cgroups import Groups
from node_agent.agent.lanes import Lane, Lanes
from node_agent.agent.leftovers import Leftovers
from node_agent.agent.system import platform
from node_agent.agent.worker_process import Launch, WorkerProcess
from node_agent.wire import pipe
from node_agent.wire.job import CommandWork, KernelWork
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


class Supervisor:
    """All children of a node. Not thread-safe; nothing here blocks."""

    def __init__(
        self,
        launches: Sequence[Launch],
        leftovers: Leftovers,
        checkpoints: Path,
        *,
        sweeps_orphans: bool = False,
        groups: Groups | None = None,
        now: Callable[[], float] = platform.now,
    ) -> None:
        self._lanes = Lanes(launches)
        self._leftovers = leftovers
        self._checkpoints = checkpoints
        """For steps that write no files; others keep theirs beside their frames, for every node."""
        self._sweeps_orphans = sweeps_orphans
        self._groups = groups or Groups(None)
        self._now = now
        self._events: list[Occurrence] = []
        self.spared: set[int] = set()
        """Children of this process that others started: no orphans."""

    # --- what the loop asks -------------------------------------------------------------------------

    def start_children(self) -> None:
        """Start all of them; they warm up while nobody needs them yet."""
        for lane in self._lanes:
            self._spawn(lane)

    def kernels(self) -> list[str] | None:
        """Kernels that the children can run; None until one has said so."""
        return next((lane.kernels for lane in self._lanes if lane.kernels is not None), None)

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
        times = [lane.next_deadline() for lane in self._lanes]
        return min((at for at in times if at is not None), default=None)

    def perform(self, action: ChildAction) -> None:
        """Do what the session ordered. What comes of it is in the next ``turn``."""
        match action:
            case t.StartChild():
                self._start(action)
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
        for lane in self._lanes:
            self._turn(lane)
        events, self._events = self._events, []
        return events

    def close(self) -> None:
        """Kill everything and delete what it left. Blocks until the processes are gone."""
        for lane in self._lanes:
            process, lane.process = lane.process, None
            if process is not None:
                while not process.is_gone():
                    process.kill()
                process.close()
            if lane.group is not None:
                lane.group.close()
            if lane.task is not None:
                self._leftovers.delete(lane.task)
        self._sweep()

    def note_use(self, held: Mapping[int, Mapping[int, int]]) -> None:
        """Take up who holds how much of which GPU (see ``MetricsProbe.gpu_use``), and of the RAM."""
        for lane in self._lanes:
            if lane.task is None or lane.process is None:
                continue
            for device in lane.devices:
                own = platform.descended(held.get(device, {}), lane.process.pid)
                used = sum(held[device][pid] for pid in own)
                lane.gpu_peak_bytes = max(lane.gpu_peak_bytes, used)
            if lane.group is not None:
                lane.group.look()

    # --- orders ---------------------------------------------------------------------------------------

    def _start(self, action: t.StartChild) -> None:
        lane = self._lanes.enter(action)
        lane.is_cancelled, lane.gpu_peak_bytes = False, 0
        lane.started_at = self._now()
        lane.ping_at, lane.pings_missed = lane.started_at + PING_S, 0
        self._leftovers.note(action)
        if lane.process is None:
            self._spawn(lane)
        elif lane.gone_at is None:
            self._run(lane)

    def _run(self, lane: Lane) -> None:
        task, process = lane.task, lane.process
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
            cores=task.cores,
            parts=task.parts,
            peers=task.peers,
        )
        if lane.group is not None and isinstance(task.work, CommandWork):
            lane.group.begin(task.ref, task.ram_bytes)
        process.send(message)

    def _checkpoint_directory(self, task: t.StartChild) -> str:
        folder = task.work.output.directory
        return str(Path(folder) / CHECKPOINT_FOLDER if folder else self._checkpoints)

    def _tell(self, ref: AttemptRef, message: pipe.ToWorker) -> None:
        lane = self._lanes.of(ref)
        if lane is not None and lane.process is not None:
            lane.process.send(message)

    def _cancel(self, action: t.KillChild) -> None:
        lane = self._lanes.of(action.ref)
        if lane is None or lane.task is None:
            self._events.append(t.ChildKilled(action.ref, Usage()))
            return
        grace_s, work = CANCEL_GRACE_S, lane.task.work
        if action.polite and not isinstance(work, KernelWork):
            grace_s += work.notify_s
        kill_at = self._now() + grace_s
        lane.kill_at = kill_at if lane.kill_at is None else min(lane.kill_at, kill_at)
        lane.is_cancelled = True
        self._tell(action.ref, pipe.CancelTask(action.ref, action.polite))

    # --- a turn -----------------------------------------------------------------------------------------

    def _turn(self, lane: Lane) -> None:
        now = self._now()
        if lane.process is None:
            self._wait_for_child(lane, now)
            return
        lane.process.flush()
        self._read(lane, lane.process)
        if lane.process.has_ended and lane.gone_at is None:
            self._kill(lane)
        if lane.gone_at is not None:
            if now >= lane.gone_at:
                self._look_whether_gone(lane, lane.process)
        elif lane.kill_at is not None and now >= lane.kill_at:
            _log.warning("device %s: killing a child that did not stop", lane.launch.device.name)
            self._kill(lane)
        elif lane.task is not None and now >= lane.ping_at:
            self._ping(lane, lane.process)
        elif lane.is_superfluous(now):
            self._kill(lane)

    def _wait_for_child(self, lane: Lane, now: float) -> None:
        if lane.task is None and not lane.stays:
            self._lanes.drop(lane)
        elif now >= lane.respawn_at:
            self._spawn(lane)

    def _read(self, lane: Lane, process: WorkerProcess) -> None:
        # Lines first: what a task said belongs before its end.
        self._say(lane, process.read_lines())
        for message in process.read():
            self._take(lane, message)

    def _say(self, lane: Lane, lines: list[str]) -> None:
        if lines:
            ref = lane.task.ref if lane.task is not None else None
            self._events.append(ChildLog(ref, lines))

    def _ping(self, lane: Lane, process: WorkerProcess) -> None:
        lane.ping_at = self._now() + PING_S
        if lane.pings_missed >= PINGS_MISSED_MAX:
            process.fault = f"It was stuck: no answer for {PING_S * PINGS_MISSED_MAX:.0f} s."
            self._kill(lane)
            return
        # Counted in pings, not seconds: an agent that was stopped must not blame the child.
        lane.pings_missed += 1
        process.send(pipe.Ping(lane.pings_missed))

    def _kill(self, lane: Lane) -> None:
        assert lane.process is not None
        lane.kill_at = None
        lane.gone_at = self._now()
        if lane.group is not None:
            lane.group.kill()
        lane.process.kill()

    def _look_whether_gone(self, lane: Lane, process: WorkerProcess) -> None:
        if not process.is_gone():
            process.kill()
            lane.gone_at = self._now() + GONE_POLL_S
            return
        self._say(lane, process.last_words())
        for message in process.read():
            self._take(lane, message)  # it may have ended its task with its last breath
        process.close()
        lane.process, lane.gone_at = None, None
        bound = _bound(lane)
        if lane.group is not None:
            lane.group.close()
        self._sweep()
        self._mourn(lane, bound or _obituary(process))

    def _mourn(self, lane: Lane, obituary: str) -> None:
        """Report the death, and say when the next child starts."""
        now = self._now()
        task = lane.task
        is_early = now - lane.spawned_at < EARLY_DEATH_S and not lane.is_cancelled
        lane.early_deaths = lane.early_deaths + 1 if is_early else 0
        lane.respawn_at = now + min(2.0 ** (lane.early_deaths - 1), RESPAWN_S_MAX) * is_early
        if task is None and not lane.stays:
            return
        if task is None:
            _log.warning("device %s: %s", lane.launch.device.name, obituary)
            return
        usage = Usage(wall_s=now - lane.started_at)
        if lane.is_cancelled:
            self._end(lane, t.ChildKilled(task.ref, usage))
        else:
            self._end(lane, t.ChildFailed(task.ref, "crash", obituary, usage))

    def _sweep(self) -> None:
        if self._sweeps_orphans:
            own = {process.pid for process in self._processes()}
            platform.kill_orphans(own | self.spared)

    # --- what a child says --------------------------------------------------------------------------

    def _take(self, lane: Lane, message: pipe.FromWorker) -> None:
        match message:
            case pipe.WorkerUp():
                lane.kernels = message.kernels
                lane.early_deaths = 0
            case pipe.Pong():
                lane.pings_missed = 0
            case _ if lane.task is None or lane.task.ref != message.ref:
                _log.warning("a child spoke of %s, which is not its task", message.ref)
            case pipe.TaskLog():
                self._events.append(ChildLog(message.ref, message.lines))
            case pipe.TaskPreview():
                self._events.append(_preview(message))
            case _:
                self._take_outcome(lane, message)

    def _take_outcome(self, lane: Lane, message: pipe.FromWorker) -> None:
        match message:
            case pipe.TaskStarted(ref):
                self._events.append(t.ChildStarted(ref))
            case pipe.TaskProgress(ref, done, total, text):
                self._events.append(t.ChildProgress(ref, done, total, text))
            case pipe.TaskReady(ref, files):
                self._events.append(t.ChildReady(ref, files))
            case pipe.TaskDone(ref, files, usage):
                self._end(lane, t.ChildDone(ref, files, _seen(lane, usage)))
            case pipe.TaskFailed(ref, cause, sentence, usage):
                if bound := _bound(lane):
                    cause, sentence = "user", bound
                self._end(lane, t.ChildFailed(ref, cause, sentence, _seen(lane, usage)))
            case pipe.TaskYielded(ref, checkpoint, passes_done, usage):
                self._end(lane, t.ChildYielded(ref, checkpoint, passes_done, _seen(lane, usage)))
            case pipe.TaskCancelled(ref, usage):
                self._end(lane, t.ChildKilled(ref, _seen(lane, usage)))
            case _:
                pass

    def _end(self, lane: Lane, event: t.SessionEvent) -> None:
        task = self._lanes.leave(lane, self._now())
        if lane.group is not None:
            lane.group.end()
        if task is not None and isinstance(event, t.ChildDone):
            self._leftovers.forget(task.ref)
        elif task is not None:
            self._leftovers.delete(task)
        self._events.append(event)

    # --- starting -------------------------------------------------------------------------------------

    def _spawn(self, lane: Lane) -> None:
        lane.spawned_at = self._now()
        try:
            lane.process = WorkerProcess(lane.launch)
            lane.group = self._groups.of_child(lane.process.pid)
        except OSError as error:
            self._not_spawned(lane, f"The worker cannot be started: {error}.")
            return
        self._run(lane)

    def _not_spawned(self, lane: Lane, sentence: str) -> None:
        _log.error("device %s: %s", lane.launch.device.name, sentence)
        lane.respawn_at = self._now() + RESPAWN_S_MAX
        if lane.task is not None:
            event = t.ChildFailed(lane.task.ref, "environment", sentence, Usage())
            self._end(lane, event)

    def _processes(self) -> Iterator[WorkerProcess]:
        return (lane.process for lane in self._lanes if lane.process is not None)


def _seen(lane: Lane, usage: Usage) -> Usage:
    """What an attempt cost, with what was seen of it from outside."""
    ram = lane.group.look() if lane.group is not None else 0
    return structs.replace(
        usage,
        peak_gpu_bytes=max(usage.peak_gpu_bytes, lane.gpu_peak_bytes),
        peak_memory_bytes=max(usage.peak_memory_bytes, ram),
    )


def _bound(lane: Lane) -> str:
    """Say that the attempt was killed for taking more RAM than it may, if it was."""
    if lane.task is None or lane.group is None or not lane.group.ran_out():
        return ""
    return f"It took more than the {lane.task.ram_bytes / 2**30:.1f} GiB of RAM that its step asked for."


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
