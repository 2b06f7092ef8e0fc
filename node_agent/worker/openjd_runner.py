"""Runs tasks of OpenJD steps, in a session that stays open between the tasks of one job.

The session lives in a host of its own (``openjd_host``) under a guardian. It ends with a task that fails or is
cancelled, when a task of another job comes, and after a while without any: then its environments are left as
their template says. What does not end in its time is killed, with all that it started.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from node_agent.wire import pipe
from node_agent.wire.job import OpenJDWork
from node_agent.worker import guardian, program_files
from node_agent.worker import openjd_words as words
from node_agent.worker.channel import Channel, Orders
from node_agent.worker.log_watch import LogWatch
from node_agent.worker.output import TaskFault, prepare_directories, publish
from node_agent.worker.program_environment import own_environment, program_environment
from node_agent.worker.runner import Finished, Meter

IDLE_S = 10.0
"""How long environments stay open for a next task."""
CLOSE_S = 60.0
POLL_S = 0.1
KILL_S = 2.0
READ_BYTES = 1 << 16
LINES_A_MESSAGE = 200


class OpenJDSessions:
    """The one session of a worker."""

    def __init__(self) -> None:
        self._host: _Host | None = None

    @property
    def idle_s(self) -> float | None:
        """After how long without a task ``close`` is due; None while there is no session."""
        return IDLE_S if self._host is not None else None

    def close(self) -> None:
        """Leave the session's environments, and be sure that nothing of it is left."""
        host, self._host = self._host, None
        if host is not None:
            host.close()

    def make_room(self, work: object) -> None:
        """Close the session where ``work`` is not of its job."""
        if self._host is not None:
            is_same = isinstance(work, OpenJDWork) and work.session == self._host.session
            if not is_same or not self._host.is_alive():
                self.close()

    def run(
        self, task: pipe.RunTask, work: OpenJDWork, orders: Orders, channel: Channel, meter: Meter
    ) -> Finished:
        """Run the task. Raises Cancelled, TaskFault, TemplateFault, OSError."""
        prepare_directories(work.output)
        started_at = time.time()
        self._host = self._host or _Host(work, own_environment(task))
        call = _Call(self._host, task, work, orders, channel, meter)
        try:
            ended = call.run()
        except BaseException:
            self._kill()
            raise
        if not ended.is_open:
            self._kill()
        orders.check()
        call.judge(ended)
        frames = list(task.frames.numbers())
        pending = program_files.check_in_place(work.output, frames, started_at, orders, channel)
        return Finished(publish(pending, orders, channel))

    def _kill(self) -> None:
        host, self._host = self._host, None
        if host is not None:
            host.kill()


class _Host:
    """The host's process and its pipes."""

    def __init__(self, work: OpenJDWork, own: dict[str, str]) -> None:
        self.session = work.session
        # A task may leave what we may not delete; that is no failure of the next one.
        self.folder = tempfile.TemporaryDirectory(
            prefix="session.", dir=Path.cwd(), ignore_cleanup_errors=True
        )
        self._rest = b""
        read_end, self._report = os.pipe()
        self._report_end = read_end
        guard = [sys.executable, "-I", "-S", guardian.__file__, str(os.getpid()), str(self._report)]
        # From the main thread: the guardian dies with the thread that started it.
        self._process = subprocess.Popen(
            [*guard, sys.executable, "-P", "-m", "node_agent.worker.openjd_host"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(own),
            cwd=Path.cwd(),
            process_group=0,
            pass_fds=(self._report,),
            bufsize=0,
        )
        os.close(self._report)

    def is_alive(self) -> bool:
        """Whether it can take a task."""
        return self._process.poll() is None

    def order(self, order: words.Order) -> None:
        """Tell the host; one that is gone is found by its answers' end."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(words.pack(order))
        except OSError:
            return

    def answers(self) -> Iterator[words.Answer | None]:
        """Yield answers as they come, and None when none came for a moment; ends with the host."""
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        with selectors.DefaultSelector() as selector:
            selector.register(descriptor, selectors.EVENT_READ)
            while True:
                if not selector.select(POLL_S):
                    yield None
                    continue
                data = os.read(descriptor, READ_BYTES)
                if not data:
                    return
                *lines, self._rest = (self._rest + data).split(b"\n")
                yield from map(words.answers.decode, lines)

    def close(self) -> None:
        """Let it leave its environments; kill what is left after ``CLOSE_S``."""
        self.order(words.Close())
        end = time.monotonic() + CLOSE_S
        for answer in self.answers():  # read, or a full pipe would hold it up
            if answer is None and time.monotonic() > end:
                break
        self.kill()

    def kill(self) -> None:
        """Kill the host and all that its session started; delete its folder."""
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGHUP)
            try:
                self._process.wait(KILL_S)
            except subprocess.TimeoutExpired:
                self._process.kill()  # what it guarded is the agent's to find
                self._process.wait()
        os.close(self._report_end)
        self.folder.cleanup()


@dataclass(slots=True)
class _Call:
    """One task in the session."""

    host: _Host
    task: pipe.RunTask
    work: OpenJDWork
    orders: Orders
    channel: Channel
    meter: Meter
    watch: LogWatch = field(init=False)
    kill_at: float | None = None

    def __post_init__(self) -> None:
        self.watch = LogWatch(self.work.log_rules)

    def run(self) -> words.Ended:
        """Return how the task ended. Raises Cancelled where it had to be killed, TaskFault where the host
        died."""
        self.host.order(
            words.RunStep(self.work, self.task.ref.task, self.host.folder.name, self.task.frames)
        )
        for answer in self.host.answers():
            if isinstance(answer, words.Ended):
                self.meter.child_cpu_s += answer.cpu_s
                self.meter.child_peak_bytes = answer.peak_bytes
                return answer
            self._take(answer)
            self._look_at_orders()
        self.orders.check()
        raise TaskFault("crash", "The OpenJD session's host died.")

    def judge(self, ended: words.Ended) -> None:
        """Raise TaskFault where the task failed."""
        if self.watch.fault is not None and (self.watch.must_end or ended.outcome != "success"):
            raise self.watch.fault
        if ended.outcome != "success":
            raise TaskFault(ended.cause or "crash", ended.sentence)

    def _take(self, answer: words.Answer | None) -> None:
        ref = self.task.ref
        if isinstance(answer, words.Said):
            self.watch.feed(answer.lines)
            for start in range(0, len(answer.lines), LINES_A_MESSAGE):
                part = answer.lines[start : start + LINES_A_MESSAGE]
                self.channel.send(pipe.TaskLog(ref, part))
        elif isinstance(answer, words.Progressed):
            done = round(answer.percent)
            self.channel.send(pipe.TaskProgress(ref, done, 100, answer.text[:200]))

    def _look_at_orders(self) -> None:
        if not self.orders.is_cancelled and not self.watch.must_end:
            return
        if self.kill_at is None:
            self.host.order(words.Cancel())
            self.kill_at = time.monotonic() + self.work.notify_s + KILL_S
        is_rude = self.orders.is_cancelled and not self.orders.is_polite
        if is_rude or time.monotonic() >= self.kill_at:
            self.orders.check()
            assert self.watch.fault is not None
            raise self.watch.fault


def _environment(own: dict[str, str]) -> dict[str, str]:
    """As a command's; programs of templates that are called ``python`` find ours where there is no other."""
    environment = program_environment(own)
    path = environment.get("PATH", os.defpath)
    environment["PATH"] = os.pathsep.join([path, str(Path(sys.executable).parent)])
    return environment
