"""Runs one task to its one ending: started, then done, failed, yielded or cancelled.

Chooses the runner of the work, measures what the attempt cost, and turns whatever was raised into a
cause and a sentence. Nothing escapes but the death of the process.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

from node_agent.wire import pipe
from node_agent.wire.job import CommandWork, KernelWork, OpenJDWork
from node_agent.wire.messages import OutputFile, Usage
from node_agent.wire.templates import TemplateFault
from node_agent.worker import process_posix as process
from node_agent.worker.channel import Cancelled, Channel, Orders
from node_agent.worker.output import TaskFault, blame


@dataclass(frozen=True, slots=True)
class Finished:
    """All files are published."""

    files: list[OutputFile]


@dataclass(frozen=True, slots=True)
class Yielded:
    """Stopped half-way; '' where nothing was worth keeping."""

    checkpoint: str
    passes_done: int


@dataclass(slots=True)
class Meter:
    """What an attempt costs. Runners add what only they know."""

    samples: int = 0
    child_cpu_s: float = 0.0
    child_peak_bytes: int = 0
    _wall: float = field(default_factory=time.monotonic)
    _cpu: float = field(default_factory=time.process_time)

    def usage(self) -> Usage:
        """The cost so far."""
        return Usage(
            wall_s=time.monotonic() - self._wall,
            cpu_s=time.process_time() - self._cpu + self.child_cpu_s,
            peak_memory_bytes=max(process.peak_memory_bytes(), self.child_peak_bytes),
            samples=self.samples,
        )


KernelRunner = Callable[[pipe.RunTask, KernelWork, Orders, Channel, Meter], Finished | Yielded]
OpenJDRunner = Callable[[pipe.RunTask, OpenJDWork, Orders, Channel, Meter], Finished]
CommandRunner = Callable[[pipe.RunTask, CommandWork, Orders, Channel, Meter], Finished]


@dataclass(frozen=True, slots=True)
class Runners:
    """Who runs what."""

    kernel: KernelRunner
    command: CommandRunner
    openjd: OpenJDRunner


def run_task(task: pipe.RunTask, orders: Orders, channel: Channel, runners: Runners) -> None:
    """Run ``task`` and say how it ended. Called on the main thread."""
    process.reset_peak_memory()
    meter = Meter()
    channel.send(pipe.TaskStarted(task.ref))
    ending: pipe.FromWorker
    try:
        outcome = _run(task, orders, channel, meter, runners)
        ending = _ending(task, outcome, meter)
    except Cancelled:
        ending = pipe.TaskCancelled(task.ref, meter.usage())
    except Exception as error:
        fault = _fault(error)
        if fault.cause == "bug":
            channel.send(pipe.TaskLog(task.ref, traceback.format_exc().splitlines()[-100:]))
        ending = pipe.TaskFailed(task.ref, fault.cause, str(fault), meter.usage())
    channel.send(ending)


def _run(
    task: pipe.RunTask,
    orders: Orders,
    channel: Channel,
    meter: Meter,
    runners: Runners,
) -> Finished | Yielded:
    orders.check()
    if not task.frames.numbers():
        raise TaskFault("user", "The task has no frames.")
    if isinstance(task.work, KernelWork):
        return runners.kernel(task, task.work, orders, channel, meter)
    if isinstance(task.work, OpenJDWork):
        return runners.openjd(task, task.work, orders, channel, meter)
    return runners.command(task, task.work, orders, channel, meter)


def _ending(task: pipe.RunTask, outcome: Finished | Yielded, meter: Meter) -> pipe.FromWorker:
    match outcome:
        case Finished(files):
            return pipe.TaskDone(task.ref, files, meter.usage())
        case Yielded(checkpoint, passes_done):
            return pipe.TaskYielded(task.ref, checkpoint, passes_done, meter.usage())


def _fault(error: Exception) -> TaskFault:
    if isinstance(error, TemplateFault):
        return TaskFault("user", str(error))
    return blame(error)
