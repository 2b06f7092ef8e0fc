"""Runs any program for a chunk of frames: an argv list, a guardian, bounded log lines, checked files.

Three ways, chosen by what the command names. With ``{outputs}`` it is run once for the chunk, and finds in a list the
temporary name of each frame. With ``{frame}`` or ``{output}`` it is run once a frame and
writes to a temporary name, which is checked and published as a kernel's is. With ``{first}`` and
``{last}`` alone it is run once for the chunk and writes the final names itself (Blender's ``-s -e -a``);
then the files are checked where they are, and must be newer than the start.

A command is never stopped to yield: it has no checkpoint. Never a shell, and an environment of a short
list and what the job names.
"""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from node_agent.wire import pipe
from node_agent.wire.job import CommandWork, Frames
from node_agent.wire.lines import LineSplitter
from node_agent.wire.templates import file_name, fill, working_name
from node_agent.worker import guarded, guardian, program_files
from node_agent.worker import process_posix as platform
from node_agent.worker.channel import Channel, Orders
from node_agent.worker.guarded import Guarded
from node_agent.worker.log_watch import LogWatch, ProgressReader
from node_agent.worker.output import (
    Pending,
    TaskFault,
    discard,
    pend,
    prepare_directories,
    publish,
)
from node_agent.worker.program_environment import own_environment, program_environment
from node_agent.worker.runner import Finished, Meter

READ_BYTES = 1 << 16
POLL_S = 0.1
KILL_S = 2.0
LINES_A_MESSAGE = 200
WORD_MAX = 400
"""Characters of an argument that the log shows."""


def run_command(
    task: pipe.RunTask, work: CommandWork, orders: Orders, channel: Channel, meter: Meter
) -> Finished:
    """Run the task's command. Raises Cancelled, TaskFault, TemplateFault, OSError."""
    run = _Command(task, work, orders, channel, meter)
    try:
        return run.run()
    finally:
        discard(run.pending)
        if run.listing is not None:
            run.listing.unlink(missing_ok=True)


@dataclass(slots=True)
class _Command:
    task: pipe.RunTask
    work: CommandWork
    orders: Orders
    channel: Channel
    meter: Meter
    pending: list[Pending] = field(default_factory=list[Pending])
    started_at: float = field(default_factory=time.time)
    watch: LogWatch = field(default_factory=lambda: LogWatch([]))
    progress: ProgressReader = field(default_factory=lambda: ProgressReader("", []))
    done: int = 0
    """Calls before this one, of ``calls``."""
    calls: int = 1
    listing: Path | None = None
    """The file that ``{outputs}`` names."""

    def run(self) -> Finished:
        own = own_environment(self.task)
        environment = program_environment({**own, **self.work.environment})
        prepare_directories(self.work.output)
        numbers = self.task.frames.numbers()
        calls = list(self._calls())
        self.calls = len(calls)
        for done, (argv, frames) in enumerate(calls):
            self.channel.send(pipe.TaskProgress(self.task.ref, done * len(frames), len(numbers)))
            self.orders.check()
            self.watch = LogWatch(self.work.log_rules)
            self.progress = ProgressReader(self.work.progress, frames)
            self.done = done
            with tempfile.TemporaryDirectory(prefix="task.", dir=Path.cwd()) as folder:
                self._call(argv, environment, folder)
            self._check_files(frames)
        self.channel.send(pipe.TaskProgress(self.task.ref, len(numbers), len(numbers)))
        return Finished(publish(self.pending, self.orders, self.channel))

    # --- what to run --------------------------------------------------------------------------------

    def _calls(self) -> Iterator[tuple[list[str], list[int]]]:
        """Argv and frames of each call. Raises TemplateFault, TaskFault."""
        if not self.work.argv:
            raise TaskFault("user", "The command is empty.")
        frames = self.task.frames
        if self._wants_list():
            self.pending.extend(
                one for frame in frames.numbers() for one in self._pending_of(frame)
            )
        if not self._is_by_frame():
            yield self._fill(frames.first, frames), list(frames.numbers())
            return
        for frame in frames.numbers():
            self.pending.extend(self._pending_of(frame))
            yield self._fill(frame, frames), [frame]

    def _is_by_frame(self) -> bool:
        words = ("{frame", "{output")
        return not self._wants_list() and any(w in part for part in self.work.argv for w in words)

    def _wants_list(self) -> bool:
        return any("{outputs" in part for part in self.work.argv)

    def _writes_temporary(self) -> bool:
        return any("{output" in part for part in self.work.argv)

    def _pending_of(self, frame: int) -> list[Pending]:
        output = self.work.output
        if not output.directory:
            return []
        final = Path(output.directory) / file_name(output, frame)
        if not self._writes_temporary():
            return []
        temporary = final.with_name(working_name(final.name, self.task.ref.epoch))
        return [Pending(temporary, final, None)]

    def _fill(self, frame: int, frames: Frames) -> list[str]:
        values: dict[str, int | str] = {"frame": frame, "first": frames.first, "last": frames.last}
        values["cores"] = self.task.cores or platform.usable_cores()
        if self.task.peers:
            values["rank"] = self.task.ref.task
        if self._wants_list():
            values["outputs"] = str(self._write_list())
        output = self.work.output
        if output.directory:
            final = Path(output.directory) / file_name(output, frame)
            values["output"] = str(final.with_name(working_name(final.name, self.task.ref.epoch)))
        return [fill(part, values) for part in self.work.argv]

    def _write_list(self) -> Path:
        """A frame, a tab and its temporary file a line, in the order in which they are to be rendered."""
        if not self.work.output.directory:
            raise TaskFault("user", "The command's {outputs} needs a folder for its files.")
        numbers = self.task.frames.numbers()
        files = [item.temporary for item in self.pending]
        lines = [f"{n}\t{file}\n" for n, file in zip(numbers, files, strict=True)]
        # Beside the folder of the call: the children of a node share the place.
        descriptor, name = tempfile.mkstemp(prefix="outputs.", suffix=".txt", dir=Path.cwd())
        self.listing = Path(name)
        with open(descriptor, "w", encoding="utf-8") as target:
            target.writelines(lines)
        return self.listing

    # --- running --------------------------------------------------------------------------------------

    def _call(self, argv: list[str], environment: dict[str, str], folder: str) -> None:
        if shutil.which(argv[0], path=environment.get("PATH")) is None:
            raise TaskFault("environment", f"The program {argv[0]!r} is not on this node.")
        self._log(["$ " + _shown(argv)])
        # From the main thread: guardians die with the thread that started their server.
        process = guarded.start(argv, environment, folder)
        try:
            self._watch(process)
        finally:
            _end(process)
            self._add_cost(process.report)
        self.orders.check()
        if self.watch.fault is not None and (self.watch.must_end or process.returncode):
            raise self.watch.fault
        if process.returncode:
            raise TaskFault(*_exit_fault(argv[0], process.returncode))

    def _add_cost(self, report: bytes) -> None:
        """Take the guardian's word for what the program cost; it has none if it was killed."""
        if report:
            cpu_s, peak = report.split()
            self.meter.child_cpu_s += float(cpu_s)
            self.meter.child_peak_bytes = max(self.meter.child_peak_bytes, int(peak))

    def _watch(self, process: Guarded) -> None:
        """Pass lines on until the program ends or is to be ended."""
        splitter = LineSplitter()
        ending = _Ending(self.orders, process, self.work.notify_s, self.watch)
        with selectors.DefaultSelector() as selector:
            selector.register(process.log, selectors.EVENT_READ)
            while not ending.is_over():
                if not selector.select(POLL_S):
                    continue
                data = os.read(process.log, READ_BYTES)
                if not data:
                    break
                self._log(splitter.feed(data))
        self._log(splitter.end())
        _wait(process, ending)

    def _log(self, lines: list[str]) -> None:
        self.watch.feed(lines)
        part_done = self.progress.feed(lines)
        if part_done is not None:
            percent = round(100 * (self.done + part_done) / self.calls)
            self.channel.send(pipe.TaskProgress(self.task.ref, percent, 100))
        for start in range(0, len(lines), LINES_A_MESSAGE):
            part = lines[start : start + LINES_A_MESSAGE]
            self.channel.send(pipe.TaskLog(self.task.ref, part))

    # --- files ----------------------------------------------------------------------------------------

    def _check_files(self, frames: list[int]) -> None:
        """Check what the frames of one call should have left. Raises TaskFault."""
        output = self.work.output
        if not output.directory:
            return
        for frame in frames:
            self.orders.check()
            final = Path(output.directory) / file_name(output, frame)
            written = final
            if self._writes_temporary():
                written = final.with_name(working_name(final.name, self.task.ref.epoch))
            is_last = frame == self.task.frames.numbers()[-1]
            with program_files.thumbnail_of(
                frame, self.orders, self.channel, wanted=is_last
            ) as small:
                program_files.check(written, final, output, self.started_at, small)
            self.pending = [p for p in self.pending if p.temporary != written]
            self.pending.append(pend(written, final))


