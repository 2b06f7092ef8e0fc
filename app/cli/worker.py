"""A worker child of our own, without agent or queue: its pipe, for `windfire render`."""

from __future__ import annotations

import os
import select
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import platformdirs

from app.cli.processes import kill_group, start_worker
from app.errors import EnvironmentFault
from node_agent.wire import pipe
from node_agent.wire.codec import WireError

READ_BYTES = 1 << 16
CANCEL_S = 10.0
END_S = 5.0
GRANT_S = 30 * 86400.0


class Worker:
    """The child and what it says. Use ``with``: at the end no process of it is left."""

    def __init__(self, kind: str, threads: int, command: list[str]) -> None:
        own = ["--kind", kind, "--threads", str(threads), "--parent", str(os.getpid())]
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        environment = {
            "NUMBA_NUM_THREADS": str(threads),
            "NUMBA_CACHE_DIR": str(kernel_cache()),
        }
        self._process = start_worker([*command, *own], self._errors, environment)
        self._reader = pipe.worker_reader()
        self._waiting: list[pipe.FromWorker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, message: pipe.ToWorker) -> None:
        """Say something. Raises EnvironmentFault when the child is gone."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(pipe.pack(message))
            self._process.stdin.flush()
        except OSError as error:
            raise EnvironmentFault(self._why_gone()) from error

    def messages(self, wait_s: float | None = None) -> Iterator[pipe.FromWorker]:
        """Yield what the child says, waiting for it, or at most so long for each. Raises EnvironmentFault
        when it is gone."""
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        while True:
            while self._waiting:
                yield self._waiting.pop(0)
            if not select.select([descriptor], [], [], wait_s)[0]:
                return
            data = os.read(descriptor, READ_BYTES)
            if not data:
                raise EnvironmentFault(self._why_gone())
            try:
                self._waiting += self._reader.feed(data)
            except WireError as error:
                raise EnvironmentFault(
                    f"The renderer's process speaks nonsense. {error}"
                ) from error

    def grant(self, message: pipe.TaskReady) -> None:
        """Let it rename its files: there is no queue to ask."""
        self.send(pipe.PublishTask(message.ref, time.monotonic() + GRANT_S))

    def cancel(self, ref: pipe.AttemptRef) -> None:
        """Stop a running task; returns when the child has cleaned up, or does not answer."""
        over = (pipe.TaskCancelled, pipe.TaskDone, pipe.TaskFailed)
        try:
            self.send(pipe.CancelTask(ref, polite=True))
            for message in self.messages(CANCEL_S):
                if isinstance(message, over):
                    return
        except EnvironmentFault:
            return  # gone is cancelled too

    def close(self) -> None:
        """End the child: it goes when its stdin ends, or is made to."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.close()
        except OSError:
            pass
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            kill_group(self._process)
        self._process.stdout.close()
        self._errors.close()

    def _why_gone(self) -> str:
        try:
            code = self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            return "The renderer's process closed its pipe but goes on."
        self._errors.seek(0)
        lines = self._errors.read()[-4096:].decode("utf-8", "replace").strip().splitlines()
        said = f": {lines[-1].strip()}" if lines else ""
        return f"The renderer's process ended with status {code}{said}."


def kernel_cache() -> Path:
    """Return the user's folder of compiled kernels, made where it is missing."""
    given = os.environ.get("NUMBA_CACHE_DIR")
    folder = (
        Path(given)
        if given
        else platformdirs.user_cache_path("windfire", appauthor=False) / "kernels"
    )
    folder.mkdir(parents=True, exist_ok=True)
    return folder
