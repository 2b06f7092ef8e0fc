"""A real worker child for tests, spoken to as the agent does."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

from node_agent.wire import pipe
from node_agent.wire.job import Frames, Work
from node_agent.wire.messages import AttemptRef

WAIT_S = 120.0  # a machine that compiles the path tracer for the first time
ENDINGS = (pipe.TaskDone, pipe.TaskFailed, pipe.TaskYielded, pipe.TaskCancelled)
ONE_FRAME = Frames(1, 1)


class Child:
    """Use ``with``. Grants what is ready unless ``grants`` is False."""

    def __init__(self, directory: Path, grants: bool = True) -> None:
        argv = ["--kind", "cpu", "--threads", "2", "--parent", str(os.getpid())]
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "node_agent.worker", *argv],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=directory,
            bufsize=0,
        )
        self.grants = grants
        self.directory = directory
        self.said: list[pipe.FromWorker] = []
        self._reader = pipe.worker_reader()
        self._epoch = 0
        self.wait_for(pipe.WorkerUp)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()

    def send(self, message: pipe.ToWorker) -> None:
        self.process.stdin.write(pipe.pack(message))

    def start(self, work: Work, frames: Frames = ONE_FRAME, **more) -> AttemptRef:
        """Give it a task under a new epoch."""
        self._epoch += 1
        ref = AttemptRef(1, 0, self._epoch)
        self.send(pipe.RunTask(ref=ref, work=work, frames=frames, **more))
        return ref

    def run(self, work: Work, frames: Frames = ONE_FRAME, **more):
        """Give it a task and return how it ended."""
        return self.ending(self.start(work, frames, **more))

    def ending(self, ref: AttemptRef):
        return self.wait_for(ENDINGS, ref)

    def wait_for(self, kind, ref: AttemptRef | None = None, count: int = 1):
        deadline = time.monotonic() + WAIT_S
        while len(found := self.all_of(kind, ref)) < count:
            assert time.monotonic() < deadline, f"waited in vain; said last: {self.said[-5:]}"
            if select.select([self.process.stdout], [], [], 1.0)[0]:
                data = os.read(self.process.stdout.fileno(), 1 << 16)
                assert data, "the child is gone"
                for message in self._reader.feed(data):
                    self._take(message)
        return found[count - 1]

    def _take(self, message: pipe.FromWorker) -> None:
        self.said.append(message)
        if isinstance(message, pipe.TaskReady) and self.grants:
            self.grant(message.ref)

    def grant(self, ref: AttemptRef, seconds: float = 60.0) -> None:
        now = time.clock_gettime(time.CLOCK_BOOTTIME)
        self.send(pipe.PublishTask(ref, now + seconds))

    def all_of(self, kind, ref: AttemptRef | None = None) -> list:
        messages = [message for message in self.said if isinstance(message, kind)]
        return [x for x in messages if ref is None or x.ref == ref]

    def log(self, ref: AttemptRef) -> list[str]:
        return [line for message in self.all_of(pipe.TaskLog, ref) for line in message.lines]
