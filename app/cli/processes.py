"""Processes that the command line starts: our own modules, by this Python, and how they are ended.

Each child has a session of its own: Ctrl-C in the terminal reaches us alone, and we end the children in
order. Ending is asking (SIGTERM), waiting, and killing only what we started.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Self

import app

END_S = 8.0
KILL_S = 3.0
TAIL_BYTES = 4096


def module_command(module: str, *arguments: object) -> list[str]:
    """Return argv of ``python -m module``; -P: a folder that people stand in is no place for code."""
    return [sys.executable, "-P", "-m", module, *map(str, arguments)]


def child_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return our environment, by which a child finds the same app as we are, installed or not."""
    roots = [str(Path(app.__file__).resolve().parent.parent), os.environ.get("PYTHONPATH", "")]
    path = os.pathsep.join(filter(None, roots))
    return os.environ | {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1"} | dict(extra or {})


def start(
    command: list[str], log: Path, *, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start it in a session of its own, with no terminal and its output in ``log``."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=child_environment(environment),
            start_new_session=True,
        )


def start_worker(
    command: list[str], errors: IO[bytes], environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Start it in a session of its own with pipes to its stdin and stdout, its errors in a file."""
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env=child_environment(environment),
        start_new_session=True,
    )


class Interrupts:
    """Ctrl-C, a polite kill and a closed terminal, all as KeyboardInterrupt, and never where it would leak.

    Between the birth of a child and the line that notes it an interrupt would leave it running for ever, and
    a second Ctrl-C during the end would do so too: ``held`` puts it off.
    """

    def __init__(self) -> None:
        self._holds = 0
        self._came = False
        self._old: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            # One that is ignored (nohup, a background job of a script) stays so.
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                self._old[number] = signal.signal(number, self._interrupt)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._old.items():
            signal.signal(number, handler)

    @contextmanager
    def held(self) -> Generator[None]:
        """Put interrupts off until the block's end."""
        self._holds += 1
        try:
            yield
        finally:
            self._holds -= 1
            if self._came and not self._holds:
                self._came = False
                raise KeyboardInterrupt

    def _interrupt(self, _number: int, _frame: object) -> None:
        if self._holds:
            self._came = True
        else:
            raise KeyboardInterrupt


def end(processes: Iterable[subprocess.Popen[bytes]], grace_s: float = END_S) -> None:
    """End them all at once: ask, wait, kill. Returns when all are gone."""
    alive = [process for process in processes if process.poll() is None]
    for process in alive:
        process.terminate()
    deadline = time.monotonic() + grace_s
    for process in alive:
        try:
            process.wait(max(0.05, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            kill_group(process)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a child that we started and the processes in its session."""
    if os.name == "posix":
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            process.kill()
    else:
        process.kill()
    process.wait(KILL_S)


def tail(log: Path) -> str:
    """Return a log's last line that says something, for a sentence."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - TAIL_BYTES))
            lines = file.read().decode("utf-8", "replace").split("\n")
    except OSError:
        return ""
    return next((line.strip()[:400] for line in reversed(lines) if line.strip()), "")
