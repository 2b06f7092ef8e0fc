"""``python -m node_agent.worker``: one device's child; takes one task at a time from its pipe.

Three threads. This one runs tasks, and starts programs (a program dies with the thread that started
it). One reads orders, also in the middle of a kernel. One compiles the kernels at the start, so that the
child can say at once that it is there.
"""

from __future__ import annotations

import argparse
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable

from node_agent.kernels import registry
from node_agent.wire import pipe
from node_agent.wire.codec import WireError
from node_agent.wire.job import KernelWork
from node_agent.worker import process_posix as process
from node_agent.worker.channel import Channel, Orders
from node_agent.worker.command_runner import run_command
from node_agent.worker.openjd_runner import OpenJDSessions
from node_agent.worker.runner import Finished, Meter, Runners, Yielded, run_task

READ_BYTES = 1 << 16


class Worker:
    """The process: what it was given and what it does now."""

    def __init__(
        self, kind: str, threads: int, commands: int, answers: int, *, warms_up: bool
    ) -> None:
        self._kind = kind
        self._threads = threads
        self._warms_up = warms_up
        self._commands = commands
        self._channel = Channel(answers)
        self._tasks: queue.SimpleQueue[tuple[pipe.RunTask, Orders]] = queue.SimpleQueue()
        self._orders: Orders | None = None
        """Of the task that was taken last; older ones have ended."""
        self._lock = threading.Lock()
        self._run_kernel: Callable[..., Finished | Yielded] | None = None

    def run(self) -> None:
        """Serve until the pipe ends, which ends the process."""
        names = registry.available()
        self._channel.send(pipe.WorkerUp(names))
        self._start_thread(self._read, "orders")
        if self._warms_up:
            self._start_thread(lambda: self._warm_up(names), "warm-up")
        sessions = OpenJDSessions()
        runners = Runners(self._kernel, run_command, sessions.run)
        while True:
            try:
                task, orders = self._tasks.get(timeout=sessions.idle_s)
            except queue.Empty:
                sessions.close()
                continue
            sessions.make_room(task.work)
            run_task(task, orders, self._channel, runners)

    def _start_thread(self, target: Callable[[], None], name: str) -> None:
        threading.Thread(target=target, name=name, daemon=True).start()

    def _read(self) -> None:
        reader = pipe.parent_reader()
        while data := os.read(self._commands, READ_BYTES):
            try:
                for message in reader.feed(data):
                    self._take(message)
            except WireError as error:
                sys.stderr.write(f"The agent's orders cannot be read: {error}\n")
                break
        os._exit(0)  # the agent is gone; a guardian sees this and kills its command

    def _take(self, message: pipe.ToWorker) -> None:
        if isinstance(message, pipe.Ping):
            self._channel.send(pipe.Pong(message.number))
        elif isinstance(message, pipe.RunTask):
            self._orders = Orders(message.ref)
            self._tasks.put((message, self._orders))
        elif self._orders is not None and message.ref == self._orders.ref:
            self._orders.take(message)

    def _kernel(
        self, task: pipe.RunTask, work: KernelWork, orders: Orders, channel: Channel, meter: Meter
    ) -> Finished | Yielded:
        return self._kernels()(task, work, orders, channel, meter)

    def _kernels(self) -> Callable[..., Finished | Yielded]:
        """The kernel runner, imported when first needed: numpy is not for nodes that run commands."""
        with self._lock:
            if self._run_kernel is None:
                from node_agent.kernels.interface import Target
                from node_agent.worker.kernel_runner import Kernels

                self._host = Kernels(Target(self._kind, self._threads))
                self._run_kernel = self._host.run
            return self._run_kernel

    def _warm_up(self, names: list[str]) -> None:
        for name in names:
            try:
                self._kernels()
                self._host.get(name).warm_up(self._host.target)
            except Exception as error:
                sys.stderr.write(f"The kernel {name} cannot be warmed up: {error}\n")


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="node_agent.worker")
    parser.add_argument("--kind", choices=["cpu", "cuda"], required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--cold", action="store_true", help="load no kernel before it is needed")
    options = parser.parse_args()
    process.die_with_parent(options.parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the agent's
    commands, answers = process.take_pipes()
    worker = Worker(options.kind, options.threads, commands, answers, warms_up=not options.cold)
    worker.run()


if __name__ == "__main__":
    main()