class _Ending:
    """Ends a program as ordered: told first, then killed. ``is_over`` after the kill was sent."""

    def __init__(
        self,
        orders: Orders,
        process: Guarded,
        notify_s: float,
        watch: LogWatch,
    ) -> None:
        self._orders = orders
        self._watch = watch
        self._process = process
        self._notify_s = notify_s
        self._kill_at: float | None = None
        self._is_killed = False

    def is_over(self) -> bool:
        """Look at the orders and the time, and do what is due."""
        if self._is_killed or not (self._orders.is_cancelled or self._watch.must_end):
            return self._is_killed
        now = time.monotonic()
        if self._kill_at is None:
            self._process.send_signal(signal.SIGTERM)
            self._kill_at = now + self._notify_s
        if now >= self._kill_at or not self._orders.is_polite:
            self._process.send_signal(signal.SIGHUP)
            self._is_killed = True
        return self._is_killed


def _shown(argv: list[str]) -> str:
    """The command for the log: one line, and a script among its words by its beginning."""
    words = [" ".join(word.split()) if "\n" in word else word for word in argv]
    short = [word if len(word) <= WORD_MAX else word[:WORD_MAX] + " ..." for word in words]
    return subprocess.list2cmdline(short)


def _wait(process: Guarded, ending: _Ending) -> None:
    """Wait for the guardian, which outlives all that it guards; orders still count."""
    while not ending.is_over():
        if process.wait(POLL_S) is not None:
            return


def _end(process: Guarded) -> None:
    """Be sure that nothing is left; also when this was left by an exception."""
    if process.poll() is None:
        process.send_signal(signal.SIGHUP)
        if process.wait(KILL_S) is None:
            process.send_signal(signal.SIGKILL)  # what it guarded is the agent's to find
            process.wait()
    process.close()


def _exit_fault(program: str, code: int) -> tuple[str, str]:
    name = Path(program).name
    if code == guardian.NOT_STARTED:
        return "environment", f"{name} could not be started (exit code {code})."
    if code > 128 and code - 128 in set(signal.Signals):
        return "crash", f"{name} was killed by {signal.Signals(code - 128).name}."
    return "crash", f"{name} ended with exit code {code}."
